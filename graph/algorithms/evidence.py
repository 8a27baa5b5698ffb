"""Features of a pair of crash signatures, the evidence that they are one bug.

The features ("parts") are plain numbers weighed by a model (:mod:`graph.algorithms.choice`); they are computed from the
signatures and the rarity of their words and modules alone. More of a part never speaks against the same bug.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FEW = 60
"""Rarity is computed over at least this many signatures, missing ones counted as dissimilar: in a new graph nothing is rare."""
SATURATED = 36.0
"""Rarity of words in common, in nats, above which more of it says no more."""
NEUTRAL = 0.5
"""Likeness of what both signatures lack."""

PAIR_PARTS = (
    "words",
    "inner_words",
    "meaning",
    "message",
    "culprit",
    "modules",
    "shared",
    "unshared",
    "unshared_known",
    "same_cause",
    "same_place",
    "same_crash",
    "elsewhere",
)
"""Names of the parts of :meth:`SignatureComparer.against`, in order."""
QUERY_PARTS = ("information", "message_words", "candidate_patterns")
"""Names of the parts of :meth:`SignatureComparer.alone`, in order: properties of the report, whatever it is compared with."""


@dataclass(frozen=True, slots=True)
class ComparableSignature:
    """A signature prepared for comparison. ``words`` counts the words of type, message and frames.

    ``inner_words`` weighs them by the depth of the innermost frame with the word, those of type and message by 1.
    ``frames`` are normalised, innermost first, starting at the culprit, without test or task runners;
    ``message_words`` and ``culprit_words`` are the words of the message and of the first frame; ``function_words``, in order,
    those of its function alone.
    """

    error_type: str
    message: str
    message_words: frozenset[str]
    frames: tuple[str, ...]
    modules: tuple[str, ...]
    words: Mapping[str, int]
    inner_words: Mapping[str, float]
    culprit_words: frozenset[str]
    function_words: tuple[str, ...]


@dataclass(slots=True)
class Rarity:
    """Number of known signatures with each word and module, and of their patterns; grows with every known signature."""

    signatures: int = 0
    patterns: int = 0
    words: dict[str, int] = field(default_factory=dict)
    message_words: dict[str, int] = field(default_factory=dict)
    modules: dict[str, int] = field(default_factory=dict)

    def add(self, known: ComparableSignature, *, founds: bool = True) -> None:
        """Count one more signature, and its pattern if it ``founds`` one."""
        self.signatures += 1
        self.patterns += founds
        _count(self.words, known.words)
        _count(self.message_words, known.message_words)
        _count(self.modules, set(known.modules))

    def copied(self) -> Rarity:
        """An independent copy."""
        return Rarity(self.signatures, self.patterns, *(dict(table) for table in self._tables()))

    def scaled(self, signatures: int, patterns: int) -> Rarity:
        """The rarity extrapolated to a number of signatures of so many patterns, of which this one's are a sample."""
        factor = max(1.0, signatures / self.signatures if self.signatures else 1.0)
        return Rarity(
            max(signatures, self.signatures),
            patterns,
            *({key: round(count * factor) for key, count in table.items()} for table in self._tables()),
        )

    def _tables(self) -> tuple[dict[str, int], ...]:
        return self.words, self.message_words, self.modules

    @property
    def novelty(self) -> float:
        """Log odds that a signature founded a pattern so far, 0 without any (Laplace's rule of succession)."""
        founding = min(self.patterns, self.signatures)
        return math.log((founding + 1) / (self.signatures - founding + 1))

    def of_word(self, word: str) -> float:
        """Information value of a word in nats, above 0 (inverse document frequency)."""
        return self._of(self.words, word)

    def of_message_word(self, word: str) -> float:
        """The same among messages."""
        return self._of(self.message_words, word)

    def of_module(self, module: str) -> float:
        """The same of a module or class."""
        return self._of(self.modules, module)

    def _of(self, table: Mapping[str, int], key: str) -> float:
        return math.log(1 + (max(self.signatures, FEW) + 1) / (table.get(key, 0) + 0.5))


Vector = dict[str, float]


