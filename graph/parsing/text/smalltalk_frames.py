"""Frames of Smalltalk, ``Receiver(Implementor)>>selector``, in the spellings of its dialects.

A block counts as the method that contains it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import is_library

# Compiled blocks, one within another.
BLOCKS = re.compile(r"(?:optimized )?(?:\[\] in )*(?:optimized )?")
CACHED_LENGTH = 512


def split_name(text: str) -> tuple[str, str, str]:
    """Receiver, implementor and selector of ``Receiver(Implementor)>>selector``."""
    body = text[BLOCKS.match(text).end() :].strip()  # type: ignore[union-attr]  # always matches, possibly the empty string
    place, arrows, selector = body.partition(">>")
    if not arrows:
        return "", "", body
    receiver, bracket, implementor = place.partition("(")
    if not bracket or not implementor.rstrip().endswith(")"):
        return place.strip(), place.strip(), selector.strip()
    return receiver.strip(), implementor.rstrip()[:-1], selector.strip()


def parse_frame(text: str) -> StackFrame:
    """Parse one frame: its module is the class that implements the method, its function the selector."""
    return _parse_cached(text) if len(text) <= CACHED_LENGTH else _parse(text)


def smalltalk_frame(implementor: str, selector: str, file: str | None = None, line: int | None = None) -> StackFrame:
    """A frame by the class that implements the method, and the selector."""
    module, function = implementor[:NAME_LIMIT], selector[:NAME_LIMIT]
    name = f"{module}.{function}" if module else function
    return StackFrame(function, module, file, line, in_app=not is_library("smalltalk", name, None))


def _parse(text: str) -> StackFrame:
    _, implementor, selector = split_name(text)
    return smalltalk_frame(implementor, selector)


_parse_cached = lru_cache(maxsize=8192)(_parse)
