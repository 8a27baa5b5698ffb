"""Read and group small texts through the whole service, and print right or wrong per text.

``python benchmarks/cases.py --cases FOLDER`` ingests every ``SLUG.txt`` of the folder into an empty graph on a real Neo4j,
slugs ending in ``-base`` first, each as ``crashgraph ingest`` does, and compares what is stored with ``truth.json``:
number of reports, and of the first report its format, error type, message, innermost frame and its file, culprit, frames and
time; the pattern it shares (``joins_with``) or must not share (``apart_from``); and strings that may be nowhere in the graph.

``format`` may list alternatives (``log or oracle``); a culprit is also right if the note names it after "or".
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from _bench import own_graph
from _bench import report as print_report

from crashgraph.wiring import Container
from graph.ingest.receipt import Receipt
from graph.model.statement import Statement
from graph.parsing.read import read
from graph.sources.encoding import text_of
from graph.sources.submission import Submission

STORED = """
MATCH (crash:Crash {crash_id: $crash_id})
RETURN crash.message AS message, crash.occurred_at AS occurred_at
"""
EVERYTHING = """
MATCH (node) RETURN properties(node) AS stored
UNION ALL MATCH ()-[edge]->() RETURN properties(edge) AS stored
"""
Truth = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StoredCase:
    """What the service made of one text."""

    receipts: Sequence[Receipt]
    fields: Mapping[str, object]

    @property
    def pattern(self) -> str | None:
        """The pattern of the first report."""
        return self.receipts[0].pattern_id if self.receipts else None


async def ingest(container: Container, slug: str, text: str) -> StoredCase:
    receipts = await container.receiver.receive([Submission(report=text, source=slug)])
    matched = [receipt for receipt in receipts if receipt.status == "matched"]
    if not matched:
        return StoredCase((), {"format": "unparsed"})
    first = matched[0]
    (row,) = await container.graph.read(Statement(STORED, {"crash_id": first.crash_id}, name="stored"))
    frames = read(text).reports[0].frames
    return StoredCase(
        matched,
        {
            "format": first.format,
            "error_type": first.error_type,
            "top_frame": first.top_frame,
            "culprit": first.culprit,
            "frame_count": first.frame_count,
            "message": row["message"],
            "top_frame_file": frames[0].file if frames else None,
            "occurred_at": row["occurred_at"],
        },
    )


def wrong_fields(stored: StoredCase, truth: Truth) -> Iterator[str]:
    if len(stored.receipts) != truth["reports"]:
        yield f"{len(stored.receipts)} reports, not {truth['reports']}"
    if truth["reports"] == 0:
        return
    for name, value in stored.fields.items():
        if truth.get(name) is not None and not is_right(name, value, truth):
            yield f"{name} {value!r}, not {truth[name]!r}"


def is_right(name: str, value: object, truth: Truth) -> bool:
    expected = str(truth[name])
    if name == "format":
        return value in expected.replace("(none today)", "").split()
    if name == "culprit":
        return value == expected or f"or {value} " in f"{truth['note']} "
    if name == "occurred_at":
        wanted = datetime.fromisoformat(expected)
        return isinstance(value, datetime) and abs((value - wanted).total_seconds()) < 1
    return value == truth[name]


def wrong_groups(slug: str, cases: Mapping[str, StoredCase], truth: Truth, everything: str) -> list[str]:
    pattern = cases[slug].pattern
    wrong = [f"does not join {other}" for other in listed(truth, "joins_with") if cases[other].pattern != pattern]
    wrong += [f"joins {other}" for other in listed(truth, "apart_from") if cases[other].pattern == pattern]
    wrong += [f"{text!r} is stored" for text in listed(truth, "must_not_be_stored") if text in everything]
    return wrong


def listed(truth: Truth, name: str) -> Sequence[str]:
    values = truth.get(name, [])
    return [str(value) for value in values] if isinstance(values, list) else []


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, required=True, help="folder with the texts and truth.json")
    args = parser.parse_args()
    truths: dict[str, Truth] = json.loads((args.cases / "truth.json").read_text(encoding="utf-8"))
    cases: dict[str, StoredCase] = {}
    rows = []
    async with own_graph() as container:
        for slug in sorted(truths, key=lambda slug: (not slug.endswith("-base"), slug)):
            cases[slug] = await ingest(container, slug, text_of((args.cases / f"{slug}.txt").read_bytes())[0])
        everything = repr(await container.graph.read(Statement(EVERYTHING, name="everything")))
        for slug, truth in truths.items():
            wrong = [*wrong_fields(cases[slug], truth), *wrong_groups(slug, cases, truth, everything)]
            rows.append({"case": slug, "read and grouped": "wrong" if wrong else "right"})
            for fault in wrong:
                print(f"{slug}: {fault}")
    print_report("cases", rows)
    right = sum(row["read and grouped"] == "right" for row in rows)
    print_report("cases in all", [{"cases": len(rows), "right": right, "wrong": len(rows) - right}])


if __name__ == "__main__":
    asyncio.run(main())