class SignatureComparer:
    """Compares one signature with many."""

    def __init__(self, query: ComparableSignature, rarity: Rarity) -> None:
        """``rarity`` excludes the query itself."""
        self.query = query
        self._rarity = rarity
        self._rarities: Vector = {}
        self._words = self._word_vector(query)
        self._inner = self._inner_vector(query)
        self._message = self._message_vector(query.message_words)
        self._culprit = self._plain_vector(query.culprit_words)
        self._modules = self._module_vector(query)
        self.information = sum(self._inner.values())
        """Rarity of all words: the information available for recognition."""

    def alone(self, candidates: int, patterns: int) -> NDArray[np.float64]:
        """The parts of :data:`QUERY_PARTS`; ``candidates`` signatures of so many ``patterns`` were retrieved."""
        return np.array(
            [
                math.log1p(self.information) / 4,
                math.log1p(len(self.query.message_words)) / 2,
                math.log((patterns + 1) / (candidates + 1)),
            ]
        )

    def of_known(self, known: ComparableSignature) -> SignatureComparer:
        """Compares a known signature with others by the same rarities."""
        return SignatureComparer(known, self._rarity)

    def against(self, known: ComparableSignature, meaning: float) -> NDArray[np.float64]:
        """The parts of :data:`PAIR_PARTS`, each within -1..1; ``meaning`` is the cosine of the embeddings."""
        query = self.query
        inner = self._inner_vector(known)
        shared = sum(min(value, inner[word]) for word, value in self._inner.items() if word in inner)
        same_type = query.error_type == known.error_type
        same_message = query.message == known.message
        message = cosine(self._message, self._message_vector(known.message_words))
        same_frame = bool(query.frames) and query.frames[:1] == known.frames[:1]
        return np.array(
            [
                cosine(self._words, self._word_vector(known)),
                cosine(self._inner, inner),
                meaning,
                message,
                cosine(self._culprit, self._plain_vector(known.culprit_words)),
                cosine(self._modules, self._module_vector(known)),
                _saturated(shared),
                -_saturated(self.information - shared),
                -_saturated(sum(inner.values()) - shared),
                same_type and same_message,
                same_type and same_frame,
                (same_type and same_frame) * (1.0 if same_message else message),
                -float(same_type and same_message and _is_elsewhere(query, known)),
            ],
            dtype=np.float64,
        )

    def _rarity_of(self, word: str) -> float:
        value = self._rarities.get(word)
        if value is None:
            value = self._rarities[word] = self._rarity.of_word(word)
        return value

    def _word_vector(self, signature: ComparableSignature) -> Vector:
        return {word: (1 + math.log(count)) * self._rarity_of(word) for word, count in signature.words.items()}

    def _inner_vector(self, signature: ComparableSignature) -> Vector:
        return {word: weight * self._rarity_of(word) for word, weight in signature.inner_words.items()}

    def _plain_vector(self, words: frozenset[str]) -> Vector:
        return {word: self._rarity_of(word) for word in words}

    def _message_vector(self, words: frozenset[str]) -> Vector:
        return {word: self._rarity.of_message_word(word) for word in words}

    def _module_vector(self, signature: ComparableSignature) -> Vector:
        return {module: self._rarity.of_module(module) for module in signature.modules}


def _is_elsewhere(query: ComparableSignature, known: ComparableSignature) -> bool:
    """Whether two stacks fail in functions that have nothing to do with each other.

    Neither culprit is in the other stack, and they are no sisters, which often share their bugs.
    """
    if not query.frames or not known.frames or _are_sisters(query, known):
        return False
    return query.frames[0] not in known.frames and known.frames[0] not in query.frames


def _are_sisters(query: ComparableSignature, known: ComparableSignature) -> bool:
    """Whether two culprits do the same by name, as ``padLeft`` and ``padRight`` do.

    The leading word of a name says what a function does, the others with what: ``computeTotal`` and ``applyTotal`` are no
    sisters. In C the leading word names the module, so the next one counts.
    """
    ours, theirs = query.function_words, known.function_words
    if ours == theirs:
        return bool(ours)
    prefix = _c_prefix(query.frames[0])
    if prefix and prefix == _c_prefix(known.frames[0]):
        ours, theirs = ours[1:], theirs[1:]
    return bool(ours) and ours[:1] == theirs[:1]


def _c_prefix(function: str) -> str:
    """The leading word of a function without module and class: ``ext4`` of ``ext4_map_blocks``; empty if there is none."""
    prefix, _, rest = function.strip("_").partition("_")
    return prefix.lower() if rest and function.isidentifier() else ""


def cosine(a: Vector, b: Vector) -> float:
    """Cosine of two sparse vectors; :data:`NEUTRAL` when both are empty, 0 when one is."""
    if not a or not b:
        return 0.0 if a or b else NEUTRAL
    dot = sum(value * b[key] for key, value in a.items() if key in b)
    return dot / math.sqrt(sum(value * value for value in a.values()) * sum(value * value for value in b.values()))


def _saturated(rarity: float) -> float:
    return min(1.0, max(0.0, rarity) / SATURATED)


def _count(table: dict[str, int], keys: Iterable[str]) -> None:
    for key in keys:
        table[key] = table.get(key, 0) + 1
