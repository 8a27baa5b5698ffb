"""Undo a verdict: restore the previous state, even if later verdicts were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from graph.cypher import query
from graph.knowledge.revisions import revision_statement
from graph.knowledge.verdicts.handover import hand_over, take_back
from graph.knowledge.verdicts.journal import Journal, PatternDelta, SignatureMove, journal_of
from graph.knowledge.verdicts.links import NodeRef, restore_derived
from graph.knowledge.verdicts.transaction import Draft, PatternSnapshot, run_all, set_severities
from graph.model.convert import record
from graph.model.errors import ContradictionError, InvalidInputError, NotFoundError, UsageError
from graph.model.quoting import quoted
from graph.model.verdicts import Verdict
from graph.ports import Row

REPROCESS = "reprocess"
INSTEAD = "split or move signatures instead"


class Undo:
    """Undoes one verdict in the transaction of a draft of kind ``undo``."""

    def __init__(self, draft: Draft, verdict_id: str) -> None:
        """``verdict_id`` may be ``Verdict:id``."""
        self._draft = draft
        self._tx = draft.tx
        self._id = verdict_id.removeprefix("Verdict:")

    async def run(self) -> tuple[Verdict, tuple[str, ...], None]:
        """The undone verdict, and the patterns that exist after it."""
        verdict = await self._verdict_in_force()
        self._at: datetime = verdict.at
        self._journal = journal_of(verdict.journal)
        moves = await self._moves()
        await self._check_later(verdict, moves)
        await self._check_targets_exist(moves)
        await self._mark_undone(verdict)
        await self._restore_status(moves)
        await self._draft.replace(moves)
        await self._check_apart(moves)
        await self._return_later_members()
        await self._check_not_emptied(moves)
        await self._restore(moves)
        await self._draft.record("undo", self._id, without=self._journal.founded)
        await self._remove_founded()
        await self._rebase_later_journals()
        await self._derived()
        ids = sorted(({one.source for one in moves} | {one.target for one in moves}) - set(self._journal.founded))
        (row,) = await self._tx.run(query("verdicts/get", verdict_id=self._id))
        return record(Verdict, row["verdict"]), tuple(ids), None

    async def _verdict_in_force(self) -> Verdict:
        rows = await self._tx.run(query("verdicts/get", verdict_id=self._id))
        if not rows:
            raise NotFoundError(f"no verdict {quoted(self._id)}; `verdicts` lists them")
        verdict = record(Verdict, rows[0]["verdict"])
        if verdict.kind == "undo":
            raise InvalidInputError(f"verdict {self._id!r} undid another; give that one again instead")
        if verdict.kind == REPROCESS:
            raise InvalidInputError(f"verdict {self._id!r} came from new fingerprints, not from a person; {INSTEAD}")
        if verdict.undone_at is not None:
            raise InvalidInputError(f"verdict {self._id!r} was undone already by {verdict.undone_by}")
        return verdict

    async def _moves(self) -> list[SignatureMove]:
        """The journalled moves reversed, for the present signatures."""
        asked = {one.exact: one for one in self._journal.moves}
        rows = await self._tx.run(query("verdicts/current_signatures", exacts=sorted(asked)))
        homes: dict[str, Row] = {}
        for row in sorted(rows, key=lambda row: str(row["asked"])):
            homes.setdefault(row["exact"], row)
        moves = []
        for exact, row in homes.items():
            journalled = asked[row["asked"]]
            others = set(row["origins"]) - asked.keys()
            if others and row["asked"] != exact:  # this signature also has crashes that the verdict did not move
                raise InvalidInputError(f"new fingerprints merged its signatures with others; {INSTEAD}")
            moves.append(SignatureMove(exact, row["pattern_id"], journalled.source, row["placed"], journalled.before))
        return moves

    async def _check_later(self, verdict: Verdict, moves: Sequence[SignatureMove]) -> None:
        touched = sorted({*verdict.touched, *(f"Signature:{one.exact}" for one in moves)})
        rows = await self._tx.run(query("verdicts/later", ordinal=verdict.ordinal, touched=touched))
        self._later = [(record(Verdict, row["verdict"]), journal_of(row["verdict"]["journal"])) for row in rows]
        mine = {one.exact for one in moves}
        founded = {f"Pattern:{id}" for id in self._journal.founded}
        for later, journal in self._later:
            if mine & {one.exact for one in journal.moves} or founded & set(later.touched):
                raise _blocked(later.verdict_id, later.by, later.kind)

    async def _check_targets_exist(self, moves: Sequence[SignatureMove]) -> None:
        """The patterns that signatures return to must exist, unless this verdict merged them."""
        wanted = sorted({one.target for one in moves} - set(self._journal.folded))
        for row in await self._tx.run(query("verdicts/merged_into", ids=wanted)):
            if row["verdict_id"] is not None:
                raise _blocked(row["verdict_id"], row["by"], row["kind"])

    async def _mark_undone(self, verdict: Verdict) -> None:
        now = self._draft.verdict
        patterns = [key for label, _, key in (one.partition(":") for one in verdict.touched) if label == "Pattern"]
        await self._draft.states(patterns)
        await self._tx.run(query("verdicts/mark_undone", verdict_id=self._id, at=now.at, by=now.by))

    async def _restore_status(self, moves: Sequence[SignatureMove]) -> None:
        """Restore the status of the patterns that the verdict merged."""
        changes = [
            {"pattern_id": id, "properties": {"status": self._journal.patterns[id].before["status"]}}
            for id in self._journal.folded
        ]
        if changes:
            await self._draft.states([*self._journal.folded, *(one.source for one in moves)])
            await self._tx.run(query("verdicts/set_properties", rows=changes))

    async def _check_apart(self, moves: Sequence[SignatureMove]) -> None:
        """Refuse to join nodes that a verdict in force declares different."""
        for id in sorted({one.target for one in moves}):
            coming = [NodeRef("Signature", one.exact) for one in moves if one.target == id]
            await self._draft.check_apart(coming, [NodeRef("Pattern", id), *coming])
            state = await self._draft.state(id)
            await self._draft.check_apart(coming, [NodeRef("Signature", exact) for exact in state.exacts])

    async def _return_later_members(self) -> None:
        """Move later members of a founded pattern, and what was recorded about it, to the pattern that it was split from."""
        for id in self._journal.founded:
            home = next(one.source for one in self._journal.moves if one.target == id)
            state = await self._draft.state(id)
            rest = [SignatureMove(one.exact, id, home, one.placed, one.placed) for one in state.members]
            await self._draft.replace(rest)
            await hand_over(self._tx, id, home)

    async def _check_not_emptied(self, moves: Sequence[SignatureMove]) -> None:
        """Refuse to leave a pattern empty because its signatures were moved elsewhere since."""
        ids = sorted(({one.source for one in moves} | {one.target for one in moves}) - set(self._journal.founded))
        for row in await self._tx.run(query("verdicts/without_signatures", ids=ids)):
            for later, journal in self._later:
                if any(one.source == row["pattern_id"] for one in journal.moves):
                    raise _blocked(later.verdict_id, later.by, later.kind)
            raise InvalidInputError(
                f"pattern {row['pattern_id']!r} would be left empty, since new fingerprints moved its signatures; {INSTEAD}"
            )

    async def _restore(self, moves: Sequence[SignatureMove]) -> None:
        """Restore counts, severities and solutions."""
        ids = sorted(({one.source for one in moves} | {one.target for one in moves}) - set(self._journal.founded))
        await self._tx.run(query("verdicts/roll_up", ids=ids))
        shared = {id for _, journal in self._later for one in journal.moves for id in (one.source, one.target)}
        mixed = [id for id in ids if id in shared and "severity" in self._change(id).before]
        await set_severities(self._tx, dict.fromkeys(mixed))
        states = {one.pattern_id: one for one in await self._draft.states(ids)}
        alone = {id: self._change(id).before.get("severity", states[id].pattern["severity"]) for id in ids if id not in mixed}
        await set_severities(self._tx, alone, since=self._at)
        await take_back(self._tx, self._journal, [journal for _, journal in reversed(self._later)])
        self._mixed = mixed

    def _change(self, pattern_id: str) -> PatternDelta:
        return self._journal.patterns.get(pattern_id, PatternDelta({}, {}))

    async def _remove_founded(self) -> None:
        """Remove the patterns that the verdict founded; a last revision records their state."""
        for id in self._journal.founded:
            state: PatternSnapshot = self._draft.before[id]
            was: dict[str, Any] = {name: state.pattern[name] for name in ("name", "status", "severity")}
            was["signatures"] = {one.exact: one.placed.get("placed_at") for one in state.members}
            undo = self._draft.verdict
            last = revision_statement(
                id,
                "undo",
                undo.by,
                was,
                {},
                at=undo.at,
                reason=undo.reason or None,
                verdict_id=self._id,
                on_behalf_of=undo.on_behalf_of,
            )
            await run_all(self._tx, [last, query("verdicts/remove_pattern", pattern_id=id)])

    async def _rebase_later_journals(self) -> None:
        """Rebase the journals of later verdicts about the same patterns on the restored values."""
        for id in self._mixed:
            follower = next((pair for pair in reversed(self._later) if _moved(pair[1], id)), None)
            if follower is not None:
                now = (await self._draft.state(id)).pattern["severity"]
                change = follower[1].patterns.setdefault(id, PatternDelta({}, {}))
                change.before["severity"], change.after["severity"] = self._change(id).before["severity"], now
        for later, journal in self._later:
            params = {"journal": journal.to_json(), "touched": list(later.touched)}
            await self._tx.run(query("verdicts/finish", verdict_id=later.verdict_id, **params))

    async def _derived(self) -> None:
        """Restore derived edges; an edge to a merged pattern is passed on to the journal of the verdict that merged it."""
        await run_all(self._tx, restore_derived(self._journal.derived))
        ends = sorted({id for one in self._journal.derived for id in (one.source, one.target)})
        folded = {row["pattern_id"]: row["verdict_id"] for row in await self._tx.run(query("verdicts/merged_into", ids=ends))}
        for edge in self._journal.derived:
            holder = folded.get(edge.source) or folded.get(edge.target)
            if holder:
                (row,) = await self._tx.run(query("verdicts/get", verdict_id=holder))
                journal = journal_of(row["verdict"]["journal"])
                journal.derived.append(edge)
                params = {"journal": journal.to_json(), "touched": row["verdict"]["touched"]}
                await self._tx.run(query("verdicts/finish", verdict_id=holder, **params))


def _moved(journal: Journal, pattern_id: str) -> bool:
    return any(pattern_id in (one.source, one.target) for one in journal.moves)


def _blocked(verdict_id: str, by: str, kind: str) -> UsageError:
    if kind == REPROCESS:
        return InvalidInputError("new fingerprints have merged its patterns with others since; " + INSTEAD)
    return ContradictionError(f"the later verdict {verdict_id} of {by} depends on this one; undo it first", verdict_id)
