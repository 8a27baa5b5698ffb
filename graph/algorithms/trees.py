"""A sum of small decision trees with a calibrated probability: the stored form of a trained model, and its evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Gradient boosted trees (Friedman 2001) for a binary outcome.

    The nodes of all trees are stored consecutively. ``part`` is the column that a node tests, -1 for a leaf; ``below`` is
    the next node if the value is at most ``threshold``, ``above`` otherwise; ``value`` is added to the log odds at a leaf.
    ``roots`` are the root nodes; ``bias`` is the initial log odds. ``slope`` and ``shift`` calibrate the log odds
    (Platt 1999).
    """

    parts: tuple[str, ...]
    roots: NDArray[np.int32]
    part: NDArray[np.int32]
    threshold: NDArray[np.float64]
    below: NDArray[np.int32]
    above: NDArray[np.int32]
    value: NDArray[np.float64]
    bias: float
    slope: float = 1.0
    shift: float = 0.0

    def probability(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of a positive outcome for each row, shape ``(n,)`` for rows of shape ``(n, len(parts))``."""
        odds = self.slope * self.log_odds(rows) + self.shift
        return 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))

    def log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Uncalibrated log odds, one per row. ``ValueError`` for rows of another width."""
        if rows.ndim != 2 or rows.shape[1] != len(self.parts):
            raise ValueError(f"rows of shape {rows.shape}; expected (n, {len(self.parts)})")
        added: NDArray[np.float64] = self.value[self._leaves(rows)].sum(axis=1)
        return self.bias + added

    def contributions(self, rows: NDArray[np.float64], usual: NDArray[np.float64]) -> NDArray[np.float64]:
        """Contribution of each part to the log odds of each row, relative to the ``usual`` row, shape ``(n, len(parts))``.

        Exact baseline Shapley values (Sundararajan and Najmi 2020): a part outside the coalition has its usual value, and
        each tree uses few parts. They sum to the difference in log odds, and
        a monotonically increasing part never contributes negatively above its usual value.
        """
        players, player = _players(self)
        count = players.shape[1]
        values_by_coalition = [self.value[self._leaves(rows, usual, (member, player))] for member in range(1 << count)]
        contributions = np.zeros((len(self.parts), len(rows)))
        for one in range(count):
            gained = np.zeros((len(rows), len(self.roots)))
            for others in range(1 << count):
                if not others >> one & 1:
                    size = others.bit_count()
                    gained += (values_by_coalition[others | 1 << one] - values_by_coalition[others]) / (
                        count * comb(count - 1, size)
                    )
            np.add.at(contributions, players[:, one], gained.T)
        return contributions.T

    def _leaves(
        self,
        rows: NDArray[np.float64],
        usual: NDArray[np.float64] | None = None,
        coalition: tuple[int, NDArray[np.int32]] = (0, np.zeros(0, np.int32)),
    ) -> NDArray[np.int32]:
        """The leaf of each row in each tree, shape ``(n, trees)``.

        With ``usual``, a node uses the row's value only if its player (``coalition[1]``) is in the coalition (bit set
        ``coalition[0]``), else the usual value.
        """
        at = np.tile(self.roots, (len(rows), 1))
        lines = np.arange(len(rows))[:, None]
        while True:
            columns = self.part[at]
            inner = columns >= 0
            if not inner.any():
                return at
            values = rows[lines, np.maximum(columns, 0)]
            if usual is not None:
                values = np.where(coalition[0] >> coalition[1][at] & 1, values, usual[np.maximum(columns, 0)])
            following = np.where(values <= self.threshold[at], self.below[at], self.above[at])
            at = np.where(inner, following, at)

    def to_json(self) -> dict[str, object]:
        """Plain lists and numbers, from which :func:`from_json` restores the trees."""
        arrays = {name: getattr(self, name).tolist() for name in ("roots", "part", "below", "above")}
        return {
            "parts": list(self.parts),
            **arrays,
            "threshold": [round(float(one), 6) for one in self.threshold],
            "value": [round(float(one), 6) for one in self.value],
            "bias": self.bias,
            "slope": self.slope,
            "shift": self.shift,
        }


@lru_cache(maxsize=16)
def _players(trees: Trees) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The parts each tree tests, shape ``(trees, most)``, and which of those each node tests, shape ``(nodes,)``."""
    ends = [*trees.roots[1:].tolist(), len(trees.part)]
    columns_by_tree = [trees.part[root:end] for root, end in zip(trees.roots.tolist(), ends, strict=True)]
    distinct = [sorted({int(column) for column in columns if column >= 0}) for columns in columns_by_tree]
    # A tree with fewer parts than others has players without effect.
    players = np.zeros((len(distinct), max(1, *map(len, distinct))), dtype=np.int32)
    player = np.zeros(len(trees.part), dtype=np.int32)
    for tree, (columns, parts, root) in enumerate(zip(columns_by_tree, distinct, trees.roots.tolist(), strict=True)):
        players[tree, : len(parts)] = parts
        for at, column in enumerate(columns):
            player[root + at] = parts.index(column) if column >= 0 else 0
    return players, player


def from_json(content: Mapping[str, object]) -> Trees:
    """The trees that :meth:`Trees.to_json` wrote. ``KeyError`` or ``ValueError`` for anything else."""

    def numbers(name: str) -> Sequence[float]:
        values = content[name]
        if not isinstance(values, list):
            raise ValueError(f"{name} is not a list")  # noqa: TRY004  # a file's fault, not a caller's
        return values

    def single(name: str) -> float:
        return float(str(content[name]))

    return Trees(
        parts=tuple(str(one) for one in numbers("parts")),
        roots=np.array(numbers("roots"), dtype=np.int32),
        part=np.array(numbers("part"), dtype=np.int32),
        threshold=np.array(numbers("threshold"), dtype=np.float64),
        below=np.array(numbers("below"), dtype=np.int32),
        above=np.array(numbers("above"), dtype=np.int32),
        value=np.array(numbers("value"), dtype=np.float64),
        bias=single("bias"),
        slope=single("slope"),
        shift=single("shift"),
    )
