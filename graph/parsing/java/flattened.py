"""Stack traces on one line, their line ends lost or escaped: in a JSON log field, in a table, in a message."""

from __future__ import annotations

import re

from graph.parsing.text.escapes import last_quote, next_quote, unescape
from graph.parsing.text.log.prefix import exception_in_record

FRAME = re.compile(r"(?<![ \t])[ \t]++(?=at [^\s()]{1,1000}\([^()\n]{1,300}\))")
CHAIN = re.compile(r"(?<![ \t])[ \t]++(?=(?:Caused by|Suppressed|Wrapped by): |\.\.\. \d{1,6} (?:more|common))")
THREAD = "Exception in thread "
LIMIT = 1 << 20


def unflatten(text: str, line: int, frame: int, end: int) -> str | None:
    """Restore the line ends of the trace in the line from ``line`` to ``end``; its first frame is at ``frame``.

    ``None`` when the trace has lines of its own.
    """
    before = text[max(line, frame - LIMIT) : frame]
    if not before.strip():
        return None
    frames = text[frame : min(end, frame + LIMIT)]
    if "\\n" in before[-8:]:
        return _unescape_value(before, frames)
    if THREAD in before or exception_in_record(before.rstrip()[-4_000:]):
        lines = CHAIN.sub("\n", FRAME.sub("\n\t", before + frames))
        if "\n" in lines.rstrip("\n"):
            return lines
        # Text returned unchanged would be restored again, without end.
        return _unescape_value(before, frames) if before.endswith("\\t") else None
    return None


def _unescape_value(before: str, frames: str) -> str:
    """The JSON string that contains the trace, its escapes resolved."""
    value = unescape(before[last_quote(before, len(before)) + 1 :] + frames[: next_quote(frames, 0)])
    return unescape(value) if "\\n" in value else value
