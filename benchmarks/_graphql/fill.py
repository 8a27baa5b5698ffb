"""A large graph with a heavy tail, written in batches: crashes, their signatures, patterns, environments and counts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graph.cypher import query
from graph.ingest.prepare import PreparedCrash
from graph.ingest.rows import environment_rows, signature_of
from graph.model.convert import properties
from graph.model.integrity import sha256
from graph.model.nodes import FOUNDING_CONFIDENCE, Pattern
from graph.model.statement import Statement
from graph.ports import Graph

AT_ONCE = 5_000
START = datetime(2026, 1, 1, tzinfo=UTC)
TAIL = 1.2
"""The signature of rank r has r^-1.2 of the crashes of the first; the pattern of rank r as many of the signatures."""
PER_SIGNATURE, PER_PATTERN = 50, 4
"""Crashes per signature and signatures per pattern, in the mean."""

_SIGNATURES = """
UNWIND $rows AS row
MERGE (p:Pattern {pattern_id: row.pattern.pattern_id})
ON CREATE SET p = row.pattern
CREATE (s:Signature)-[:OF_PATTERN {strategy: 'exact', confidence: 0.9}]->(p)
SET s = row.signature
"""
_CRASHES = """
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})
MATCH (e:Environment {environment_id: row.environment})
WITH row, s, e, $samples[row.sample] AS sample
CREATE (c:Crash)
SET c = sample {.*, crash_id: row.id, exact: row.exact, occurred_at: row.at, received_at: row.at,
                site: e.site, product: e.product, version: e.version}
CREATE (c)-[:HAS_SIGNATURE]->(s)
CREATE (c)-[:OCCURRED_IN]->(e)
"""
_COUNTS = """
UNWIND $rows AS row
MATCH (p:Pattern {pattern_id: row.id})
SET p.occurrence_count = row.crashes, p.first_seen = row.first, p.last_seen = row.last
"""


class Filling:
    """A graph that grows."""

    def __init__(self, graph: Graph, samples: Sequence[PreparedCrash]) -> None:
        """Nodes look like those of the samples."""
        self._graph = graph
        self._samples = samples
        self._environments = sorted({item.environment.environment_id for item in samples if item.environment})
        self._rng = random.Random(7)
        self._size = 0
        self._patterns: list[str] = []
        """The pattern of each signature, by its rank."""
        self._seen: dict[str, tuple[int, datetime, datetime]] = {}
        """Crashes of each pattern, the first and the last."""

    async def grow(self, size: int) -> None:
        """Add crashes up to this number, and what belongs to them."""
        if not self._size:
            await self._graph.write(query("ingest/environments", rows=environment_rows(self._samples)))
        await self._add_signatures(size // PER_SIGNATURE)
        ranks = range(len(self._patterns))
        weights = [(rank + 1) ** -TAIL for rank in ranks]
        for start in range(self._size, size, AT_ONCE):
            count = min(AT_ONCE, size - start)
            await self._add_crashes(start, self._rng.choices(ranks, weights, k=count))
        self._size = size
        rows = [{"id": id, "crashes": n, "first": first, "last": last} for id, (n, first, last) in self._seen.items()]
        for start in range(0, len(rows), AT_ONCE):
            await self._graph.write(Statement(_COUNTS, {"rows": rows[start : start + AT_ONCE]}))

    async def _add_signatures(self, count: int) -> None:
        rows = []
        for rank in range(len(self._patterns), count):
            founds = rank % PER_PATTERN == 0
            pattern = sha256(f"pattern {rank}")[:16] if founds else self._patterns[self._patterns_rank(rank)]
            self._patterns.append(pattern)
            item = self._samples[rank % len(self._samples)]
            assert item.fingerprint is not None
            title = f"{item.fingerprint.title} {rank}"
            fingerprint = replace(item.fingerprint, exact=_exact(rank), structural=sha256(f"structure {rank}"), title=title)
            rows.append(
                {
                    "signature": properties(replace(signature_of(fingerprint, [], "none"), embedding=None)),
                    "pattern": properties(
                        Pattern(
                            pattern_id=pattern,
                            name=title,
                            error_type=item.fingerprint.error_type,
                            severity=item.crash.severity,
                            confidence=FOUNDING_CONFIDENCE,
                            created_at=START,
                        )
                    ),
                }
            )
        for start in range(0, len(rows), AT_ONCE):
            await self._graph.write(Statement(_SIGNATURES, {"rows": rows[start : start + AT_ONCE]}))

    def _patterns_rank(self, rank: int) -> int:
        """An earlier signature, which shares its pattern; early ones more often."""
        return int(rank * self._rng.random() ** 3)

    async def _add_crashes(self, start: int, ranks: Sequence[int]) -> None:
        rows, seen_in = [], Counter[tuple[str, str]]()
        for number, rank in enumerate(ranks, start):
            at, exact = START + timedelta(seconds=number * 13), _exact(rank)
            environment = self._environments[(rank * 7 + self._rng.randrange(6)) % len(self._environments)]
            id = sha256(f"crash {number}")[:32]
            rows.append({"id": id, "exact": exact, "environment": environment, "at": at, "sample": rank % len(self._samples)})
            seen_in[exact, environment] += 1
            crashes, first, _ = self._seen.get(self._patterns[rank], (0, at, at))
            self._seen[self._patterns[rank]] = crashes + 1, first, at
        samples = [properties(item.crash) for item in self._samples]
        pairs = [{"exact": exact, "environment_id": id, "crashes": n} for (exact, id), n in sorted(seen_in.items())]
        await self._graph.write(
            Statement(_CRASHES, {"rows": rows, "samples": samples}, "crashes"), query("ingest/seen_in", rows=pairs)
        )


def _exact(rank: int) -> str:
    return sha256(f"signature {rank}")
