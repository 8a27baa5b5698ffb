"""Recognise labelled reports through the whole service, beside the methods it must beat, in one run.

``python benchmarks/recognition.py --data FOLDER`` streams each labelled set in the order of its times into an empty graph on
a real Neo4j, one report at a time, as ``crashgraph ingest`` does. ``--unseen FILE`` (written by ``tools/train_matcher.py
--unseen FILE``) answers each report with the model that never saw its project; without it the shipped model answers, which
was trained on some of these projects.

AUC is the probability that the best candidate of a known bug scores higher than that of a new one; RR@k is the share of
reports with an earlier one of their bug that find it among the first k candidates; assign is the share that is put right (to
its bug, or to a new pattern when it is the first); BCubed is of the final grouping. The reference methods join their nearest
report above a threshold that is fitted on the first half of the stream; their figures, and ours beside them in the second
table, are of the second half.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from _bench import own_graph, percentile
from _bench import report as print_report
from numpy.typing import NDArray
from scipy.stats import rankdata

from crashgraph.wiring import Container
from graph.algorithms.agreement import bcubed
from graph.algorithms.evidence import ComparableSignature
from graph.algorithms.similarity import stack_similarity
from graph.fingerprint.compute import fingerprint
from graph.matching.comparable import describe_fingerprint
from graph.matching.ranking_model import read_model
from graph.model.report import ParsedReport
from graph.model.statement import Statement
from graph.parsing.read import read
from graph.sources.submission import Submission

EMPTY = Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS", name="empty")
SETS = {
    "Java exceptions": ("defects4j", False),
    "Python": ("pymut", True),
    "all Java failures": ("defects4j", True),
}


@dataclass(frozen=True, slots=True)
class LabelledReport:
    """One labelled report."""

    id: str
    text: str
    group: str
    product: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """What the service said of one report, and whether it was right. ``best`` is the score of its first candidate."""

    pattern: str
    confidence: float
    best: float
    is_new: bool
    right: bool
    known: bool
    first: bool
    five: bool
    seconds: float


def cases(data: Path, name: str, *, assertions: bool) -> list[LabelledReport]:
    with gzip.open(data / "reports" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    kept = [one for one in found if assertions or not one["truth"].get("assertion")]
    kept.sort(key=lambda one: one["timestamp"])
    return [
        LabelledReport(
            one["id"], one["report"], one["truth"]["group"], one["product"], datetime.fromisoformat(one["timestamp"])
        )
        for one in kept
    ]


class Models:
    """The model for each project."""

    def __init__(self, file: Path | None) -> None:
        """``file`` has the folds and their models; ``None`` for the shipped one."""
        content = json.loads(file.read_text(encoding="utf-8")) if file else {"fold": {}, "models": []}
        self._fold = content["fold"]
        self._models = [read_model(one) for one in content["models"]]

    def knows(self, product: str) -> bool:
        """Whether one of them has not seen that project."""
        return not self._models or product in self._fold

    def use(self, container: Container, product: str) -> None:
        """Let the next report be answered by the model that has not seen its project."""
        if self._models:
            signature_matcher = container.matcher.signature_matcher
            signature_matcher.use(replace(signature_matcher.shipped_policy, model=self._models[self._fold[product]]))


async def through_service(container: Container, found: Sequence[LabelledReport], models: Models) -> list[Placed]:
    members: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    placed = []

    def meant(pattern: str) -> str:
        return Counter(members[pattern]).most_common(1)[0][0]

    for case in found:
        models.use(container, case.product)
        handed_in = Submission(report=case.text, id=case.id, timestamp=case.time, product=case.product)
        begin = time.perf_counter()
        (receipt,) = await container.receiver.receive([handed_in], candidates=5)
        seconds = time.perf_counter() - begin
        known = case.group in seen
        ranked = [meant(one.pattern_id) == case.group for one in receipt.candidates if members[one.pattern_id]]
        pattern = receipt.pattern_id or ""
        right = not known if receipt.is_new else meant(pattern) == case.group
        sure = receipt.confidence or 0.0
        best = max((one.score for one in receipt.candidates), default=0.0)
        is_new = bool(receipt.is_new)
        placed.append(Placed(pattern, sure, best, is_new, right, known, any(ranked[:1]), any(ranked[:5]), seconds))
        members[pattern].append(case.group)
        seen.add(case.group)
    return placed


def figures(placed: Sequence[Placed], groups: Sequence[str]) -> dict[str, object]:
    known = [one for one in placed if one.known]
    agreed = bcubed([one.pattern for one in placed], groups)
    surest = sorted(placed, key=lambda one: -one.confidence)[: int(0.7 * len(placed))]
    return {
        "RR@1": np.mean([one.first for one in known]).item(),
        "RR@5": np.mean([one.five for one in known]).item(),
        "assign": np.mean([one.right for one in placed]).item(),
        "precision": agreed.precision,
        "recall": agreed.recall,
        "F1": agreed.f1,
        "surest 70 %": np.mean([one.right for one in surest]).item(),
        "AUC": auc([one.best for one in placed], [one.known for one in placed]),
        "ECE": calibration_error([one.confidence for one in placed], [one.right for one in placed]),
        "ECE joins": calibration_error(*answers(placed, new=False)),
        "ECE new": calibration_error(*answers(placed, new=True)),
    }


def answers(placed: Sequence[Placed], *, new: bool) -> tuple[list[float], list[bool]]:
    """What was said of joins, or of new patterns, and whether it was right."""
    chosen = [one for one in placed if one.is_new == new]
    return [one.confidence for one in chosen], [one.right for one in chosen]


def calibration_error(said: Sequence[float], was: Sequence[bool]) -> float:
    """Expected calibration error over ten bins of equal width."""
    chances, right = np.array(said), np.array(was, dtype=float)
    bins = np.minimum((chances * 10).astype(int), 9)
    return float(sum(abs(chances[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist())))


def reliability(name: str, placed: Sequence[Placed]) -> list[dict[str, object]]:
    rows = []
    for low in range(10):
        inside = [one for one in placed if low <= min(one.confidence * 10, 9.99) < low + 1]
        if inside:
            said = float(np.mean([one.confidence for one in inside]))
            was = float(np.mean([one.right for one in inside]))
            rows.append(
                {
                    "set": name,
                    "said": f"{low / 10:.1f}-{low / 10 + 0.1:.1f}",
                    "answers": len(inside),
                    "mean": said,
                    "right": was,
                }
            )
    return rows


Similarity = NDArray[np.float64]


def references(
    reports: Sequence[ParsedReport], told: Sequence[ComparableSignature], vectors: NDArray[np.float32]
) -> dict[str, Similarity]:
    """The similarity of each pair by each reference method, shape ``(n, n)``."""
    frames = [tuple(frame.qualified for frame in one.frames) for one in reports]
    in_app = [tuple(f.qualified for f in one.frames if f.in_app is not False) for one in reports]
    top = [(one.error_type, *names[:3]) for one, names in zip(reports, frames, strict=True)]
    return {
        "hash of type + top 3 frames": equal(top),
        "hash of all in-app frames": equal([(one.error_type, *names) for one, names in zip(reports, in_app, strict=True)]),
        "TraceSim-like alignment": pairwise(frames, stack_similarity),
        "TF-IDF cosine": tf_idf([dict(one.words) for one in told]),
        "MiniLM cosine": (vectors @ vectors.T).astype(np.float64),
    }


def equal(keys: Sequence[tuple[str, ...]]) -> Similarity:
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    found = np.array([numbers[key] for key in keys])
    return (found[:, None] == found[None, :]).astype(np.float64)


def pairwise(items: Sequence[tuple[str, ...]], like: Callable[[tuple[str, ...], tuple[str, ...]], float]) -> Similarity:
    found = np.zeros((len(items), len(items)))
    for i, mine in enumerate(items):
        for j in range(i):
            found[i, j] = found[j, i] = like(mine, items[j])
    return found


def tf_idf(documents: Sequence[dict[str, int]]) -> Similarity:
    seen = Counter(word for document in documents for word in document)
    place = {word: index for index, word in enumerate(seen)}
    matrix = np.zeros((len(documents), len(seen)), dtype=np.float32)
    for row, document in enumerate(documents):
        for word, count in document.items():
            matrix[row, place[word]] = (1 + math.log(count)) * math.log(1 + len(documents) / seen[word])
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    return (matrix @ matrix.T).astype(np.float64)


def auc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Probability that a positive scores higher than a negative (Hanley and McNeil 1982)."""
    ranks, mask = rankdata(scores), np.array(positive)
    count = int(mask.sum())
    return float((ranks[mask].sum() - count * (count + 1) / 2) / (count * (len(mask) - count)))


