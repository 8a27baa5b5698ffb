"""The ingest pipeline: store submissions, one transaction per batch.

The life of a report, step by step:

1. :func:`graph.sources.files.read_path` (or an HTTP endpoint, GraphQL, :class:`graph.sources.tail.Follower`) reads a
   :class:`~graph.sources.submission.Submission` from a file, a stream or a request.
2. :func:`graph.parsing.read.read` detects the format and parses the reports in the text; the parser picks the culprit with
   :func:`graph.rules.culprit.culprit`.
3. :meth:`graph.redaction.redactor.Redactor.scrub` replaces secrets in the text,
   :func:`graph.redaction.parsed_report.scrub_report` the same ones in the parsed report.
4. :func:`graph.fingerprint.compute.fingerprint` computes the fingerprint, on normalised names and messages
   (:mod:`graph.fingerprint.normalisation`).
5. :func:`graph.diagnosis.diagnose.diagnose` assigns the error code.
   Steps 2 to 5 are :meth:`graph.ingest.process.ReportProcessor.process`.
6. :meth:`graph.ingest.prepare.CrashBuilder.prepare` makes the crash with its id (:func:`graph.ingest.prepare.crash_id_of`)
   and its environment (:func:`graph.model.environment.environment_of`).
7. ``ingest/known_crashes`` finds the crashes that are stored already (:meth:`IngestPipeline._stored`).
8. :meth:`graph.matching.signature_matcher.SignatureMatcher.match` decides the pattern of each signature: known ones by hash;
   for new ones :func:`graph.matching.retrieval.retrieve_neighbours` gets candidates,
   :func:`graph.matching.rulings.rulings_by_hash` what people decided, and :func:`graph.matching.cascade.decide` takes the
   decision.
9. :mod:`graph.ingest.rows` makes the rows, and :meth:`IngestPipeline._write` stores everything in one transaction:
   signatures, frames, environments, crashes, roll-ups, regressions (:mod:`graph.ingest.regressions`), events
   (:mod:`graph.ingest.events`), and ``ingest/rehome_merged`` for patterns merged meanwhile.
10. :func:`graph.ingest.receipt.receipt` builds the receipt.

A batch is stored whole or not at all, and stored crashes are recognised by their id. A run that was killed can be repeated; it
ends with every report stored once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice

import structlog

from graph.algorithms.version_order import ordered
from graph.cypher import query
from graph.ingest.events import batch_events
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.preparer import Preparer, ThreadPreparer
from graph.ingest.receipt import Receipt, duplicate_receipt, receipt
from graph.ingest.regressions import recurrence_statements
from graph.ingest.rows import crash_row, environment_rows, frame_rows, roll_up_rows, seen_in_rows, signature_rows
from graph.knowledge.events import append_events
from graph.matching.cascade import Decision
from graph.matching.signature_matcher import SignatureMatcher
from graph.model.actor import INGEST, Actor, Scope
from graph.model.environment import version_id
from graph.model.errors import ConflictError, GraphError, UnavailableError
from graph.model.severity import SEVERITIES
from graph.parsing.python.parser import PythonParser
from graph.ports import Graph, Row, Transaction
from graph.retry import retry_conflicts
from graph.sources.submission import Submission

log = structlog.get_logger(__name__)


class IngestPipeline:
    """Stores the submissions of one installation. Several pipelines may write to one graph concurrently."""

    def __init__(
        self,
        graph: Graph,
        crash_builder: CrashBuilder,
        signature_matcher: SignatureMatcher,
        *,
        model: str,
        preparer: Preparer | None = None,
    ) -> None:
        """``model`` is the name of the embedding model, stored with each signature; by default a thread prepares."""
        self._graph = graph
        self.crash_builder = crash_builder
        self.preparer = preparer or ThreadPreparer(crash_builder)
        self._signature_matcher = signature_matcher
        self._model = model
        self._chained: set[str] = set()

    def with_preparer(self, preparer: Preparer) -> IngestPipeline:
        """The same with another preparer."""
        return IngestPipeline(self._graph, self.crash_builder, self._signature_matcher, model=self._model, preparer=preparer)

    async def receive(self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Store submissions; receipts in input order, one per report, each with up to ``candidates`` patterns considered.

        ``UnavailableError`` if Neo4j goes away: repeat the call.
        """
        return list(chain.from_iterable(await self.receive_each(submissions, candidates=candidates, actor=actor)))

    async def receive_each(
        self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST
    ) -> list[list[Receipt]]:
        """As :meth:`receive`, with a list of receipts per submission."""
        actor.require(Scope.REPORT)
        groups = await self.preparer.prepare(submissions, datetime.now(UTC))
        receipts = iter(await self.store(list(chain.from_iterable(groups)), candidates=candidates, actor=actor))
        return [list(islice(receipts, len(group))) for group in groups]

    async def store(self, crashes: Sequence[PreparedCrash], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Store prepared crashes in one transaction; receipts in their order.

        If the server refuses it, it is bisected to the offending crash, which is kept as ``unparsed`` with the reason; the
        others are stored. An error is raised if the graph is away, or refuses more than this crash.
        """
        try:
            return await self._store_with_retries(crashes, candidates, actor)
        except (UnavailableError, ConflictError):
            raise
        except GraphError as error:
            reason = str(error)
        except Exception as error:
            # A defect of ours that one report meets must not cost the others.
            log.exception("a batch could not be stored; it is halved", reports=len(crashes))
            reason = f"{type(error).__name__} while it was stored"
        if len(crashes) == 1:
            await self._check_matching()
            return await self._store_with_retries([self.crash_builder.refused(crashes[0], reason)], candidates, actor)
        half = len(crashes) // 2
        first = await self.store(crashes[:half], candidates=candidates, actor=actor)
        return first + await self.store(crashes[half:], candidates=candidates, actor=actor)

    async def _check_matching(self) -> None:
        """Raise if the graph cannot match even an example: then it is not the report that is at fault."""
        (example,) = self.crash_builder.prepare(Submission(report=PythonParser.example), datetime.now(UTC))
        await self._signature_matcher.match([example.fingerprint], explained=True)

    async def stream(
        self, submissions: Iterable[Submission], batch_size: int, *, candidates: int = 0, actor: Actor = INGEST
    ) -> AsyncIterator[list[Receipt]]:
        """Receipts per batch, in input order. The next batch is read and parsed while Neo4j stores the current one."""
        actor.require(Scope.REPORT)
        source = iter(submissions)
        prepared = await self._prepare_batch(source, batch_size)
        while prepared:
            storing = asyncio.create_task(self.store(prepared, candidates=candidates, actor=actor))
            try:
                prepared = await self._prepare_batch(source, batch_size)
            finally:
                receipts = await storing
            yield receipts

    async def _prepare_batch(self, source: Iterator[Submission], size: int) -> list[PreparedCrash]:
        submissions = await asyncio.to_thread(lambda: list(islice(source, size)))
        return list(chain.from_iterable(await self.preparer.prepare(submissions, datetime.now(UTC))))

    async def _store_with_retries(self, items: Sequence[PreparedCrash], candidates: int, actor: Actor) -> list[Receipt]:
        # Another writer may store part of the batch between our read and our write.
        return await retry_conflicts(lambda: self._store_batch(items, candidates, actor))

    async def _store_batch(self, items: Sequence[PreparedCrash], candidates: int, actor: Actor) -> list[Receipt]:
        stored = await self._stored(items)
        fresh = [item for item in _first_of_each(items) if item.crash.crash_id not in stored]
        matched = await self._signature_matcher.match((item.fingerprint for item in fresh), with_candidates=candidates > 0)
        decisions = await self._write(fresh, matched, actor)
        await self._chain_versions(fresh)
        return _receipts(items, stored, decisions, candidates)

    async def _stored(self, items: Sequence[PreparedCrash]) -> dict[str, Row]:
        rows = await self._graph.read(query("ingest/known_crashes", ids=[item.crash.crash_id for item in items]))
        return {row["crash_id"]: row for row in rows}

    async def _write(
        self, fresh: Sequence[PreparedCrash], decisions: Mapping[str, Decision], actor: Actor
    ) -> Mapping[str, Decision]:
        """Write everything in one transaction; the decisions with the pattern each new signature was stored in."""
        if not fresh:
            return decisions
        new = [(decision.incoming, decision) for decision in decisions.values() if decision.incoming is not None]
        rolled_up = roll_up_rows(fresh)
        statements = [
            query("ingest/environments", rows=environment_rows(fresh)),
            query("ingest/crashes", rows=[crash_row(item) for item in fresh]),
            query("ingest/lock_patterns", exacts=[row["exact"] for row in rolled_up]),
            query("ingest/roll_up", rows=rolled_up, severities=list(SEVERITIES)),
            query("ingest/seen_in", rows=seen_in_rows(fresh)),
            *recurrence_statements(fresh),
        ]
        if new:
            signatures = signature_rows(new, fresh, self._model)
            statements = [
                query("ingest/signatures", rows=signatures),
                query("ingest/frames", rows=frame_rows(incoming.fingerprint for incoming, _ in new)),
                *statements,
                query("ingest/rehome_merged", exacts=[row["signature"]["exact"] for row in signatures]),
            ]

        async def work(tx: Transaction) -> dict[str, list[Row]]:
            rows = {statement.name: await tx.run(statement) for statement in statements}
            _check_linked(rows["ingest/crashes"])
            await tx.run(append_events(batch_events(fresh, rows, actor)))
            return rows

        rows = await self._graph.transact(work)
        if not new:
            return decisions
        self._signature_matcher.count_stored(new)
        return {**decisions, **_as_written([*rows["ingest/signatures"], *rows["ingest/rehome_merged"]], decisions)}

    async def _chain_versions(self, fresh: Sequence[PreparedCrash]) -> None:
        """Order the versions of each product that has one this process has not seen before."""
        versions = {(item.crash.product or "", item.crash.version) for item in fresh if item.crash.version}
        products = {product for product, version in versions if version_id(product, version or "") not in self._chained}
        for product in sorted(products):
            rows = await self._graph.read(query("ingest/versions", product=product))
            ids = [version_id(product, version) for version in ordered(row["version"] for row in rows)]
            # No event, but its lock: a backup must not read half of a chain.
            await self._graph.write(query("ingest/version_chain", product=product, ids=ids), append_events([]))
            self._chained.update(ids)


def _as_written(rows: Iterable[Row], decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    return {row["exact"]: decisions[row["exact"]].moved_to(row["pattern_id"], row["pattern_name"]) for row in rows}


def _check_linked(rows: Iterable[Row]) -> None:
    """``ConflictError`` if a signature was deleted after the reports were matched: match them again."""
    if any(row["unlinked"] for row in rows):
        raise ConflictError("ingest: a signature or environment was deleted meanwhile")


def _first_of_each(items: Iterable[PreparedCrash]) -> list[PreparedCrash]:
    return list({item.crash.crash_id: item for item in reversed(list(items))}.values())[::-1]


def _receipts(
    items: Sequence[PreparedCrash], stored: Mapping[str, Row], decisions: Mapping[str, Decision], candidates: int
) -> list[Receipt]:
    """Receipts in input order.

    The first crash of a new signature has its decision; later ones of the batch are exact matches.
    """
    placed: set[str] = set()
    by_crash: dict[str, Receipt] = {}
    receipts = []
    for item in items:
        crash_id = item.crash.crash_id
        if crash_id in stored:
            receipts.append(duplicate_receipt(item, stored[crash_id], candidates=candidates))
        elif crash_id in by_crash:
            receipts.append(duplicate_receipt(item, _stored_row(by_crash[crash_id]), candidates=candidates))
        else:
            exact = item.fingerprint.exact if item.fingerprint else ""
            by_crash[crash_id] = receipt(item, decisions.get(exact), repeated=exact in placed, candidates=candidates)
            placed.add(exact)
            receipts.append(by_crash[crash_id])
    return receipts


def _stored_row(earlier: Receipt) -> Row:
    """The row that ``ingest/known_crashes`` would return for a receipt of the same batch."""
    return {
        "crash_id": earlier.crash_id,
        "status": earlier.status,
        "reason": earlier.reason,
        "pattern_id": earlier.pattern_id,
        "pattern_name": earlier.pattern_name,
    }
