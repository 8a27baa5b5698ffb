"""Similar fixes by text: descriptions, steps and diffs, compared as TF-IDF vectors.

Of a diff, only changed lines count, and removed words differ from added ones.
Words of very many fixes are dropped as uninformative, which also bounds the work: it grows with the fixes that
share a rarer word, not with all pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from graph.algorithms.streams import Floats, Indices

MOST_WORDS, LONGEST_WORD = 4_000, 60
COMMON = 200
"""Most fixes that may share a word; commoner words are dropped."""
ROWS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class FixText:
    """The text of a fix."""

    description: str
    steps: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """Pairs of fixes as columns, ``first < second``; ``score`` is 0..1."""

    first: Indices
    second: Indices
    score: Floats

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.first)


def alike(fixes: Sequence[FixText], floor: float, most: int, least_words: int = 3) -> Alike:
    """The ``most`` nearest fixes of each fix, with a score of at least ``floor``; both directions are one pair.

    Descriptions and steps count half each if both fixes have steps, else the descriptions alone. A text of fewer than
    ``least_words`` distinct informative words is not compared.
    """
    return _neighbours(*_vectors(fixes, least_words), floor, most)


def alike_by_chance(fixes: Sequence[FixText], floor: float, most: int, least_words: int = 3, seed: int = 0) -> Alike:
    """As :func:`alike`, with the words shuffled among texts of the same lengths: every pair is due to chance."""
    rng = np.random.default_rng(seed)
    descriptions, steps = _vectors(fixes, least_words)
    return _neighbours(_dealt(descriptions, rng), _dealt(steps, rng), floor, most)


def words(text: str) -> Iterator[str]:
    """Words of a text, casefolded; of a unified diff, those of changed lines, with their sign."""
    if not is_difference(text):
        yield from _plain_words(text)
        return
    for line in text.splitlines():
        if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"}:
            yield from (f"{line[0]}{word}" for word in _plain_words(line[1:]))


def is_difference(text: str) -> bool:
    """True for a unified diff: a hunk header, or the names of both files."""
    lines = text.splitlines()
    starts = {line[:4] for line in lines}
    return any(line.startswith("@@ ") and line.count("@@") > 1 for line in lines) or {"--- ", "+++ "} <= starts


def _plain_words(text: str) -> Iterator[str]:
    spaced = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in text.casefold())
    return (word for word in spaced.split() if 1 < len(word) <= LONGEST_WORD)


def _vectors(fixes: Sequence[FixText], least_words: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    return (
        _weighted([list(words(one.description))[:MOST_WORDS] for one in fixes], least_words),
        _weighted([list(words(one.steps))[:MOST_WORDS] for one in fixes], least_words),
    )


def _weighted(texts: Sequence[Iterable[str]], least_words: int) -> sparse.csr_array:
    """Rows of unit length, one a text: ``(1 + ln count) * (1 + ln((1 + texts) / (1 + texts with the word)))``."""
    vocabulary: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, text in enumerate(texts):
        for word in text:
            rows.append(row)
            columns.append(vocabulary.setdefault(word, len(vocabulary)))
    shape = (len(texts), max(len(vocabulary), 1))
    counts = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()
    having = np.bincount(counts.indices, minlength=shape[1])
    rarity = np.where(having > COMMON, 0.0, 1.0 + np.log((1.0 + len(texts)) / (1.0 + having)))
    texts_of = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
    enough = np.bincount(texts_of[rarity[counts.indices] > 0], minlength=len(texts)) >= least_words
    counts.data = (1.0 + np.log(counts.data)) * rarity[counts.indices]
    counts.data *= np.repeat(enough, np.diff(counts.indptr))
    counts.eliminate_zeros()
    return _unit(counts)


def _unit(rows: sparse.csr_array) -> sparse.csr_array:
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    rows.data /= np.repeat(np.maximum(lengths, 1e-300), np.diff(rows.indptr))
    return rows


def _dealt(rows: sparse.csr_array, rng: np.random.Generator) -> sparse.csr_array:
    dealt = rows.copy()
    order = rng.permutation(len(dealt.indices))
    dealt.indices, dealt.data = dealt.indices[order], dealt.data[order]
    dealt.has_sorted_indices = dealt.has_canonical_format = False
    dealt.sum_duplicates()
    return _unit(dealt)


def _neighbours(descriptions: sparse.csr_array, steps: sparse.csr_array, floor: float, most: int) -> Alike:
    has_steps = np.diff(steps.indptr) > 0
    described = np.diff(descriptions.indptr) > 0
    found: list[tuple[Indices, Indices, Floats]] = []
    for begin in range(0, descriptions.shape[0], ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        likeness = (descriptions[rows] @ descriptions.T + steps[rows] @ steps.T).tocoo()
        first, second = likeness.row.astype(np.int64) + begin, likeness.col.astype(np.int64)
        parts = (described[first] & described[second]).astype(float) + (has_steps[first] & has_steps[second])
        score = np.minimum(likeness.data / np.maximum(parts, 1.0), 1.0)
        kept = (score >= floor) & (first != second)
        found.append(_likest(first[kept], second[kept], score[kept], most))
    return _once(*(np.concatenate(column) for column in zip(*found, strict=True))) if found else _once(*_nothing())


def _likest(first: Indices, second: Indices, score: Floats, most: int) -> tuple[Indices, Indices, Floats]:
    order = np.lexsort((second, -score, first))
    first, second, score = first[order], second[order], score[order]
    _, starts, sizes = np.unique(first, return_index=True, return_counts=True)
    kept = np.arange(len(first)) - np.repeat(starts, sizes) < most
    return first[kept], second[kept], score[kept]


def _once(first: Indices, second: Indices, score: Floats) -> Alike:
    low, high = np.minimum(first, second), np.maximum(first, second)
    _, at = np.unique(np.stack([low, high]), axis=1, return_index=True)
    at = at[np.lexsort((high[at], low[at], -score[at]))]
    return Alike(low[at], high[at], score[at])


def _nothing() -> tuple[Indices, Indices, Floats]:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
