"""How fast already known crashes are stored, against a raw UNWIND of the same nodes and edges in the same run.

Ours reads JSON lines, parses, redacts, fingerprints, looks for duplicates, recognises, writes and rolls up; raw
only writes rows that were prepared before. Rounds of the two alternate on the same database, so both meet
the same indexes, the same machine and the same growth.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from _bench import own_graph, report

from crashgraph.wiring import Parts
from graph.ingest.prepare import Prepared
from graph.ingest.rows import crash_row
from graph.ingest.sources import Options, read_path
from graph.ingest.submission import Submission
from graph.model.statement import Statement
from samples import generate

RAW = Statement(
    "UNWIND $rows AS row "
    "MATCH (s:Signature {exact: row.exact}) MATCH (e:Environment {environment_id: row.environment_id}) "
    "CREATE (c:Crash) SET c = row.crash CREATE (c)-[:HAS_SIGNATURE]->(s) CREATE (c)-[:OCCURRED_IN]->(e)"
)


def corpus(folder: Path) -> list[Submission]:
    """The sample set's crashes."""
    return list(read_path(generate(folder).reports, Options(jsonl=True)))


def shifted(source: list[Submission], size: int, turn: int) -> Iterator[Submission]:
    """As many crashes as asked for, none seen before: the same reports at other times."""
    for number in range(size):
        one = source[number % len(source)]
        moved = timedelta(milliseconds=1 + turn * 1_000_000 + number // len(source))
        yield dataclasses.replace(one, id=None, timestamp=(one.timestamp or datetime.now(UTC)) + moved)


async def ours(parts: Parts, submissions: list[Submission]) -> float:
    """Seconds for the whole way."""
    began = time.perf_counter()
    async for receipts in parts.receiver.stream(submissions, parts.settings.batch_size):
        assert all(receipt.status == "matched" for receipt in receipts)
    return time.perf_counter() - began


async def raw(parts: Parts, items: list[Prepared], batch: int) -> float:
    """Seconds for the writing alone."""
    rows = [crash_row(item) for item in items]
    began = time.perf_counter()
    for start in range(0, len(rows), batch):
        await parts.graph.write(Statement(RAW.text, {"rows": rows[start : start + batch]}))
    return time.perf_counter() - began


async def main(sizes: list[int], rounds: int, batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = corpus(Path(folder))
    rows = []
    async with own_graph(batch) as parts:
        await parts.receiver.receive(source)
        prepare = parts.receiver.prepared
        await ours(parts, list(shifted(source, batch * 2, 9_000)))  # warms both sides
        turn = 0
        for size in sizes:
            times: dict[str, list[float]] = {"ours": [], "raw": []}
            for _ in range(rounds):
                turn += 2
                times["ours"].append(await ours(parts, list(shifted(source, size, turn))))
                items = [item for one in shifted(source, size, turn + 1) for item in prepare(one)]
                times["raw"].append(await raw(parts, items, batch))
            mine, base = median(times["ours"]), median(times["raw"])
            ratios = [r / o for o, r in zip(times["ours"], times["raw"], strict=True)]
            rows.append(
                {
                    "crashes": size,
                    "batch": batch,
                    "ours, crashes/s": size / mine,
                    "raw, crashes/s": size / base,
                    "ours / raw": median(ratios),
                }
            )
    report("ingest of known crashes", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 10_000, 40_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=2_000)
    given = parser.parse_args()
    asyncio.run(main(given.sizes, given.rounds, given.batch))
