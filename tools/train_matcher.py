"""Train the model that weighs the evidence for two crash reports being one bug, and say how well it does on unseen projects.

``python tools/train_matcher.py CORPUS… --output graph/matching/ranking_model.json`` reads JSON lines of reports with
``product`` and ``truth.group``, as the labelled sets have them and ``tools/faults`` makes them. Every corpus is streamed in the
order of its times as it is, and once more with the frames of tests cut off, since no test runs in production. Each report
is compared with what came before it; the right answer is then filed. The rows train gradient boosted trees, constrained
so that more likeness never speaks against a match; a model that has not seen a project answers for it, and those
answers calibrate the probability (Platt 1999). Nothing of the reports is kept in the output.

Corpora after ``--made`` are of injected faults. They teach languages and weigh less; of two faults in one function that crash
with the same hash only the first is kept, since they are indistinguishable.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from graph.algorithms.agreement import bcubed
from graph.algorithms.evidence import GROUP_PARTS, QUERY_PARTS, ComparableSignature, Group, Rarity, SignatureComparer, groups
from graph.algorithms.trees import Trees
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.fingerprint.compute import VERSION, fingerprint
from graph.fingerprint.normalisation.stack import HASHED_FRAMES
from graph.matching.cascade import Costs
from graph.matching.comparable import describe_fingerprint
from graph.parsing.read import read

NEAREST_BY_WORDS, NEAREST_BY_MEANING = 20, 10
TEST_FRAME = re.compile(
    r"(?:^|[.$/])(?:Test\w*|\w*Tests?|\w*TestCase)(?:\$\w+)*\.[^.]+|(?:^|.*\.)test_\w+\..*|.*\.tests?\..*|(?:^|.*\.)test\w*",
    re.DOTALL,
)
FREE = {*QUERY_PARTS, "signatures"}
"""Container of which more may speak for or against."""
MADE_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate group of one report."""

    container: NDArray[np.float64]
    right: bool
    product: str
    weight: float


