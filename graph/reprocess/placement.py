"""Place new signatures in patterns: crashes stay in their pattern, with two exceptions.

Two patterns now share a fingerprint, or a pattern was of different faults below one wrapper.

A signature has one pattern. If crashes of several patterns now have the same fingerprint, it goes to the pattern in which a
person placed one of them, else to the oldest, and the other crashes follow. Crashes that a verdict calls distinct do not
follow; they keep their outdated signature.

Where signatures of a pattern now name another exception than before, the fault below a wrapper, the fault of most crashes
keeps the pattern, and each other one founds a pattern. Patterns that people gave verdicts on stay whole.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

OLDEST = "0"
PATTERN_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class OutdatedSignature:
    """A signature of another version. ``by_person``: a person placed it in its pattern."""

    exact: str
    title: str
    pattern_id: str
    created_at: datetime | None
    by_person: bool
    crashes: int
    error_type: str = ""


@dataclass(frozen=True, slots=True)
class Successor:
    """A new signature for crashes of an outdated one; ``sample`` is the id of one of the crashes."""

    old: OutdatedSignature
    new: str
    title: str
    crashes: int
    sample: str
    error_type: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The hashes of both signatures."""
        return self.old.exact, self.new


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
    in different patterns. ``founded`` maps the id of each new pattern to the one that its crashes leave.
    """

    homes: dict[str, str] = field(default_factory=dict)
    follows: dict[str, str] = field(default_factory=dict)
    blocked: dict[tuple[str, str], str] = field(default_factory=dict)
    founded: dict[str, str] = field(default_factory=dict)


def place_signatures(
    successors: Iterable[Successor], existing: Mapping[str, ExistingSignature], distinct: Sequence[DistinctPair]
) -> Placement:
    """The placement of all successors. Applying part of them does not change the placement of the rest."""
    grouped: dict[str, list[Successor]] = defaultdict(list)
    pairs = _DistinctPairs(distinct)
    listed = list(successors)
    leaving = _leaving(listed, pairs)
    for successor in listed:
        grouped[successor.new].append(successor)
    placement = Placement()
    for new, group in sorted(grouped.items()):
        group.sort(key=lambda one: (one.key in leaving, not one.old.by_person, _age(one.old), one.old.exact))
        if group[0].key in leaving:
            _found(new, group, existing.get(new), leaving, placement)
        else:
            _place_one(new, group, existing.get(new), pairs, placement)
    return placement


def _leaving(successors: Sequence[Successor], pairs: _DistinctPairs) -> dict[tuple[str, str], str]:
    """Successors that name another exception than before and not the pattern's main fault, with the pattern to found."""
    crashes: dict[str, Counter[str]] = defaultdict(Counter)
    for successor in successors:
        crashes[successor.old.pattern_id][successor.title] += successor.crashes
    main = {pattern: min(titles, key=lambda one: (-titles[one], one)) for pattern, titles in crashes.items()}
    return {
        successor.key: hashlib.sha256(f"{successor.old.pattern_id}\x1f{successor.title}".encode()).hexdigest()[
            :PATTERN_ID_LENGTH
        ]
        for successor in successors
        if successor.title != main[successor.old.pattern_id]
        and successor.error_type != successor.old.error_type
        and not successor.old.by_person
        and not pairs.mention(successor.old)
    }


def _found(
    new: str,
    group: Sequence[Successor],
    existing: ExistingSignature | None,
    leaving: Mapping[tuple[str, str], str],
    placement: Placement,
) -> None:
    """Place a signature that leaves its pattern: in the pattern that already has it, or in a new one."""
    home = existing.pattern_id if existing is not None else leaving[group[0].key]
    placement.homes[new] = home
    if existing is None:
        placement.follows[new] = group[0].old.exact
        placement.founded[home] = group[0].old.pattern_id


def _place_one(
    new: str, group: list[Successor], existing: ExistingSignature | None, pairs: _DistinctPairs, placement: Placement
) -> None:
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

    def mention(self, signature: OutdatedSignature) -> bool:
        """Whether a verdict names the signature or its pattern."""
        return bool(self._others.keys() & {f"Signature:{signature.exact}", f"Pattern:{signature.pattern_id}"})

    def follow(self, old: str, new: str, home: str) -> None:
        """Record that crashes of the old signature get the new one, in that pattern."""
        end = f"Signature:{old}"
        self._successors[end].add(new)
        self._homes[end].add(home)
