"""Remove what verdicts, revisions, events and derived relationships keep of deleted crashes.

Their nodes stay, so that ordinals and positions keep their meaning; only a verdict of which nothing is left is deleted. The
reason of a verdict about something deleted is removed, since it may describe it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graph.cypher import query
from graph.knowledge.verdicts.journal import Journal, PatternDelta, journal_of
from graph.model import RELATIONSHIPS
from graph.model.statement import Statement
from graph.ports import Row, Transaction

SAMPLES = "sample_crash_ids"
NAME = "name"
SIGNATURES = "signatures"


@dataclass(slots=True)
class Erased:
    """Keys of what was deleted, and the names that deleted signatures gave to patterns."""

    crashes: set[str] = field(default_factory=set)
    validations: set[str] = field(default_factory=set)
    signatures: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    environments: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    @property
    def subjects(self) -> set[str]:
        """The keys as ``Label:key``."""
        labels = {
            "Crash": self.crashes,
            "Validation": self.validations,
            "Signature": self.signatures,
            "Pattern": self.patterns,
            "Environment": self.environments,
        }
        return {f"{label}:{key}" for label, keys in labels.items() for key in keys}

    @property
    def keys(self) -> set[str]:
        """What a journal or revision may hold of them."""
        return self.crashes | self.signatures | self.patterns | self.environments

    def has(self, subject: str) -> bool:
        """Whether this was deleted: a key, or ``Label:key``."""
        return subject.rpartition(":")[2] in self.keys | self.validations


async def erase_quotations(tx: Transaction, erased: Erased, renamed: list[str]) -> int:
    """Remove all that is kept of the deleted; the number of verdicts changed. ``renamed`` are patterns with a new name."""
    changed = await _verdicts(tx, erased)
    await _revisions(tx, erased)
    await _events(tx, erased, [f"Pattern:{id}" for id in renamed])
    ids = sorted(erased.crashes)
    await tx.run(query("erasure/forget_lost_proofs", ids=ids))
    for text in _forget_samples():
        await tx.run(Statement(text, {"ids": ids}, "forget sample crashes"))
    return changed


async def merged_without_signatures(tx: Transaction, erased: Erased) -> set[str]:
    """Merged patterns without any signature left."""
    emptied: set[str] = set()
    for row in await _quoting(tx, erased):
        journal = journal_of(row["journal"])
        for id in journal.folded:
            moves = [one for one in journal.moves if one.source == id]
            if moves and all(one.exact in erased.signatures for one in moves):
                emptied.add(id)
    return emptied


async def _quoting(tx: Transaction, erased: Erased) -> list[Row]:
    named = erased.subjects | erased.keys
    return await tx.run(query("erasure/quoting_verdicts", keys=sorted(erased.keys | erased.names), names=sorted(named)))


async def _verdicts(tx: Transaction, erased: Erased) -> int:
    kept, removed, silenced = [], [], []
    moved: set[str] = set()
    for row in await _quoting(tx, erased):
        subjects = [one for one in row["subjects"] if not erased.has(one)]
        touched = [one for one in row["touched"] if not erased.has(one)]
        journal = _cut(journal_of(row["journal"]), erased)
        if len(subjects) < len(row["subjects"]):
            silenced.append(row["verdict_id"])
            moved.update(one.exact for one in journal.moves)
        if subjects or touched:
            params = {"subjects": subjects, "touched": touched, "journal": journal.to_json()}
            kept.append({"verdict_id": row["verdict_id"], **params})
        else:
            removed.append(row["verdict_id"])
    await tx.run(query("erasure/set_verdicts", rows=kept))
    await tx.run(query("erasure/remove_verdicts", ids=removed))
    await tx.run(query("erasure/forget_reasons", ids=silenced, exacts=sorted(moved)))
    return len(kept) + len(removed)


def _cut(journal: Journal, erased: Erased) -> Journal:
    """The journal without the deleted, so that its verdict can still be undone for the rest."""
    gone = erased.patterns
    moves = [one for one in journal.moves if one.exact not in erased.signatures and not {one.source, one.target} & gone]
    derived = [one for one in journal.derived if not {one.source, one.target} & gone]
    for edge in derived:
        if SAMPLES in edge.properties:
            edge.properties[SAMPLES] = [id for id in edge.properties[SAMPLES] if id not in erased.crashes]
    proofs = [one for one in journal.proofs if not {one.source, one.target} & gone]
    for proof in proofs:
        proof.environments = [id for id in proof.environments if id not in erased.environments]
    return Journal(
        moves=moves,
        patterns={
            id: PatternDelta(_without_names(one.before, erased), _without_names(one.after, erased))
            for id, one in journal.patterns.items()
            if id not in gone
        },
        founded=[id for id in journal.founded if id not in gone and any(one.target == id for one in moves)],
        folded=[id for id in journal.folded if id not in gone],
        solutions=[one for one in journal.solutions if one.pattern_id not in gone],
        proofs=proofs,
        derived=derived,
    )


def _without_names(values: dict[str, Any], erased: Erased) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not (name == NAME and value in erased.names)}


async def _revisions(tx: Transaction, erased: Erased) -> None:
    keys = sorted(erased.keys | {json.dumps(name, ensure_ascii=False)[1:-1] for name in erased.names})
    rows = [
        {"revision_id": row["revision_id"], **{part: _revised(row[part], erased) for part in ("before", "after")}}
        for row in await tx.run(query("erasure/quoting_revisions", keys=keys))
    ]
    await tx.run(query("erasure/set_revisions", rows=rows))


def _revised(text: str, erased: Erased) -> str:
    """The values of a revision without deleted signatures, links to the deleted, and their names."""
    values = _without_names(json.loads(text), erased)
    for name, value in values.items():
        if name == SIGNATURES:
            values[name] = {exact: at for exact, at in value.items() if exact not in erased.signatures}
        elif isinstance(value, list):
            values[name] = [one for one in value if not any(erased.has(end) for end in _texts(one))]
    return json.dumps(values, sort_keys=True, ensure_ascii=False)


async def _events(tx: Transaction, erased: Erased, renamed: list[str]) -> None:
    subjects = erased.subjects
    rows = []
    for row in await tx.run(query("erasure/events_about", subjects=sorted(subjects.union(renamed)))):
        left = [one for one in row["subjects"] if one not in subjects]
        quotes = any(one.startswith("Pattern:") for one in row["subjects"] if one in subjects)
        quotes |= any(text in erased.names for text in _texts(json.loads(row["payload"])))
        rows.append({"event_id": row["event_id"], "subjects": left, "payload": "{}" if quotes else row["payload"]})
    await tx.run(query("erasure/set_events", rows=rows))
    await tx.run(query("erasure/forget_audit", subjects=sorted(subjects)))
    await tx.run(query("erasure/forget_answers", subjects=sorted(subjects)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


@cache
def _forget_samples() -> tuple[str, ...]:
    """Statements that take crashes out of the samples of each kind of derived relationship."""
    return tuple(
        f"MATCH (:{source})-[r:{type_}]->(:{target}) WHERE any(id IN r.{SAMPLES} WHERE id IN $ids)\n"
        f"SET r.{SAMPLES} = [id IN r.{SAMPLES} WHERE NOT id IN $ids]"
        for type_, declared in RELATIONSHIPS.items()
        if any(prop.name == SAMPLES for prop in declared.properties)
        for source, target in ((declared.source, declared.target), *declared.also)
    )
