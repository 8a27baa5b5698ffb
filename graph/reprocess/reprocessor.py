"""Make the fingerprints of stored crashes anew, after the normalisation changed: what would become of them, and doing it.

Each different report is read again through the parsers. Then :mod:`graph.reprocess.placement` says where the new signatures
belong, and :mod:`graph.reprocess.batch` carries it out in small transactions.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.cypher import query
from graph.fingerprint.compute import Fingerprint
from graph.fingerprint.normalisation import CHANGELOG, VERSION
from graph.ingest.rows import signature_of
from graph.model.convert import properties
from graph.model.errors import InvalidInputError
from graph.ports import Embedder, Graph, Row
from graph.reprocess.batch import BatchResult, ReprocessBatch, apply_batch, into
from graph.reprocess.placement import DistinctPair, ExistingSignature, OutdatedSignature, Placement, Successor, place_signatures
from graph.reprocess.reparse import Reparser, ReparseSource

CRASHES_AT_ONCE = 500
"""Crashes of one transaction."""
SIGNATURES_AT_ONCE = 100
LOOKED_AT = 2_000
"""Crashes whose reports are asked for at once; a signature that has more is looked at by itself."""
REPORTS_AT_ONCE = 64
NAMED_AT_ONCE = 1_000


def check_version(version: str | None) -> str:
    """The version asked for, the newest if none; ``InvalidInputError`` for one that is unknown or can be made no more."""
    known = [change.version for change in CHANGELOG]
    if version is not None and version not in known:
        raise InvalidInputError(f"version: {version!r:.40} is none of {', '.join(known)}")
    if version not in (None, VERSION):
        raise InvalidInputError(f"version: fingerprints of {version} can be made no more; only those of {VERSION} can")
    return VERSION


@dataclass(frozen=True, slots=True)
class ReprocessPlan:
    """What is to become of the signatures of other versions. ``unread`` counts crashes that no parser understands any more."""

    olds: tuple[OutdatedSignature, ...]
    claims: Mapping[str, Sequence[Successor]]
    unread: Mapping[str, int]
    present: Mapping[str, ExistingSignature]
    settled: Placement
    into: Mapping[str, str] = field(default_factory=dict)

    def carried_out(self, old: OutdatedSignature) -> list[Successor]:
        """The claims of a signature that are not held."""
        return [one for one in self.claims.get(old.exact, ()) if (old.exact, one.new) not in self.settled.held]


class Reprocessor:
    """Makes the fingerprints of one graph anew."""

    def __init__(
        self,
        graph: Graph,
        embedder: Embedder,
        *,
        version: str = VERSION,
        reread: Reparser | None = None,
        progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> None:
        """``version`` is that of the fingerprints that ``reread`` makes; ``progress`` is told crashes done and of how many."""
        self._graph = graph
        self._embedder = embedder
        self._version = version
        self._reread = reread or Reparser()
        self._progress = progress

    async def plan(self) -> ReprocessPlan:
        """Read everything again and say what is to become of it; nothing is changed."""
        rows = await self._graph.read(query("reprocess/outdated_signatures", version=self._version))
        olds = tuple(
            OutdatedSignature(
                row["exact"], row["title"], row["pattern_id"], row["created_at"], row["by_person"], row["crashes"]
            )
            for row in rows
        )
        claims: dict[str, list[Successor]] = {}
        unread: dict[str, int] = {}
        looked, crashes = 0, sum(old.crashes for old in olds)
        for batch in _batches(olds):
            groups = [one async for one in self._groups([old.exact for old in batch])]
            for old in batch:
                mine = [(new, ids) for exact, new, ids in groups if exact == old.exact]
                claims[old.exact], unread[old.exact] = _claims(old, mine)
                looked += old.crashes
            self._progress(looked, crashes)
        everything = [one for found in claims.values() for one in found]
        present = await self._present({one.new for one in everything})
        settled = place_signatures(everything, present, await self._apart())
        return ReprocessPlan(olds, claims, unread, present, settled, into(_between(everything, present, settled)))

    async def apply(self, plan: ReprocessPlan) -> BatchResult:
        """Carry a plan out. What changed meanwhile is left for the next run."""
        done = BatchResult()
        made: set[str] = set()
        total = sum(one.crashes for old in plan.olds for one in plan.carried_out(old))
        async for step in self._steps(plan, made):
            while True:
                now = await apply_batch(self._graph, step, self._version, CRASHES_AT_ONCE)
                done += now
                self._progress(done.crashes, total)
                if now.crashes < CRASHES_AT_ONCE or any(one["ids"] is not None for one in step.moves):
                    break
                step.created, step.frames, step.rehomed = [], [], []
        return done

    async def _steps(self, plan: ReprocessPlan, made: set[str]) -> AsyncIterator[ReprocessBatch]:
        pending: list[tuple[Successor, list[str] | None]] = []
        size = 0
        for old in plan.olds:
            for claim, ids in await self._moves(plan, old):
                count = claim.crashes if ids is None else len(ids)
                if pending and (size + count > CRASHES_AT_ONCE or len(pending) >= SIGNATURES_AT_ONCE):
                    yield await self._step(plan, pending, made)
                    pending, size = [], 0
                pending.append((claim, ids))
                size += count
        if pending:
            yield await self._step(plan, pending, made)

    async def _moves(self, plan: ReprocessPlan, old: OutdatedSignature) -> list[tuple[Successor, list[str] | None]]:
        """What becomes of a signature: all crashes to one new one, or which ones to which."""
        claims = plan.carried_out(old)
        if len(plan.claims.get(old.exact, ())) == 1:
            return [(claim, None) for claim in claims]
        crashes: dict[str, list[str]] = defaultdict(list)
        main = max(plan.claims[old.exact], key=lambda one: one.crashes).new if claims else ""
        async for _, new, ids in self._groups([old.exact] if claims else []):
            crashes[new.exact if new else main] += ids
        return [
            (claim, crashes[claim.new][start : start + CRASHES_AT_ONCE])
            for claim in claims
            for start in range(0, len(crashes[claim.new]), CRASHES_AT_ONCE)
        ]

    async def _step(
        self, plan: ReprocessPlan, pending: Sequence[tuple[Successor, list[str] | None]], made: set[str]
    ) -> ReprocessBatch:
        settled = plan.settled
        step = ReprocessBatch(into=dict(plan.into))
        fresh: dict[str, Successor] = {}
        for claim, ids in pending:
            home = settled.homes[claim.new]
            step.moves.append({"old": claim.old.exact, "new": claim.new, "ids": ids})
            step.homes[claim.new], step.sources[claim.old.exact] = home, claim.old.pattern_id
            if claim.new in made or claim.new not in settled.follows:
                continue
            made.add(claim.new)
            if claim.new in plan.present:
                row = {"exact": claim.new, "follows": settled.follows[claim.new], "pattern_id": home}
                step.rehomed.append(row)
            else:
                fresh[claim.new] = claim
        for one, signature, frames in await self._signatures(list(fresh.values())):
            follows = settled.follows[one.new]
            step.created.append({"signature": signature, "follows": follows, "pattern_id": settled.homes[one.new]})
            step.frames += frames
        return step

    async def _signatures(self, claims: Sequence[Successor]) -> list[tuple[Successor, Row, list[Row]]]:
        """New signatures with their stacks. Only texts that are not those of the old ones are embedded."""
        found = await self._fingerprints([one.sample for one in claims])
        prints = [(one, mine) for one in claims if (mine := found.get(one.sample)) is not None and mine.exact == one.new]
        olds = await self._graph.read(query("reprocess/known_texts", exacts=sorted({one.old.exact for one, _ in prints})))
        known = {row["text"]: row["embedding"] for row in olds if row["model"] == self._embedder.name}
        texts = sorted({mine.text for _, mine in prints} - known.keys())
        if texts:
            vectors = await asyncio.to_thread(self._embedder.embed, texts)
            known |= {text: vector.tolist() for text, vector in zip(texts, vectors, strict=True)}
        return [(one, self._signature(mine, known[mine.text]), _frames(mine)) for one, mine in prints]

    def _signature(self, mine: Fingerprint, embedding: Sequence[float]) -> Row:
        signature = replace(signature_of(mine, embedding, self._embedder.name), fingerprint_version=self._version)
        return properties(signature)

    async def _groups(self, exacts: Sequence[str]) -> AsyncIterator[tuple[str, Fingerprint | None, list[str]]]:
        """The crashes of these signatures by their reports, each with the fingerprint of now."""
        rows = await self._graph.read(query("reprocess/distinct_reports", exacts=list(exacts))) if exacts else []
        for start in range(0, len(rows), REPORTS_AT_ONCE):
            chunk = rows[start : start + REPORTS_AT_ONCE]
            found = await self._fingerprints([row["crash_ids"][0] for row in chunk])
            for row in chunk:
                yield row["exact"], found.get(row["crash_ids"][0]), row["crash_ids"]

    async def _fingerprints(self, crash_ids: Sequence[str]) -> dict[str, Fingerprint | None]:
        rows = await self._graph.read(query("reprocess/reports", ids=list(crash_ids))) if crash_ids else []
        stored = {
            row["crash_id"]: ReparseSource(
                row["format"], row["report"], row["error_type"] or "", row["message"] or "", frozenset(row["functions"])
            )
            for row in rows
        }
        return await asyncio.to_thread(lambda: {id: self._reread.fingerprint(one) for id, one in stored.items()})

    async def _present(self, news: Iterable[str]) -> dict[str, ExistingSignature]:
        wanted = sorted(news)
        found: dict[str, ExistingSignature] = {}
        for start in range(0, len(wanted), NAMED_AT_ONCE):
            rows = await self._graph.read(query("reprocess/existing_signatures", exacts=wanted[start : start + NAMED_AT_ONCE]))
            for row in rows:
                there = ExistingSignature(row["pattern_id"], row["created_at"], row["by_person"], row["crashes"])
                found[row["exact"]] = there
        return found

    async def _apart(self) -> list[DistinctPair]:
        return [DistinctPair(**row) for row in await self._graph.read(query("reprocess/distinct_pairs", ordinal=0))]


def _batches(olds: Sequence[OutdatedSignature]) -> Iterator[list[OutdatedSignature]]:
    """Signatures of so many crashes that their reports can be looked at together."""
    batch: list[OutdatedSignature] = []
    size = 0
    for old in olds:
        if batch and (size + old.crashes > LOOKED_AT or len(batch) >= NAMED_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(old)
        size += old.crashes
    if batch:
        yield batch


def _claims(old: OutdatedSignature, groups: Iterable[tuple[Fingerprint | None, list[str]]]) -> tuple[list[Successor], int]:
    """The new signatures of an old one, and how many crashes are understood no more; those follow most of the others."""
    counts: Counter[str] = Counter()
    titles: dict[str, str] = {}
    samples: dict[str, str] = {}
    unread = 0
    for mine, ids in groups:
        if mine is None:
            unread += len(ids)
            continue
        counts[mine.exact] += len(ids)
        titles[mine.exact] = mine.title
        samples.setdefault(mine.exact, ids[0])
    if counts and unread:
        counts[max(counts, key=lambda new: counts[new])] += unread
    return [Successor(old, new, titles[new], counts[new], samples[new]) for new in counts], unread


def _between(
    claims: Iterable[Successor], present: Mapping[str, ExistingSignature], settled: Placement
) -> Iterator[tuple[str, str, int]]:
    """How many crashes go from one pattern to another."""
    for claim in claims:
        if (claim.old.exact, claim.new) not in settled.held:
            yield claim.old.pattern_id, settled.homes[claim.new], claim.crashes
    for new, there in present.items():
        if new in settled.follows:
            yield there.pattern_id, settled.homes[new], there.crashes


def _frames(mine: Fingerprint) -> list[Row]:
    return [
        {"exact": mine.exact, "position": position, "key": frame.key, "function": frame.function, "module": frame.module}
        for position, frame in enumerate(mine.frames)
    ]
