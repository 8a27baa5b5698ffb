"""What a text carries, with positions in the text as received."""

from __future__ import annotations

from graph.parsing.carrier.lines import CarriedLine, Part, lines_of
from graph.parsing.carrier.undo import undo
from graph.parsing.text.terminal import CleanedText, clean


def carried_parts(text: str) -> list[Part]:
    """The parts of a text without carriers and terminal codes, as for parsing; none if it has neither."""
    cleaned = clean(text)
    parts = undo(cleaned.text) or ([Part(lines_of(cleaned.text))] if cleaned.starts else [])
    return [_original(part, cleaned) for part in parts] if cleaned.starts else parts


def _original(part: Part, cleaned: CleanedText) -> Part:
    position = cleaned.original_position
    return Part([CarriedLine(line.text, position(line.start), position(line.end), line.stamp) for line in part.lines])
