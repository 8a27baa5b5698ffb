"""Train the model that weighs the evidence for two crash reports being one bug, and measure it on unseen projects.

``python tools/train_matcher.py CORPUS… --output graph/matching/ranking_model.json`` reads JSON lines of reports with
``product`` and ``truth.group``, as the labelled sets have them and ``tools/faults`` makes them. Each corpus is streamed
chronologically as it is, and once more with the frames of tests cut off, since no test runs in production. Each report
is compared with what came before it; the right answer is then stored. Beside each report stand variants of it that are
the same bug, and near misses that are not (:mod:`matcher.variants`). For each project a model is trained on all others;
their answers calibrate the probability. Nothing of the reports is kept in the output.

Corpora after ``--made`` are of injected faults. No weight is learned from them, as such faults lie too close together; they are
long unseen streams, which calibrate what is said of new patterns. Of two faults in one function that crash with the same hash
only the first is kept, since they are indistinguishable.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from matcher.fitting import Example, calibrated, calibration, fit
from matcher.replay import calibrated as with_novelty
from matcher.replay import figures, novelty_calibration, replay
from matcher.streams import LabelledSignature, Memory, Query, TrainingStream, Vectors, apart, load
from matcher.variants import Variant, variants

from graph.algorithms.choice import Choice
from graph.algorithms.evidence import PAIR_PARTS, SignatureComparer
from graph.fingerprint.compute import VERSION
from graph.matching.cascade import Costs
from graph.matching.ranking_model import NoveltyCalibration

CULPRIT, SAME_PLACE = PAIR_PARTS.index("culprit"), PAIR_PARTS.index("same_place")
MADE_WEIGHT = 0.1
"""Of a stream of injected faults in the calibration of new patterns."""
ASSERTIONS_WEIGHT = 0.5
"""Failed assertions of tests are many and read alike; in production there are none."""
VARIANT_WEIGHT = 0.2
PYTHON_WEIGHT = 2.0
"""The real Python reports are a third as many as the Java ones."""


def streams(corpora: Sequence[Path], made: Sequence[Path]) -> list[TrainingStream]:
    """Each corpus as it is and with tests cut; one with assertions also without them."""
    found = []
    for path in (*corpora, *made):
        name = path.name.removesuffix(".jsonl.gz")
        everything, crashes = load(path), load(path, assertions=False)
        weight = MADE_WEIGHT if path in made else PYTHON_WEIGHT
        kinds = [(name, everything, weight), (f"{name}, tests cut", load(path, assertions=False, tests=False), weight)]
        if len(crashes) < len(everything):
            # Of a failed assertion nothing is left without its test.
            kinds = [
                (name, everything, ASSERTIONS_WEIGHT),
                (f"{name}, crashes", crashes, 1.0),
                (f"{name}, tests cut", load(path, assertions=False, tests=False), 1.0),
            ]
        found += [TrainingStream(kind, apart(items) if path in made else items, weight) for kind, items, weight in kinds]
    return found


def examples(
    stream: TrainingStream, vectors: Vectors, languages: Mapping[str, str]
) -> tuple[list[Example], list[Example], list[Query], list[bool]]:
    """Examples of a stream and of variants, the queries, and for each known hash whether its bug was the same."""
    real, asked, by_hash = list[Example](), list[Query](), list[bool]()
    chance = random.Random(0)  # which variants are made, the same in each run
    pending: list[tuple[int, Variant]] = []
    by_product: dict[str, list[LabelledSignature]] = {}
    for item in stream.items:
        by_product.setdefault(item.product, []).append(item)
    memory = Memory(stream, vectors.embed([item.fingerprint.text for item in stream.items]))
    for position, item in enumerate(stream.items):
        query = memory.ask(position)
        memory.store(position)
        asked.append(query)
        if query.known is not None:
            by_hash.append(stream.items[query.known].group == item.group)
            continue
        real.append(_example(query, stream, item, languages[item.product]))
        if stream.weight > MADE_WEIGHT:
            pending += [(position, variant) for variant in variants(item, by_product[item.product], chance)]
    return real, _of_variants(stream, pending, memory, vectors, languages), asked, by_hash


def _example(query: Query, stream: TrainingStream, item: LabelledSignature, language: str) -> Example:
    groups = tuple(stream.items[one].group for one in query.candidates)
    question = query.comparer.alone(len(groups), len(set(groups)))
    right = item.group if item.group in groups else None
    return Example(query.pairs, groups, question, right, item.product, language, stream.weight)


def _of_variants(
    stream: TrainingStream,
    pending: Sequence[tuple[int, Variant]],
    memory: Memory,
    vectors: Vectors,
    languages: Mapping[str, str],
) -> list[Example]:
    """Each variant compared with its shortened original, among the candidates of the original in the full memory."""
    texts = [text for _, variant in pending for text in (variant.report_text, variant.original_text)]
    embedded = vectors.embed(texts) if texts else np.zeros((0, 384), dtype=np.float32)
    made = []
    for place, (position, variant) in enumerate(pending):
        item = stream.items[position]
        mine, theirs = embedded[2 * place], embedded[2 * place + 1]
        comparer = SignatureComparer(variant.report, memory.rarity)
        near = [one for one in memory.near(item, mine) if stream.items[one].group != item.group]
        pair = comparer.against(variant.original, float(np.clip(mine @ theirs, 0, 1)))
        pairs = np.vstack([pair[None], memory.compare(comparer, mine, near).reshape(-1, len(pair))])
        # Another bug that the inner frames were taken from may be right as well; only what is unlike competes.
        kept = [0, *(row for row in range(1, len(pairs)) if not pairs[row, SAME_PLACE] and pairs[row, CULPRIT] < 1)]
        groups = tuple(["original", *(stream.items[one].group for one in near)][row] for row in kept)
        question = comparer.alone(len(groups), len(set(groups)))
        right = "original" if variant.same else None
        weight = VARIANT_WEIGHT * min(1.0, stream.weight)
        made.append(Example(pairs[kept], groups, question, right, item.product, languages[item.product], weight))
    return made


def unseen(
    real: Sequence[Example], variants: Sequence[Example], key: Callable[[Example], str]
) -> tuple[dict[str, Choice], tuple[float, float]]:
    """For each project (or language) a model trained on all others, and the calibration of their answers."""
    raw = {
        name: fit([one for one in real if key(one) != name], [one for one in variants if key(one) != name])
        for name in sorted({key(one) for one in real})
    }
    slope, shift = calibration(real, [raw[key(one)] for one in real])
    print(f"variants and near misses right: {told_apart(variants, [raw[key(one)] for one in variants]):.3f}")
    return {name: calibrated(model, slope, shift) for name, model in raw.items()}, (slope, shift)


def told_apart(variants: Sequence[Example], models: Sequence[Choice]) -> float:
    """Share of variants that match their original, and of near misses that do not."""
    right = []
    for one, model in zip(variants, models, strict=True):
        odds = model.log_odds(model.rows(one.pairs, one.question))
        right.append((1 / (1 + np.exp(-odds[0])) >= Costs().threshold) == (one.right is not None))
    return float(np.mean(right))


def table(
    every: Sequence[TrainingStream],
    asked: Sequence[Sequence[Query]],
    models: Mapping[str, Choice],
    threshold: float,
    exact: float,
) -> NoveltyCalibration:
    """Print the figures of each stream, and return the calibration of what is said of new patterns."""
    replays = [replay(stream, its, models, threshold, exact) for stream, its in zip(every, asked, strict=True)]
    novelty = novelty_calibration([(placed, stream.weight) for placed, stream in zip(replays, every, strict=True)])
    for stream, placed in zip(every, replays, strict=True):
        result = figures(with_novelty(placed, novelty), [item.group for item in stream.items])
        cells = " ".join(f"{name} {value:.3f}" for name, value in result.items())
        print(f"{stream.name:26s} {len(placed):5d} {cells}", flush=True)
    print(f"novelty: {novelty}")
    return novelty


def usual_row(model: Choice, every: Iterable[Example]) -> dict[str, float]:
    """The median row of a wrong candidate."""
    rows = []
    for one in every:
        wrong = [place for place, group in enumerate(one.groups) if group != one.right]
        if wrong and one.weight >= ASSERTIONS_WEIGHT:
            rows.append(model.rows(one.pairs[wrong], one.question))
    middle = np.median(np.concatenate(rows), axis=0)
    return {part: round(float(value), 4) for part, value in zip(model.parts, middle, strict=True)}


def main() -> None:
    """Train, print the tables, write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS")
    parser.add_argument("--made", nargs="*", type=Path, default=[], metavar="CORPUS", help="corpora of injected faults")
    parser.add_argument("--output", type=Path, help="where to write the model; without it only the tables are printed")
    parser.add_argument("--unseen", type=Path, help="where to write the models that have not seen a project each")
    parser.add_argument("--version", default="2026-11-30", help="what the model is called")
    parser.add_argument("--vectors", type=Path, help="file that keeps embeddings between runs (.npz)")
    parser.add_argument("--threshold", type=float, default=Costs().threshold)
    args = parser.parse_args()
    every, vectors = streams(args.corpora, args.made), Vectors(args.vectors)
    languages = {item.product: item.language for stream in every for item in stream.items}
    made = [examples(stream, vectors, languages) for stream in every]
    rows = [one for real, _, _, _ in made for one in real if one.weight > MADE_WEIGHT]
    similar = [one for _, variants_, _, _ in made for one in variants_]
    asked = [queries for _, _, queries, _ in made]
    labelled = [right for stream, (_, _, _, right) in zip(every, made, strict=True) if stream.weight > MADE_WEIGHT]
    by_hash = [right for rights in labelled for right in rights]
    exact = (sum(by_hash) + 1) / (len(by_hash) + 2)
    print(f"{len(rows):,} questions; {len(by_hash):,} known hashes, {exact:.3f} right")
    print("one language left out at a time")
    by_language, _ = unseen(rows, similar, lambda one: one.language)
    table(every, asked, {product: by_language[language] for product, language in languages.items()}, args.threshold, exact)
    print("one project left out at a time")
    by_product, (slope, shift) = unseen(rows, similar, lambda one: one.product)
    model = calibrated(fit(rows, similar), slope, shift)
    # The model has seen none of the projects with injected faults.
    by_product |= {product: model for product in languages if product not in by_product}
    novelty = table(every, asked, by_product, args.threshold, exact)
    print(f"calibration: slope {slope:.3f}, shift {shift:+.3f}")
    print(json.dumps(model.to_json()))
    said = {
        "version": args.version,
        "fingerprint": VERSION,
        "exact": round(exact, 4),
        "usual": usual_row(model, rows),
        "novelty": asdict(novelty),
    }
    if args.unseen:
        fold = {product: index for index, product in enumerate(by_product)}
        models = [{**said, "choice": one.to_json()} for one in by_product.values()]
        args.unseen.write_text(json.dumps({"fold": fold, "models": models}), encoding="utf-8")
    if args.output:
        args.output.write_text(json.dumps({**said, "choice": model.to_json()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