Rows = list[Row]
Model = Callable[[NDArray[np.float64], str], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Item:
    """One report of a stream."""

    group: str
    product: str
    exact: str
    told: ComparableSignature
    text: str


@dataclass(frozen=True, slots=True)
class TrainingStream:
    """Reports in order, and the unit vectors of their texts, shape ``(n, 384)``."""

    name: str
    items: Sequence[Item]
    vectors: NDArray[np.float32]
    weight: float = 1.0


def load(path: Path, *, assertions: bool = True) -> list[Item]:
    """The reports of one corpus that are understood, in order of time."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = sorted((json.loads(line) for line in lines), key=lambda one: str(one["timestamp"]))
    items = []
    for one in found:
        if not assertions and one["truth"].get("assertion"):
            continue
        reports = read(one["report"]).reports
        if reports:
            made = fingerprint(reports[0])
            items.append(Item(one["truth"]["group"], one["product"], made.exact, describe_fingerprint(made), made.text))
    return items


def without_tests(item: Item) -> Item:
    """The same report as if no test had been running."""
    kept: list[str] = []
    for frame in item.told.frames:
        if TEST_FRAME.fullmatch(frame):
            break
        kept.append(frame)
    lines = item.text.split("\n")
    told = item.told
    gone = told.frames[len(kept) :]
    words = Counter(told.words)
    for line in lines[1 + len(kept) : 1 + len(kept) + len(gone)]:
        words.subtract(line.split())
    cut = replace(told, frames=tuple(kept), modules=told.modules[: len(kept)], words={w: c for w, c in words.items() if c > 0})
    text = "\n".join(lines[: 1 + len(kept)])
    # Three frames to blame that are no test's are hashed as before; with fewer, the report is known by what is left.
    exact = item.exact if len(kept) >= HASHED_FRAMES else f"{told.error_type}\n{told.message}\n{kept}"
    return replace(item, told=cut, text=text, exact=exact)


class Memory:
    """What a stream has seen: an inverted index of words and the vectors, as the graph's own indexes answer."""

    def __init__(self, stream: TrainingStream) -> None:
        """Empty."""
        self.stream = stream
        self.rarity = Rarity()
        self.filed: dict[int, str] = {}
        self.sizes: Counter[str] = Counter()
        self.by_hash: dict[str, str] = {}
        self._holders: dict[str, list[int]] = defaultdict(list)

    def file(self, position: int, group: str) -> None:
        """A report is now known to be of a group; one with a known hash is no new signature."""
        exact = self.stream.items[position].exact
        if exact in self.by_hash:
            return
        self.by_hash[exact] = group
        told = self.stream.items[position].told
        self.rarity.add(told)
        self.filed[position] = group
        self.sizes[group] += 1
        for word in told.words:
            self._holders[word].append(position)

    def asked(self, position: int) -> tuple[list[str], NDArray[np.float64]]:
        """Candidate groups and their rows."""
        if not self.filed:
            return [], np.zeros((0, len(GROUP_PARTS)))
        comparer = SignatureComparer(self.stream.items[position].told, self.rarity)
        near = self._near(position)
        cosines = self.stream.vectors[near] @ self.stream.vectors[position]
        by_group: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
        for other, cosine in zip(near, cosines, strict=True):
            by_group[self.filed[other]].append(comparer.against(self.stream.items[other].told, float(cosine)))
        compared = (Group(key, self.sizes[key], tuple(pairs)) for key, pairs in by_group.items())
        return groups(comparer, compared, self.rarity.signatures)

    def _near(self, position: int) -> list[int]:
        told = self.stream.items[position].told
        rarest = sorted(told.words, key=lambda word: -self.rarity.of_word(word))[:40]
        scores: dict[int, float] = defaultdict(float)
        for word in rarest:
            weight = self.rarity.of_word(word)
            for holder in self._holders[word]:
                scores[holder] += weight / (1 + 0.02 * self.stream.items[holder].told.length)
        by_words = sorted(scores, key=lambda other: -scores[other])[:NEAREST_BY_WORDS]
        filed = np.fromiter(self.filed, dtype=np.int64)
        cosines = self.stream.vectors[filed] @ self.stream.vectors[position]
        by_meaning = [int(filed[index]) for index in np.argsort(-cosines, kind="stable")[:NEAREST_BY_MEANING]]
        return list(dict.fromkeys([*by_words, *by_meaning]))


def rows_of(stream: TrainingStream) -> tuple[Rows, list[bool]]:
    """Every candidate group of every new signature, with whether it is the right one; and how often a known hash was right."""
    memory, found, by_hash = Memory(stream), [], []
    for position, item in enumerate(stream.items):
        known = memory.by_hash.get(item.exact)
        if known is not None:
            by_hash.append(known == item.group)
            continue
        keys, rows = memory.asked(position)
        found += [Row(row, key == item.group, item.product, stream.weight) for key, row in zip(keys, rows, strict=True)]
        memory.file(position, item.group)
    return found, by_hash


def trained(rows: Rows) -> HistGradientBoostingClassifier:
    """Trees on these rows."""
    model = HistGradientBoostingClassifier(
        max_depth=2,
        max_iter=200,
        learning_rate=0.07,
        min_samples_leaf=20,
        l2_regularization=3.0,
        monotonic_cst=[0 if part in FREE else 1 for part in GROUP_PARTS],
        random_state=0,
    )
    container, right = np.array([row.container for row in rows]), np.array([row.right for row in rows])
    return model.fit(container, right, sample_weight=[row.weight for row in rows])


@dataclass(frozen=True, slots=True)
class Unseen:
    """One model for each fold of projects, trained on all other projects, and one calibration for all of them."""

    fold: dict[str, int]
    models: Sequence[Trees]

    @classmethod
    def of(cls, rows: Rows, folds: int) -> Unseen:
        """Train them; the calibration comes from their answers on projects they have not seen."""
        sizes = Counter(row.product for row in rows)
        fold = {product: index % folds for index, (product, _) in enumerate(sizes.most_common())}
        raw = [exported(trained([row for row in rows if fold[row.product] != index])) for index in range(folds)]
        matrix, right = np.array([row.container for row in rows]), np.array([row.right for row in rows])
        own = np.array([fold[row.product] for row in rows])
        answers = np.zeros(len(rows))
        for index, model in enumerate(raw):
            answers[own == index] = model.log_odds(matrix[own == index])
        platt = LogisticRegression(C=1e6).fit(answers.reshape(-1, 1), right, sample_weight=[row.weight for row in rows])
        slope, shift = float(platt.coef_[0][0]), float(platt.intercept_[0])
        return cls(fold, [replace(model, slope=slope, shift=shift) for model in raw])

    def probability(self, rows: NDArray[np.float64], product: str) -> NDArray[np.float64]:
        """The answer of the model that has not seen the project."""
        return self.models[self.fold.get(product, 0)].probability(rows)


def ranked(memory: Memory, position: int, model: Model) -> tuple[list[str], list[float]]:
    """Candidate groups, most likely first, and their probabilities."""
    keys, rows = memory.asked(position)
    if not keys:
        return [], []
    chances = model(rows, memory.stream.items[position].product)
    order = np.argsort(-chances, kind="stable")
    return [keys[index] for index in order], [float(chances[index]) for index in order]


def replay(stream: TrainingStream, model: Model, threshold: float, exact: float) -> dict[str, float]:
    """The stream with the model's own decisions, right and wrong ones alike, as what later reports are compared with."""
    memory = Memory(stream)
    members: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    placed, sure, first, five = [], [], [], []

    def meant(key: str) -> str:
        return Counter(members[key]).most_common(1)[0][0]

    for position, item in enumerate(stream.items):
        known = memory.by_hash.get(item.exact)
        keys, chances = ranked(memory, position, model)
        if known is not None:
            keys = [known, *(key for key in keys if key != known)]
            chances = [exact, *chances]
        best = chances[0] if keys else 0.0
        right = [meant(key) == item.group for key in keys]
        if item.group in seen:
            first.append(bool(right) and right[0])
            five.append(any(right[:5]))
        joined = best >= threshold
        key = keys[0] if joined else f"new {position}"
        sure.append(
            (best if joined else 1 - best, right[0] if joined else item.group not in seen, best, bool(right) and right[0])
        )
        members[key].append(item.group)
        seen.add(item.group)
        placed.append(key)
        memory.file(position, key)
    agreed = bcubed(placed, [item.group for item in stream.items])
    sure.sort(key=lambda one: -one[0])
    surest = sure[: int(0.7 * len(sure))]
    return {
        "RR@1": float(np.mean(first)),
        "RR@5": float(np.mean(five)),
        "assign": float(np.mean([one[1] for one in sure])),
        "precision": agreed.precision,
        "recall": agreed.recall,
        "F1": agreed.f1,
        "surest 70 %": float(np.mean([one[1] for one in surest])),
        "calibration error": calibration_error([one[2] for one in sure], [one[3] for one in sure]),
    }


def calibration_error(said: Sequence[float], was: Sequence[bool]) -> float:
    """Expected calibration error over ten bins of equal width (Naeini, Cooper and Hauskrecht 2015)."""
    chances, right = np.array(said), np.array(was, dtype=float)
    bins = np.minimum((chances * 10).astype(int), 9)
    return float(sum(abs(chances[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist())))


def exported(model: HistGradientBoostingClassifier) -> Trees:
    """The trees as :mod:`graph.algorithms.trees` asks them."""
    roots, part, threshold, below, above, value = [], [], [], [], [], []
    for (tree,) in model._predictors:  # noqa: SLF001  # scikit-learn has no other way to see a tree
        start = len(part)
        roots.append(start)
        for node in tree.nodes:
            leaf = bool(node["is_leaf"])
            part.append(-1 if leaf else int(node["feature_idx"]))
            threshold.append(0.0 if leaf else float(node["num_threshold"]))
            below.append(start if leaf else start + int(node["left"]))
            above.append(start if leaf else start + int(node["right"]))
            value.append(float(node["value"]))
    return Trees(
        container=GROUP_PARTS,
        roots=np.array(roots, dtype=np.int32),
        part=np.array(part, dtype=np.int32),
        threshold=np.array(threshold),
        below=np.array(below, dtype=np.int32),
        above=np.array(above, dtype=np.int32),
        value=np.array(value),
        bias=float(np.ravel(model._baseline_prediction)[0]),  # noqa: SLF001
    )


def streams(corpora: Sequence[Path], made: Sequence[Path]) -> list[TrainingStream]:
    """Every corpus as it is and with tests cut; one with assertions also without them."""
    embedder = MiniLmEmbedder()
    found = []
    for path in (*corpora, *made):
        name = path.name.removesuffix(".jsonl.gz")
        everything, crashes = load(path), load(path, assertions=False)
        kinds = {name: everything}
        if len(crashes) < len(everything):
            kinds[f"{name}, crashes"] = crashes
        # Of a failed assertion nothing is left without its test.
        kinds[f"{name}, tests cut"] = [without_tests(item) for item in crashes]
        for kind, items in kinds.items():
            kept = apart(items) if path in made else items
            vectors = np.array(embedder.embed([item.text for item in kept]), dtype=np.float32)
            found.append(TrainingStream(kind, kept, vectors, MADE_WEIGHT if path in made else 1.0))
    return found


def apart(items: Sequence[Item]) -> list[Item]:
    """Drops reports that share a hash with another group."""
    owners: dict[str, str] = {}
    return [item for item in items if owners.setdefault(item.exact, item.group) == item.group]


def main() -> None:
    """Train, print the table, write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS")
    parser.add_argument("--made", nargs="*", type=Path, default=[], metavar="CORPUS", help="corpora of injected faults")
    parser.add_argument("--output", type=Path, help="where to write the model; without it only the table is printed")
    parser.add_argument("--unseen", type=Path, help="where to write the models that have not seen a part of the projects")
    parser.add_argument("--version", default="2026-11-21", help="what the model is called")
    parser.add_argument("--folds", type=int, default=8, help="container into which the projects are divided for the table")
    parser.add_argument("--threshold", type=float, default=Costs().threshold)
    args = parser.parse_args()
    every = streams(args.corpora, args.made)
    made = [rows_of(stream) for stream in every]
    rows = [row for found, _ in made for row in found]
    by_hash = [right for stream, (_, found) in zip(every, made, strict=True) for right in found if stream.weight == 1]
    exact = (sum(by_hash) + 1) / (len(by_hash) + 2)
    unseen = Unseen.of(rows, args.folds)
    right = sum(row.right for row in rows)
    print(f"{len(rows):,} rows, {right:,} of them right; {len(by_hash):,} known hashes, {exact:.3f} right", flush=True)
    for stream in every:
        result = replay(stream, unseen.probability, args.threshold, exact)
        print(
            f"{stream.name:36s} {len(stream.items):5d} " + "  ".join(f"{name} {value:.3f}" for name, value in result.items()),
            flush=True,
        )
    wrong = np.median([row.container for row in rows if not row.right], axis=0)
    usual = {part: round(float(value), 4) for part, value in zip(GROUP_PARTS, wrong, strict=True)}
    if args.unseen:
        said = {"version": args.version, "exact": exact, "usual": usual}
        models = [{**said, "trees": model.to_json()} for model in unseen.models]
        args.unseen.write_text(json.dumps({"fold": unseen.fold, "models": models}), encoding="utf-8")
    if args.output:
        calibrated = unseen.models[0]
        trees = replace(exported(trained(rows)), slope=calibrated.slope, shift=calibrated.shift)
        said = {"version": args.version, "fingerprint": VERSION, "exact": round(exact, 4), "usual": usual}
        content = {**said, "trees": trees.to_json()}
        args.output.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
