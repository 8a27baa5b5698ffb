"""Labelled reports as streams, and what the graph's indexes would return for each of them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.evidence import PAIR_PARTS, ComparableSignature, Rarity, SignatureComparer
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.matching.comparable import describe_fingerprint
from graph.matching.retrieval import BY_WORDS, NEAREST, WORDS
from graph.model.report import ParsedReport
from graph.parsing.read import read

TEST_FRAME = re.compile(
    r"(?:^|.*[.$/])(?:Test\w*|\w*Tests?|\w*TestCase)(?:\$\w+)*\.[^.]+|(?:^|.*\.)test_\w+\..*|.*\.tests?\..*|(?:^|.*\.)test\w*",
    re.DOTALL,
)
LENGTH_PENALTY = 0.02


@dataclass(frozen=True, slots=True)
class LabelledSignature:
    """The signature of one report of a known bug."""

    group: str
    product: str
    language: str
    fingerprint: Fingerprint
    comparable: ComparableSignature


@dataclass(frozen=True, slots=True)
class TrainingStream:
    """Reports in chronological order. Examples made from it weigh ``weight``."""

    name: str
    items: Sequence[LabelledSignature]
    weight: float = 1.0


class Vectors:
    """Embeddings by text, kept in a file between runs."""

    def __init__(self, file: Path | None) -> None:
        """``file`` may not exist yet; ``None`` keeps nothing."""
        self._file = file
        self._known: dict[str, NDArray[np.float32]] = {}
        if file is not None and file.exists():
            with np.load(file) as kept:
                self._known = dict(zip(kept["digests"].tolist(), kept["vectors"], strict=True))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of texts, shape ``(n, 384)``."""
        missing = {digest: text for text in texts if (digest := _digest(text)) not in self._known}
        if missing:
            vectors = np.asarray(MiniLmEmbedder().embed(list(missing.values())), dtype=np.float32)
            self._known.update(zip(missing, vectors, strict=True))
            if self._file is not None:
                np.savez(self._file, digests=np.array(list(self._known)), vectors=np.array(list(self._known.values())))
        return np.array([self._known[_digest(text)] for text in texts], dtype=np.float32)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def load(path: Path, *, assertions: bool = True, tests: bool = True) -> list[LabelledSignature]:
    """The reports of a corpus that can be parsed, in chronological order, with or without frames of tests."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = sorted((json.loads(line) for line in lines), key=lambda row: str(row["timestamp"]))
    signatures = []
    for row in rows:
        reports = read(row["report"]).reports
        if reports and (assertions or not row["truth"].get("assertion")):
            made = fingerprint(reports[0] if tests else without_tests(reports[0]))
            signatures.append(
                LabelledSignature(
                    row["truth"]["group"], row["product"], row["truth"]["language"], made, describe_fingerprint(made)
                )
            )
    return signatures


def without_tests(report: ParsedReport) -> ParsedReport:
    """The report as if no test had been running."""
    kept = []
    for frame in report.frames:
        if TEST_FRAME.fullmatch(frame.qualified):
            break
        kept.append(frame)
    culprit = report.culprit if report.culprit in kept else next(iter(kept), None)
    return replace(report, frames=tuple(kept), culprit=culprit)


def apart(items: Sequence[LabelledSignature]) -> list[LabelledSignature]:
    """Drops reports that share a hash with another bug."""
    owners: dict[str, str] = {}
    return [item for item in items if owners.setdefault(item.fingerprint.exact, item.group) == item.group]


@dataclass(frozen=True, slots=True)
class Query:
    """One report, compared with the signatures that the indexes return for it.

    ``known`` is the position of the report with the same hash, if any. ``pairs`` has the features of ``candidates``
    (positions in the stream), ``comparer`` those of the report.
    """

    position: int
    known: int | None
    candidates: tuple[int, ...]
    pairs: NDArray[np.float64]
    comparer: SignatureComparer


class Memory:
    """The signatures stored so far, with indexes of hashes, words and vectors."""

    def __init__(self, stream: TrainingStream, vectors: NDArray[np.float32]) -> None:
        """Empty."""
        self.items = stream.items
        self.vectors = vectors
        self.rarity = Rarity()
        self._stored: list[int] = []
        self._by_exact: dict[str, int] = {}
        self._by_structural: dict[str, list[int]] = defaultdict(list)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._lengths = [sum(item.comparable.words.values()) for item in stream.items]

    def ask(self, position: int) -> Query:
        """The report compared with what is stored."""
        item = self.items[position]
        known = self._by_exact.get(item.fingerprint.exact)
        near = [one for one in self.near(item, self.vectors[position]) if one != known]
        comparer = SignatureComparer(item.comparable, self.rarity)
        pairs = self.compare(comparer, self.vectors[position], near)
        return Query(position, known, tuple(near), pairs, comparer)

    def compare(self, comparer: SignatureComparer, vector: NDArray[np.float32], near: Sequence[int]) -> NDArray[np.float64]:
        """Features of pairs, shape ``(len(near), parts)``."""
        cosines = np.clip(self.vectors[list(near)] @ vector, 0, 1).tolist() if near else []
        rows = [comparer.against(self.items[one].comparable, cosine) for one, cosine in zip(near, cosines, strict=True)]
        return np.array(rows).reshape(len(rows), len(PAIR_PARTS))

    def near(self, item: LabelledSignature, vector: NDArray[np.float32]) -> list[int]:
        """Positions that the indexes return: the same functions, words in common, similar text."""
        words = sorted(item.comparable.words, key=lambda word: -self.rarity.of_word(word))[:WORDS]
        scores: Counter[int] = Counter()
        for word in words:
            for holder in self._by_word[word]:
                weight = self.rarity.of_word(word) / (1 + LENGTH_PENALTY * self._lengths[holder])
                scores[holder] += weight  # type: ignore[assignment]  # counts are typed as whole numbers
        stored = np.array(self._stored, dtype=np.int64)
        nearest = np.argsort(-(self.vectors[stored] @ vector), kind="stable")[:NEAREST] if self._stored else []
        structural = self._by_structural[item.fingerprint.structural][-NEAREST:]
        by_words = [one for one, _ in scores.most_common(BY_WORDS)]
        return list(dict.fromkeys([*structural, *(self._stored[place] for place in nearest), *by_words]))

    def store(self, position: int) -> None:
        """Add a signature, unless its hash is known."""
        item = self.items[position]
        if item.fingerprint.exact in self._by_exact:
            return
        self._by_exact[item.fingerprint.exact] = position
        self._stored.append(position)
        self._by_structural[item.fingerprint.structural].append(position)
        self.rarity.add(item.comparable)
        for word in item.comparable.words:
            self._by_word[word].append(position)
