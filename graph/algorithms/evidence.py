"""Features of a pair of crash signatures, and of a signature against a pattern's group of signatures.

The features ("parts") are plain numbers scored by a model (:mod:`graph.algorithms.trees`); they are computed from the
signatures and the rarity of their words and frames alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ALIGNED_FRAMES = 10
"""Frames of each stack that are aligned."""
SATURATION, LENGTH_WEIGHT = 1.2, 0.75
"""``k1`` and ``b`` of BM25 (Robertson and Zaragoza 2009, section 3.4)."""
DEPTH_DECAY = 0.7
"""A frame at depth ``i`` weighs ``(1 + i) ** -0.7``: inner frames weigh most."""
SHIFT_DECAY = 0.2
COMPARED_PREFIX = 5
FEW = 60
"""Rarity is computed over at least this many signatures, missing ones counted as dissimilar: in a new graph nothing is rare."""

PAIR_PARTS = (
    "words",
    "words_back",
    "meaning",
    "frames",
    "message",
    "same_type",
    "same_place",
    "same_module",
    "same_start",
    "same_message",
)
"""Names of the parts of :meth:`SignatureComparer.against`, in order."""
SHARED_PARTS = 5
"""The first parts are also aggregated over the whole group, and compared with the other groups."""
LIKENESS = np.array([0.30, 0.15, 0.20, 0.20, 0.15])
"""Weights of the first parts in :func:`likeness`, which orders candidates before the model does."""
QUERY_PARTS = ("information", "frame_count", "message_words", "raised_by_helper", "known_signatures")
GROUP_PARTS = (
    *(f"best_{part}" for part in PAIR_PARTS),
    *(f"most_{part}" for part in PAIR_PARTS[:SHARED_PARTS]),
    *(f"mean_{part}" for part in PAIR_PARTS[:SHARED_PARTS]),
    *(f"lead_{part}" for part in PAIR_PARTS[:SHARED_PARTS]),
    "likeness",
    "lead",
    "signatures",
    *QUERY_PARTS,
)
"""Names of the parts of :func:`groups`, in order."""
CONSIDERED_GROUPS = 6


@dataclass(frozen=True, slots=True)
class ComparableSignature:
    """A signature prepared for comparison. ``words`` counts the words of type, message and frames.

    ``frames`` are normalised, innermost first, starting at the culprit, without test or task runners;
    ``message_words`` are the words of the message alone. ``raised_by_helper``: frames above the culprit were skipped.
    """

    error_type: str
    message: str
    message_words: frozenset[str]
    frames: tuple[str, ...]
    modules: tuple[str, ...]
    words: Mapping[str, int]
    raised_by_helper: bool = False

    @property
    def length(self) -> int:
        """Number of words."""
        return sum(self.words.values())


@dataclass(slots=True)
class Rarity:
    """Number of known signatures with each word and frame; grows with every known signature."""

    signatures: int = 0
    length: int = 0
    words: dict[str, int] = field(default_factory=dict)
    message_words: dict[str, int] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)

    def add(self, known: ComparableSignature) -> None:
        """Count one more signature."""
        self.signatures += 1
        self.length += known.length
        _count(self.words, known.words)
        _count(self.message_words, known.message_words)
        _count(self.frames, set(known.frames))

    def copied(self) -> Rarity:
        """An independent copy."""
        return Rarity(self.signatures, self.length, *(dict(table) for table in self._tables()))

    def scaled(self, signatures: int) -> Rarity:
        """The rarity extrapolated to a number of signatures of which this one's are a sample."""
        factor = signatures / self.signatures if self.signatures else 1.0
        if factor <= 1:
            return self
        tables = ({key: round(count * factor) for key, count in table.items()} for table in self._tables())
        return Rarity(signatures, round(self.length * factor), *tables)

    def _tables(self) -> tuple[dict[str, int], ...]:
        return self.words, self.message_words, self.frames

    @property
    def mean_length(self) -> float:
        """Mean number of words per signature; 1 if none is known."""
        return self.length / self.signatures if self.signatures else 1.0

    @property
    def among(self) -> int:
        """Number of signatures that rarity refers to, at least :data:`FEW`."""
        return max(self.signatures, FEW)

    def of_word(self, word: str) -> float:
        """BM25's inverse document frequency, above 0."""
        seen = self.words.get(word, 0)
        return math.log(1 + (max(self.among, seen) - seen + 0.5) / (seen + 0.5))

    def of_message_word(self, word: str) -> float:
        """The same among messages, with more smoothing, as most messages are short."""
        return math.log(1 + (self.among + 1) / (self.message_words.get(word, 0) + 0.5))

    def of_frame(self, frame: str) -> float:
        """Information value of a frame, above 0."""
        return math.log(1 + (self.among + 1) / (self.frames.get(frame, 0) + 1)) + 0.1


