"""Gives crashes the signatures of another version of the normalisation, a few at a time, each step in one transaction.

A step leaves the graph whole: every crash has one signature, every signature one pattern, and what people said of an old
signature holds for those that replace it. What was done is not done again, so a run that was killed is finished by the next.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from graph.cypher import query
from graph.knowledge.revisions import revision_statement
from graph.knowledge.verdicts.links import End, Link, create_links
from graph.knowledge.verdicts.transaction import Draft, read_states, run_all, set_severities
from graph.model.convert import properties
from graph.model.errors import ConflictError
from graph.model.verdicts import Verdict
from graph.ports import Graph, Row, Transaction

BY = "reprocess"
CHANGE = "reprocess"
ATTEMPTS = 6


@dataclass(slots=True)
class ReprocessBatch:
    """What one transaction does."""

    created: list[Row] = field(default_factory=list)
    """Signatures to make: ``signature`` (its properties), ``follows`` (an old one's hash) and ``pattern_id``."""
    frames: list[Row] = field(default_factory=list)
    """Their stacks, as ``ingest/frames`` takes them."""
    rehomed: list[Row] = field(default_factory=list)
    """Signatures that are there and go to another pattern: ``exact``, ``follows`` and ``pattern_id``."""
    moves: list[Row] = field(default_factory=list)
    """Crashes to move: ``old`` and ``new`` hash, and ``ids``, ``None`` for any of the old one's."""
    homes: dict[str, str] = field(default_factory=dict)
    """Patterns of the new signatures."""
    sources: dict[str, str] = field(default_factory=dict)
    """Patterns of the old signatures."""
    into: dict[str, str] = field(default_factory=dict)
    """What a pattern becomes part of when nothing is left of it."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a step did: crashes that have new signatures, and how many signatures were made and replaced for good."""

    crashes: int = 0
    created: int = 0
    retired: int = 0
    merged: tuple[str, ...] = ()

    def __add__(self, other: BatchResult) -> BatchResult:
        """Both."""
        return BatchResult(
            self.crashes + other.crashes,
            self.created + other.created,
            self.retired + other.retired,
            (*self.merged, *other.merged),
        )


async def apply_batch(graph: Graph, step: ReprocessBatch, version: str, limit: int) -> BatchResult:
    """Do a step; ``limit`` crashes at most for each move that names none."""

    async def work(tx: Transaction) -> BatchResult:
        return await _BatchTransaction(tx, step, version, limit).run()

    for _ in range(ATTEMPTS - 1):
        try:
            return await graph.transact(work)
        except ConflictError:
            continue
    return await graph.transact(work)


class _BatchTransaction:
    """A step in its transaction."""

    def __init__(self, tx: Transaction, step: ReprocessBatch, version: str, limit: int) -> None:
        self._tx = tx
        self._step = step
        self._version = version
        self._limit = limit
        self._now = datetime.now(UTC)
        self._left: dict[str, dict[str, Any]] = defaultdict(dict)
        self._came: dict[str, dict[str, Any]] = defaultdict(dict)

    async def run(self) -> BatchResult:
        step, tx = self._step, self._tx
        ids = sorted({*step.homes.values(), *step.sources.values()})
        await tx.run(query("verdicts/lock", ids=ids))
        mixed = await self._mixed()
        before = {one.pattern_id: one.pattern["severity"] for one in await read_states(tx, mixed)} if mixed else {}
        created = await self._create()
        moves = await self._possible()
        moved = await tx.run(query("reprocess/move_crashes", rows=moves, limit=self._limit)) if moves else []
        pairs = [{"old": one["old"], "new": one["new"]} for one in moves]
        noted = await tx.run(query("reprocess/record_replacements", rows=pairs, at=self._now)) if pairs else []
        retired = await tx.run(query("reprocess/retire_signatures", exacts=sorted({one["old"] for one in moves})))
        for row in retired:
            self._left[row["pattern_id"]][row["exact"]] = row["placed_at"]
        await self._carry(noted)
        emptied = await self._count_anew(mixed, before)
        for id in emptied:
            await self._fold(id)
        return BatchResult(sum(row["crashes"] for row in moved), created, len(retired), tuple(emptied))

    async def _mixed(self) -> list[str]:
        """Patterns between which crashes go."""
        step = self._step
        pairs = [(step.sources[one["old"]], step.homes[one["new"]]) for one in step.moves]
        rows = await self._tx.run(query("verdicts/homes", exacts=[one["exact"] for one in step.rehomed]))
        pairs += [(row["pattern_id"], step.homes[row["exact"]]) for row in rows if row["exact"] in step.homes]
        return sorted({id for pair in pairs if pair[0] != pair[1] for id in pair})

    async def _create(self) -> int:
        step, tx = self._step, self._tx
        if step.rehomed:
            for row in await tx.run(query("reprocess/rehome_signatures", rows=step.rehomed)):
                self._left[row["source"]][row["exact"]] = row["before"]
                self._came[row["target"]][row["exact"]] = row["after"]
        if not step.created:
            return 0
        made = await tx.run(query("reprocess/create_signatures", rows=step.created))
        for row in made:
            self._came[step.homes[row["exact"]]][row["exact"]] = row["placed_at"]
        new = {row["exact"] for row in made}
        frames = [row for row in step.frames if row["exact"] in new]
        if frames:
            await tx.run(query("ingest/frames", rows=frames))
        return len(new)

    async def _possible(self) -> list[Row]:
        """The moves to signatures that are where they were to be; another writer may have been first with one."""
        step = self._step
        rows = await self._tx.run(query("reprocess/existing_signatures", exacts=sorted(step.homes)))
        where = {row["exact"]: row["pattern_id"] for row in rows}
        return [one for one in step.moves if where.get(one["new"]) == step.homes[one["new"]]]

    async def _carry(self, noted: Sequence[Row]) -> None:
        """What people said of signatures holds for those that replace them; what is said already is not said again."""
        became: dict[str, list[str]] = defaultdict(list)
        for row in noted:
            became[row["old"]].append(row["new"])
        if not became:
            return
        news = {new for found in became.values() for new in found}
        rows = await self._tx.run(query("verdicts/edges_of", patterns=[], signatures=sorted({*became, *news})))
        others = sorted({row["other"] for row in rows if row["label"] == "Signature"})
        live = {row["exact"] for row in await self._tx.run(query("reprocess/existing_signatures", exacts=others))}
        said = {_said(row, row["mine"], row["other"]) for row in rows if row["mine"] in news}
        links = []
        for row in (row for row in rows if row["mine"] in became):
            ends = [row["other"]] if row["label"] != "Signature" or row["other"] in live else []
            if row["label"] == "Signature":
                ends += [one for one in became.get(row["other"], ()) if one not in ends]
            for new in became[row["mine"]]:
                for other in ends:
                    if new != other and _said(row, new, other) not in said:
                        said.add(_said(row, new, other))
                        links.append(_link(row, new, other, self._version))
        await run_all(self._tx, create_links(links))

    async def _count_anew(self, mixed: Sequence[str], before: Mapping[str, str]) -> list[str]:
        """Count the patterns between which crashes went, and record what changed; the patterns of which nothing is left."""
        tx = self._tx
        empty = {row["pattern_id"] for row in await tx.run(query("verdicts/empty", ids=list(mixed)))} if mixed else set()
        standing = [id for id in mixed if id not in empty]
        if standing:
            await tx.run(query("verdicts/roll_up", ids=standing))
            await set_severities(tx, dict.fromkeys(standing))
        after = {one.pattern_id: one.pattern["severity"] for one in await read_states(tx, mixed)} if mixed else {}
        changed = {id for id in before if before[id] != after.get(id)}
        for id in sorted({*self._left, *self._came, *changed}):
            old: dict[str, Any] = {"signatures": self._left[id]} if id in self._left else {}
            new: dict[str, Any] = {"signatures": self._came[id]} if id in self._came else {}
            if id in changed:
                old["severity"], new["severity"] = before[id], after[id]
            reason = f"fingerprints of version {self._version}"
            await tx.run(revision_statement(id, CHANGE, BY, old, new, at=self._now, reason=reason))
        return sorted(empty & self._step.into.keys())

    async def _fold(self, gone: str) -> None:
        """Nothing is left of a pattern: it becomes part of the one that most of its crashes went to."""
        verdict = Verdict(
            verdict_id=uuid.uuid4().hex,
            kind=CHANGE,
            by=BY,
            at=datetime.now(UTC),
            reason=f"fingerprints of version {self._version} are the same",
            subjects=(f"Pattern:{self._step.into[gone]}", f"Pattern:{gone}"),
            ordinal=0,
        )
        await self._tx.run(query("verdicts/begin", verdict=properties(verdict)))
        draft = Draft(self._tx, verdict)
        await draft.states([gone, self._step.into[gone]])
        await draft.empty(gone, self._step.into[gone])
        await draft.finish(CHANGE)


def _said(row: Mapping[str, Any], mine: str, other: str) -> tuple[Any, ...]:
    directed = row["type"] != "DISTINCT_FROM"
    ends = (mine, other) if row["outgoing"] or not directed else (other, mine)
    return (row["type"], row["properties"].get("verdict_id"), ends if directed else tuple(sorted(ends)))


def _link(row: Mapping[str, Any], new: str, other: str, version: str) -> Link:
    mine, far = End("Signature", new), End(row["label"], other)
    ends = (mine, far) if row["outgoing"] else (far, mine)
    return Link(row["type"], *ends, {**row["properties"], "carried_by": f"{BY} {version}"})


def into(moves: Iterable[tuple[str, str, int]]) -> dict[str, str]:
    """For each pattern the one that most of its crashes go to, from rows of source, target and how many."""
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for source, target, crashes in moves:
        if source != target:
            counted[source][target] += crashes
    return {source: min(targets, key=lambda one: (-targets[one], one)) for source, targets in counted.items()}
