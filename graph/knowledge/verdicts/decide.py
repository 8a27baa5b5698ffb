"""People's verdicts about signatures and patterns: given, obeyed until they are taken back, and taken back.

A verdict is relationships of a person (``SAME_AS``, ``DISTINCT_FROM``, ``NOT_CAUSED_BY``) and a ``Verdict`` node that
keeps what it changed. Each is one transaction. It moves signatures between patterns and never rewrites a crash.
Whatever it names may be given by its key or as ``Label:key``; a crash stands for its signature.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from graph.cypher import query
from graph.knowledge.verdicts.links import End
from graph.knowledge.verdicts.transaction import Draft, Member, State
from graph.knowledge.verdicts.undo import Undo
from graph.model.actor import Actor, Scope
from graph.model.convert import properties
from graph.model.errors import ConflictError, InvalidInputError, NotFoundError
from graph.model.verdicts import Verdict
from graph.ports import Graph, Transaction

T = TypeVar("T")

KINDS = ("same", "different", "merge", "split", "move", "not_caused_by")
NAMED = ("Pattern", "Signature", "Crash")
ATTEMPTS = 10
LONGEST_REASON = 2_000
MOST_SUBJECTS = 1_000
CAUSES = "CAUSES"


@dataclass(frozen=True, slots=True)
class VerdictResult:
    """A verdict that was given or taken back, and the patterns that stand where it changed something.

    ``pattern_id`` is the one that signatures went to, where they went to one.
    """

    verdict: Verdict
    pattern_ids: tuple[str, ...]
    pattern_id: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a name stands for now: a pattern, or a signature; ``pattern_id`` is that of the signature too."""

    end: End
    state: State
    member: Member | None = None


Work = Callable[[Draft], Awaitable[str | None]]
"""Carries a verdict out and returns the pattern that signatures went to."""


