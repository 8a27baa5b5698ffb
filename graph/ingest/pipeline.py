"""Store submissions: prepare, recognise, write, one transaction per chunk.

A chunk is stored whole or not at all, and what is stored already is recognised by its id, so a run that was
killed can be repeated: it ends with every report stored once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice

from graph.algorithms.version_order import ordered
from graph.cypher import query
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.receipt import Receipt, duplicate_receipt, receipt, rejected_receipt
from graph.ingest.regressions import recurrence_statements
from graph.ingest.rows import crash_row, environment_rows, frame_rows, roll_up_rows, signature_rows
from graph.matching.cascade import Decision
from graph.matching.signature_matcher import SignatureMatcher
from graph.model.actor import INGEST, Actor, Scope
from graph.model.environment import version_id
from graph.model.errors import ConflictError, QueryError
from graph.model.severity import SEVERITIES
from graph.ports import Graph, Row
from graph.sources.submission import Submission

ATTEMPTS = 4
"""How often a chunk is looked at anew after another writer stored part of it first."""


class IngestPipeline:
    """Stores submissions of one installation. Several may work on one graph at a time."""

    def __init__(self, graph: Graph, preparer: CrashBuilder, recogniser: SignatureMatcher, *, model: str) -> None:
        """The parts are given by the composition root; ``model`` names what makes the embeddings."""
        self._graph = graph
        self._preparer = preparer
        self._recogniser = recogniser
        self._model = model
        self._chained: set[str] = set()

    async def receive(self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Store them and say where each report went, in order. A submission may hold several reports.

        What the server refuses is narrowed down to the single report, which comes back as ``rejected`` with the
        reason while the others are stored. ``UnavailableError`` when Neo4j goes away: repeat the call then.
        """
        return list(chain.from_iterable(await self.receive_each(submissions, candidates=candidates, actor=actor)))

    async def receive_each(
        self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST
    ) -> list[list[Receipt]]:
        """As :meth:`receive`, the receipts of each submission in a list of their own."""
        actor.require(Scope.REPORT)
        now = datetime.now(UTC)
        groups = await asyncio.to_thread(lambda: [self._preparer.prepare(one, now) for one in submissions])
        receipts = iter(await self._store([item for group in groups for item in group], candidates, actor))
        return [list(islice(receipts, len(group))) for group in groups]

    async def stream(
        self, submissions: Iterable[Submission], batch_size: int, *, candidates: int = 0, actor: Actor = INGEST
    ) -> AsyncIterator[list[Receipt]]:
        """Receipts of each batch, in order. The next batch is read and parsed while Neo4j stores the one before."""
        actor.require(Scope.REPORT)
        source = iter(submissions)
        prepared = await asyncio.to_thread(self._prepare_batch, source, batch_size)
        while prepared:
            storing = asyncio.create_task(self._store(prepared, candidates, actor))
            try:
                prepared = await asyncio.to_thread(self._prepare_batch, source, batch_size)
            finally:
                receipts = await storing
            yield receipts

    def prepared(self, submission: Submission) -> list[PreparedCrash]:
        """What would be stored of a submission, before the graph is asked anything."""
        return self._preparer.prepare(submission, datetime.now(UTC))

    def _prepare_batch(self, source: Iterator[Submission], size: int) -> list[PreparedCrash]:
        now = datetime.now(UTC)
        return [item for one in islice(source, size) for item in self._preparer.prepare(one, now)]

    async def _store(self, items: Sequence[PreparedCrash], candidates: int, actor: Actor) -> list[Receipt]:
        try:
            return await self._store_again(items, candidates, actor)
        except QueryError as error:
            if len(items) == 1:
                return [rejected_receipt(items[0], str(error))]
            half = len(items) // 2
            first = await self._store(items[:half], candidates, actor)
            return first + await self._store(items[half:], candidates, actor)

    async def _store_again(self, items: Sequence[PreparedCrash], candidates: int, actor: Actor) -> list[Receipt]:
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._store_chunk(items, candidates, actor)
            except ConflictError:
                # Another writer stored some of it between our look and our write: look again.
                continue
        return await self._store_chunk(items, candidates, actor)

    async def _store_chunk(self, items: Sequence[PreparedCrash], candidates: int, actor: Actor) -> list[Receipt]:  # noqa: ARG002
        stored = await self._stored(items)
        fresh = [item for item in _first_of_each(items) if item.crash.crash_id not in stored]
        recognised = await self._recogniser.recognise((item.fingerprint for item in fresh), with_candidates=candidates > 0)
        decisions = await self._write(fresh, recognised)
        await self._chain_versions(fresh)
        return _receipts(items, stored, decisions, candidates)

    async def _stored(self, items: Sequence[PreparedCrash]) -> dict[str, Row]:
        rows = await self._graph.read(query("ingest/known_crashes", ids=[item.crash.crash_id for item in items]))
        return {row["crash_id"]: row for row in rows}

    async def _write(self, fresh: Sequence[PreparedCrash], decisions: Mapping[str, Decision]) -> Mapping[str, Decision]:
        """Write all in one transaction; the decisions with the pattern that each new signature really got."""
        if not fresh:
            return decisions
        new = [(decision.question, decision) for decision in decisions.values() if decision.question is not None]
        statements = [
            query("ingest/environments", rows=environment_rows(fresh)),
            query("ingest/crashes", rows=[crash_row(item) for item in fresh]),
            query("ingest/roll_up", rows=roll_up_rows(fresh), severities=list(SEVERITIES)),
            *recurrence_statements(fresh),
        ]
        if not new:
            await self._graph.write(*statements)
            return decisions
        rows = signature_rows(new, fresh, self._model)
        frames = query("ingest/frames", rows=frame_rows(question for question, _ in new))
        led_on = query("ingest/rehome_merged", exacts=[row["signature"]["exact"] for row in rows])
        results = await self._graph.write(query("ingest/signatures", rows=rows), frames, *statements, led_on)
        self._recogniser.learned(question.fingerprint for question, _ in new)
        return {**decisions, **_as_written([*results[0], *results[-1]], decisions)}

    async def _chain_versions(self, fresh: Sequence[PreparedCrash]) -> None:
        """Put versions not seen by this process before into the order of their product."""
        told = {(item.crash.product or "", item.crash.version) for item in fresh if item.crash.version}
        products = {product for product, version in told if version_id(product, version or "") not in self._chained}
        for product in sorted(products):
            versions = ordered(row["version"] for row in await self._graph.read(query("ingest/versions", product=product)))
            ids = [version_id(product, version) for version in versions]
            await self._graph.write(query("ingest/version_chain", product=product, ids=ids))
            self._chained.update(ids)


