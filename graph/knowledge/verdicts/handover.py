"""Hand the solutions of a merged pattern over to the surviving one, and take them back on undo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graph.cypher import query
from graph.knowledge.verdicts.journal import Journal, ProofMove, SolutionChange, Values
from graph.ports import Transaction


async def hand_over(tx: Transaction, source: str, target: str) -> tuple[list[SolutionChange], list[ProofMove]]:
    """Move the solutions of one pattern to another; the uses of a solution that both have are added up."""
    had = await _solutions(tx, [source, target])
    changes = []
    for (pattern_id, solution_id), values in sorted(had.items()):
        if pattern_id == source:
            there = had.get((target, solution_id))
            changes.append(SolutionChange(solution_id, target, there, combined(there, values)))
            changes.append(SolutionChange(solution_id, source, values, None))
    await _set(tx, changes, undo=False)
    solutions = [one.solution_id for one in changes if one.pattern_id == source]
    rows = [{"solution_id": id, "source": source, "target": target, "environments": None, "versions": None} for id in solutions]
    return changes, await _move_proofs(tx, rows)


async def take_back(tx: Transaction, journal: Journal, later: Iterable[Journal]) -> None:
    """Undo :func:`hand_over`, keeping the uses counted since and the changes of later verdicts.

    The later journals are rebased so that they can still be undone.
    """
    current: dict[tuple[str, str], Values | None] = dict(
        await _solutions(tx, sorted({one.pattern_id for one in journal.solutions}))
    )
    chains = list(later)
    undone = []
    for change in reversed(journal.solutions):
        key = (change.pattern_id, change.solution_id)
        state, last = change.before, change.after
        for follower in _followers(chains, key):
            follower.before, follower.after, last = state, rebased(state, follower.before, follower.after), follower.after
            state = follower.after
        now = rebased(state, last, current.get(key))
        undone.append(SolutionChange(change.solution_id, change.pattern_id, now, current.get(key)))
        current[key] = now
    await _set(tx, undone, undo=True)
    rows = [
        {"solution_id": one.solution_id, "source": one.target, "target": one.source}
        | {"environments": one.environments, "versions": one.versions}
        for one in journal.proofs
    ]
    await _move_proofs(tx, rows)


def combined(target: Values | None, source: Values) -> Values:
    """The uses of a solution for two patterns, added up; values that are no counts are those of the target."""
    if target is None:
        return dict(source)
    made = {**source, **target}
    for name in source.keys() & target.keys():
        if _counts(source[name]) and _counts(target[name]):
            made[name] = source[name] + target[name]
    weighed = [
        (one["avg_confidence"], one.get("confidence_count") or 0) for one in (target, source) if one.get("avg_confidence")
    ]
    if uses := sum(count for _, count in weighed):
        made["avg_confidence"] = sum(mean * count for mean, count in weighed) / uses
    times = [values["last_success_at"] for values in (target, source) if values.get("last_success_at")]
    return {**made, "last_success_at": max(times)} if times else made


def rebased(base: Values | None, before: Values | None, after: Values | None) -> Values | None:
    """Apply the change from ``before`` to ``after`` to ``base``: counts by the difference, other values as in ``after``."""
    if base == before:
        return after
    if after == before:
        return base
    if base is None or after is None:
        return _difference(after, before) if base is None else None
    made = dict(base)
    for name, value in after.items():
        was = (before or {}).get(name)
        if _counts(value):
            made[name] = max(0, (base.get(name) or 0) + value - (was or 0))
        elif before is not None and value != was:
            made[name] = value
    return made


def _difference(after: Values | None, before: Values | None) -> Values | None:
    if after is None or before is None:
        return after
    return {name: max(0, value - (before.get(name) or 0)) if _counts(value) else value for name, value in after.items()}


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _followers(later: Iterable[Journal], key: tuple[str, str]) -> Iterable[SolutionChange]:
    return (one for journal in later for one in journal.solutions if (one.pattern_id, one.solution_id) == key)


async def _solutions(tx: Transaction, ids: list[str]) -> dict[tuple[str, str], Values]:
    rows = await tx.run(query("verdicts/solutions_of", ids=ids))
    return {(row["pattern_id"], row["solution_id"]): row["properties"] for row in rows}


async def _set(tx: Transaction, changes: Iterable[SolutionChange], *, undo: bool) -> None:
    # The last change of a solution's counts is what remains; the query does not run its rows one after the other.
    final = {(one.pattern_id, one.solution_id): one.before if undo else one.after for one in changes}
    rows: list[Mapping[str, Any]] = [
        {"solution_id": solution_id, "pattern_id": pattern_id, "properties": properties}
        for (pattern_id, solution_id), properties in final.items()
    ]
    if rows:
        await tx.run(query("verdicts/set_solutions", rows=rows))


async def _move_proofs(tx: Transaction, rows: list[dict[str, Any]]) -> list[ProofMove]:
    if not rows:
        return []
    return [
        ProofMove(**row)
        for row in await tx.run(query("verdicts/move_proofs", rows=rows))
        if row["environments"] or row["versions"]
    ]
