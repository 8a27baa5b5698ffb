"""Delete crashes with everything that only they brought.

With a crash go its report, facts and validations; signatures, frames, modules, patterns and communities that have no crash
left, with their history; environments, sites, versions and attributes that no other crash has; and what verdicts, revisions,
events and derived relationships keep of these. Patterns that stay are recounted, and renamed and diagnosed again if they
lost the signature that named them. Solutions stay: people wrote them.

Crashes that are accepted and not stored yet are dropped first. Each batch is one transaction that leaves the graph
consistent, so a run that was killed is completed by the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import partial

from graph.algorithms.version_order import ordered
from graph.cypher import query
from graph.erasure.quotations import Erased, erase_quotations, merged_without_signatures
from graph.erasure.targets import DeletionTarget, crashes_of, matcher
from graph.erasure.waiting import Change, WaitingReports
from graph.fingerprint.pattern_names import pattern_names
from graph.knowledge.events import NewEvent, append_events
from graph.knowledge.verdicts.transaction import MemberSignature, read_snapshots, set_severities
from graph.model.actor import Actor
from graph.model.environment import version_id
from graph.model.events import EventKind
from graph.ports import Graph, Row, Transaction
from graph.retry import retry_conflicts

CRASHES_AT_ONCE = 500
"""Crashes per transaction."""


@dataclass(frozen=True, slots=True)
class DeletionPreview:
    """What a deletion would remove. ``patterns`` are names."""

    crashes: int
    validations: int
    signatures: int
    patterns: tuple[str, ...]
    environments: int
    waiting: int = 0
    """Crashes of them that are not stored yet."""


@dataclass(frozen=True, slots=True)
class DeletionResult:
    """What was removed, and the number of patterns that were recounted and that got another name."""

    crashes: int = 0
    validations: int = 0
    signatures: int = 0
    frames: int = 0
    patterns: int = 0
    environments: int = 0
    sites: int = 0
    recounted: int = 0
    renamed: int = 0
    verdicts: int = 0
    """Verdicts that were cut or removed."""
    solutions: int = 0
    """Solutions that stay without a pattern."""
    waiting: int = 0
    """Crashes that were dropped before they were stored."""
    unread: int = 0
    """Crashes that wait for another version of crashgraph, so that they were not looked at."""

    def __add__(self, other: DeletionResult) -> DeletionResult:
        """The sum of both."""
        return DeletionResult(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


async def preview_deletion(graph: Graph, target: DeletionTarget, waiting: WaitingReports) -> DeletionPreview:
    """What :func:`delete_crashes` would remove; changes nothing."""
    found = await waiting.change(await _dropping(graph, target), dry_run=True)
    ids = await crashes_of(graph, target, found.ids)
    [row] = await graph.read(query("erasure/preview", ids=ids))
    return DeletionPreview(
        row["crashes"],
        row["validations"],
        row["signatures"],
        tuple(row["patterns"]),
        row["environments"],
        waiting=len(set(found.ids).difference(ids)),
    )


async def delete_crashes(graph: Graph, target: DeletionTarget, actor: Actor, waiting: WaitingReports) -> DeletionResult:
    """Delete the crashes, first those that are not stored yet; those that arrive meanwhile stay."""
    dropping = await _dropping(graph, target)
    await crashes_of(graph, target, (await waiting.change(dropping, dry_run=True)).ids)
    dropped = await waiting.change(dropping)
    # What was being stored meanwhile is stored by now, and none of the keys need be: all were known before.
    ids = await crashes_of(graph, target, target.keys)
    result = DeletionResult(waiting=len(set(dropped.ids).difference(ids)), unread=dropped.unread)
    for start in range(0, len(ids), CRASHES_AT_ONCE):
        batch = _Batch(ids[start : start + CRASHES_AT_ONCE], target, actor)
        result += await retry_conflicts(partial(graph.transact, batch.run))
    return result


async def _dropping(graph: Graph, target: DeletionTarget) -> Change:
    matches = await matcher(graph, target)
    return lambda item: None if matches(item) else item


@dataclass(slots=True)
class _Batch:
    """One transaction. The object is used again if the transaction is retried."""

    ids: Sequence[str]
    target: DeletionTarget
    actor: Actor
    erased: Erased = field(default_factory=Erased)

    async def run(self, tx: Transaction) -> DeletionResult:
        """Delete the crashes of the batch that still exist."""
        self.erased = Erased()
        places = await self._locked(tx)
        patterns = sorted({row["pattern_id"] for row in places} - {None})
        validations = await self._crashes(tx)
        frames = await self._signatures(tx, sorted({row["exact"] for row in places} - {None}))
        await self._emptied(tx, patterns)
        solutions = await self._patterns(tx)
        kept = [id for id in patterns if id not in self.erased.patterns]
        renamed = await self._recount(tx, kept, {one["pattern_id"] for one in validations})
        lost = {row["pattern_id"] for row in places if row["exact"] in self.erased.signatures}
        diagnoses = await tx.run(query("erasure/diagnoses", ids=sorted(lost.intersection(kept))))
        await tx.run(query("verdicts/set_properties", rows=diagnoses))
        sites = await self._environments(tx, sorted({row["environment_id"] for row in places} - {None}))
        verdicts = await erase_quotations(tx, self.erased, renamed)
        deleted = len(self.erased.crashes)
        if deleted:
            subjects = [f"Pattern:{id}" for id in kept]
            await tx.run(append_events([NewEvent(EventKind.CRASHES_DELETED, self.actor, subjects, deleted)]))
        return DeletionResult(
            crashes=deleted,
            validations=len(validations),
            signatures=len(self.erased.signatures),
            frames=frames,
            patterns=len(self.erased.patterns),
            environments=len(self.erased.environments),
            sites=sites,
            recounted=len(kept),
            renamed=len(renamed),
            verdicts=verdicts,
            solutions=solutions,
        )

    async def _locked(self, tx: Transaction) -> list[Row]:
        """Where the crashes are, once no other writer can add a crash there."""
        places = query("erasure/places_of_crashes", ids=list(self.ids))
        rows = await tx.run(places)
        await tx.run(query("verdicts/lock", ids=sorted({row["pattern_id"] for row in rows} - {None})))
        exacts, environments = (sorted({row[key] for row in rows} - {None}) for key in ("exact", "environment_id"))
        await tx.run(query("erasure/lock", exacts=exacts, environments=environments))
        return await tx.run(places)

    async def _crashes(self, tx: Transaction) -> list[Row]:
        rows = await tx.run(query("erasure/remove_crashes", ids=list(self.ids)))
        self.erased.crashes.update(row["crash_id"] for row in rows)
        validations = [one for row in rows for one in row["validations"]]
        self.erased.validations.update(one["validation_id"] for one in validations)
        return validations

    async def _signatures(self, tx: Transaction, exacts: Sequence[str]) -> int:
        """Recount the signatures; delete those without crashes, and their frames. The number of frames deleted."""
        await tx.run(query("ingest/recount_seen_in", exacts=list(exacts)))
        counted = await tx.run(query("erasure/recount_signatures", exacts=list(exacts)))
        empty = sorted(row["exact"] for row in counted if not row["crashes"])
        replaced = [row["exact"] for row in await tx.run(query("erasure/predecessors", exacts=empty))]
        removed = await tx.run(query("erasure/remove_signatures", exacts=[*empty, *replaced]))
        for row in removed:
            self.erased.signatures.add(row["exact"])
            self.erased.names.update(_names(row))
        frames = await tx.run(query("erasure/remove_frames", keys=sorted({key for row in removed for key in row["keys"]})))
        await tx.run(query("erasure/remove_modules", keys=sorted({key for row in frames for key in row["modules"]})))
        return len(frames)

    async def _emptied(self, tx: Transaction, patterns: Sequence[str]) -> None:
        """Note the patterns that have no signature left, and those merged into them."""
        empty = [row["pattern_id"] for row in await tx.run(query("verdicts/without_signatures", ids=list(patterns)))]
        merged = [row["pattern_id"] for row in await tx.run(query("erasure/merged_patterns", ids=empty))]
        self.erased.patterns.update(empty, merged, await merged_without_signatures(tx, self.erased))

    async def _patterns(self, tx: Transaction) -> int:
        """Delete the noted patterns; the number of solutions that resolved nothing else."""
        rows = await tx.run(query("erasure/remove_patterns", ids=sorted(self.erased.patterns)))
        communities = sorted({id for row in rows for id in row["communities"]})
        await tx.run(query("erasure/remove_communities", ids=communities))
        return sum(row["solutions"] for row in rows)

    async def _recount(self, tx: Transaction, kept: Sequence[str], validated: set[str]) -> list[str]:
        """Recount the patterns that stay; the ids of those that got another name."""
        await tx.run(query("erasure/recount_validations", ids=sorted(validated)))
        if not kept:
            return []
        await tx.run(query("verdicts/roll_up", ids=list(kept)))
        await set_severities(tx, dict.fromkeys(kept))
        renamed = []
        for snapshot in await read_snapshots(tx, kept):
            members = [_member_names(member) for member in snapshot.members]
            name = snapshot.pattern["name"]
            if name in self.erased.names and not any(name in names for names in members):
                taken = {row["name"] for row in await tx.run(query("knowledge/taken_names", names=list(members[0])))}
                new = next((one for one in members[0] if one not in taken), members[0][-1])
                row = {"pattern_id": snapshot.pattern_id, "properties": {"name": new}}
                await tx.run(query("verdicts/set_properties", rows=[row]))
                renamed.append(snapshot.pattern_id)
            self.erased.names.difference_update(*members)
        return renamed

    async def _environments(self, tx: Transaction, ids: Sequence[str]) -> int:
        """Delete environments without crashes and what only they have; the number of sites deleted."""
        removed = await tx.run(query("erasure/remove_environments", ids=list(ids)))
        self.erased.environments.update(row["environment_id"] for row in removed)
        parts = {part: sorted({key for row in removed for key in row[part]}) for part in ("sites", "versions", "attributes")}
        [row] = await tx.run(query("erasure/remove_places", **parts, forget=self.target.forgotten_sites))
        for product in sorted(set(row["products"])):
            versions = await tx.run(query("ingest/versions", product=product))
            chain = [version_id(product, version) for version in ordered(one["version"] for one in versions)]
            await tx.run(query("ingest/version_chain", product=product, ids=chain))
        sites: int = row["sites"]
        return sites


def _names(row: Row) -> tuple[str, ...]:
    return pattern_names(row["title"], row["error_type"], row["cause"], row["frames"], row["exact"])


def _member_names(member: MemberSignature) -> tuple[str, ...]:
    return pattern_names(member.title, member.error_type or "", member.cause, member.frames, member.exact)
