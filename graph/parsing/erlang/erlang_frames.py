"""Frames of Erlang: ``nest:open/2`` with its file and line."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.erlang.names import erlang_name
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import is_library

NAMED = re.compile(r"(?P<module>'[^']{1,200}'|[\w.@]{1,200}):(?P<function>'[^'\n]{1,200}'|[^\s/()]{1,200})/(?P<arity>\d{1,3})")
FRAME_LIMIT = 200
"""Frames of an error that are read."""


def erlang_frame(name: str, file: str | None, line: int | None) -> StackFrame:
    """A frame by its name as ``module:function/arity``."""
    return StackFrame(name[:NAME_LIMIT], "", file, line, not is_library("erlang", name, file))


def named_frame(name: str, file: str | None, line: str | None) -> StackFrame | None:
    """The frame of a printed name ``module:function/arity``; ``None`` for any other text."""
    named = NAMED.match(name)
    if not named:
        return None
    return erlang_frame(erlang_name(named["module"], named["function"], named["arity"]), file, int(line) if line else None)
