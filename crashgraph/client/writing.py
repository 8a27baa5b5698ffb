"""An exception as Python prints it."""

from __future__ import annotations

import traceback

TEXT_LIMIT = 200_000
"""Characters of a report; the middle of a longer one is left out."""


def written(error: BaseException, request: str = "") -> str:
    """The traceback with all causes, below a line that names the request."""
    told = traceback.TracebackException.from_exception(error, compact=True)
    text = "".join(told.format())
    if len(text) > TEXT_LIMIT:
        half = TEXT_LIMIT // 2
        text = f"{text[:half]}\n[...]\n{text[-half:]}"
    return f"{request}\n{text}" if request else text
