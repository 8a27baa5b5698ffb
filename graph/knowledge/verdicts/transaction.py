"""One verdict while it is being carried out, in one transaction: what it reads, moves and makes, and its journal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from graph.cypher import query
from graph.knowledge.revisions import revision_statement
from graph.knowledge.verdicts.handover import hand_over
from graph.knowledge.verdicts.journal import Change, Derived, Journal, Move
from graph.knowledge.verdicts.links import End, Link, create_links, derived_of, remove_derived
from graph.model import RELATIONSHIPS
from graph.model.convert import properties, record
from graph.model.errors import ContradictionError
from graph.model.nodes import FOUNDING_CONFIDENCE, Pattern
from graph.model.relationships import OfPattern
from graph.model.severity import SEVERITIES
from graph.model.statement import Statement
from graph.model.verdicts import DistinctFrom, NotCausedBy, SameAs, Verdict
from graph.ports import Transaction

TRACKED = ("name", "status", "severity")
"""Properties whose change is history; counts follow from the signatures."""
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Member:
    """A signature of a pattern: how many crashes have it, and how it was placed."""

    exact: str
    structural: str
    title: str
    error_type: str | None
    crashes: int
    placed: dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """A pattern with its signatures, those with the most crashes first."""

    pattern: Mapping[str, Any]
    members: tuple[Member, ...]

    @property
    def pattern_id(self) -> str:
        """Its id."""
        return str(self.pattern["pattern_id"])

    @property
    def exacts(self) -> list[str]:
        """The hashes of its signatures."""
        return [one.exact for one in self.members]


@dataclass(slots=True)
class Draft:
    """An open verdict."""

    tx: Transaction
    verdict: Verdict
    journal: Journal = field(default_factory=Journal)
    linked: list[Link] = field(default_factory=list)
    before: dict[str, State] = field(default_factory=dict)

    async def states(self, ids: Iterable[str]) -> list[State]:
        """These patterns as they are now, locked. What they were when first asked for is remembered."""
        wanted = sorted(set(ids))
        await self.tx.run(query("verdicts/lock", ids=wanted))
        found = await read_states(self.tx, wanted)
        for one in found:
            self.before.setdefault(one.pattern_id, one)
        return found

    async def state(self, pattern_id: str) -> State:
        """One pattern as it is now, locked."""
        (found,) = await self.states([pattern_id])
        return found

    async def check_apart(self, side: Sequence[End], other: Sequence[End]) -> None:
        """``ContradictionError`` when a verdict says that anything of one side is different from anything of the other."""
        await self._check(side, other, "DISTINCT_FROM", "different")

    async def check_together(self, side: Sequence[End], other: Sequence[End]) -> None:
        """``ContradictionError`` when a verdict says that anything of one side is the same as anything of the other."""
        await self._check(side, other, "SAME_AS", "the same")

    async def _check(self, side: Sequence[End], other: Sequence[End], says: str, words: str) -> None:
        for row in await self.tx.run(said(says, side, other)):
            if row["verdict_id"] != self.verdict.verdict_id:
                told = f"verdict {row['verdict_id']} of {row['by']} says that they are {words}; undo it first"
                raise ContradictionError(told, row["verdict_id"])

    async def move(self, members: Iterable[Member], source: str, target: str) -> None:
        """Put signatures of one pattern into another."""
        made = OfPattern(
            strategy="verdict",
            confidence=1.0,
            reason=" ".join(part for part in (f"{self.verdict.kind} by {self.verdict.by}:", self.verdict.reason) if part),
            placed_at=self.verdict.at,
            verdict_id=self.verdict.verdict_id,
        )
        placed = properties(made)
        moves = [Move(one.exact, source, target, one.placed, placed) for one in members]
        await self.replace(moves)
        self.journal.moves += moves

    async def replace(self, moves: Sequence[Move]) -> None:
        """Carry out moves that are journalled elsewhere."""
        await self.states({one.source for one in moves} | {one.target for one in moves})
        rows = [{"exact": one.exact, "pattern_id": one.target, "placed": one.after} for one in moves]
        if rows:
            await self.tx.run(query("verdicts/move", rows=rows))

    async def found(self, members: Sequence[Member], source: State, name: str | None = None) -> str:
        """Make a pattern of some signatures of another; its id."""
        first = members[0]
        made = Pattern(
            pattern_id=hashlib.sha256(f"{self.verdict.verdict_id}\x1f{first.exact}".encode()).hexdigest()[:16],
            name=name or first.title,
            error_type=first.error_type,
            severity=source.pattern["severity"],
            confidence=FOUNDING_CONFIDENCE,
            created_at=self.verdict.at,
        )
        await self.tx.run(query("verdicts/found", pattern=properties(made), exact=first.exact))
        self.journal.founded.append(made.pattern_id)
        self.before[made.pattern_id] = State({"pattern_id": made.pattern_id}, ())
        await self.move(members, source.pattern_id, made.pattern_id)
        await self.carry(End("Pattern", source.pattern_id), End("Pattern", made.pattern_id))
        return made.pattern_id

    async def fold(self, gone: State, into: str) -> None:
        """Make a pattern part of another: its signatures, its solutions and what people decided about it."""
        await self.move(gone.members, gone.pattern_id, into)
        await self.empty(gone.pattern_id, into)

    async def empty(self, gone: str, into: str) -> None:
        """The same for a pattern that has no signature any more."""
        await self.carry(End("Pattern", gone), End("Pattern", into))
        changes, proofs = await hand_over(self.tx, gone, into)
        self.journal.solutions += changes
        self.journal.proofs += proofs
        # What jobs found about it is about nothing any more; what they found about the other is true of its part, and
        # their next run finds out anew.
        for statement in derived_of(gone):
            self.journal.derived += [Derived(**row) for row in await self.tx.run(statement)]
        await self.tx.run(query("verdicts/fold", gone=gone, into=into, edge=properties(self._decided(SameAs))))
        self.journal.folded.append(gone)

    async def carry(self, source: End, target: End) -> None:
        """Let what people decided about one hold for the other too."""
        patterns = [end.key for end in (source,) if end.label == "Pattern"]
        signatures = [end.key for end in (source,) if end.label == "Signature"]
        rows = await self.tx.run(query("verdicts/edges_of", patterns=patterns, signatures=signatures))
        await run_all(self.tx, create_links(carried(rows, {source.key: [target]}, self.verdict.verdict_id)))

    async def link(self, type_: str, source: End, target: End) -> None:
        """Write the verdict down between two."""
        kinds = {"SAME_AS": SameAs, "DISTINCT_FROM": DistinctFrom, "NOT_CAUSED_BY": NotCausedBy}
        made = Link(type_, source, target, properties(self._decided(kinds[type_])))
        await run_all(self.tx, create_links([made]))
        self.linked.append(made)
        await self.states(end.key for end in (source, target) if end.label == "Pattern")

    async def drop_derived(self, type_: str, source: str, target: str) -> None:
        """Remove what jobs said of two patterns, that the first did something to the second."""
        if type_ in RELATIONSHIPS:
            ends = "a.pattern_id = $source AND b.pattern_id = $target"
            removed = await self.tx.run(remove_derived([type_], ends, source=source, target=target))
            self.journal.derived += [Derived(**row) for row in removed]

    def _decided(self, kind: type[Any]) -> object:
        mine = self.verdict
        return kind(by=mine.by, at=mine.at, reason=mine.reason, verdict_id=mine.verdict_id)

    async def finish(self, change_type: str) -> Verdict:
        """Count anew, record the history of every pattern that changed, and keep the journal."""
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
        """A revision for every pattern that is not what it was, and the change of its properties into the journal."""
        after = {one.pattern_id: one for one in await read_states(self.tx, self.before)}
        for id, was in sorted((id, was) for id, was in self.before.items() if id not in without):
            now = after.get(id, State({"pattern_id": id}, ()))
            old, new = differences(was, now)
            mine = {End("Pattern", id), *(End("Signature", exact) for exact in now.exacts)}
            for link in self.linked:
                if mine & {link.source, link.target}:
                    new.setdefault(link.type.lower(), []).append([str(link.source), str(link.target)])
            if old == new:
                continue
            kept = {name: (old.get(name), new.get(name)) for name in TRACKED if old.get(name) != new.get(name)}
            if kept and was.pattern.keys() > {"pattern_id"}:
                self.journal.patterns[id] = Change(*({name: pair[at] for name, pair in kept.items()} for at in (0, 1)))
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


def differences(was: State, now: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is not the same, as it was and as it is: tracked properties and the signatures that left and came."""
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


