"""A verdict under way, in one transaction: reads, moves and creations, and the journal of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from graph.cypher import query
from graph.fingerprint.pattern_names import pattern_names
from graph.knowledge.revisions import revision_statement
from graph.knowledge.verdicts.handover import hand_over
from graph.knowledge.verdicts.journal import DerivedEdge, Journal, PatternDelta, SignatureMove
from graph.knowledge.verdicts.links import NodeRef, VerdictLink, create_links, derived_of, remove_derived
from graph.model import RELATIONSHIPS
from graph.model.convert import properties, record
from graph.model.errors import ContradictionError
from graph.model.nodes import FOUNDING_CONFIDENCE, Pattern
from graph.model.relationships import OfPattern
from graph.model.severity import SEVERITIES
from graph.model.statement import Statement
from graph.model.verdicts import DISTINCT_FROM, SAME_AS, VERDICT_TYPES, SameAs, Verdict
from graph.ports import Transaction

TRACKED = ("name", "status", "severity")
"""Properties that revisions record; counts follow from the signatures."""
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MemberSignature:
    """A signature of a pattern, with its first frames from the culprit on, its number of crashes and its placement."""

    exact: str
    structural: str
    title: str
    error_type: str | None
    cause: str
    frames: Sequence[str]
    crashes: int
    placed: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PatternSnapshot:
    """A pattern with its signatures, most crashes first."""

    pattern: Mapping[str, Any]
    members: tuple[MemberSignature, ...]

    @property
    def pattern_id(self) -> str:
        """The id of the pattern."""
        return str(self.pattern["pattern_id"])

    @property
    def exacts(self) -> list[str]:
        """The hashes of its signatures."""
        return [member.exact for member in self.members]


@dataclass(slots=True)
class Draft:
    """A verdict under way."""

    tx: Transaction
    verdict: Verdict
    journal: Journal = field(default_factory=Journal)
    linked: list[VerdictLink] = field(default_factory=list)
    before: dict[str, PatternSnapshot] = field(default_factory=dict)

    async def states(self, ids: Iterable[str]) -> list[PatternSnapshot]:
        """Lock patterns and read them; the first read of each is kept in ``before``."""
        wanted = sorted(set(ids))
        await self.tx.run(query("verdicts/lock", ids=wanted))
        snapshots = await read_snapshots(self.tx, wanted)
        for snapshot in snapshots:
            self.before.setdefault(snapshot.pattern_id, snapshot)
        return snapshots

    async def state(self, pattern_id: str) -> PatternSnapshot:
        """Lock one pattern and read it."""
        (snapshot,) = await self.states([pattern_id])
        return snapshot

    async def check_apart(self, side: Sequence[NodeRef], other: Sequence[NodeRef]) -> None:
        """``ContradictionError`` if a verdict declares a node of one side different from one of the other."""
        await self._check(side, other, DISTINCT_FROM, "different")

    async def check_together(self, side: Sequence[NodeRef], other: Sequence[NodeRef]) -> None:
        """``ContradictionError`` if a verdict declares a node of one side the same as one of the other."""
        await self._check(side, other, SAME_AS, "the same")

    async def _check(self, side: Sequence[NodeRef], other: Sequence[NodeRef], says: str, words: str) -> None:
        for row in await self.tx.run(contradictions(says, side, other)):
            if row["verdict_id"] != self.verdict.verdict_id:
                message = f"verdict {row['verdict_id']} of {row['by']} says that they are {words}; undo it first"
                raise ContradictionError(message, row["verdict_id"])

    async def move(self, members: Iterable[MemberSignature], source: str, target: str) -> None:
        """Move signatures from one pattern to another."""
        made = OfPattern(
            strategy="verdict",
            confidence=1.0,
            reason=" ".join(part for part in (f"{self.verdict.kind} by {self.verdict.by}:", self.verdict.reason) if part),
            placed_at=self.verdict.at,
            verdict_id=self.verdict.verdict_id,
        )
        placed = properties(made)
        moves = [SignatureMove(one.exact, source, target, one.placed, placed) for one in members]
        await self.replace(moves)
        self.journal.moves += moves

    async def replace(self, moves: Sequence[SignatureMove]) -> None:
        """Carry out moves without journalling them."""
        await self.states({one.source for one in moves} | {one.target for one in moves})
        rows = [{"exact": one.exact, "pattern_id": one.target, "placed": one.after} for one in moves]
        if rows:
            await self.tx.run(query("verdicts/move", rows=rows))

    async def create_pattern(self, members: Sequence[MemberSignature], source: PatternSnapshot, name: str | None = None) -> str:
        """Create a pattern from some signatures of another; returns its id."""
        first = members[0]
        made = Pattern(
            pattern_id=hashlib.sha256(f"{self.verdict.verdict_id}\x1f{first.exact}".encode()).hexdigest()[:16],
            name=name or await self._free_name(first),
            error_type=first.error_type,
            severity=source.pattern["severity"],
            confidence=FOUNDING_CONFIDENCE,
            created_at=self.verdict.at,
        )
        await self.tx.run(query("verdicts/create_pattern", pattern=properties(made), exact=first.exact))
        self.journal.founded.append(made.pattern_id)
        self.before[made.pattern_id] = PatternSnapshot({"pattern_id": made.pattern_id}, ())
        await self.move(members, source.pattern_id, made.pattern_id)
        await self.carry(NodeRef("Pattern", source.pattern_id), NodeRef("Pattern", made.pattern_id))
        return made.pattern_id

    async def _free_name(self, founder: MemberSignature) -> str:
        """A name that no pattern has."""
        names = pattern_names(founder.title, founder.error_type or "", founder.cause, founder.frames, founder.exact)
        taken: set[str] = {row["name"] for row in await self.tx.run(query("knowledge/taken_names", names=list(names)))}
        return next((name for name in names if name not in taken), names[-1])

    async def merge_pattern(self, gone: PatternSnapshot, into: str) -> None:
        """Merge a pattern into another: its signatures, solutions and verdicts."""
        await self.move(gone.members, gone.pattern_id, into)
        await self.merge_emptied(gone.pattern_id, into)

    async def merge_emptied(self, gone: str, into: str) -> None:
        """Merge a pattern without signatures into another."""
        await self.carry(NodeRef("Pattern", gone), NodeRef("Pattern", into))
        changes, proofs = await hand_over(self.tx, gone, into)
        self.journal.solutions += changes
        self.journal.proofs += proofs
        # Derived edges of the merged pattern have lost their subject. Those of the other describe a part of it until the
        # next run of their job.
        for statement in derived_of(gone):
            self.journal.derived += [DerivedEdge(**row) for row in await self.tx.run(statement)]
        await self.tx.run(query("verdicts/merge_pattern", gone=gone, into=into, edge=properties(self._decided(SameAs))))
        self.journal.folded.append(gone)

    async def carry(self, source: NodeRef, target: NodeRef) -> None:
        """Copy the verdict relationships of one node to another."""
        patterns = [end.key for end in (source,) if end.label == "Pattern"]
        signatures = [end.key for end in (source,) if end.label == "Signature"]
        rows = await self.tx.run(query("verdicts/edges_of", patterns=patterns, signatures=signatures))
        await run_all(self.tx, create_links(carried(rows, {source.key: [target]}, self.verdict.verdict_id)))

    async def link(self, type_: str, source: NodeRef, target: NodeRef) -> None:
        """Create the verdict's relationship between two nodes; one of a pattern and a signature begins at the signature."""
        if (source.label, target.label) == ("Pattern", "Signature"):
            source, target = target, source
        made = VerdictLink(type_, source, target, properties(self._decided(VERDICT_TYPES[type_])))
        await run_all(self.tx, create_links([made]))
        self.linked.append(made)
        await self.states(end.key for end in (source, target) if end.label == "Pattern")

    async def drop_derived(self, type_: str, source: str, target: str) -> None:
        """Remove a derived relationship from one pattern to another."""
        if type_ in RELATIONSHIPS:
            ends = "a.pattern_id = $source AND b.pattern_id = $target"
            removed = await self.tx.run(remove_derived([type_], ends, source=source, target=target))
            self.journal.derived += [DerivedEdge(**row) for row in removed]

    def _decided(self, kind: type[Any]) -> object:
        mine = self.verdict
        return kind(by=mine.by, at=mine.at, reason=mine.reason, verdict_id=mine.verdict_id)

    async def finish(self, change_type: str) -> Verdict:
        """Recount the changed patterns, record their revisions, and store the journal."""
        changed = [*{one.source: 0 for one in self.journal.moves}, *{one.target: 0 for one in self.journal.moves}]
        standing = sorted(set(changed) - set(self.journal.folded))
        await self.tx.run(query("verdicts/roll_up", ids=standing))
        await set_severities(self.tx, dict.fromkeys(standing))
        await self.record(change_type, self.verdict.verdict_id)
        touched = {f"Signature:{one.exact}" for one in self.journal.moves} | {f"Pattern:{id}" for id in self.before}
        touched |= {str(end) for link in self.linked for end in (link.source, link.target)}
        params = {"journal": self.journal.to_json(), "touched": sorted(touched)}
        rows = await self.tx.run(query("verdicts/finish", verdict_id=self.verdict.verdict_id, **params))
        return record(Verdict, rows[0]["verdict"])

    async def record(self, change_type: str, verdict_id: str, without: Sequence[str] = ()) -> None:
        """Record a revision of every changed pattern, and journal the change of its properties."""
        after = {one.pattern_id: one for one in await read_snapshots(self.tx, self.before)}
        for id, was in sorted((id, was) for id, was in self.before.items() if id not in without):
            now = after.get(id, PatternSnapshot({"pattern_id": id}, ()))
            old, new = differences(was, now)
            mine = {NodeRef("Pattern", id), *(NodeRef("Signature", exact) for exact in now.exacts)}
            for link in self.linked:
                if mine & {link.source, link.target}:
                    new.setdefault(link.type.lower(), []).append([str(link.source), str(link.target)])
            if old == new:
                continue
            kept = {name: (old.get(name), new.get(name)) for name in TRACKED if old.get(name) != new.get(name)}
            if kept and was.pattern.keys() > {"pattern_id"}:
                self.journal.patterns[id] = PatternDelta(*({name: pair[at] for name, pair in kept.items()} for at in (0, 1)))
            await self.tx.run(
                revision_statement(
                    id,
                    change_type,
                    self.verdict.by,
                    old,
                    new,
                    at=self.verdict.at,
                    reason=self.verdict.reason or None,
                    verdict_id=verdict_id,
                    on_behalf_of=self.verdict.on_behalf_of,
                )
            )


