"""Summarise a reprocess plan: figures and examples for review."""

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
    """An outdated signature and its successors as (hash, title, crashes)."""

    exact: str
    title: str
    crashes: int
    news: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class PatternMove:
    """The number of crashes that move from one pattern to another."""

    source: str
    source_name: str
    target: str
    target_name: str
    crashes: int


@dataclass(frozen=True, slots=True)
class BlockedSignature:
    """A signature kept by a verdict; ``verdict_id`` is empty if people placed both signatures in different patterns."""

    exact: str
    title: str
    pattern_id: str
    verdict_id: str


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """Figures of a plan. ``renamed`` signatures have one exclusive successor, ``split`` several, ``joined`` a shared one."""

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
    """Moves between patterns, most crashes first."""
    merged: tuple[tuple[str, str], ...]
    """Emptied patterns, and the patterns they are merged into."""
    holds: tuple[BlockedSignature, ...]
    examples: tuple[SuccessorExample, ...]


async def summarise(graph: Graph, plan: ReprocessPlan, version: str, examples: int = EXAMPLES) -> PlanSummary:
    """The figures of a plan, with at most ``examples`` examples of each kind."""
    moved = _moves(plan)
    sizes = await _sizes(graph, {id for pair in moved for id in pair})
    titles = {plan.placement.homes[one.new]: one.title for one in _successors(plan)}
    moves = tuple(
        PatternMove(source, _name(sizes, source), target, _name(sizes, target, titles.get(target, "")), crashes)
        for (source, target), crashes in sorted(moved.items(), key=lambda item: (-item[1], item[0]))
    )
    merged = _merged(plan, sizes, {source for source, _ in moved})
    losing = {source for source, _ in moved} - {source for source, _ in merged}
    blocked = [
        BlockedSignature(old.exact, old.title, old.pattern_id, plan.placement.blocked[old.exact, successor.new])
        for old in plan.outdated
        for successor in plan.successors.get(old.exact, ())
        if (old.exact, successor.new) in plan.placement.blocked
    ]
    kinds = _kinds(plan)
    return PlanSummary(
        version=version,
        signatures=len(plan.outdated),
        crashes=sum(old.crashes for old in plan.outdated),
        renamed=kinds["renamed"],
        split=kinds["split"],
        joined=kinds["joined"],
        held=len(blocked),
        unread=sum(plan.unread.values()),
        crashes_moved=sum(moved.values()),
        patterns_merged=len(merged),
        patterns_split=len(losing),
        moves=moves[:examples],
        merged=merged[:examples],
        holds=tuple(blocked[:examples]),
        examples=tuple(_examples(plan))[:examples],
    )


def _moves(plan: ReprocessPlan) -> Counter[tuple[str, str]]:
    moved: Counter[tuple[str, str]] = Counter()
    for successor in _successors(plan):
        moved[successor.old.pattern_id, plan.placement.homes[successor.new]] += successor.crashes
    for new, existing in plan.existing.items():
        if new in plan.placement.follows:
            moved[existing.pattern_id, plan.placement.homes[new]] += existing.crashes
    return Counter({pair: crashes for pair, crashes in moved.items() if pair[0] != pair[1]})


def _successors(plan: ReprocessPlan) -> Iterable[Successor]:
    return (successor for old in plan.outdated for successor in plan.unblocked(old))


def _kinds(plan: ReprocessPlan) -> Counter[str]:
    shared = Counter(successor.new for successor in _successors(plan))
    kinds: Counter[str] = Counter()
    for old in plan.outdated:
        successors = plan.unblocked(old)
        if len(successors) > 1:
            kinds["split"] += 1
        elif successors:
            alone = shared[successors[0].new] == 1 and successors[0].new not in plan.existing
            kinds["renamed" if alone else "joined"] += 1
    return kinds


def _merged(plan: ReprocessPlan, sizes: Mapping[str, Row], losing: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Patterns without signatures after the plan is applied, with their merge targets."""
    change: Counter[str] = Counter()
    for old in plan.outdated:
        successors = plan.unblocked(old)
        if successors and len(successors) == len(plan.successors[old.exact]):
            change[old.pattern_id] -= 1
    for new in {successor.new for successor in _successors(plan)}:
        existing = plan.existing.get(new)
        if new in plan.placement.follows or existing is None:
            change[plan.placement.homes[new]] += 1
            if existing is not None:
                change[existing.pattern_id] -= 1
    empty = sorted(id for id in losing if id in sizes and sizes[id]["signatures"] + change[id] == 0)
    return tuple((id, plan.into[id]) for id in empty if id in plan.into)


def _examples(plan: ReprocessPlan) -> Iterable[SuccessorExample]:
    """Examples; split and joined signatures come first."""
    shared: dict[str, int] = defaultdict(int)
    for successor in _successors(plan):
        shared[successor.new] += 1
    changed = [(old, successors) for old in plan.outdated if (successors := plan.unblocked(old))]
    changed.sort(key=lambda item: (-len(item[1]), -max(shared[one.new] for one in item[1]), -item[0].crashes, item[0].exact))
    for old, successors in changed:
        yield SuccessorExample(
            old.exact, old.title, old.crashes, tuple((one.new, one.title, one.crashes) for one in successors)
        )


async def _sizes(graph: Graph, ids: Iterable[str]) -> dict[str, Any]:
    rows = await graph.read(query("reprocess/pattern_sizes", ids=sorted(ids)))
    return {row["pattern_id"]: row for row in rows}


def _name(sizes: Mapping[str, Row], id: str, otherwise: str = "") -> str:
    return str(sizes[id]["name"]) if id in sizes else otherwise or id
