"""Frames of Elixir: ``(heron 0.1.0) lib/heron/nest.ex:31: Heron.Nest.handle_info/2``."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.erlang.names import count_arguments, enclosing_function
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import is_library

FRAME = re.compile(
    r"(?P<indent>[ \t]*+)(?:\((?P<app>[a-z]\w{0,100})(?: (?P<version>\d[\w.+-]{0,60}))?\) )?"
    r"(?:(?P<file>(?:[A-Za-z]:)?[^\s:()][^:()\n]{0,300}):(?P<line>\d{1,9}): )?(?P<what>\S[^\n]*)$"
)
ANONYMOUS = re.compile(r"anonymous fn/\d{1,3} in (?=\S)")
FUNCTION = re.compile(
    r"(?P<module>(?::?[A-Za-z_][\w@]{0,100}|:\"[^\"\n]{1,200}\")(?:\.[A-Z]\w{0,100}){0,20})\."
    r"(?P<name>\"[^\"\n]{1,300}\"|[^\s().\"/]{1,200}|[-+*/<>=!|&.^~]{1,4})(?:/(?P<arity>\d{1,3})|\((?P<arguments>[^\n]*)\))$"
)
PLACES = frozenset({"(file)", "(module)", "(test)"})
SOURCES = (".ex", ".exs", ".erl", ".eex", ".heex", ".leex", ".xrl", ".yrl", ".hrl", "nofile", "iex")


def parse_frame(line: str) -> tuple[int, StackFrame] | None:
    """Indent and frame of a line; ``None`` if it has none."""
    match = FRAME.match(line)
    if not match or not (match["app"] or match["file"]):
        return None
    if match["file"] and not match["file"].endswith(SOURCES):
        return None
    what = match["what"].rstrip()
    name = function_name(what)
    if name is None:
        if what not in PLACES or not match["file"]:
            return None
        name = "", what
    module, function = name
    file, number = match["file"], int(match["line"]) if match["line"] else None
    qualified = f"{module}.{function}" if module else function
    library = is_library("elixir", qualified, file) or bool(match["app"] and is_library("elixir", match["app"], None))
    frame = StackFrame(function[:NAME_LIMIT], module[:NAME_LIMIT], file, number or None, not library)
    return len(match["indent"].expandtabs(4)), frame


def function_name(what: str) -> tuple[str, str] | None:
    """Module and ``function/arity``; an anonymous function counts as the one that contains it."""
    for _ in range(4):
        anonymous = ANONYMOUS.match(what)
        if not anonymous:
            break
        what = what[anonymous.end() :]
    match = FUNCTION.match(what)
    if not match:
        return None
    arity = match["arity"] or str(count_arguments(match["arguments"]))
    return match["module"], enclosing_function(match["name"], arity)
