"""Removal of terminal codes and odd line ends before parsing, with a map back to positions of the original text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

ESCAPE = "\x1b"
# Colours and cursor movements (ECMA-48), window titles, hyperlinks and other strings, and two-character sequences.
SEQUENCE = re.compile(r"\x1b(?:\[[0-?]{0,64}+[ -/]{0,8}+[@-~]|[\]_P^X][^\x07\x1b\n]{0,2048}+(?:\x07|\x1b\\)|[@-Z\\-_=>78])")
LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class CleanedText:
    """A text ready for parsing. Before position ``starts[i]`` of it, ``removed[i]`` characters were removed in total."""

    text: str
    starts: Sequence[int] = ()
    removed: Sequence[int] = ()

    def original_position(self, position: int) -> int:
        """Position in the original text, before anything removed at that point."""
        index = bisect_right(self.starts, position - 1) if position else 0
        return position + (self.removed[index - 1] if index else 0)


def clean(text: str) -> CleanedText:
    """Remove escape sequences; turn a lone carriage return into a line feed and a NUL into a blank.

    Linear in the length of the text.
    """
    if "\x00" in text:
        text = text.replace("\x00", " ")
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        text = LONE_RETURN.sub("\n", text)
    return _without_sequences(text) if ESCAPE in text else CleanedText(text)


def _without_sequences(text: str) -> CleanedText:
    kept, starts, removed = [], [], []
    position = length = total = 0
    for match in SEQUENCE.finditer(text):
        kept.append(text[position : match.start()])
        length += match.start() - position
        position = match.end()
        total += position - match.start()
        starts.append(length)
        removed.append(total)
    kept.append(text[position:])
    return CleanedText("".join(kept), starts, removed)
