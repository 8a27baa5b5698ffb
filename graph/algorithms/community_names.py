"""Names for families, from traits that are common inside a family and rare outside."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHOWN = 3
"""Most error types and modules listed per family."""
IN_NAME = 2
"""Error types in a name."""
COMMON = 0.2
"""Least share of the members with a trait for it to be listed."""
MOST_LETTERS = 60
"""Of one error type or module in a name."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What one pattern is like: its error type, the modules it fails in, and the functions."""

    error_type: str | None
    modules: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyDescription:
    """What a family is like."""

    name: str
    error_types: tuple[str, ...]
    modules: tuple[str, ...]


def describe(families: Sequence[Sequence[str]], traits: Mapping[str, Traits]) -> list[FamilyDescription]:
    """A unique name for each family, with its distinctive error types and modules."""
    nothing = Traits(None)
    members = [[traits.get(member, nothing) for member in family] for family in families]
    kinds = _distinctive([[_some(one.error_type) for one in family] for family in members])
    modules = _distinctive([[one.modules for one in family] for family in members])
    functions = _distinctive([[one.functions for one in family] for family in members])
    names = _distinct([_name(*parts) for parts in zip(kinds, modules, strict=True)], functions)
    return [FamilyDescription(name, kind, module) for name, kind, module in zip(names, kinds, modules, strict=True)]


def _some(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


def _distinctive(families: Sequence[Sequence[Iterable[str]]]) -> list[tuple[str, ...]]:
    """Traits shared by many members of each family, weighted by TF-IDF over families."""
    counts = [Counter(word for member in family for word in set(member)) for family in families]
    having = Counter(word for count in counts for word in count)

    def weight(count: Counter[str], word: str) -> float:
        return count[word] * math.log1p(len(families) / having[word])

    distinctive = []
    for family, count in zip(families, counts, strict=True):
        common = [word for word in count if count[word] >= COMMON * len(family)]
        weights = {word: weight(count, word) for word in common}
        distinctive.append(tuple(sorted(common, key=lambda word: (-weights[word], word))[:SHOWN]))
    return distinctive


def _name(kinds: Sequence[str], modules: Sequence[str]) -> str:
    what = ", ".join(kind[:MOST_LETTERS] for kind in kinds[:IN_NAME]) or "Failures"
    return f"{what} in {modules[0][:MOST_LETTERS]}" if modules else what


def _distinct(names: Sequence[str], functions: Sequence[Sequence[str]]) -> list[str]:
    """Unique names: repeated ones get a function or a number appended."""
    often = Counter(names)
    longer = [
        f"{name} ({distinctive[0][:MOST_LETTERS]})" if often[name] > 1 and distinctive else name
        for name, distinctive in zip(names, functions, strict=True)
    ]
    found: list[str] = []
    used: set[str] = set()
    again: Counter[str] = Counter()
    for name in longer:
        unique = name
        while unique in used:
            again[name] += 1
            unique = f"{name} #{again[name] + 1}"
        used.add(unique)
        found.append(unique)
    return found
