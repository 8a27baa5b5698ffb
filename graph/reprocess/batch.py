"""Apply a batch of a reprocess plan: move crashes to their new signatures, in one transaction.

A batch keeps the graph consistent: every crash has one signature, every signature one pattern, and verdicts on an outdated
signature apply to its successors. Batches are idempotent, so that the next run finishes one that was killed.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from graph.cypher import query
from graph.knowledge.events import append_events
from graph.knowledge.revisions import revision_statement
from graph.knowledge.verdicts.links import NodeRef, VerdictLink, create_links
from graph.knowledge.verdicts.transaction import Draft, read_snapshots, run_all, set_severities
from graph.model.convert import properties
from graph.model.verdicts import DISTINCT_FROM, Verdict
from graph.ports import Graph, Row, Transaction
from graph.retry import retry_conflicts

BY = "reprocess"
CHANGE = "reprocess"


@dataclass(slots=True)
class ReprocessBatch:
    """The changes of one transaction."""

    created: list[Row] = field(default_factory=list)
    """Signatures to create: ``signature`` (properties), ``follows`` (hash of the outdated one), ``pattern_id`` and ``placed``.

    ``placed`` is the placement, or ``None`` for that of the outdated one.
    """
    founded: list[Row] = field(default_factory=list)
    """Patterns to found: ``pattern`` (properties), ``source`` (the pattern that crashes leave) and ``names`` to choose from."""
    frames: list[Row] = field(default_factory=list)
    """Their stacks, as rows of ``ingest/frames``."""
    rehomed: list[Row] = field(default_factory=list)
    """Existing signatures that move to another pattern: ``exact``, ``follows`` and ``pattern_id``."""
    moves: list[Row] = field(default_factory=list)
    """Crashes to move: ``old`` and ``new`` hash, and ``ids``, ``None`` for all of the outdated signature."""
    homes: dict[str, str] = field(default_factory=dict)
    """Pattern of each new signature."""
    sources: dict[str, str] = field(default_factory=dict)
    """Pattern of each outdated signature."""
    into: dict[str, str] = field(default_factory=dict)
    """The pattern that an emptied pattern is merged into."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Counts of a batch: crashes moved, signatures created and retired; and the patterns merged into others."""

    crashes: int = 0
    created: int = 0
    retired: int = 0
    merged: tuple[str, ...] = ()

    def __add__(self, other: BatchResult) -> BatchResult:
        """The sum of both."""
        return BatchResult(
            self.crashes + other.crashes,
            self.created + other.created,
            self.retired + other.retired,
            (*self.merged, *other.merged),
        )


async def apply_batch(graph: Graph, batch: ReprocessBatch, version: str, limit: int) -> BatchResult:
    """Apply a batch; at most ``limit`` crashes for each move without ids."""

    async def work(tx: Transaction) -> BatchResult:
        return await _BatchTransaction(tx, batch, version, limit).run()

    return await retry_conflicts(lambda: graph.transact(work))


