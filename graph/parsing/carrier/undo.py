"""Undo what carried a text: the parts of it that belong together, each as its program wrote it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import re2

from graph.parsing.carrier.blocks import dedent, single_spaced, split_blocks, split_entries, split_strings
from graph.parsing.carrier.characters import plain_characters
from graph.parsing.carrier.escaped import split_escaped
from graph.parsing.carrier.fence import split_fenced
from graph.parsing.carrier.lines import CarriedLine, Part, lines_of
from graph.parsing.carrier.prefix import split_prefixed
from graph.parsing.carrier.records import split_records
from graph.parsing.carrier.shapes import CARRIED
from graph.parsing.carrier.streams import split_streams
from graph.parsing.carrier.table import split_table

ROUNDS = 5
"""Carriers inside each other that are undone."""

_may_be_carried = re2.compile(CARRIED)

Step = Callable[[Sequence[CarriedLine]], list[list[CarriedLine]] | None]
STEPS: tuple[Step, ...] = (
    plain_characters,
    single_spaced,
    split_fenced,
    split_blocks,
    split_entries,
    split_strings,
    split_table,
    split_streams,
    split_records,
    split_prefixed,
    split_escaped,
    dedent,
)


def undo(text: str) -> list[Part]:
    """The parts of a text after all carriers are undone; none if it has no carrier."""
    if not _may_be_carried.search(text.encode("utf-8", "replace")):
        return []
    parts: list[Part] = []
    pending = [(lines_of(text), 0)]
    while pending:
        lines, depth = pending.pop()
        pieces = _undo_once(lines) if depth < ROUNDS else None
        if pieces is None:
            parts.append(Part(lines))
        else:
            pending += [(piece, depth + 1) for piece in reversed(pieces)]
    return parts if len(parts) > 1 or parts[0].text != text else []


def _undo_once(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    for step in STEPS:
        pieces = step(lines)
        if pieces is not None:
            return pieces
    return None
