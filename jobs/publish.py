"""Puts what a run found into the graph, all of it or nothing.

New edges, the removal of stale ones and the record that the run succeeded are one transaction, so no part of a run ever
stays in the graph, whoever dies when. Edges that stay are changed in place and never missing. (Neo4j reads what is
committed at the moment a query comes by: one that overlaps the commit may miss what changes in it, for some milliseconds;
``edges_written`` of the run says how many there must be.)

Only where there are more than :data:`AT_ONCE` edges, which a small server could not hold in one transaction, new ones
come in batches and stale ones go after them: then for a while both are there, each whole and with its run's id, and a run
that dies there is done again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from graph.cypher import query
from graph.knowledge.events import append_events
from graph.model.errors import CancelledRunError, ConflictError, LostClaimError
from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction
from jobs.claims import Claimed, job_ended
from jobs.edges import count_edges, merge_edges, remove_stale
from jobs.spec import Edge

BATCH = 1000
"""Edges written with one statement."""
STALE_BATCH = 10_000
"""Stale edges removed in one transaction, where it is not all at once."""
AT_ONCE = 50_000
"""Most edges that are written, and most that are there before, for one transaction to do it.

It holds locks on their patterns for some seconds meanwhile.
"""

KEPT_RUNS = 5000
"""Ended runs of a job that are kept: seventeen days of one every five minutes, years of one a day."""


@dataclass(slots=True)
class Found:
    """What a run found, and what it looked at: all, or what touches these keys. ``basis`` is the run it went on from."""

    edges: list[Edge] = field(default_factory=list)
    also: list[Statement] = field(default_factory=list)
    touched: set[str] | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What was done. ``superseded``: nothing, since a run that began later was first. ``missing``: edges without ends."""

    written: int = 0
    removed: int = 0
    missing: int = 0
    superseded: bool = False


Ending: TypeAlias = Callable[[Published], Statement]
"""The record of how a run ended, from what was done; returns the run."""


async def publish(graph: Graph, claimed: Claimed, found: Found, ending: Ending) -> Row:
    """Write what a run found, remove its job's stale edges and end the run, whose properties are returned.

    ``LostClaimError`` when the run is another worker's by now, ``CancelledRunError`` when somebody cancelled it, and
    ``ConflictError`` when it went on from edges that are no longer there.
    """
    [row] = await graph.read(count_edges(claimed.spec.writes))

    async def at_once(tx: Transaction) -> Row:
        if await _superseded(tx, claimed, found):
            return await _ended(tx, ending(Published(superseded=True)))
        written = sum([_count(await tx.run(one), "written") for one in _merges(claimed, found.edges)])
        removed = sum([_count(await tx.run(one), "removed") for one in _removals(claimed, found, AT_ONCE)])
        await _also(tx, claimed, found)
        return await _ended(tx, ending(Published(written, removed, len(found.edges) - written)))

    if max(len(found.edges), row["edges"]) > AT_ONCE:
        return await _in_batches(graph, claimed, found, ending)
    return await graph.transact(at_once)


async def _in_batches(graph: Graph, claimed: Claimed, found: Found, ending: Ending) -> Row:
    """The same in many transactions: merge all first and remove after, so that there is never a window without edges."""
    if await graph.transact(lambda tx: _superseded(tx, claimed, found)):
        return await graph.transact(lambda tx: _ended(tx, ending(Published(superseded=True))))
    written = removed = 0
    for merge in _merges(claimed, found.edges):
        written += _count((await graph.write(merge))[0], "written")
    for removal in _removals(claimed, found, STALE_BATCH):
        last = STALE_BATCH
        while last == STALE_BATCH:
            last = _count((await graph.write(removal))[0], "removed")
            removed += last
    done = Published(written, removed, len(found.edges) - written)

    async def last_of_all(tx: Transaction) -> Row:
        await _also(tx, claimed, found)
        return await _ended(tx, ending(done))

    return await graph.transact(last_of_all)


async def _also(tx: Transaction, claimed: Claimed, found: Found) -> None:
    """What the job keeps beside edges; and its oldest runs are forgotten."""
    for statement in found.also:
        await tx.run(statement)
    await tx.run(query("jobs/forget_runs", job=claimed.run.job, keep=KEPT_RUNS))


async def _superseded(tx: Transaction, claimed: Claimed, found: Found) -> bool:
    run = claimed.run
    await tx.run(query("jobs/lock_job", job=run.job))
    rows = await tx.run(query("jobs/may_publish", run_id=run.run_id, worker=claimed.worker, job=run.job))
    if not rows:
        raise LostClaimError("the run is no longer this worker's")
    if rows[0]["cancelled"]:
        raise CancelledRunError("cancelled while it ran")
    if found.touched is not None and rows[0]["published"] != found.basis and not rows[0]["superseded"]:
        raise ConflictError("another run of the job was written meanwhile, and this one went on from an earlier one")
    return bool(rows[0]["superseded"])


async def _ended(tx: Transaction, statement: Statement) -> Row:
    rows = await tx.run(statement)
    if not rows:
        raise LostClaimError("the run is no longer this worker's")
    ended: Row = rows[0]["run"]
    await tx.run(append_events([job_ended(ended)]))
    return ended


def _merges(claimed: Claimed, edges: Sequence[Edge]) -> Iterator[Statement]:
    by_type: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_type[edge.type].append(edge)
    for type_, all_of_it in by_type.items():
        for begin in range(0, len(all_of_it), BATCH):
            yield merge_edges(claimed.spec, type_, all_of_it[begin : begin + BATCH], claimed.claim)


def _removals(claimed: Claimed, found: Found, limit: int) -> Iterator[Statement]:
    for type_ in claimed.spec.writes:
        yield remove_stale(type_, claimed.claim, limit, found.touched)


def _count(rows: Sequence[Row], column: str) -> int:
    """The count a claimed statement returned; ``LostClaimError`` if the claim is gone."""
    if not rows:
        raise LostClaimError("the run is no longer this worker's")
    return int(rows[0][column])
