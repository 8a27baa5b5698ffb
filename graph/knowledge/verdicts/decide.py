"""Verdicts of people about signatures and patterns: give, and undo.

A verdict writes relationships (:data:`graph.model.verdicts.VERDICT_TYPES`) and a ``Verdict`` node with a journal of its
changes, in one transaction. It moves signatures between patterns and never rewrites a crash. Subjects are given by key or as
``Label:key``; a crash means its signature.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from graph.cypher import query
from graph.knowledge.events import NewEvent, append_events
from graph.knowledge.verdicts.links import NodeRef
from graph.knowledge.verdicts.transaction import Draft, MemberSignature, PatternSnapshot
from graph.knowledge.verdicts.undo import Undo
from graph.model.actor import Actor, Scope
from graph.model.convert import properties
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.events import EventKind
from graph.model.quoting import quoted
from graph.model.verdicts import DISTINCT_FROM, NOT_CAUSED_BY, SAME_AS, Verdict
from graph.ports import Graph, Transaction
from graph.retry import retry_conflicts

T = TypeVar("T")

KINDS = ("same", "different", "merge", "split", "move", "not_caused_by")
NAMED = ("Pattern", "Signature", "Crash")
LONGEST_REASON = 2_000
MOST_SUBJECTS = 1_000
CAUSES = "CAUSES"


@dataclass(frozen=True, slots=True)
class VerdictResult:
    """A verdict that was given or undone, and the patterns that it changed and that still exist.

    ``pattern_id`` is the pattern that signatures were moved to, if it is one.
    """

    verdict: Verdict
    pattern_ids: tuple[str, ...]
    pattern_id: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a verdict: a pattern, or a signature of it."""

    end: NodeRef
    state: PatternSnapshot
    member: MemberSignature | None = None


CarryOut = Callable[[Draft], Awaitable[str | None]]
"""Carries out a verdict; returns the pattern that signatures were moved to."""


