"""Stack traces whose line ends were lost or escaped on the way: in a field of a JSON log, in a table, in a message."""

from __future__ import annotations

import re

from graph.parsing.java.lines import head_within
from graph.parsing.text.escapes import last_quote, next_quote, unescaped

FRAME = re.compile(r"[ \t]++(?=at [^\s()]{1,1000}\([^()\n]{1,300}\))")
CHAIN = re.compile(r"[ \t]++(?=(?:Caused by|Suppressed|Wrapped by): |\.\.\. \d{1,6} (?:more|common))")
THREAD = "Exception in thread "
LIMIT = 1 << 20


def unfolded(text: str, line: int, frame: int, end: int) -> str | None:
    """The trace in the line that starts at ``line``, with an end after every frame; ``None`` when it has its own lines.

    ``frame`` is where its first frame stands, ``end`` where the line ends.
    """
    before = text[max(line, frame - LIMIT) : frame]
    if not before.strip():
        return None
    if "\\n" in before[-8:]:
        return _unescaped(before, text[frame : min(end, frame + LIMIT)])
    if THREAD in before or head_within(before.rstrip()[-4_000:]):
        return CHAIN.sub("\n", FRAME.sub("\n\t", before + text[frame : min(end, frame + LIMIT)]))
    return None


def _unescaped(before: str, frames: str) -> str:
    """The value of a JSON text that the trace stands in, its escapes resolved."""
    value = unescaped(before[last_quote(before, len(before)) + 1 :] + frames[: next_quote(frames, 0)])
    return unescaped(value) if "\\n" in value else value
