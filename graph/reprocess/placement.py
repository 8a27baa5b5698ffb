"""Place new signatures in patterns: every crash stays in its pattern, unless two patterns now share a fingerprint.

A signature has one pattern. If crashes of several patterns now have the same fingerprint, it goes to the pattern in which a
person placed one of them, else to the oldest, and the other crashes follow. Crashes that a verdict calls distinct do not
follow; they keep their outdated signature.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

OLDEST = "0"


@dataclass(frozen=True, slots=True)
class OutdatedSignature:
    """A signature of another version. ``by_person``: a person placed it in its pattern."""

    exact: str
    title: str
    pattern_id: str
    created_at: datetime | None
    by_person: bool
    crashes: int


@dataclass(frozen=True, slots=True)
class Successor:
    """A new signature for crashes of an outdated one; ``sample`` is the id of one of the crashes."""

    old: OutdatedSignature
    new: str
    title: str
    crashes: int
    sample: str


@dataclass(frozen=True, slots=True)
class ExistingSignature:
    """A signature of the new version that exists already."""

    pattern_id: str
    created_at: datetime | None
    by_person: bool
    crashes: int


@dataclass(frozen=True, slots=True)
class DistinctPair:
    """Two nodes (``Label:key``) that an active verdict calls distinct, and the patterns they are in."""

    verdict_id: str
    a: str
    b: str
    home_a: str | None
    home_b: str | None


@dataclass(slots=True)
class Placement:
    """The pattern of each new signature (``homes``), and the outdated one with the placement to copy (``follows``).

    ``blocked`` maps (old, new) to the verdict that keeps crashes in the old signature; ``""`` if people placed both signatures
    in different patterns.
    """

    homes: dict[str, str] = field(default_factory=dict)
    follows: dict[str, str] = field(default_factory=dict)
    blocked: dict[tuple[str, str], str] = field(default_factory=dict)


def place_signatures(
    successors: Iterable[Successor], existing: Mapping[str, ExistingSignature], distinct: Sequence[DistinctPair]
) -> Placement:
    """The placement of all successors. Applying part of them does not change the placement of the rest."""
    grouped: dict[str, list[Successor]] = defaultdict(list)
    for successor in successors:
        grouped[successor.new].append(successor)
    pairs = _DistinctPairs(distinct)
    placement = Placement()
    for new, group in sorted(grouped.items()):
        _place_one(new, group, existing.get(new), pairs, placement)
    return placement


def _place_one(
    new: str, group: list[Successor], existing: ExistingSignature | None, pairs: _DistinctPairs, placement: Placement
) -> None:
    group.sort(key=lambda successor: (not successor.old.by_person, _age(successor.old), successor.old.exact))
    home, by_person = group[0].old.pattern_id, group[0].old.by_person
    if existing is not None and existing.pattern_id != home:
        stays = (not existing.by_person, _age(existing)) < (not by_person, _age(group[0].old))
        if stays or existing.by_person or pairs.verdict_against(new, existing.pattern_id, new, home) is not None:
            home, by_person = existing.pattern_id, existing.by_person
    placement.homes[new] = home
    if (existing is None or existing.pattern_id != home) and group[0].old.pattern_id == home:
        placement.follows[new] = group[0].old.exact
    for successor in group:
        old = successor.old
        if old.pattern_id != home:
            verdict = "" if old.by_person and by_person else pairs.verdict_against(old.exact, old.pattern_id, new, home)
            if verdict is not None:
                placement.blocked[old.exact, new] = verdict
                continue
        pairs.follow(old.exact, new, home)


def _age(signature: OutdatedSignature | ExistingSignature) -> tuple[str, str]:
    """Sort key, oldest first; a missing age is oldest, as every new node has one."""
    return (signature.created_at.isoformat() if signature.created_at else OLDEST, signature.pattern_id)


class _DistinctPairs:
    """The distinct pairs, updated while signatures are placed."""

    def __init__(self, distinct: Sequence[DistinctPair]) -> None:
        self._others: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._homes: dict[str, set[str]] = defaultdict(set)
        self._successors: dict[str, set[str]] = defaultdict(set)
        for pair in distinct:
            for end, home, other in ((pair.a, pair.home_a, pair.b), (pair.b, pair.home_b, pair.a)):
                self._others[end].append((other, pair.verdict_id))
                if home is not None:
                    self._homes[end].add(home)

    def verdict_against(self, exact: str, pattern_id: str, new: str, home: str) -> str | None:
        """The verdict that calls this signature or its pattern distinct from that pattern or signature, if any."""
        for end in (f"Signature:{exact}", f"Pattern:{pattern_id}"):
            for other, verdict_id in self._others[end]:
                if other == f"Signature:{new}" or home in self._homes[other] or new in self._successors[other]:
                    return verdict_id
        return None

    def follow(self, old: str, new: str, home: str) -> None:
        """Record that crashes of the old signature get the new one, in that pattern."""
        end = f"Signature:{old}"
        self._successors[end].add(new)
        self._homes[end].add(home)
