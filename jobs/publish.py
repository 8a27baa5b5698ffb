"""Writes the output of a run, all of it or nothing.

New nodes and edges, the removal of stale ones and the record that the run succeeded are one transaction, so no part of a run
ever stays in the graph, whatever process dies at whatever moment. What stays from run to run is changed in place and never
missing. (Neo4j reads what is committed when a query reaches it: a query that overlaps the commit may miss what changes in it,
for some milliseconds; ``edges_written`` of the run is the number of edges that must be there.)

Only above :data:`AT_ONCE` nodes and edges, which a small server could not hold in one transaction, new ones are written in
batches and stale ones removed after them. For a while both are there, each whole and with its run's id; a run that dies there
is repeated. What a job updates rather than owns is always written in the last transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from graph.cypher import query
from graph.knowledge.events import append_events
from graph.model import NODES
from graph.model.errors import CancelledRunError, ConflictError, LostClaimError
from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction
from jobs.claims import ClaimedRun, job_ended
from jobs.spec import JobEdge, JobNode, JobOutput, NodeUpdate
from jobs.statements import count_stored, merge_edges, merge_nodes, remove_stale, update_nodes

T = TypeVar("T", JobNode, JobEdge, NodeUpdate)

BATCH = 1000
"""Rows written with one statement."""
STALE_BATCH = 10_000
"""Stale edges or nodes removed per transaction when they are removed in batches."""
AT_ONCE = 50_000
"""Maximum number of nodes and edges to write, and of stored ones, for a single transaction.

