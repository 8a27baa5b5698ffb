"""Where signatures belong after fingerprints were made anew: every crash stays in its pattern, unless that cannot be.

A signature has one pattern. Where crashes of several patterns have one fingerprint since, it belongs to the pattern into which
a person put one of them, else to the oldest, and the others follow. None follows where a person said that they are
different: then they keep the fingerprint they had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

BEFORE_ALL = "0"


@dataclass(frozen=True, slots=True)
class OutdatedSignature:
    """A signature made by another version. ``by_person``: a person put it where it is."""

    exact: str
    title: str
    pattern_id: str
    created_at: datetime | None
    by_person: bool
    crashes: int


@dataclass(frozen=True, slots=True)
class Successor:
    """Crashes of an old signature that have one new fingerprint. ``sample`` is one of them."""

    old: OutdatedSignature
    new: str
    title: str
    crashes: int
    sample: str


@dataclass(frozen=True, slots=True)
class ExistingSignature:
    """A signature of the new version that is there already."""

    pattern_id: str
    created_at: datetime | None
    by_person: bool
    crashes: int


@dataclass(frozen=True, slots=True)
class DistinctPair:
    """Two that a standing verdict calls different, as ``Label:key``, and the patterns they are in."""

    verdict_id: str
    a: str
    b: str
    home_a: str | None
    home_b: str | None


@dataclass(slots=True)
class Placement:
    """The pattern of each new signature, the old one after which it is placed there, and claims that stay as they are.

    ``held`` maps (old, new) to the verdict that holds it, ``""`` where two people put them into two patterns.
    """

    homes: dict[str, str] = field(default_factory=dict)
    follows: dict[str, str] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)


def place_signatures(
    claims: Iterable[Successor], present: Mapping[str, ExistingSignature], apart: Sequence[DistinctPair]
) -> Placement:
    """Where each new signature belongs. The same for the claims that are left when part of them were carried out."""
    grouped: dict[str, list[Successor]] = defaultdict(list)
    for claim in claims:
        grouped[claim.new].append(claim)
    kept = _DistinctPairs(apart)
    settled = Placement()
    for new, group in sorted(grouped.items()):
        _place_one(new, group, present.get(new), kept, settled)
    return settled


def _place_one(
    new: str, group: list[Successor], there: ExistingSignature | None, kept: _DistinctPairs, settled: Placement
) -> None:
    group.sort(key=lambda claim: (not claim.old.by_person, _age(claim.old), claim.old.exact))
    home, by_person = group[0].old.pattern_id, group[0].old.by_person
    if there is not None and there.pattern_id != home:
        stays = (not there.by_person, _age(there)) < (not by_person, _age(group[0].old))
        if stays or there.by_person or kept.holds(new, there.pattern_id, new, home) is not None:
            home, by_person = there.pattern_id, there.by_person
    settled.homes[new] = home
    if (there is None or there.pattern_id != home) and group[0].old.pattern_id == home:
        settled.follows[new] = group[0].old.exact
    for claim in group:
        old = claim.old
        if old.pattern_id != home:
            verdict = "" if old.by_person and by_person else kept.holds(old.exact, old.pattern_id, new, home)
            if verdict is not None:
                settled.held[old.exact, new] = verdict
                continue
        kept.follow(old.exact, new, home)


def _age(one: OutdatedSignature | ExistingSignature) -> tuple[str, str]:
    """Oldest first; what tells no age comes first, since everything new tells it."""
    return (one.created_at.isoformat() if one.created_at else BEFORE_ALL, one.pattern_id)


class _DistinctPairs:
    """What verdicts keep apart, while signatures go to where they belong."""

    def __init__(self, apart: Sequence[DistinctPair]) -> None:
        self._others: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._where: dict[str, set[str]] = defaultdict(set)
        self._became: dict[str, set[str]] = defaultdict(set)
        for one in apart:
            for end, home, other in ((one.a, one.home_a, one.b), (one.b, one.home_b, one.a)):
                self._others[end].append((other, one.verdict_id))
                if home is not None:
                    self._where[end].add(home)

    def holds(self, exact: str, pattern_id: str, new: str, home: str) -> str | None:
        """The verdict that keeps this signature, or its pattern, out of that pattern or apart from that signature."""
        for end in (f"Signature:{exact}", f"Pattern:{pattern_id}"):
            for other, verdict_id in self._others[end]:
                if other == f"Signature:{new}" or home in self._where[other] or new in self._became[other]:
                    return verdict_id
        return None

    def follow(self, old: str, new: str, home: str) -> None:
        """Crashes of the old signature have the new one, in that pattern."""
        end = f"Signature:{old}"
        self._became[end].add(new)
        self._where[end].add(home)