def _as_written(rows: Iterable[Row], decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    return {row["exact"]: decisions[row["exact"]].moved_to(row["pattern_id"], row["pattern_name"]) for row in rows}


def _first_of_each(items: Iterable[PreparedCrash]) -> list[PreparedCrash]:
    return list({item.crash.crash_id: item for item in reversed(list(items))}.values())[::-1]


def _receipts(
    items: Sequence[PreparedCrash], stored: Mapping[str, Row], decisions: Mapping[str, Decision], candidates: int
) -> list[Receipt]:
    """In the order of the items: the first crash of a new signature tells how it was placed, the next ones are exact."""
    told: set[str] = set()
    answered: dict[str, Receipt] = {}
    found = []
    for item in items:
        crash_id = item.crash.crash_id
        if crash_id in stored:
            found.append(duplicate_receipt(item, stored[crash_id], candidates=candidates))
        elif crash_id in answered:
            found.append(duplicate_receipt(item, _row(answered[crash_id]), candidates=candidates))
        else:
            exact = item.fingerprint.exact if item.fingerprint else ""
            answered[crash_id] = receipt(item, decisions.get(exact), repeated=exact in told, candidates=candidates)
            told.add(exact)
            found.append(answered[crash_id])
    return found


def _row(earlier: Receipt) -> Row:
    return {
        "crash_id": earlier.crash_id,
        "status": earlier.status,
        "reason": earlier.reason,
        "pattern_id": earlier.pattern_id,
        "pattern_name": earlier.pattern_name,
    }