class SignatureComparer:
    """Compares one signature with many."""

    def __init__(self, query: ComparableSignature, rarity: Rarity) -> None:
        """``rarity`` excludes the query itself."""
        self.query = query
        self._rarity = rarity
        self._mean_length = rarity.mean_length
        weights = {word: rarity.of_word(word) for word in query.words}
        self._weights = weights
        norm = self._norm(query)
        self.information = sum(weights[word] * count / (count + norm) for word, count in query.words.items())
        """BM25 of the query with itself: the information available for recognition."""
        self._frames = [rarity.of_frame(frame) * _depth(i) for i, frame in enumerate(query.frames[:ALIGNED_FRAMES])]

    def against(self, known: ComparableSignature, meaning: float) -> NDArray[np.float64]:
        """The parts of :data:`PAIR_PARTS`, each about 0..1; ``meaning`` is the cosine of the embeddings."""
        query = self.query
        words, back = self._words(known)
        mine, theirs = query.frames, known.frames
        both = bool(mine) and bool(theirs)
        return np.array(
            [
                words,
                back,
                meaning,
                self._alignment(theirs),
                self._message(known.message_words),
                query.error_type == known.error_type,
                both and mine[0] == theirs[0],
                both and query.modules[0] == known.modules[0],
                _common_start(mine, theirs) / COMPARED_PREFIX,
                bool(query.message) and query.message == known.message,
            ],
            dtype=np.float64,
        )

    def _norm(self, document: ComparableSignature) -> float:
        return SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * document.length / max(self._mean_length, 1e-9))

    def _words(self, known: ComparableSignature) -> tuple[float, float]:
        """BM25 by the query's score with itself, and the share of the known signature's words found in the query."""
        norm, mine = self._norm(known), self._norm(self.query)
        score = covered = total = 0.0
        words, weights = self.query.words, self._weights
        for word, count in known.words.items():
            weight = weights.get(word)
            if weight is None:
                total += self._rarity.of_word(word) * count / (count + norm)
                continue
            value = weight * count / (count + norm)
            total += value
            score += value
            covered += weight * words[word] / (words[word] + mine)
        return score / max(self.information, 1e-9), min(1.5, covered / max(total, 1e-9))

    def _message(self, theirs: frozenset[str]) -> float:
        """Share of the rarity of all words of both messages that they have in common; 0.5 when both are empty."""
        mine = self.query.message_words
        everything = sum(map(self._rarity.of_message_word, mine | theirs))
        if not everything:
            return 0.5
        return sum(map(self._rarity.of_message_word, mine & theirs)) / everything

    def _alignment(self, theirs: Sequence[str]) -> float:
        """Weight of the heaviest common subsequence of both stacks over the weight of both.

        After TraceSim (Vasiliev, Koznov, Chernishev, Khvorov, Luciv and Povarov 2020, sections 3.2 to 3.4): frames weigh
        by depth and rarity, and pairs at different depths count less. 0.5 when neither has frames.
        """
        mine, theirs = self.query.frames[:ALIGNED_FRAMES], theirs[:ALIGNED_FRAMES]
        if not mine and not theirs:
            return 0.5
        if not mine or not theirs:
            return 0.0
        weights = [self._rarity.of_frame(frame) * _depth(j) for j, frame in enumerate(theirs)]
        heaviest = [0.0] * (len(theirs) + 1)
        for i, frame in enumerate(mine):
            above = heaviest
            heaviest = [0.0]
            for j, other in enumerate(theirs):
                best = max(above[j + 1], heaviest[j])
                if frame == other:
                    shared = 2 * min(self._frames[i], weights[j]) * math.exp(-SHIFT_DECAY * abs(i - j))
                    best = max(best, above[j] + shared)
                heaviest.append(best)
        return heaviest[-1] / (sum(self._frames) + sum(weights))


@dataclass(frozen=True, slots=True)
class Group:
    """Signatures of one group that were compared. ``size`` counts all its signatures, compared or not."""

    key: str
    size: int
    pairs: tuple[NDArray[np.float64], ...]


def likeness(parts: NDArray[np.float64]) -> float:
    """The parts of one pair as one number, for ordering candidates."""
    return float(LIKENESS @ np.minimum(parts[:SHARED_PARTS], 1.0))


def groups(
    comparer: SignatureComparer, compared: Iterable[Group], known_signatures: int
) -> tuple[list[str], NDArray[np.float64]]:
    """The most likely groups, best likeness first, and for each a row with the parts of :data:`GROUP_PARTS`.

    At most :data:`CONSIDERED_GROUPS`. ``known_signatures`` is their total number.
    """
    ranked = []
    for group in compared:
        scores = [likeness(parts) for parts in group.pairs]
        pairs = np.stack(group.pairs)[np.argsort(scores, kind="stable")[::-1]]
        ranked.append((max(scores), group, pairs))
    ranked.sort(key=lambda one: (-one[0], one[1].key))
    ranked = ranked[:CONSIDERED_GROUPS]
    query = comparer.query
    of_query = [
        math.log1p(comparer.information),
        math.log1p(len(query.frames)),
        math.log1p(len(query.message_words)),
        float(query.raised_by_helper),
        math.log1p(known_signatures) / 10,
    ]
    rows = []
    for index, (score, group, pairs) in enumerate(ranked):
        others = [one for place, one in enumerate(ranked) if place != index]
        most = pairs[:, :SHARED_PARTS].max(axis=0)
        rivals = [one[2][:, :SHARED_PARTS].max(axis=0) for one in others]
        rival = np.max(rivals, axis=0) if rivals else np.zeros(SHARED_PARTS)
        lead = score - max((one[0] for one in others), default=0.0)
        mean = pairs[:, :SHARED_PARTS].mean(axis=0)
        rows.append(np.concatenate([pairs[0], most, mean, most - rival, [score, lead, math.log1p(group.size)], of_query]))
    return [group.key for _, group, _ in ranked], np.array(rows).reshape(len(rows), len(GROUP_PARTS))


def _depth(position: int) -> float:
    return float((1 + position) ** -DEPTH_DECAY)


def _common_start(a: Sequence[str], b: Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(a[:COMPARED_PREFIX], b[:COMPARED_PREFIX], strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _count(table: dict[str, int], keys: Iterable[str]) -> None:
    for key in keys:
        table[key] = table.get(key, 0) + 1