def differences(was: PatternSnapshot, now: PatternSnapshot) -> tuple[dict[str, Any], dict[str, Any]]:
    """Differences before and after: tracked properties, and the signatures that left and joined."""
    old: dict[str, Any] = {name: was.pattern[name] for name in TRACKED if name in was.pattern}
    new: dict[str, Any] = {name: now.pattern[name] for name in TRACKED if name in now.pattern}
    for name in TRACKED:
        if name in old and old[name] == new.get(name):
            del old[name], new[name]
    left = {one.exact: one.placed.get("placed_at") for one in was.members}
    came = {one.exact: one.placed.get("placed_at") for one in now.members}
    if left != came:
        old["signatures"] = {exact: at for exact, at in left.items() if came.get(exact) != at or exact not in came}
        new["signatures"] = {exact: at for exact, at in came.items() if left.get(exact) != at or exact not in left}
    return old, new


async def read_snapshots(tx: Transaction, ids: Iterable[str]) -> list[PatternSnapshot]:
    """Read patterns with their signatures."""
    rows = await tx.run(query("verdicts/snapshots", ids=sorted(set(ids))))
    return [PatternSnapshot(row["pattern"], tuple(MemberSignature(**one) for one in row["members"])) for row in rows]


def contradictions(says: str, side: Sequence[NodeRef], other: Sequence[NodeRef]) -> Statement:
    """Query of the verdicts of a type between nodes of one side and nodes of the other."""
    names = {"signatures": side, "other_signatures": other}, {"patterns": side, "other_patterns": other}
    params = {
        name: [end.key for end in ends if end.label == label]
        for label, named in zip(("Signature", "Pattern"), names, strict=True)
        for name, ends in named.items()
    }
    return query("verdicts/contradicting", says=says, **params)


