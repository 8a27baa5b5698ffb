"""Tracebacks on one line, their line ends lost or escaped: in a JSON log field, in a table, in a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.parsing.python.trace import HEADER
from graph.parsing.text.escapes import last_quote, next_quote, unescape

ESCAPED = (HEADER + ":\\n", HEADER + ":\\r", HEADER + ":\\\\n")
JOINED = (HEADER + ': File "', HEADER + ':  File "')
FRAME = re.compile(r'(?<!\s)\s++(?=File "[^"\n]{1,1000}", line \d)')
LOCATION = re.compile(r'(File "[^"\n]{1,1000}", line \d{1,9}, in (?:<\w+>|\w+)) +(?=\S)')
RAISED = re.compile(r" (?=[A-Za-z_][\w.]{0,200}(?:Error|Exception|Exit|Interrupt|Warning)(?:: |$))")
LIMIT = 1 << 20


def flattened_tracebacks(text: str) -> Iterator[tuple[int, int, str]]:
    """Start and end of every line that contains a whole traceback, and that traceback with line ends restored."""
    for signs, restore in ((ESCAPED, _unescape_value), (JOINED, _split_frames)):
        for sign in signs:
            at = text.find(sign)
            while at >= 0:
                start = text.rfind("\n", 0, at) + 1
                end = text.find("\n", at) + 1 or len(text)
                yield (
                    start,
                    end,
                    restore(text[max(start, at - 2_000) : min(end, at + LIMIT)], at - max(start, at - 2_000)),
                )
                at = text.find(sign, end)


def _unescape_value(line: str, header: int) -> str:
    """The JSON string around the header, its escapes resolved."""
    value = unescape(line[last_quote(line, header) + 1 : next_quote(line, header)])
    return unescape(value) if HEADER + ":\\n" in value else value


def _split_frames(line: str, header: int) -> str:
    """The line split before each frame, each source line and the error."""
    value = LOCATION.sub(r"\1\n    ", FRAME.sub("\n  ", line[header:].rstrip()))
    *before, last = value.split("\n")
    parts = RAISED.split(last, maxsplit=1)
    return "\n".join([*before, *parts])