class _BatchTransaction:
    """A batch in its transaction."""

    def __init__(self, tx: Transaction, batch: ReprocessBatch, version: str, limit: int) -> None:
        self._tx = tx
        self._batch = batch
        self._version = version
        self._limit = limit
        self._now = datetime.now(UTC)
        self._removed: dict[str, dict[str, Any]] = defaultdict(dict)
        self._added: dict[str, dict[str, Any]] = defaultdict(dict)

    async def run(self) -> BatchResult:
        batch, tx = self._batch, self._tx
        ids = sorted({*batch.homes.values(), *batch.sources.values()})
        await tx.run(query("verdicts/lock", ids=ids))
        exchanging = await self._exchanging()
        before = await self._severities(exchanging)
        created = await self._create()
        moves = await self._valid_moves()
        moved = await tx.run(query("reprocess/move_crashes", rows=moves, limit=self._limit)) if moves else []
        pairs = [{"old": move["old"], "new": move["new"]} for move in moves]
        replacements = await tx.run(query("reprocess/record_replacements", rows=pairs, at=self._now)) if pairs else []
        retired = await tx.run(query("reprocess/retire_signatures", exacts=sorted({move["old"] for move in moves})))
        for row in retired:
            self._removed[row["pattern_id"]][row["exact"]] = row["placed_at"]
        await self._copy_verdicts(replacements)
        emptied = await self._recount(exchanging, before)
        for id in emptied:
            await self._merge_emptied(id)
        # Nothing happened that a reader of events wants to know, but a backup must not read half of it.
        await tx.run(append_events([]))
        return BatchResult(sum(row["crashes"] for row in moved), created, len(retired), tuple(emptied))

    async def _exchanging(self) -> list[str]:
        """Patterns that crashes move between."""
        batch = self._batch
        pairs = [(batch.sources[move["old"]], batch.homes[move["new"]]) for move in batch.moves]
        rows = await self._tx.run(query("verdicts/current_signatures", exacts=[one["exact"] for one in batch.rehomed]))
        pairs += [(row["pattern_id"], batch.homes[row["exact"]]) for row in rows if row["exact"] in batch.homes]
        return sorted({id for pair in pairs if pair[0] != pair[1] for id in pair})

    async def _severities(self, ids: Sequence[str]) -> dict[str, str]:
        states = await read_snapshots(self._tx, ids) if ids else []
        return {state.pattern_id: state.pattern["severity"] for state in states}

    async def _create(self) -> int:
        batch, tx = self._batch, self._tx
        if batch.rehomed:
            for row in await tx.run(query("reprocess/rehome_signatures", rows=batch.rehomed)):
                self._removed[row["source"]][row["exact"]] = row["before"]
                self._added[row["target"]][row["exact"]] = row["after"]
        if batch.founded:
            await self._found()
        if not batch.created:
            return 0
        made = await tx.run(query("reprocess/create_signatures", rows=batch.created))
        for row in made:
            self._added[batch.homes[row["exact"]]][row["exact"]] = row["placed_at"]
        new = {row["exact"] for row in made}
        frames = [row for row in batch.frames if row["exact"] in new]
        if frames:
            await tx.run(query("ingest/frames", rows=frames))
        return len(new)

    async def _found(self) -> None:
        """Create the founded patterns, each with a name that no pattern has."""
        names = sorted({name for row in self._batch.founded for name in row["names"]})
        taken: set[str] = {row["name"] for row in await self._tx.run(query("knowledge/taken_names", names=names))}
        rows = []
        for row in self._batch.founded:
            name = next((name for name in row["names"] if name not in taken), row["names"][-1])
            taken.add(name)
            rows.append({"pattern": {**row["pattern"], "name": name}, "source": row["source"]})
        await self._tx.run(query("reprocess/found_patterns", rows=rows))

    async def _valid_moves(self) -> list[Row]:
        """The moves to signatures that are in the planned pattern; another writer may have placed it first."""
        batch = self._batch
        rows = await self._tx.run(query("reprocess/existing_signatures", exacts=sorted(batch.homes)))
        where = {row["exact"]: row["pattern_id"] for row in rows}
        return [move for move in batch.moves if where.get(move["new"]) == batch.homes[move["new"]]]

    async def _copy_verdicts(self, replacements: Sequence[Row]) -> None:
        """Copy verdicts on outdated signatures to their successors, except those they have already."""
        successors: dict[str, list[str]] = defaultdict(list)
        for row in replacements:
            successors[row["old"]].append(row["new"])
        if not successors:
            return
        news = {new for group in successors.values() for new in group}
        rows = await self._tx.run(query("verdicts/edges_of", patterns=[], signatures=sorted({*successors, *news})))
        others = sorted({row["other"] for row in rows if row["label"] == "Signature"})
        live = {row["exact"] for row in await self._tx.run(query("reprocess/existing_signatures", exacts=others))}
        known = {_verdict_key(row, row["mine"], row["other"]) for row in rows if row["mine"] in news}
        links = []
        for row in (row for row in rows if row["mine"] in successors):
            ends = [row["other"]] if row["label"] != "Signature" or row["other"] in live else []
            if row["label"] == "Signature":
                ends += [one for one in successors.get(row["other"], ()) if one not in ends]
            for new in successors[row["mine"]]:
                for other in ends:
                    if new != other and _verdict_key(row, new, other) not in known:
                        known.add(_verdict_key(row, new, other))
                        links.append(_link(row, new, other, self._version))
        await run_all(self._tx, create_links(links))

    async def _recount(self, exchanging: Sequence[str], before: Mapping[str, str]) -> list[str]:
        """Recount the patterns that lost or gained crashes, and record revisions; the emptied patterns to merge."""
        tx = self._tx
        rows = await tx.run(query("verdicts/without_signatures", ids=list(exchanging))) if exchanging else []
        empty = {row["pattern_id"] for row in rows}
        remaining = [id for id in exchanging if id not in empty]
        if remaining:
            await tx.run(query("verdicts/roll_up", ids=remaining))
            await set_severities(tx, dict.fromkeys(remaining))
        after = await self._severities(exchanging)
        changed = {id for id in before if before[id] != after.get(id)}
        for id in sorted({*self._removed, *self._added, *changed}):
            old: dict[str, Any] = {"signatures": self._removed[id]} if id in self._removed else {}
            new: dict[str, Any] = {"signatures": self._added[id]} if id in self._added else {}
            if id in changed:
                old["severity"], new["severity"] = before[id], after[id]
            reason = f"fingerprints of version {self._version}"
            await tx.run(revision_statement(id, CHANGE, BY, old, new, at=self._now, reason=reason))
        return sorted(empty & self._batch.into.keys())

    async def _merge_emptied(self, gone: str) -> None:
        """Merge an emptied pattern into the one that most of its crashes moved to."""
        verdict = Verdict(
            verdict_id=uuid.uuid4().hex,
            kind=CHANGE,
            by=BY,
            at=datetime.now(UTC),
            reason=f"fingerprints of version {self._version} are the same",
            subjects=(f"Pattern:{self._batch.into[gone]}", f"Pattern:{gone}"),
            ordinal=0,
        )
        await self._tx.run(query("verdicts/begin", verdict=properties(verdict)))
        draft = Draft(self._tx, verdict)
        await draft.states([gone, self._batch.into[gone]])
        await draft.merge_emptied(gone, self._batch.into[gone])
        await draft.finish(CHANGE)


def _verdict_key(row: Mapping[str, Any], mine: str, other: str) -> tuple[Any, ...]:
    directed = row["type"] != DISTINCT_FROM
    ends = (mine, other) if row["outgoing"] or not directed else (other, mine)
    return (row["type"], row["properties"].get("verdict_id"), ends if directed else tuple(sorted(ends)))


def _link(row: Mapping[str, Any], new: str, other: str, version: str) -> VerdictLink:
    mine, far = NodeRef("Signature", new), NodeRef(row["label"], other)
    ends = (mine, far) if row["outgoing"] else (far, mine)
    return VerdictLink(row["type"], *ends, {**row["properties"], "carried_by": f"{BY} {version}"})


def merge_targets(moves: Iterable[tuple[str, str, int]]) -> dict[str, str]:
    """For each source pattern the target of most of its crashes, from rows of source, target and count."""
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for source, target, crashes in moves:
        if source != target:
            counted[source][target] += crashes
    return {source: min(targets, key=lambda one: (-targets[one], one)) for source, targets in counted.items()}
