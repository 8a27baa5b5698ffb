"""Exceptions formatted as Python prints them."""

from __future__ import annotations

import traceback

TEXT_LIMIT = 200_000
"""Maximum characters of a report; the middle of a longer one is omitted."""


def format_exception(error: BaseException, request: str = "") -> str:
    """The traceback with all causes, below a line with the request."""
    formatted = traceback.TracebackException.from_exception(error, compact=True)
    text = "".join(formatted.format())
    if len(text) > TEXT_LIMIT:
        half = TEXT_LIMIT // 2
        text = f"{text[:half]}\n[...]\n{text[-half:]}"
    return f"{request}\n{text}" if request else text