def carried(rows: Iterable[Mapping[str, Any]], targets: Mapping[str, Sequence[NodeRef]], by: str) -> list[VerdictLink]:
    """Relationships from rows of ``verdicts/edges_of``, re-attached to the nodes that replace their own end."""
    links = []
    for row in rows:
        other = NodeRef(row["label"], row["other"])
        for target in targets[row["mine"]]:
            kept = target != other and not (row["type"] == SAME_AS and row["outgoing"] and target.label != "Signature")
            if kept:
                ends = (target, other) if row["outgoing"] else (other, target)
                links.append(VerdictLink(row["type"], *ends, {**row["properties"], "carried_by": by}))
    return links


async def set_severities(tx: Transaction, targets: Mapping[str, str | None], since: datetime = BEGINNING) -> None:
    """Set the worst severity of the crashes since a time and of the given one, unless a person set the severity."""
    ids = sorted(targets)
    worst = {row["pattern_id"]: row["rank"] for row in await tx.run(query("verdicts/worst_severities", ids=ids, since=since))}
    rows = []
    for snapshot in await read_snapshots(tx, ids):
        given = targets[snapshot.pattern_id]
        ranks = [SEVERITIES.index(given)] if given in SEVERITIES else []
        ranks += [worst[snapshot.pattern_id]] if snapshot.pattern_id in worst else []
        if ranks and snapshot.pattern.get("severity_by") is None:
            rows.append({"pattern_id": snapshot.pattern_id, "properties": {"severity": SEVERITIES[min(ranks)]}})
    if rows:
        await tx.run(query("verdicts/set_properties", rows=rows))


async def run_all(tx: Transaction, statements: Iterable[Statement]) -> None:
    """Run statements in order."""
    for statement in statements:
        await tx.run(statement)
