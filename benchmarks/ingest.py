"""How fast already known crashes are stored, against a raw UNWIND of the same nodes and edges in the same run.

Ours parses, redacts, fingerprints, looks for duplicates, recognises, writes and rolls up; raw
only writes rows that were prepared before. Rounds of the two alternate on the same database, so both meet
the same indexes, the same machine and the same growth. Two kinds of text: "again" sends the sample's reports
over and over, as a fault that strikes often does; "new" has another number in the message of every one, so nothing
that was remembered of a text helps.
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

from crashgraph.wiring import Container
from graph.ingest.prepare import PreparedCrash
from graph.ingest.rows import crash_row
from graph.model.statement import Statement
from graph.sources.files import ReadOptions, read_path
from graph.sources.submission import Submission
from samples import generate

RAW = Statement(
    "UNWIND $rows AS row "
    "MATCH (s:Signature {exact: row.exact}) MATCH (e:Environment {environment_id: row.environment_id}) "
    "CREATE (c:Crash) SET c = row.crash CREATE (c)-[:HAS_SIGNATURE]->(s) CREATE (c)-[:OCCURRED_IN]->(e)"
)


def corpus(folder: Path) -> list[Submission]:
    """The sample set's crashes."""
    return list(read_path(generate(folder).reports, ReadOptions(jsonl=True)))


def shifted(source: list[Submission], size: int, turn: int, *, new_text: bool = False) -> Iterator[Submission]:
    """As many crashes as asked for, none seen before: the same reports at other times."""
    for number in range(size):
        one = source[number % len(source)]
        moved = timedelta(milliseconds=1 + turn * 1_000_000 + number // len(source))
        report = one.report or ""
        if new_text:
            report = f"{report.rstrip()} (attempt {turn}{number:07})\n"
        yield dataclasses.replace(one, id=None, report=report, timestamp=(one.timestamp or datetime.now(UTC)) + moved)


async def ours(container: Container, submissions: list[Submission]) -> float:
    """Seconds for the whole way."""
    began = time.perf_counter()
    async for receipts in container.receiver.stream(submissions, container.settings.batch_size):
        assert all(receipt.status == "matched" for receipt in receipts)
    return time.perf_counter() - began


async def raw(container: Container, items: list[PreparedCrash], batch: int) -> float:
    """Seconds for the writing alone."""
    rows = [crash_row(item) for item in items]
    began = time.perf_counter()
    for start in range(0, len(rows), batch):
        await container.graph.write(Statement(RAW.text, {"rows": rows[start : start + batch]}))
    return time.perf_counter() - began


async def measured(
    container: Container, source: list[Submission], size: int, rounds: int, *, new_text: bool
) -> dict[str, object]:
    """One row of the table."""
    batch = container.settings.batch_size
    mine, base = [], []
    for turn in range(rounds):
        first = (2 * turn + 1) * 100 + size + (50 if new_text else 0)
        mine.append(await ours(container, list(shifted(source, size, first, new_text=new_text))))
        written = shifted(source, size, first + 1, new_text=new_text)
        base.append(
            await raw(
                container,
                [item for one in written for item in container.receiver.crash_builder.prepare(one, datetime.now(UTC))],
                batch,
            )
        )
    return {
        "crashes": size,
        "text": "new" if new_text else "again",
        "batch": batch,
        "ours, crashes/s": size / median(mine),
        "raw, crashes/s": size / median(base),
        "ours / raw": median(theirs / own for own, theirs in zip(mine, base, strict=True)),
    }


async def main(sizes: list[int], rounds: int, batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = corpus(Path(folder))
    async with own_graph(batch) as container:
        # All signatures are known before anything is timed, and both sides are warm.
        for new_text in (False, True):
            await ours(container, list(shifted(source, len(source) * 2, 1, new_text=new_text)))
            items = [
                item
                for one in shifted(source, batch, 2, new_text=new_text)
                for item in container.receiver.crash_builder.prepare(one, datetime.now(UTC))
            ]
            await raw(container, items, batch)
        rows = [
            await measured(container, source, size, rounds, new_text=new_text) for size in sizes for new_text in (False, True)
        ]
    report("ingest of known crashes", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 8_000, 32_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=2_000)
    given = parser.parse_args()
    asyncio.run(main(given.sizes, given.rounds, given.batch))