class Verdicts:
    """The verdicts of one graph."""

    def __init__(self, graph: Graph, redact: Callable[[str], str]) -> None:
        """``redact`` sees every reason before it is stored."""
        self._graph = graph
        self._redact = redact

    async def same(self, a: str, b: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """They are one bug: the pattern of ``b`` becomes part of that of ``a``."""

        async def work(draft: Draft) -> str:
            one, other = await _subjects(draft, [a, b])
            if one.end == other.end:
                raise InvalidInputError(f"{a!r} and {b!r} are one and the same already")
            if one.state.pattern_id != other.state.pattern_id:
                await _merge(draft, one.state, [other.state])
            if one.member and other.member:
                await draft.check_apart([one.end], [other.end])
                await draft.link("SAME_AS", one.end, other.end)
            elif one.state.pattern_id == other.state.pattern_id:
                raise InvalidInputError(f"{a!r} and {b!r} are in one pattern already")
            return one.state.pattern_id

        return await self._give("same", [a, b], actor, reason, "merge", work)

    async def merge(self, patterns: Sequence[str], *, actor: Actor, reason: str = "") -> VerdictResult:
        """They are one bug: all become part of the first."""

        async def work(draft: Draft) -> str:
            named = _patterns(await _subjects(draft, patterns), patterns)
            distinct = list({one.pattern_id: one for one in named}.values())
            if len(distinct) < 2:
                raise InvalidInputError("merge: name at least two different patterns")
            await _merge(draft, distinct[0], distinct[1:])
            return distinct[0].pattern_id

        return await self._give("merge", patterns, actor, reason, "merge", work)

    async def different(self, a: str, b: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """They are different bugs. Of two signatures in one pattern ``b`` leaves with its like; from a pattern, a signature."""

        async def work(draft: Draft) -> str | None:
            one, other = await _subjects(draft, [a, b])
            if one.end == other.end or not (one.member or other.member or one.state.pattern_id != other.state.pattern_id):
                raise InvalidInputError(f"{a!r} and {b!r} are one pattern; split it, or undo the verdict that merged them")
            await draft.check_together([one.end], [other.end])
            made = None
            if one.state.pattern_id == other.state.pattern_id:
                leaving = other if other.member else one
                staying = one if other.member else other
                made = await _separate(draft, leaving, staying)
            await draft.link("DISTINCT_FROM", one.end, other.end)
            return made

        return await self._give("different", [a, b], actor, reason, "split", work)

    async def split(
        self, pattern: str, signatures: Sequence[str], *, actor: Actor, reason: str = "", name: str | None = None
    ) -> VerdictResult:
        """These signatures of the pattern are a bug of their own: they found a new pattern."""

        async def work(draft: Draft) -> str:
            subjects = await _subjects(draft, [pattern, *signatures])
            (state,) = _patterns(subjects[:1], [pattern])
            leaving = _members_of(state, subjects[1:], signatures)
            await _check_leaving(draft, state, leaving)
            made = await draft.found(leaving, state, name=name)
            await draft.link("DISTINCT_FROM", End("Pattern", made), End("Pattern", state.pattern_id))
            return made

        return await self._give("split", [pattern, *signatures], actor, reason, "split", work)

    async def move(self, signature: str, pattern: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """The signature belongs to that pattern, not to the one it is in."""

        async def work(draft: Draft) -> str:
            one, into = await _subjects(draft, [signature, pattern])
            (target,) = _patterns([into], [pattern])
            if one.member is None:
                raise InvalidInputError(f"{signature!r} is a pattern; name a signature or a crash, or merge the patterns")
            if one.state.pattern_id == target.pattern_id:
                raise InvalidInputError(f"{signature!r} is in that pattern already")
            await draft.check_apart([one.end], [into.end, *(End("Signature", exact) for exact in target.exacts)])
            await _check_leaving(draft, one.state, [one.member])
            await draft.move([one.member], one.state.pattern_id, target.pattern_id)
            await draft.link("SAME_AS", one.end, into.end)
            if len(one.state.members) == 1:
                await draft.check_apart([End("Pattern", one.state.pattern_id)], [into.end])
                await draft.empty(one.state.pattern_id, target.pattern_id)
            else:
                await draft.link("DISTINCT_FROM", one.end, End("Pattern", one.state.pattern_id))
            return target.pattern_id

        return await self._give("move", [signature, pattern], actor, reason, "verdict", work)

    async def not_caused_by(self, a: str, b: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """The first pattern is not caused by the second: no job says so from now on, and what one said is removed."""

        async def work(draft: Draft) -> None:
            one, other = _patterns(await _subjects(draft, [a, b]), [a, b])
            if one.pattern_id == other.pattern_id:
                raise InvalidInputError(f"{a!r} and {b!r} are one pattern")
            await draft.link("NOT_CAUSED_BY", End("Pattern", one.pattern_id), End("Pattern", other.pattern_id))
            await draft.drop_derived(CAUSES, other.pattern_id, one.pattern_id)

        return await self._give("not_caused_by", [a, b], actor, reason, "verdict", work)

    async def undo(self, verdict_id: str, *, actor: Actor, reason: str = "") -> VerdictResult:
        """Take a verdict back; what it changed is as it was.

        ``ContradictionError`` when a later verdict stands on it and must be taken back first; it says which.
        """

        async def work(tx: Transaction) -> VerdictResult:
            draft = await _begun(tx, self._verdict("undo", [f"Verdict:{verdict_id}"], actor, reason))
            return VerdictResult(*await Undo(draft, verdict_id).run())

        return await self._in_turn(actor, work)

    async def _give(
        self, kind: str, subjects: Sequence[str], actor: Actor, reason: str, change_type: str, carry_out: Work
    ) -> VerdictResult:
        if len(subjects) > MOST_SUBJECTS:
            raise InvalidInputError(f"{kind}: {len(subjects):,} are too many; name at most {MOST_SUBJECTS:,} at once")

        async def work(tx: Transaction) -> VerdictResult:
            draft = await _begun(tx, self._verdict(kind, subjects, actor, reason))
            target = await carry_out(draft)
            changed = sorted({one.source for one in draft.journal.moves} | {one.target for one in draft.journal.moves})
            ends = {end.key for link in draft.linked for end in (link.source, link.target) if end.label == "Pattern"}
            standing = tuple(sorted({*changed, *ends} - set(draft.journal.folded)))
            changed_nothing = not draft.journal.moves
            return VerdictResult(await draft.finish("verdict" if changed_nothing else change_type), standing, target)

        return await self._in_turn(actor, work)

    async def _in_turn(self, actor: Actor, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """One verdict at a time: of two that begin at once, the second looks again when the first is through."""
        actor.require(Scope.TEACH)
        actor.require_person("give a verdict")
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._graph.transact(work)
            except ConflictError:
                continue
        return await self._graph.transact(work)

    def _verdict(self, kind: str, subjects: Sequence[str], actor: Actor, reason: str) -> Verdict:
        if len(reason) > LONGEST_REASON:
            raise InvalidInputError(f"reason: {len(reason):,} characters; at most {LONGEST_REASON:,} are kept")
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


async def _begun(tx: Transaction, verdict: Verdict) -> Draft:
    await tx.run(query("verdicts/begin", verdict=properties(verdict)))
    return Draft(tx, verdict)


async def _subjects(draft: Draft, names: Sequence[str]) -> list[Subject]:
    """What these names stand for, in their order; ``NotFoundError`` for one that stands for nothing."""
    asked = [_name(name) for name in names]
    rows = {row["position"]: row for row in await draft.tx.run(query("verdicts/subjects", subjects=asked))}
    exacts = [exact for row in rows.values() for exact in row["signatures"]]
    homes = {row["exact"]: row["pattern_id"] for row in await draft.tx.run(query("verdicts/homes", exacts=exacts))}
    ids = [row["pattern_id"] or homes.get((row["signatures"] or [""])[0]) for _, row in sorted(rows.items())]
    states = {one.pattern_id: one for one in await draft.states(id for id in ids if id)}
    found = []
    for position, name in enumerate(names):
        row, id = rows[position], ids[position]
        if id is None:
            raise NotFoundError(f"{name[:80]!r} is no pattern, no signature with a pattern and no crash with one")
        if len(row["signatures"]) > 1:
            raise InvalidInputError(f"{name[:80]!r} became {len(row['signatures'])} signatures; name one of them")
        exact = next(iter(row["signatures"]), None) if row["pattern_id"] is None else None
        member = next((one for one in states[id].members if one.exact == exact), None)
        end = End("Signature", member.exact) if member else End("Pattern", id)
        found.append(Subject(end, states[id], member))
    return found


def _name(name: str) -> dict[str, str]:
    label, colon, key = name.partition(":")
    if not colon:
        return {"label": "", "key": name}
    if label not in NAMED or not key:
        raise InvalidInputError(f"{name[:80]!r} is not `Label:key` with a label of {', '.join(NAMED)}")
    return {"label": label, "key": key}


def _patterns(subjects: Sequence[Subject], names: Sequence[str]) -> list[State]:
    for one, name in zip(subjects, names, strict=True):
        if one.member is not None:
            raise InvalidInputError(f"{name[:80]!r} is not a pattern; name the pattern")
    return [one.state for one in subjects]


def _members_of(state: State, subjects: Sequence[Subject], names: Sequence[str]) -> list[Member]:
    """The signatures named, each once; some of the pattern's but not all."""
    chosen: dict[str, Member] = {}
    for one, name in zip(subjects, names, strict=True):
        if one.member is None or one.state.pattern_id != state.pattern_id:
            raise InvalidInputError(f"{name[:80]!r} is not a signature of pattern {state.pattern_id!r}")
        chosen[one.member.exact] = one.member
    if not chosen or len(chosen) == len(state.members):
        raise InvalidInputError(f"split: name some of the {len(state.members)} signatures of the pattern, but not all")
    return [one for one in state.members if one.exact in chosen]


async def _merge(draft: Draft, into: State, others: Sequence[State]) -> None:
    for other in others:
        (now,) = await draft.states([into.pattern_id])
        await draft.check_apart(_ends(now), _ends(other))
        await draft.fold(other, into.pattern_id)


async def _separate(draft: Draft, leaving: Subject, staying: Subject) -> str:
    """A signature leaves its pattern, with those of its structure unless what stays has the same."""
    assert leaving.member is not None
    structural = leaving.member.structural
    alike = [one for one in leaving.state.members if one.structural == structural]
    if staying.member is None or staying.member.structural == structural:
        alike = [leaving.member]
    if len(leaving.state.members) == len(alike):
        raise InvalidInputError(f"signature {leaving.member.exact!r} is all that the pattern has; it cannot be another")
    await _check_leaving(draft, leaving.state, alike)
    return await draft.found([leaving.member, *(one for one in alike if one != leaving.member)], leaving.state)


async def _check_leaving(draft: Draft, state: State, leaving: Sequence[Member]) -> None:
    """``ContradictionError`` where a verdict says that what leaves is the same as the pattern or as anything that stays."""
    gone = {one.exact for one in leaving}
    stays = [End("Signature", exact) for exact in state.exacts if exact not in gone]
    await draft.check_together([End("Signature", exact) for exact in gone], [End("Pattern", state.pattern_id), *stays])


def _ends(state: State) -> list[End]:
    return [End("Pattern", state.pattern_id), *(End("Signature", exact) for exact in state.exacts)]
