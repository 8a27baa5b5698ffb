"""What making fingerprints anew would change, in figures and examples that a person can follow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.cypher import query
from graph.ports import Graph, Row
from graph.reprocess.placement import Successor
from graph.reprocess.reprocessor import ReprocessPlan

EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class SuccessorExample:
    """An old signature and the new ones of its crashes, by title."""

    exact: str
    title: str
    crashes: int
    news: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class PatternMove:
    """Crashes that go from one pattern to another."""

    source: str
    source_name: str
    target: str
    target_name: str
    crashes: int


@dataclass(frozen=True, slots=True)
class BlockedSignature:
    """A signature that keeps its old fingerprint for a verdict; two people put it into two patterns where that is empty."""

    exact: str
    title: str
    pattern_id: str
    verdict_id: str


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """Figures of a plan. ``renamed`` signatures have one successor of their own, ``split`` several, ``joined`` share one."""

    version: str
    signatures: int
    crashes: int
    renamed: int
    split: int
    joined: int
    held: int
    unread: int
    crashes_moved: int
    patterns_merged: int
    patterns_split: int
    moves: tuple[PatternMove, ...]
    """Between patterns, most crashes first."""
    merged: tuple[tuple[str, str], ...]
    """Patterns of which nothing is left, and what they become part of."""
    holds: tuple[BlockedSignature, ...]
    examples: tuple[SuccessorExample, ...]


async def summarise(graph: Graph, plan: ReprocessPlan, version: str, examples: int = EXAMPLES) -> PlanSummary:
    """The figures of a plan, with at most so many examples of each kind."""
    going = _going(plan)
    sizes = await _sizes(graph, {id for pair in going for id in pair})
    moves = tuple(
        PatternMove(source, _name(sizes, source), target, _name(sizes, target), crashes)
        for (source, target), crashes in sorted(going.items(), key=lambda item: (-item[1], item[0]))
    )
    merged = _merged(plan, sizes, {source for source, _ in going})
    losing = {source for source, _ in going} - {source for source, _ in merged}
    held = [
        BlockedSignature(old.exact, old.title, old.pattern_id, plan.settled.held[old.exact, claim.new])
        for old in plan.olds
        for claim in plan.claims.get(old.exact, ())
        if (old.exact, claim.new) in plan.settled.held
    ]
    kinds = _kinds(plan)
    return PlanSummary(
        version=version,
        signatures=len(plan.olds),
        crashes=sum(old.crashes for old in plan.olds),
        renamed=kinds["renamed"],
        split=kinds["split"],
        joined=kinds["joined"],
        held=len(held),
        unread=sum(plan.unread.values()),
        crashes_moved=sum(going.values()),
        patterns_merged=len(merged),
        patterns_split=len(losing),
        moves=moves[:examples],
        merged=merged[:examples],
        holds=tuple(held[:examples]),
        examples=tuple(_examples(plan))[:examples],
    )


def _going(plan: ReprocessPlan) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for claim in _claims(plan):
        found[claim.old.pattern_id, plan.settled.homes[claim.new]] += claim.crashes
    for new, there in plan.present.items():
        if new in plan.settled.follows:
            found[there.pattern_id, plan.settled.homes[new]] += there.crashes
    return Counter({pair: crashes for pair, crashes in found.items() if pair[0] != pair[1]})


def _claims(plan: ReprocessPlan) -> Iterable[Successor]:
    return (claim for old in plan.olds for claim in plan.carried_out(old))


def _kinds(plan: ReprocessPlan) -> Counter[str]:
    shared = Counter(claim.new for claim in _claims(plan))
    kinds: Counter[str] = Counter()
    for old in plan.olds:
        claims = plan.carried_out(old)
        if len(claims) > 1:
            kinds["split"] += 1
        elif claims:
            alone = shared[claims[0].new] == 1 and claims[0].new not in plan.present
            kinds["renamed" if alone else "joined"] += 1
    return kinds


def _merged(plan: ReprocessPlan, sizes: Mapping[str, Row], losing: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Patterns that have no signature left once the plan is carried out."""
    change: Counter[str] = Counter()
    for old in plan.olds:
        claims = plan.carried_out(old)
        if claims and len(claims) == len(plan.claims[old.exact]):
            change[old.pattern_id] -= 1
    for new in {claim.new for claim in _claims(plan)}:
        there = plan.present.get(new)
        if new in plan.settled.follows or there is None:
            change[plan.settled.homes[new]] += 1
            if there is not None:
                change[there.pattern_id] -= 1
    empty = sorted(id for id in losing if id in sizes and sizes[id]["signatures"] + change[id] == 0)
    return tuple((id, plan.into[id]) for id in empty if id in plan.into)


def _examples(plan: ReprocessPlan) -> Iterable[SuccessorExample]:
    """Those that split or are joined first: they say most."""
    shared: dict[str, int] = defaultdict(int)
    for claim in _claims(plan):
        shared[claim.new] += 1
    found = [(old, plan.carried_out(old)) for old in plan.olds]
    told = [(old, claims) for old, claims in found if claims]
    told.sort(key=lambda item: (-len(item[1]), -max(shared[one.new] for one in item[1]), -item[0].crashes, item[0].exact))
    for old, claims in told:
        yield SuccessorExample(old.exact, old.title, old.crashes, tuple((one.new, one.title, one.crashes) for one in claims))


async def _sizes(graph: Graph, ids: Iterable[str]) -> dict[str, Any]:
    rows = await graph.read(query("reprocess/pattern_sizes", ids=sorted(ids)))
    return {row["pattern_id"]: row for row in rows}


def _name(sizes: Mapping[str, Row], id: str) -> str:
    return str(sizes[id]["name"]) if id in sizes else id
