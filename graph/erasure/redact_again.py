"""Redact everything that is stored once more, with today's rules.

First all crashes are read for secrets; then what was made of them is rewritten, and the crashes last: a run that was ended
early finds the secrets again in the crashes that are left. Ids and fingerprints stay, although they were made of the text
with the secret, so that every crash keeps its signature and pattern. A node named by a secret (a site, a version, a frame, a
module, a fact) gets the name with the placeholder, and is joined with the node of that name if there is one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from graph.algorithms.version_order import ordered
from graph.cypher import query
from graph.erasure.pages import (
    Row,
    compare_and_set,
    existing,
    join_statement,
    lock_statements,
    node_pages,
    relationship_pages,
    set_relationships,
)
from graph.erasure.stored_texts import StoredTexts, redacted_kinds
from graph.erasure.waiting import WaitingReports
from graph.ingest.prepare import PreparedCrash
from graph.knowledge.events import NewEvent, append_events
from graph.model import NODES, RELATIONSHIPS
from graph.model.actor import Actor
from graph.model.convert import properties
from graph.model.declare import NodeDeclaration, RelationshipDeclaration
from graph.model.environment import version_id
from graph.model.events import EventKind
from graph.model.nodes import Crash, Version
from graph.ports import Embedder, Graph, Transaction
from graph.redaction.found_values import FoundValues
from graph.retry import retry_conflicts

CRASH = Crash.__name__
EMBEDDED = "embedding_model"
AT_ONCE = 200
"""Nodes per page and per transaction."""
ROUNDS = 3
"""Most attempts at a page of which something changed meanwhile."""


@dataclass(slots=True)
class RedactionReport:
    """What was redacted, or would be with ``dry_run``. Never the values."""

    dry_run: bool
    looked_at: int = 0
    """Nodes and relationships that were read."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Values that were replaced, by kind; one counts in each text that held it."""
    places: Counter[str] = field(default_factory=Counter)
    """Texts that changed, as ``Label.property``."""
    crashes: list[str] = field(default_factory=list)
    """Ids of crashes with a text that changed."""
    joined: int = 0
    """Nodes that became one with another of the same new name."""
    waiting: int = 0
    """Crashes in the spool that changed."""
    unread: int = 0
    """Reports in the spool that only another version can read."""
    left: int = 0
    """Nodes that changed meanwhile, time and again; the next run redacts them."""

    def count(self, name: str, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        """Note the changed properties of a node or relationship."""
        self.kinds.update(redacted_kinds(dict(before), dict(after)))
        self.places.update(f"{name}.{one}" for one in after if one != "stored_hash")


class RedactionAgain:
    """Redacts one graph and the spool beside it."""

    def __init__(
        self,
        graph: Graph,
        texts: StoredTexts,
        embedder: Embedder,
        waiting: WaitingReports,
        *,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """``progress`` is called with the number of nodes and relationships looked at."""
        self._graph = graph
        self._texts = texts
        self._embedder = embedder
        self._waiting = waiting
        self._progress = progress

    async def run(self, actor: Actor, *, dry_run: bool = False) -> RedactionReport:
        """Redact everything; with ``dry_run`` only count."""
        report = RedactionReport(dry_run)
        await self._spool(report)
        found = await self._secrets(report)
        for declared in NODES.values():
            if declared.label != CRASH:
                await self._nodes(declared, found, report)
        for relationship in RELATIONSHIPS.values():
            if any(one.is_text and not one.own for one in relationship.properties):
                await self._relationships(relationship, found, report)
        if not dry_run:
            for start in range(0, len(report.crashes), AT_ONCE):
                await self._crashes(report.crashes[start : start + AT_ONCE], actor, report)
        return report

    async def _spool(self, report: RedactionReport) -> None:
        def change(item: PreparedCrash) -> PreparedCrash:
            changed = self._texts.waiting(item)
            if changed is not item:
                report.kinds.update(redacted_kinds(properties(item.crash), properties(changed.crash)))
            return changed

        done = await self._waiting.change(change, dry_run=report.dry_run)
        report.waiting, report.unread = len(done.ids), done.unread

    async def _secrets(self, report: RedactionReport) -> FoundValues:
        """Read all crashes: note those that change, and the secrets in them."""
        secrets: dict[str, str] = {}
        async for page in node_pages(self._graph, NODES[CRASH], AT_ONCE):
            changes = await asyncio.to_thread(lambda rows: [(row, self._texts.crash(row.values)) for row in rows], page)
            for row, changed in changes:
                if changed:
                    report.crashes.append(row.key)
                    report.count(CRASH, row.values, changed)
                    secrets |= self._texts.secrets_of(row.values)
            self._looked_at(report, len(page))
        return FoundValues(secrets)

    async def _nodes(self, declared: NodeDeclaration, found: FoundValues, report: RedactionReport) -> None:
        async for page in node_pages(self._graph, declared, AT_ONCE):
            self._looked_at(report, len(page))
            rows: Sequence[Row] = page
            for _ in range(ROUNDS):
                changes = await asyncio.to_thread(self._changes, declared.label, rows, found)
                if report.dry_run or not changes:
                    _count(report, declared, changes)
                    break
                embedded = await asyncio.to_thread(self._embedded, changes)
                written = await retry_conflicts(partial(self._graph.transact, partial(_write, declared, embedded)))
                report.joined += written.joined
                _count(report, declared, [row for row in changes if row.key in written.keys])
                left = [row.key for row in changes if row.key not in written.keys]
                if not left:
                    break
                rows = await existing(self._graph, declared, left)
            else:
                report.left += len(rows)

    def _changes(self, label: str, rows: Sequence[Row], found: FoundValues) -> list[Row]:
        changes = [row.with_changes(self._texts.node(label, row.values, found)) for row in rows]
        return [row for row in changes if row.changed]

    def _embedded(self, rows: Sequence[Row]) -> list[Row]:
        """The same, with the vector of the new text for signatures that get one."""
        texts = {row.key: row.changed["text"] for row in rows if EMBEDDED in row.values and "text" in row.changed}
        if not texts:
            return list(rows)
        vectors = {key: vector.tolist() for key, vector in zip(texts, self._embedder.embed(list(texts.values())), strict=True)}
        return [
            row.with_changes({**row.changed, "embedding": vectors[row.key], EMBEDDED: self._embedder.name})
            if row.key in vectors
            else row
            for row in rows
        ]

    async def _relationships(self, declared: RelationshipDeclaration, found: FoundValues, report: RedactionReport) -> None:
        async for page in relationship_pages(self._graph, declared, AT_ONCE):
            self._looked_at(report, len(page))
            changes = await asyncio.to_thread(
                lambda rows: [row.with_changes(self._texts.relationship(declared, row.values, found)) for row in rows], page
            )
            changes = [row for row in changes if row.changed]
            for row in changes:
                report.count(declared.type, row.values, row.changed)
            if changes and not report.dry_run:
                await self._graph.write(set_relationships(changes))

    async def _crashes(self, ids: Sequence[str], actor: Actor, report: RedactionReport) -> None:
        declared = NODES[CRASH]
        rows = await existing(self._graph, declared, ids)
        changes = await asyncio.to_thread(lambda: [row.with_changes(self._texts.crash(row.values)) for row in rows])

        async def work(tx: Transaction) -> int:
            written = await _write(declared, [row for row in changes if row.changed], tx)
            if written.keys:
                subjects = [f"{CRASH}:{id}" for id in sorted(written.keys)]
                await tx.run(append_events([NewEvent(EventKind.CRASHES_REDACTED, actor, subjects)]))
            return len(written.keys)

        written = await retry_conflicts(partial(self._graph.transact, work))
        report.left += sum(1 for row in changes if row.changed) - written

    def _looked_at(self, report: RedactionReport, count: int) -> None:
        report.looked_at += count
        self._progress(report.looked_at)


def _count(report: RedactionReport, declared: NodeDeclaration, rows: Sequence[Row]) -> None:
    for row in rows:
        report.count(declared.label, row.values, row.changed)


@dataclass(frozen=True, slots=True)
class _Written:
    keys: frozenset[str]
    joined: int = 0


async def _write(declared: NodeDeclaration, rows: Sequence[Row], tx: Transaction) -> _Written:
    """Change nodes that are as they were read; the old keys of those that were changed."""
    for statement in await lock_statements(declared, [row.key for row in rows], tx):
        await tx.run(statement)
    renamed = [row for row in rows if declared.key in row.changed]
    plain = [row for row in rows if declared.key not in row.changed]
    done = {one["key"] for one in await tx.run(compare_and_set(declared, plain))}
    joined = 0
    for row in renamed:
        # One at a time: two may get the same name.
        if written := await tx.run(compare_and_set(declared, [row], rename=False)):
            done.update(one["key"] for one in written)
            joined += await _rename(declared, row, tx)
    if declared.label == Version.__name__:
        await _chain(tx, {row.changed.get("product", row.values["product"]) for row in renamed})
    if renamed:
        # No event, but its lock: a backup must not read half of what is joined.
        await tx.run(append_events([]))
    return _Written(frozenset(done), joined)


async def _rename(declared: NodeDeclaration, row: Row, tx: Transaction) -> int:
    """Give a node its new key; 1 if it was joined with a node that has it."""
    [result] = await tx.run(join_statement(declared, row.key, row.changed[declared.key]))
    return int(result["joined"])


async def _chain(tx: Transaction, products: set[str]) -> None:
    for product in sorted(products):
        versions = await tx.run(query("ingest/versions", product=product))
        chain = [version_id(product, version) for version in ordered(one["version"] for one in versions)]
        await tx.run(query("ingest/version_chain", product=product, ids=chain))
