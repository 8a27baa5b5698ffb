"""Tracebacks whose line ends were lost or escaped on the way: in a field of a JSON log, in a table, in a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.parsing.python.trace import HEADER
from graph.parsing.text.escapes import last_quote, next_quote, unescaped

ESCAPED = (HEADER + ":\\n", HEADER + ":\\r", HEADER + ":\\\\n")
JOINED = (HEADER + ': File "', HEADER + ':  File "')
FRAME = re.compile(r'\s+(?=File "[^"\n]{1,1000}", line \d)')
PLACE = re.compile(r'(File "[^"\n]{1,1000}", line \d{1,9}, in (?:<\w+>|\w+)) +(?=\S)')
RAISED = re.compile(r" (?=[A-Za-z_][\w.]{0,200}(?:Error|Exception|Exit|Interrupt|Warning)(?:: |$))")
LIMIT = 1 << 20


def flat_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Every line that holds a whole traceback: where it starts and ends, and the traceback with lines of its own."""
    for signs, unfold in ((ESCAPED, _unescaped), (JOINED, _split)):
        for sign in signs:
            found = text.find(sign)
            while found >= 0:
                start = text.rfind("\n", 0, found) + 1
                end = text.find("\n", found) + 1 or len(text)
                yield (
                    start,
                    end,
                    unfold(text[max(start, found - 2_000) : min(end, found + LIMIT)], found - max(start, found - 2_000)),
                )
                found = text.find(sign, end)


def _unescaped(line: str, header: int) -> str:
    """The value of a JSON text that the header stands in, its escapes resolved."""
    value = unescaped(line[last_quote(line, header) + 1 : next_quote(line, header)])
    return unescaped(value) if HEADER + ":\\n" in value else value


def _split(line: str, header: int) -> str:
    """The line with an end before each frame, each source line and the error."""
    value = PLACE.sub(r"\1\n    ", FRAME.sub("\n  ", line[header:].rstrip()))
    *before, last = value.split("\n")
    parts = RAISED.split(last, maxsplit=1)
    return "\n".join([*before, *parts])