class Verdicts:
    """Gives and undoes verdicts on one graph."""

    def __init__(self, graph: Graph, redact: Callable[[str], str]) -> None:
        """``redact`` is applied to every reason before it is stored."""
        self._graph = graph
        self._redact = redact

    async def same(self, a: str, b: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """They are one bug: merge the pattern of ``b`` into that of ``a``."""

        async def work(draft: Draft) -> str:
            first, second = await _subjects(draft, [a, b])
            if first.end == second.end:
                raise InvalidInputError(f"{a!r} and {b!r} are the same already")
            if first.state.pattern_id != second.state.pattern_id:
                await _merge(draft, first.state, [second.state])
            if first.member and second.member:
                await draft.check_apart([first.end], [second.end])
                await draft.link(SAME_AS, first.end, second.end)
            elif first.state.pattern_id == second.state.pattern_id:
                raise InvalidInputError(f"{a!r} and {b!r} are in one pattern already")
            return first.state.pattern_id

        return await self._give("same", [a, b], actor, reason, "merge", work)

    async def merge(self, patterns: Sequence[str], *, actor: Actor, reason: str = "") -> VerdictResult:
        """All are one bug: merge them into the first."""

        async def work(draft: Draft) -> str:
            named = _patterns(await _subjects(draft, patterns), patterns)
            distinct = list({one.pattern_id: one for one in named}.values())
            if len(distinct) < 2:
                raise InvalidInputError("patterns: name at least two different ones")
            await _merge(draft, distinct[0], distinct[1:])
            return distinct[0].pattern_id

        return await self._give("merge", patterns, actor, reason, "merge", work)

    async def different(self, a: str, b: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """They are different bugs and will not be merged.

        If both are in one pattern, ``b`` and the signatures with its structure leave it.
        """

        async def work(draft: Draft) -> str | None:
            first, second = await _subjects(draft, [a, b])
            if first.end == second.end or not (
                first.member or second.member or first.state.pattern_id != second.state.pattern_id
            ):
                raise InvalidInputError(f"{a!r} and {b!r} are one pattern; split it, or undo the verdict that merged them")
            await draft.check_together([first.end], [second.end])
            new_pattern_id = None
            if first.state.pattern_id == second.state.pattern_id:
                leaving = second if second.member else first
                staying = first if second.member else second
                new_pattern_id = await _separate(draft, leaving, staying)
            await draft.link(DISTINCT_FROM, first.end, second.end)
            return new_pattern_id

        return await self._give("different", [a, b], actor, reason, "split", work)

    async def split(
        self, pattern: str, signatures: Sequence[str], *, actor: Actor, reason: str = "", name: str | None = None
    ) -> VerdictResult:
        """Split signatures off into a new pattern."""

        async def work(draft: Draft) -> str:
            subjects = await _subjects(draft, [pattern, *signatures])
            (state,) = _patterns(subjects[:1], [pattern])
            leaving = _members_of(state, subjects[1:], signatures)
            await _check_leaving(draft, state, leaving)
            new_pattern_id = await draft.create_pattern(leaving, state, name=name)
            await draft.link(DISTINCT_FROM, NodeRef("Pattern", new_pattern_id), NodeRef("Pattern", state.pattern_id))
            return new_pattern_id

        return await self._give("split", [pattern, *signatures], actor, reason, "split", work)

    async def move(self, signature: str, pattern: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """Move a signature to the pattern it belongs to."""

        async def work(draft: Draft) -> str:
            moved, into = await _subjects(draft, [signature, pattern])
            (target,) = _patterns([into], [pattern])
            if moved.member is None:
                raise InvalidInputError(f"{signature!r} is a pattern; name a signature or a crash, or merge the patterns")
            if moved.state.pattern_id == target.pattern_id:
                raise InvalidInputError(f"{signature!r} is in that pattern already")
            await draft.check_apart([moved.end], [into.end, *(NodeRef("Signature", exact) for exact in target.exacts)])
            await _check_leaving(draft, moved.state, [moved.member])
            await draft.move([moved.member], moved.state.pattern_id, target.pattern_id)
            await draft.link(SAME_AS, moved.end, into.end)
            if len(moved.state.members) == 1:
                await draft.check_apart([NodeRef("Pattern", moved.state.pattern_id)], [into.end])
                await draft.merge_emptied(moved.state.pattern_id, target.pattern_id)
            else:
                await draft.link(DISTINCT_FROM, moved.end, NodeRef("Pattern", moved.state.pattern_id))
            return target.pattern_id

        return await self._give("move", [signature, pattern], actor, reason, "verdict", work)

    async def not_caused_by(self, a: str, b: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """The first pattern is not caused by the second: remove a ``CAUSES`` edge and keep jobs from writing it again."""

        async def work(draft: Draft) -> None:
            first, second = _patterns(await _subjects(draft, [a, b]), [a, b])
            if first.pattern_id == second.pattern_id:
                raise InvalidInputError(f"{a!r} and {b!r} are one pattern")
            await draft.link(NOT_CAUSED_BY, NodeRef("Pattern", first.pattern_id), NodeRef("Pattern", second.pattern_id))
            await draft.drop_derived(CAUSES, second.pattern_id, first.pattern_id)

        return await self._give("not_caused_by", [a, b], actor, reason, "verdict", work)

    async def undo(self, verdict_id: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """Undo a verdict and restore what it changed.

        ``ContradictionError`` if a later verdict depends on it and must be undone first; it carries the id.
        """

        async def work(tx: Transaction) -> VerdictResult:
            draft = await _begun(tx, self._verdict("undo", [f"Verdict:{verdict_id}"], actor, reason))
            result = VerdictResult(*await Undo(draft, verdict_id).run())
            await tx.run(append_events([_verdict_event(EventKind.VERDICT_UNDONE, result, actor)]))
            return result

        return await self._in_turn(actor, work)

    async def _give(
        self, kind: str, subjects: Sequence[str], actor: Actor, reason: str, change_type: str, carry_out: CarryOut
    ) -> VerdictResult:
        if len(subjects) > MOST_SUBJECTS:
            name = "patterns" if kind == "merge" else "signatures"
            raise InvalidInputError(f"{name}: {len(subjects):,} are too many; name at most {MOST_SUBJECTS:,} at once")

        async def work(tx: Transaction) -> VerdictResult:
            draft = await _begun(tx, self._verdict(kind, subjects, actor, reason))
            target = await carry_out(draft)
            changed = sorted({one.source for one in draft.journal.moves} | {one.target for one in draft.journal.moves})
            ends = {end.key for link in draft.linked for end in (link.source, link.target) if end.label == "Pattern"}
            standing = tuple(sorted({*changed, *ends} - set(draft.journal.folded)))
            changed_nothing = not draft.journal.moves
            verdict = await draft.finish("verdict" if changed_nothing else change_type)
            result = VerdictResult(verdict, standing, target)
            await tx.run(append_events([_verdict_event(EventKind.VERDICT_GIVEN, result, actor)]))
            return result

        return await self._in_turn(actor, work)

    async def _in_turn(self, actor: Actor, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run verdicts one at a time: of two concurrent ones, the second is retried after the first."""
        actor.require(Scope.TEACH)
        actor.require_person("give a verdict")
        return await retry_conflicts(lambda: self._graph.transact(work))

    def _verdict(self, kind: str, subjects: Sequence[str], actor: Actor, reason: str) -> Verdict:
        if len(reason) > LONGEST_REASON:
            raise InvalidInputError(f"reason: {len(reason):,} characters; at most {LONGEST_REASON:,} are allowed")
        return Verdict(
            verdict_id=uuid.uuid4().hex,
            kind=kind,
            by=str(actor),
            on_behalf_of=actor.on_behalf_of,
            at=datetime.now(UTC),
            reason=self._redact(reason),
            subjects=tuple(subjects),
            ordinal=0,
        )


def _verdict_event(kind: EventKind, result: VerdictResult, actor: Actor) -> NewEvent:
    subjects = [f"Verdict:{result.verdict.verdict_id}", *(f"Pattern:{id}" for id in result.pattern_ids)]
    return NewEvent(kind, actor, subjects, 1, {"kind": result.verdict.kind})


async def _begun(tx: Transaction, verdict: Verdict) -> Draft:
    await tx.run(query("verdicts/begin", verdict=properties(verdict)))
    return Draft(tx, verdict)


async def _subjects(draft: Draft, names: Sequence[str]) -> list[Subject]:
    """The subjects of the names, in input order; ``NotFoundError`` for an unknown one."""
    asked = [_name(name) for name in names]
    rows = {row["position"]: row for row in await draft.tx.run(query("verdicts/subjects", subjects=asked))}
    exacts = [exact for row in rows.values() for exact in row["signatures"]]
    homes = {row["exact"]: row["pattern_id"] for row in await draft.tx.run(query("verdicts/current_signatures", exacts=exacts))}
    ids = [row["pattern_id"] or homes.get((row["signatures"] or [""])[0]) for _, row in sorted(rows.items())]
    states = {one.pattern_id: one for one in await draft.states(id for id in ids if id)}
    subjects = []
    for position, name in enumerate(names):
        row, id = rows[position], ids[position]
        if id is None:
            raise NotFoundError(f"{quoted(name)} is no pattern, no signature with a pattern and no crash with one")
        if len(row["signatures"]) > 1:
            raise InvalidInputError(f"{quoted(name)} became {len(row['signatures'])} signatures; name one of them")
        exact = next(iter(row["signatures"]), None) if row["pattern_id"] is None else None
        member = next((one for one in states[id].members if one.exact == exact), None)
        end = NodeRef("Signature", member.exact) if member else NodeRef("Pattern", id)
        subjects.append(Subject(end, states[id], member))
    return subjects


def _name(name: str) -> dict[str, str]:
    label, colon, key = name.partition(":")
    if not colon:
        return {"label": "", "key": name}
    if label not in NAMED or not key:
        raise InvalidInputError(f"{quoted(name)} is not `Label:key` with a label of {', '.join(NAMED)}")
    return {"label": label, "key": key}


def _patterns(subjects: Sequence[Subject], names: Sequence[str]) -> list[PatternSnapshot]:
    for one, name in zip(subjects, names, strict=True):
        if one.member is not None:
            raise InvalidInputError(f"{quoted(name)} is not a pattern; name the pattern")
    return [one.state for one in subjects]


def _members_of(state: PatternSnapshot, subjects: Sequence[Subject], names: Sequence[str]) -> list[MemberSignature]:
    """The named signatures, each once; ``InvalidInputError`` unless they are some but not all of the pattern's."""
    chosen: dict[str, MemberSignature] = {}
    for one, name in zip(subjects, names, strict=True):
        if one.member is None or one.state.pattern_id != state.pattern_id:
            raise InvalidInputError(f"{quoted(name)} is not a signature of pattern {state.pattern_id!r}")
        chosen[one.member.exact] = one.member
    if not chosen or len(chosen) == len(state.members):
        raise InvalidInputError(f"signatures: name some of the {len(state.members)} of the pattern, but not all")
    return [one for one in state.members if one.exact in chosen]


async def _merge(draft: Draft, into: PatternSnapshot, others: Sequence[PatternSnapshot]) -> None:
    for other in others:
        (now,) = await draft.states([into.pattern_id])
        await draft.check_apart(_ends(now), _ends(other))
        await draft.merge_pattern(other, into.pattern_id)


async def _separate(draft: Draft, leaving: Subject, staying: Subject) -> str:
    """Move a signature out of its pattern, with those of the same structure unless the staying one has it too."""
    assert leaving.member is not None
    structural = leaving.member.structural
    alike = [one for one in leaving.state.members if one.structural == structural]
    if staying.member is None or staying.member.structural == structural:
        alike = [leaving.member]
    if len(leaving.state.members) == len(alike):
        raise InvalidInputError(f"signature {leaving.member.exact!r} is the only one of its pattern, so it cannot leave it")
    await _check_leaving(draft, leaving.state, alike)
    return await draft.create_pattern([leaving.member, *(one for one in alike if one != leaving.member)], leaving.state)


async def _check_leaving(draft: Draft, state: PatternSnapshot, leaving: Sequence[MemberSignature]) -> None:
    """``ContradictionError`` if a verdict declares a leaving signature the same as the pattern or a remaining one."""
    gone = {one.exact for one in leaving}
    stays = [NodeRef("Signature", exact) for exact in state.exacts if exact not in gone]
    await draft.check_together([NodeRef("Signature", exact) for exact in gone], [NodeRef("Pattern", state.pattern_id), *stays])


def _ends(state: PatternSnapshot) -> list[NodeRef]:
    return [NodeRef("Pattern", state.pattern_id), *(NodeRef("Signature", exact) for exact in state.exacts)]