def nearest_scores(similar: Similarity) -> list[float]:
    """The similarity of each report to its nearest earlier one; 0 for the first."""
    return [float(similar[i, :i].max()) if i else 0.0 for i in range(len(similar))]


def joined(similar: Similarity, groups: Sequence[str], threshold: float) -> tuple[list[int], list[bool], list[bool]]:
    """Each report joins the group of its nearest earlier one above the threshold: labels, whether right, and whether found."""
    labels: list[int] = []
    right, found = [], []
    for i, group in enumerate(groups):
        known = group in groups[:i]
        nearest = int(np.argmax(similar[i, :i])) if i else -1
        if known:
            found.append(groups[nearest] == group)
        if i and similar[i, nearest] >= threshold:
            labels.append(labels[nearest])
            right.append(groups[nearest] == group)
        else:
            labels.append(i)
            right.append(not known)
    return labels, right, found


def reference_row(name: str, similar: Similarity, groups: Sequence[str]) -> dict[str, object]:
    half = len(groups) // 2
    nearest = [float(similar[i, :i].max()) for i in range(1, half)]
    choices = [*sorted(set(nearest))[:: max(1, len(set(nearest)) // 40)], 2.0]
    threshold = max(choices, key=lambda one: float(np.mean(joined(similar[:half, :half], groups[:half], one)[1])))
    labels, right, found = joined(similar, groups, threshold)
    agreed = bcubed(labels[half:], groups[half:])
    return {
        "method": name,
        "AUC": auc(nearest_scores(similar), [group in groups[:i] for i, group in enumerate(groups)]),
        "RR@1": np.mean(found).item(),
        "assign": np.mean(right[half:]).item(),
        "precision": agreed.precision,
        "recall": agreed.recall,
        "F1": agreed.f1,
    }


def our_row(placed: Sequence[Placed], groups: Sequence[str]) -> dict[str, object]:
    half = len(groups) // 2
    agreed = bcubed([one.pattern for one in placed[half:]], groups[half:])
    return {
        "method": "crashgraph",
        "AUC": auc([one.best for one in placed], [one.known for one in placed]),
        "RR@1": np.mean([one.first for one in placed if one.known]).item(),
        "assign": np.mean([one.right for one in placed[half:]]).item(),
        "precision": agreed.precision,
        "recall": agreed.recall,
        "F1": agreed.f1,
    }


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets")
    parser.add_argument("--unseen", type=Path, help="models that have not seen the project of the report")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    args = parser.parse_args()
    models, rows, tables = Models(args.unseen), [], []
    async with own_graph() as container:
        for name in args.sets:
            found = cases(args.data, SETS[name][0], assertions=SETS[name][1])
            groups = [case.group for case in found]
            await container.graph.run_implicit(EMPTY)
            container.matcher.signature_matcher.reset_rarity()
            placed = await through_service(container, found, models)
            times = [one.seconds for one in placed]
            always_new = len(set(groups)) / len(groups)
            speed = {"ms p50": percentile(times, 0.5) * 1e3, "ms p95": percentile(times, 0.95) * 1e3}
            rows.append({"set": name, "reports": len(found), "always new": always_new, **figures(placed, groups), **speed})
            tables += reliability(name, placed)
            reports = [read(case.text).reports[0] for case in found]
            made = [fingerprint(one) for one in reports]
            told = [describe_fingerprint(one) for one in made]
            vectors = await asyncio.to_thread(container.embedder.embed, [one.text for one in made])
            compared = [our_row(placed, groups)]
            compared += [reference_row(one, similar, groups) for one, similar in references(reports, told, vectors).items()]
            print_report(f"recognition beside other methods: {name}", compared)
    print_report("recognition", rows)
    print_report("reliability", tables)


if __name__ == "__main__":
    asyncio.run(main())
