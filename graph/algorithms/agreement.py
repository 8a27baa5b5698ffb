"""Agreement of a grouping with the truth.

A grouping is a label per item; items with equal labels are together, whatever the labels are. All figures derive
from one contingency table, so time and memory grow with the number of items, not of pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """``precision``, ``recall`` and their harmonic mean ``f1``, each 0..1.

    Low precision: different things were joined. Low recall: one thing was split.
    """

    precision: float
    recall: float
    f1: float


def bcubed(predicted: Sequence[Hashable], truth: Sequence[Hashable]) -> Agreement:
    """BCubed precision and recall, averaged over items.

    An item's precision is the share of its predicted group that is of its true group, itself included; its recall the
    share of its true group that is in its predicted group. Bagga and Baldwin 1998; Amigó, Gonzalo, Artiles and Verdejo
    2009, "A comparison of extrinsic clustering evaluation metrics based on formal constraints", section 4.2.

    Two empty groupings agree wholly.

    Raises:
        ValueError: the two are not of one length.
    """
    table = _Table.of(predicted, truth)
    if not table.size:
        return Agreement(1.0, 1.0, 1.0)
    precision = sum(count * count / table.predicted[group] for (group, _), count in table.both.items()) / table.size
    recall = sum(count * count / table.truth[group] for (_, group), count in table.both.items()) / table.size
    return _agreement(precision, recall)


def pairwise(predicted: Sequence[Hashable], truth: Sequence[Hashable]) -> Agreement:
    """Precision and recall over unordered pairs of items that are together.

    Where no pair is together in one of the groupings, its figure is 1: nothing was claimed, or nothing was to be found.
    Amigó et al. 2009, section 3.2, "metrics based on counting pairs". Large groups weigh as the square of their size.

    Raises:
        ValueError: the two are not of one length.
    """
    table = _Table.of(predicted, truth)
    agreed = _pairs(table.both.values())
    claimed, true = _pairs(table.predicted.values()), _pairs(table.truth.values())
    return _agreement(agreed / claimed if claimed else 1.0, agreed / true if true else 1.0)


@dataclass(frozen=True, slots=True)
class _Table:
    """Counts of items by predicted label, by true label, and by both."""

    size: int
    predicted: Counter[Hashable]
    truth: Counter[Hashable]
    both: Counter[tuple[Hashable, Hashable]]

    @classmethod
    def of(cls, predicted: Sequence[Hashable], truth: Sequence[Hashable]) -> _Table:
        if len(predicted) != len(truth):
            raise ValueError(f"{len(predicted)} predicted labels for {len(truth)} true ones: give one of each per item")
        return cls(len(truth), Counter(predicted), Counter(truth), Counter(zip(predicted, truth, strict=True)))


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _agreement(precision: float, recall: float) -> Agreement:
    total = precision + recall
    return Agreement(precision, recall, 2 * precision * recall / total if total else 0.0)
