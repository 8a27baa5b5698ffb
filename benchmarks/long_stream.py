"""Whether one threshold holds while the graph grows and words that were rare become common.

All labelled sets, and further corpora of their form (``tools/faults`` makes some), go through the whole service as one stream
in chronological order. Reported per fifth: the share of correct joins and placements, and how
sure the answers were, and BCubed precision of the grouping up to there. Beside it the nearest report by TF-IDF cosine with a
threshold that is fitted on the first fifth, where it has the join precision that ours has there.

    PYTHONPATH=. python benchmarks/long_stream.py --data FOLDER [--also FILE ...] [--unseen FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from _bench import own_graph, report
from recognition import LabelledReport, Models, Placed, calibration_error, cases, through_service

from graph.algorithms.agreement import bcubed
from graph.fingerprint.compute import fingerprint
from graph.matching.comparable import describe_fingerprint
from graph.parsing.read import read

PARTS = 5


def further(file: Path) -> list[LabelledReport]:
    """The reports of another corpus."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [
        LabelledReport(
            one["id"], one["report"], one["truth"]["group"], one["product"], datetime.fromisoformat(one["timestamp"])
        )
        for one in found
    ]


def by_words(stream: Sequence[LabelledReport]) -> list[tuple[float, str | None]]:
    """The cosine of the nearest earlier report of each, by words as rare as they are known to be then, and its bug."""
    seen: Counter[str] = Counter()
    having: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    told: list[dict[str, int]] = []
    found: list[tuple[float, str | None]] = []
    for at, case in enumerate(stream):
        words = dict(describe_fingerprint(fingerprint(read(case.text).reports[0])).words)
        rare = {word: math.log(1 + (at + 1) / (1 + seen[word])) for word in words}
        mine = {word: (1 + math.log(count)) * rare[word] for word, count in words.items()}
        products: Counter[int] = Counter()
        for word, weight in mine.items():
            for other, count in having[word]:
                products[other] += weight * (1 + math.log(count)) * rare[word]
        own = math.sqrt(sum(weight**2 for weight in mine.values()))
        best: tuple[float, str | None] = (0.0, None)
        for other, product in products.most_common(20):
            theirs = math.sqrt(
                sum(((1 + math.log(n)) * math.log(1 + (at + 1) / (1 + seen[word]))) ** 2 for word, n in told[other].items())
            )
            best = max(best, (product / max(own * theirs, 1e-9), stream[other].group), key=lambda one: one[0])
        found.append(best)
        told.append(words)
        seen.update(words.keys())
        for word, count in words.items():
            having[word].append((at, count))
    return found


def share(values: Sequence[bool]) -> float:
    """How many of them are so; not a number for none."""
    return float(np.mean(values)) if values else math.nan


def mean(values: Sequence[float]) -> float:
    """Their mean; not a number for none."""
    return float(np.mean(values)) if values else math.nan


def table(
    stream: Sequence[LabelledReport], placed: Sequence[Placed], nearest: Sequence[tuple[float, str | None]]
) -> list[dict[str, object]]:
    """A row for each part."""
    ends = [len(stream) * part // PARTS for part in range(PARTS + 1)]
    first = [placed[at].pattern in {one.pattern for one in placed[:at]} for at in range(ends[1])]
    ours = share([one.right for one, old in zip(placed, first, strict=False) if old])
    # The threshold of the words alone at which as many of its joins are right in the first part.
    marks = sorted({cosine for cosine, _ in nearest[: ends[1]]})
    fits = [
        mark
        for mark in marks
        if share([group == stream[at].group for at, (cosine, group) in enumerate(nearest[: ends[1]]) if cosine >= mark]) >= ours
    ]
    mark = fits[0] if fits else math.inf
    known: set[str] = set()
    groups: set[str] = set()
    rows: list[dict[str, object]] = []
    for begin, end in pairwise(ends):
        joins, news, words = list[Placed](), list[Placed](), list[bool]()
        for at in range(begin, end):
            (joins if placed[at].pattern in known else news).append(placed[at])
            if nearest[at][0] >= mark:
                words.append(nearest[at][1] == stream[at].group)
            known.add(placed[at].pattern)
            groups.add(stream[at].group)
        part = placed[begin:end]
        rows.append(
            {
                "reports": f"{begin + 1:,}-{end:,}",
                "patterns": len(known),
                "bugs": len(groups),
                "joins": len(joins),
                "joins right": share([one.right for one in joins]),
                "said": mean([one.confidence for one in joins]),
                "new right": share([one.right for one in news]),
                "said of new": mean([one.confidence for one in news]),
                "put right": share([one.right for one in part]),
                "ECE": calibration_error([one.confidence for one in part], [one.right for one in part]),
                "precision": bcubed([one.pattern for one in placed[:end]], [one.group for one in stream[:end]]).precision,
                "by words": share(words),
            }
        )
    return rows


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="further corpora, JSON lines packed with gzip")
    parser.add_argument("--unseen", type=Path, help="models that have not seen the project of the report")
    args = parser.parse_args()
    models = Models(args.unseen)
    stream = cases(args.data, "defects4j", assertions=True) + cases(args.data, "pymut", assertions=True)
    stream += [case for file in args.also for case in further(file) if models.knows(case.product)]
    stream.sort(key=lambda case: case.time)
    async with own_graph() as parts:
        placed = await through_service(parts, stream, models)
    report("a long stream", table(stream, placed, by_words(stream)))


if __name__ == "__main__":
    asyncio.run(main())
