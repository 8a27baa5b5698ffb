"""What terminals and old systems put into a text, taken out before it is read, and where everything stood before."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

ESCAPE = "\x1b"
# Colours and cursor movements (ECMA-48), titles and links of terminals, and two-character sequences.
SEQUENCE = re.compile(r"\x1b(?:\[[0-?]{0,64}+[ -/]{0,8}+[@-~]|\][^\x07\x1b\n]{0,2048}+(?:\x07|\x1b\\)|[@-Z\\-_=>78])")
LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text that can be read. ``starts`` and ``taken`` say, in order, what was taken out before each place of it."""

    text: str
    starts: Sequence[int] = ()
    taken: Sequence[int] = ()

    def before(self, position: int) -> int:
        """Where a position of the cleaned text stood in the text as it came; what was taken out there comes after it."""
        place = bisect_right(self.starts, position - 1) if position else 0
        return position + (self.taken[place - 1] if place else 0)


def clean(text: str) -> Cleaned:
    """Without escape sequences; a lone carriage return becomes a line feed and a NUL a blank, so that lines are lines.

    What a text says does not change by this, and every step is linear in its length.
    """
    if "\x00" in text:
        text = text.replace("\x00", " ")
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        text = LONE_RETURN.sub("\n", text)
    return _without_sequences(text) if ESCAPE in text else Cleaned(text)


def _without_sequences(text: str) -> Cleaned:
    kept, starts, taken = [], [], []
    position = length = gone = 0
    for found in SEQUENCE.finditer(text):
        kept.append(text[position : found.start()])
        length += found.start() - position
        position = found.end()
        gone += position - found.start()
        starts.append(length)
        taken.append(gone)
    kept.append(text[position:])
    return Cleaned("".join(kept), starts, taken)