async def read_states(tx: Transaction, ids: Iterable[str]) -> list[State]:
    """These patterns as they are now."""
    rows = await tx.run(query("verdicts/members", ids=sorted(set(ids))))
    return [State(row["pattern"], tuple(Member(**one) for one in row["members"])) for row in rows]


def said(says: str, side: Sequence[End], other: Sequence[End]) -> Statement:
    """Asks for the verdicts that say so of anything of one side and anything of the other."""
    names = {"signatures": side, "other_signatures": other}, {"patterns": side, "other_patterns": other}
    params = {
        name: [end.key for end in ends if end.label == label]
        for label, named in zip(("Signature", "Pattern"), names, strict=True)
        for name, ends in named.items()
    }
    return query("verdicts/apart", says=says, **params)


def carried(rows: Iterable[Mapping[str, Any]], targets: Mapping[str, Sequence[End]], by: str) -> list[Link]:
    """The relationships in rows of ``verdicts/edges_of`` as they hold for what their own ends became."""
    links = []
    for row in rows:
        other = End(row["label"], row["other"])
        for target in targets[row["mine"]]:
            kept = target != other and not (row["type"] == "SAME_AS" and row["outgoing"] and target.label != "Signature")
            if kept:
                ends = (target, other) if row["outgoing"] else (other, target)
                links.append(Link(row["type"], *ends, {**row["properties"], "carried_by": by}))
    return links


async def set_severities(tx: Transaction, targets: Mapping[str, str | None], since: datetime = BEGINNING) -> None:
    """Give patterns the worst severity among their crashes since a time and a given one; not where a person set it."""
    ids = sorted(targets)
    worst = {row["pattern_id"]: row["rank"] for row in await tx.run(query("verdicts/worst", ids=ids, since=since))}
    rows = []
    for one in await read_states(tx, ids):
        ranks = [SEVERITIES.index(told) for told in (targets[one.pattern_id],) if told in SEVERITIES]
        ranks += [worst[one.pattern_id]] if one.pattern_id in worst else []
        if ranks and one.pattern.get("severity_by") is None:
            rows.append({"pattern_id": one.pattern_id, "properties": {"severity": SEVERITIES[min(ranks)]}})
    if rows:
        await tx.run(query("verdicts/change", rows=rows))


async def run_all(tx: Transaction, statements: Iterable[Statement]) -> None:
    """Run statements in order."""
    for statement in statements:
        await tx.run(statement)