Such a transaction locks their patterns for some seconds.
"""

KEPT_RUNS = 5000
"""Ended runs kept of a job: seventeen days of one every five minutes, years of one a day."""


@dataclass(slots=True)
class RunOutput:
    """What a run yielded, and the keys it looked at; ``None`` means all. ``basis`` is the run it continued from."""

    outputs: list[JobOutput] = field(default_factory=list)
    touched: set[str] | None = None
    basis: str | None = None


@dataclass(slots=True)
class Published:
    """What was written and removed. ``missing`` counts edges without ends.

    ``superseded``: nothing was written, because a run that began later was published first.
    """

    edges_written: int = 0
    edges_removed: int = 0
    nodes_written: int = 0
    nodes_removed: int = 0
    missing: int = 0
    superseded: bool = False

    def add(self, name: str, *, written: int = 0, removed: int = 0) -> None:
        """Count under nodes or edges, as ``name`` is a label or a type."""
        if name in NODES:
            self.nodes_written += written
            self.nodes_removed += removed
        else:
            self.edges_written += written
            self.edges_removed += removed


Ending: TypeAlias = Callable[[Published], Statement]
"""Makes the statement that records how a run ended and returns the run."""


@dataclass(frozen=True, slots=True)
class _Write:
    """One statement, and what it counts as."""

    name: str
    statement: Statement
    edges: int = 0


async def publish(graph: Graph, claimed: ClaimedRun, output: RunOutput, ending: Ending) -> Row:
    """Write a run's output, remove what is stale and end the run; returns the run's properties.

    ``LostClaimError`` if another worker has taken the run, ``CancelledRunError`` if it was cancelled, and ``ConflictError``
    if it continued from output that is no longer there.
    """
    owned = [each for each in output.outputs if _name(each) in claimed.spec.writes]
    [row] = await graph.read(count_stored(claimed.spec.writes))

    async def at_once(tx: Transaction) -> Row:
        if await _superseded(tx, claimed, output):
            return await _ended(tx, ending(Published(superseded=True)))
        done = Published()
        for write in _merges(claimed, owned):
            _count_written(done, write, await tx.run(write.statement))
        for name, removal in _removals(claimed, output, AT_ONCE):
            done.add(name, removed=_count(await tx.run(removal), "removed"))
        return await _finish(tx, claimed, output, done, ending)

    if max(len(owned), row["stored"]) > AT_ONCE:
        return await _in_batches(graph, claimed, output, owned, ending)
    return await graph.transact(at_once)


async def _in_batches(graph: Graph, claimed: ClaimedRun, output: RunOutput, owned: Sequence[JobOutput], ending: Ending) -> Row:
    """The same in many transactions: merge all first and remove after, so that there is never a gap."""
    if await graph.transact(lambda tx: _superseded(tx, claimed, output)):
        return await graph.transact(lambda tx: _ended(tx, ending(Published(superseded=True))))
    merged = Published()
    for write in _merges(claimed, owned):
        _count_written(merged, write, (await graph.write(write.statement))[0])
    for name, removal in _removals(claimed, output, STALE_BATCH):
        last = STALE_BATCH
        while last == STALE_BATCH:
            last = _count((await graph.write(removal))[0], "removed")
            merged.add(name, removed=last)

    async def last_transaction(tx: Transaction) -> Row:
        done = Published(merged.edges_written, merged.edges_removed, merged.nodes_written, merged.nodes_removed, merged.missing)
        return await _finish(tx, claimed, output, done, ending)

    return await graph.transact(last_transaction)


async def _finish(tx: Transaction, claimed: ClaimedRun, output: RunOutput, done: Published, ending: Ending) -> Row:
    """Write what the job updates, forget its oldest runs and end the run."""
    updates = [each for each in output.outputs if _name(each) not in claimed.spec.writes]
    for write in _merges(claimed, updates):
        _count_written(done, write, await tx.run(write.statement))
    for each in updates:
        if isinstance(each, Statement):
            await tx.run(each)
    await tx.run(query("jobs/runs/forget", job=claimed.run.job, keep=KEPT_RUNS))
    return await _ended(tx, ending(done))


async def _superseded(tx: Transaction, claimed: ClaimedRun, output: RunOutput) -> bool:
    run = claimed.run
    await tx.run(query("jobs/runs/lock_job", job=run.job))
    rows = await tx.run(query("jobs/runs/may_publish", run_id=run.run_id, worker=claimed.worker, job=run.job))
    if not rows:
        raise LostClaimError("the run was taken over by another worker")
    if rows[0]["cancelled"]:
        raise CancelledRunError("cancelled while it ran")
    if output.touched is not None and rows[0]["published"] != output.basis and not rows[0]["superseded"]:
        raise ConflictError("another run of the job was published meanwhile, and this one continued from an earlier one")
    return bool(rows[0]["superseded"])


async def _ended(tx: Transaction, statement: Statement) -> Row:
    rows = await tx.run(statement)
    if not rows:
        raise LostClaimError("the run was taken over by another worker")
    ended: Row = rows[0]["run"]
    await tx.run(append_events([job_ended(ended)]))
    return ended


def _merges(claimed: ClaimedRun, outputs: Sequence[JobOutput]) -> Iterator[_Write]:
    """Nodes before the edges that may end at them, then updates."""
    spec, claim = claimed.spec, claimed.claim
    for label, nodes in _batches(outputs, JobNode):
        yield _Write(label, merge_nodes(spec, label, nodes, claim))
    for type_, edges in _batches(outputs, JobEdge):
        yield _Write(type_, merge_edges(spec, type_, edges, claim), len(edges))
    for label, updates in _batches(outputs, NodeUpdate):
        yield _Write("", update_nodes(label, updates, claim))


def _batches(outputs: Sequence[JobOutput], kind: type[T]) -> Iterator[tuple[str, list[T]]]:
    by_name: defaultdict[str, list[T]] = defaultdict(list)
    for output in outputs:
        if isinstance(output, kind):
            by_name[_name(output)].append(output)
    for name, members in by_name.items():
        for begin in range(0, len(members), BATCH):
            yield name, members[begin : begin + BATCH]


def _name(output: Any) -> str:
    """Label or type of an output; a statement has none."""
    if isinstance(output, NodeUpdate):
        return output.label
    return output.type if isinstance(output, JobEdge) else getattr(output, "label", "")


def _removals(claimed: ClaimedRun, output: RunOutput, limit: int) -> Iterator[tuple[str, Statement]]:
    """Edges before the nodes they end at."""
    for name in sorted(claimed.spec.writes, key=lambda name: name in NODES):
        yield name, remove_stale(name, claimed.claim, limit, output.touched)


def _count_written(done: Published, write: _Write, rows: Sequence[Row]) -> None:
    written = _count(rows, "written")
    if write.name:
        done.add(write.name, written=written)
        done.missing += max(write.edges - written, 0)


def _count(rows: Sequence[Row], column: str) -> int:
    """The count a statement returned; ``LostClaimError`` if another worker has taken the run."""
    if not rows:
        raise LostClaimError("the run was taken over by another worker")
    return int(rows[0][column])
