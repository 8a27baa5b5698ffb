"""Reprocess stored crashes after the normalisation changed: plan the new signatures, and apply the plan.

Each distinct report is parsed again; :mod:`graph.reprocess.placement` places the new signatures in patterns, and
:mod:`graph.reprocess.batch` applies the plan in small transactions.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from graph.cypher import query
from graph.fingerprint.compute import Fingerprint
from graph.fingerprint.normalisation import CHANGELOG, VERSION
from graph.fingerprint.pattern_names import pattern_names
from graph.ingest.rows import signature_of
from graph.model.convert import properties
from graph.model.errors import InvalidInputError
from graph.model.nodes import FOUNDING_CONFIDENCE
from graph.model.quoting import quoted
from graph.model.relationships import OfPattern
from graph.ports import Embedder, Graph, Row
from graph.reprocess.batch import BatchResult, ReprocessBatch, apply_batch, merge_targets
from graph.reprocess.placement import DistinctPair, ExistingSignature, OutdatedSignature, Placement, Successor, place_signatures
from graph.reprocess.reparse import Reparser, ReparseSource

CRASHES_AT_ONCE = 500
"""Maximum number of crashes per transaction."""
SIGNATURES_PER_BATCH = 100
CRASHES_READ = 2_000
"""Maximum number of crashes per read of reports; a signature with more is read alone."""
REPORTS_READ = 64
SIGNATURES_READ = 1_000


def check_version(version: str | None) -> str:
    """The requested version, by default the newest; ``InvalidInputError`` for one that is unknown or no longer supported."""
    known = [change.version for change in CHANGELOG]
    if version is not None and version not in known:
        raise InvalidInputError(f"version: {quoted(version)} is not one of {', '.join(known)}")
    if version not in (None, VERSION):
        raise InvalidInputError(f"version: {version} is no longer supported; use {VERSION}")
    return VERSION


@dataclass(frozen=True, slots=True)
class ReprocessPlan:
    """The successors of all outdated signatures and their placement.

    ``unread`` counts crashes that no parser accepts any longer.
    """

    outdated: tuple[OutdatedSignature, ...]
    successors: Mapping[str, Sequence[Successor]]
    unread: Mapping[str, int]
    existing: Mapping[str, ExistingSignature]
    placement: Placement
    into: Mapping[str, str] = field(default_factory=dict)

    def unblocked(self, old: OutdatedSignature) -> list[Successor]:
        """The successors of a signature that no verdict blocks."""
        return [
            successor
            for successor in self.successors.get(old.exact, ())
            if (old.exact, successor.new) not in self.placement.blocked
        ]


class Reprocessor:
    """Reprocesses the crashes of one graph."""

    def __init__(
        self,
        graph: Graph,
        embedder: Embedder,
        *,
        version: str = VERSION,
        reparser: Reparser | None = None,
        progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> None:
        """``version`` is that of the fingerprints of ``reparser``; ``progress`` is called with crashes done and in total."""
        self._graph = graph
        self._embedder = embedder
        self._version = version
        self._reparser = reparser or Reparser()
        self._progress = progress

    async def plan(self) -> ReprocessPlan:
        """Reparse all outdated crashes and plan their signatures; nothing is written."""
        rows = await self._graph.read(query("reprocess/outdated_signatures", version=self._version))
        outdated = tuple(
            OutdatedSignature(
                row["exact"],
                row["title"],
                row["pattern_id"],
                row["created_at"],
                row["by_person"],
                row["crashes"],
                row["error_type"] or "",
            )
            for row in rows
        )
        successors: dict[str, list[Successor]] = {}
        unread: dict[str, int] = {}
        read, crashes = 0, sum(old.crashes for old in outdated)
        for batch in _read_groups(outdated):
            groups = [group async for group in self._groups([old.exact for old in batch])]
            for old in batch:
                reports = [(fingerprint, ids) for exact, fingerprint, ids in groups if exact == old.exact]
                successors[old.exact], unread[old.exact] = _successors(old, reports)
                read += old.crashes
            self._progress(read, crashes)
        all_successors = [successor for group in successors.values() for successor in group]
        existing = await self._existing({successor.new for successor in all_successors})
        placement = place_signatures(all_successors, existing, await self._distinct_pairs())
        return ReprocessPlan(
            outdated, successors, unread, existing, placement, merge_targets(_between(all_successors, existing, placement))
        )

    async def apply(self, plan: ReprocessPlan) -> BatchResult:
        """Apply a plan. Signatures that changed meanwhile are left to the next run."""
        done = BatchResult()
        made: set[str] = set()
        total = sum(successor.crashes for old in plan.outdated for successor in plan.unblocked(old))
        async for batch in self._reprocess_batches(plan, made):
            while True:
                now = await apply_batch(self._graph, batch, self._version, CRASHES_AT_ONCE)
                done += now
                self._progress(done.crashes, total)
                if now.crashes < CRASHES_AT_ONCE or any(move["ids"] is not None for move in batch.moves):
                    break
                batch.created, batch.founded, batch.frames, batch.rehomed = [], [], [], []
        return done

    async def _reprocess_batches(self, plan: ReprocessPlan, made: set[str]) -> AsyncIterator[ReprocessBatch]:
        pending: list[tuple[Successor, list[str] | None]] = []
        size = 0
        # Crashes leave for new patterns first, so that a run that was interrupted does not change the main fault of the rest.
        for old, founding in [(old, founding) for founding in (True, False) for old in plan.outdated]:
            if founding and not any(plan.placement.homes[one.new] in plan.placement.founded for one in plan.unblocked(old)):
                continue
            for successor, ids in await self._moves(plan, old):
                if founding != (plan.placement.homes[successor.new] in plan.placement.founded):
                    continue
                count = successor.crashes if ids is None else len(ids)
                if pending and (size + count > CRASHES_AT_ONCE or len(pending) >= SIGNATURES_PER_BATCH):
                    yield await self._batch(plan, pending, made)
                    pending, size = [], 0
                pending.append((successor, ids))
                size += count
        if pending:
            yield await self._batch(plan, pending, made)

    async def _moves(self, plan: ReprocessPlan, old: OutdatedSignature) -> list[tuple[Successor, list[str] | None]]:
        """The successors of a signature with the ids of their crashes, ``None`` for all."""
        successors = plan.unblocked(old)
        if len(plan.successors.get(old.exact, ())) == 1:
            return [(successor, None) for successor in successors]
        crashes: dict[str, list[str]] = defaultdict(list)
        main = max(plan.successors[old.exact], key=lambda successor: successor.crashes).new if successors else ""
        async for _, new, ids in self._groups([old.exact] if successors else []):
            crashes[new.exact if new else main] += ids
        return [
            (successor, crashes[successor.new][start : start + CRASHES_AT_ONCE])
            for successor in successors
            for start in range(0, len(crashes[successor.new]), CRASHES_AT_ONCE)
        ]

    async def _batch(
        self, plan: ReprocessPlan, pending: Sequence[tuple[Successor, list[str] | None]], made: set[str]
    ) -> ReprocessBatch:
        placement = plan.placement
        batch = ReprocessBatch(into=dict(plan.into))
        fresh: dict[str, Successor] = {}
        for successor, ids in pending:
            home = placement.homes[successor.new]
            batch.moves.append({"old": successor.old.exact, "new": successor.new, "ids": ids})
            batch.homes[successor.new], batch.sources[successor.old.exact] = home, successor.old.pattern_id
            if successor.new in made or successor.new not in placement.follows:
                continue
            made.add(successor.new)
            if successor.new in plan.existing:
                row = {"exact": successor.new, "follows": placement.follows[successor.new], "pattern_id": home}
                batch.rehomed.append(row)
            else:
                fresh[successor.new] = successor
        for successor, signature, frames in await self._signatures(list(fresh.values())):
            follows, home = placement.follows[successor.new], placement.homes[successor.new]
            placed = None
            if home in placement.founded:
                placed = properties(self._placed())
                batch.founded.append(self._founded(home, placement.founded[home], signature))
            batch.created.append({"signature": signature, "follows": follows, "pattern_id": home, "placed": placed})
            batch.frames += frames
        return batch

    def _placed(self) -> OfPattern:
        reason = f"another fault below the same wrapper, by fingerprints of version {self._version}"
        return OfPattern(strategy="new", confidence=FOUNDING_CONFIDENCE, reason=reason, placed_at=datetime.now(UTC))

    def _founded(self, pattern_id: str, source: str, signature: Row) -> Row:
        """A pattern to be founded by a signature, and names for it."""
        error_type, frames = signature["error_type"], signature["frames"][signature["blamed"] :]
        names = pattern_names(signature["title"], error_type, signature["cause"], frames, signature["exact"])
        pattern = {
            "pattern_id": pattern_id,
            "error_type": error_type,
            "confidence": FOUNDING_CONFIDENCE,
            "status": "open",
            "created_at": datetime.now(UTC),
        }
        return {"pattern": pattern, "source": source, "names": names}

    async def _signatures(self, successors: Sequence[Successor]) -> list[tuple[Successor, Row, list[Row]]]:
        """New signatures with their stacks. Only texts that outdated signatures do not have are embedded."""
        fingerprints = await self._fingerprints([successor.sample for successor in successors])
        new = [
            (successor, fingerprint)
            for successor in successors
            if (fingerprint := fingerprints.get(successor.sample)) is not None and fingerprint.exact == successor.new
        ]
        outdated = await self._graph.read(
            query("reprocess/known_texts", exacts=sorted({successor.old.exact for successor, _ in new}))
        )
        known = {row["text"]: row["embedding"] for row in outdated if row["model"] == self._embedder.name}
        texts = sorted({fingerprint.text for _, fingerprint in new} - known.keys())
        if texts:
            vectors = await asyncio.to_thread(self._embedder.embed, texts)
            known |= {text: vector.tolist() for text, vector in zip(texts, vectors, strict=True)}
        return [
            (successor, self._signature(fingerprint, known[fingerprint.text]), _frames(fingerprint))
            for successor, fingerprint in new
        ]

    def _signature(self, fingerprint: Fingerprint, embedding: Sequence[float]) -> Row:
        signature = replace(signature_of(fingerprint, embedding, self._embedder.name), fingerprint_version=self._version)
        return properties(signature)

    async def _groups(self, exacts: Sequence[str]) -> AsyncIterator[tuple[str, Fingerprint | None, list[str]]]:
        """Crashes by signature and distinct report, with the current fingerprint."""
        rows = await self._graph.read(query("reprocess/distinct_reports", exacts=list(exacts))) if exacts else []
        for start in range(0, len(rows), REPORTS_READ):
            chunk = rows[start : start + REPORTS_READ]
            fingerprints = await self._fingerprints([row["crash_ids"][0] for row in chunk])
            for row in chunk:
                yield row["exact"], fingerprints.get(row["crash_ids"][0]), row["crash_ids"]

    async def _fingerprints(self, crash_ids: Sequence[str]) -> dict[str, Fingerprint | None]:
        rows = await self._graph.read(query("reprocess/reports", ids=list(crash_ids))) if crash_ids else []
        stored = {
            row["crash_id"]: ReparseSource(
                row["format"], row["report"], row["error_type"] or "", row["message"] or "", frozenset(row["functions"])
            )
            for row in rows
        }
        return await asyncio.to_thread(lambda: {id: self._reparser.fingerprint(one) for id, one in stored.items()})

    async def _existing(self, exacts: Iterable[str]) -> dict[str, ExistingSignature]:
        wanted = sorted(exacts)
        existing: dict[str, ExistingSignature] = {}
        for start in range(0, len(wanted), SIGNATURES_READ):
            rows = await self._graph.read(
                query("reprocess/existing_signatures", exacts=wanted[start : start + SIGNATURES_READ])
            )
            for row in rows:
                existing[row["exact"]] = ExistingSignature(
                    row["pattern_id"], row["created_at"], row["by_person"], row["crashes"]
                )
        return existing

    async def _distinct_pairs(self) -> list[DistinctPair]:
        return [DistinctPair(**row) for row in await self._graph.read(query("reprocess/distinct_pairs", ordinal=0))]


def _read_groups(outdated: Sequence[OutdatedSignature]) -> Iterator[list[OutdatedSignature]]:
    """Groups of signatures for one read of reports."""
    batch: list[OutdatedSignature] = []
    size = 0
    for old in outdated:
        if batch and (size + old.crashes > CRASHES_READ or len(batch) >= SIGNATURES_READ):
            yield batch
            batch, size = [], 0
        batch.append(old)
        size += old.crashes
    if batch:
        yield batch


def _successors(old: OutdatedSignature, groups: Iterable[tuple[Fingerprint | None, list[str]]]) -> tuple[list[Successor], int]:
    """The successors of a signature, and the number of unreadable crashes, which go to the largest successor."""
    counts: Counter[str] = Counter()
    titles: dict[str, str] = {}
    types: dict[str, str] = {}
    samples: dict[str, str] = {}
    unread = 0
    for fingerprint, ids in groups:
        if fingerprint is None:
            unread += len(ids)
            continue
        counts[fingerprint.exact] += len(ids)
        titles[fingerprint.exact], types[fingerprint.exact] = fingerprint.title, fingerprint.error_type
        samples.setdefault(fingerprint.exact, ids[0])
    if counts and unread:
        counts[max(counts, key=lambda new: counts[new])] += unread
    return [Successor(old, new, titles[new], counts[new], samples[new], types[new]) for new in counts], unread


def _between(
    successors: Iterable[Successor], existing: Mapping[str, ExistingSignature], placement: Placement
) -> Iterator[tuple[str, str, int]]:
    """Source pattern, target pattern and number of crashes, per successor and existing signature."""
    for successor in successors:
        if (successor.old.exact, successor.new) not in placement.blocked:
            yield successor.old.pattern_id, placement.homes[successor.new], successor.crashes
    for new, signature in existing.items():
        if new in placement.follows:
            yield signature.pattern_id, placement.homes[new], signature.crashes


def _frames(fingerprint: Fingerprint) -> list[Row]:
    return [
        {"exact": fingerprint.exact, "position": position, "key": frame.key, "function": frame.function, "module": frame.module}
        for position, frame in enumerate(fingerprint.frames)
    ]
