"""Error type of a Go panic or fatal error, derived from its value."""

from __future__ import annotations

import re

RUNTIME = "runtime error: "
DETAIL_START = re.compile(r" \[| or | with (?:length|capacity)| \(|, | type ")
# Panics of the runtime without the ``runtime error`` prefix.
UNPREFIXED = (
    "assignment to entry in nil map",
    "close of closed channel",
    "close of nil channel",
    "send on closed channel",
    "interface conversion",
    "all goroutines are asleep",
)
TYPED = re.compile(r"\(\*?([A-Za-z_][\w./*-]*\.\w+)\) (?:0x[0-9a-f]+|[{(])|([A-Za-z_][\w/-]*\.[A-Z_]\w*)\(")
FLAGS = re.compile(r" \[(?:recovered|repanicked|goexit|, ){1,6}\]\s*$")
QUOTED = re.compile(r"(?>\"?(.*?)\"? \((?=runtime error: ))(runtime error: .*)\)\s*+$", re.DOTALL)
FATAL = (
    ("stack overflow", "Stack overflow"),
    ("all goroutines are asleep", "Deadlock"),
    ("concurrent map", ""),
    ("out of memory", "Out of memory"),
    ("cannot allocate memory", "Out of memory"),
)


def panic_type(value: str) -> str:
    """Error type of a panic: the kind of runtime error, the type of the value if it is printed, else ``panic``."""
    if value.startswith(RUNTIME):
        return _kind(value[len(RUNTIME) :])
    for text in UNPREFIXED:
        if value.startswith(text):
            return text.capitalize()
    typed = TYPED.match(value)
    return (typed[1] or typed[2]) if typed else "panic"


def fatal_type(value: str) -> str:
    """Error type of a fatal error, from which the runtime cannot recover."""
    for text, kind in FATAL:
        if text in value:
            return kind or value.split("\n", 1)[0].capitalize()
    return "Fatal error"


def without_flags(value: str) -> str:
    """Remove the runtime's flags such as ``[recovered]`` from a panic value, and unwrap a value quoted by a library."""
    value = FLAGS.sub("", value)
    quoted = QUOTED.match(value)
    return quoted[2] if quoted else value


def _kind(text: str) -> str:
    first = text.split("\n", 1)[0]
    match = DETAIL_START.search(first)
    kind = first[: match.start()] if match else first
    return kind[:1].upper() + kind[1:].rstrip()
