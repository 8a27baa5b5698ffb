"""Redact a text together with what it carries: a secret may be split by prefixes or hidden behind escapes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from graph.parsing.carrier.lines import Part
from graph.parsing.carrier.originals import carried_parts
from graph.redaction.redactor import Redactor, Scrubbed

MOST_OCCURRENCES = 1_000
"""Maximum number of places of one value that are replaced; bounds the time."""
MOST_VALUES, MOST_PEOPLE = 2_000, 200
"""Maximum number of values and of names that are replaced everywhere; bounds the time."""
LEAST_LENGTH = 4
"""Minimum length of a piece of a secret that is replaced on a line of its own."""


@dataclass(frozen=True, slots=True, order=True)
class _Edit:
    start: int
    end: int
    text: str


def scrub_carried(
    redactor: Redactor, text: str, user: str | None = None, shorten: Callable[[str], str] = lambda text: text
) -> Scrubbed:
    """As :meth:`Redactor.scrub`; secrets found only after carriers are undone are replaced in the text as well.

    ``shorten`` cuts the text when every marked secret is replaced: a cut may part a secret from what marks it.
    """
    outer = redactor.marked(text, user)
    parts = carried_parts(text)
    if not parts:
        return replace(outer, text=outer.rest(shorten(outer.text)))
    inner = [redactor.marked(part.text, user) for part in parts]
    hidden = [{value: mark for value, mark in scrubbed.found.items() if value not in outer.found} for scrubbed in inner]
    edits = sorted(edit for part, found in zip(parts, hidden, strict=True) for edit in _edits(part, found, text))
    pieces = [redactor.marked(piece, user) for piece in _pieces(text, edits)] if edits else [outer]
    ends = [redactor.marked(edit.text, user) for edit in edits]
    scrubbed = [*inner, *pieces, *ends]
    joined = "".join(part.text for pair in zip_longest(pieces, ends, fillvalue=Scrubbed("")) for part in pair)
    values = _longest({value: mark for part in scrubbed for value, mark in part.values.items()}, MOST_VALUES)
    people = _longest({name: mark for part in scrubbed for name, mark in part.people.items()}, MOST_PEOPLE)
    return Scrubbed(Scrubbed("", values, people).rest(shorten(joined)), values, people)


def _longest(values: Mapping[str, str], most: int) -> dict[str, str]:
    """The values by length, so that none is cut up by a part of it; at most ``most``."""
    return dict(sorted(values.items(), key=lambda item: -len(item[0]))[:most])


def _edits(part: Part, found: Mapping[str, str], text: str) -> Iterator[_Edit]:
    """The lines of the original text that carry a secret of several lines, or one that is written differently there."""
    pieces: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for value, placeholder in found.items():
        at = part.text.find(value)
        for _ in range(MOST_OCCURRENCES):
            if at < 0:
                break
            first = part.index(at)
            for offset, piece in enumerate(value.split("\n")):
                pieces[first + offset].append((piece.strip(), placeholder))
            at = part.text.find(value, at + len(value))
    for index, replacements in pieces.items():
        line = part.lines[index]
        yield _Edit(line.start, line.end, _replaced(text[line.start : line.end], replacements))


def _replaced(text: str, replacements: Sequence[tuple[str, str]]) -> str:
    for piece, placeholder in sorted(set(replacements), key=lambda item: -len(item[0])):
        for form in (piece, json.dumps(piece)[1:-1], json.dumps(piece, ensure_ascii=False)[1:-1]):
            if len(form) >= LEAST_LENGTH and placeholder not in form:
                text = text.replace(form, placeholder)
    return text


def _pieces(text: str, edits: Sequence[_Edit]) -> Iterator[str]:
    """The text around the edits."""
    position = 0
    for edit in edits:
        yield text[position : edit.start]
        position = edit.end
    yield text[position:]
