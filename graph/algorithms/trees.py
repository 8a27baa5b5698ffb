"""A sum of small decision trees with a calibrated probability: the form in which a trained model is kept and asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Trees:
    """Gradient boosted trees (Friedman 2001) for a yes or no.

    Nodes of all trees stand one after the other. ``part`` is the column a node looks at, -1 in a leaf; ``below`` is where
    to go when the value is at most ``threshold``, ``above`` otherwise; ``value`` is what a leaf adds to the log odds.
    ``roots`` are the first nodes, ``bias`` is what every answer starts from. ``slope`` and ``shift`` calibrate the log
    odds (Platt 1999).
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
        """The probability of yes for each row, shape ``(n,)`` for rows of shape ``(n, len(parts))``."""
        odds = self.slope * self.log_odds(rows) + self.shift
        return 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))

    def log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the trees say before calibration. ``ValueError`` for rows of another width."""
        if rows.ndim != 2 or rows.shape[1] != len(self.parts):
            raise ValueError(f"rows of shape {rows.shape}; expected (n, {len(self.parts)})")
        added: NDArray[np.float64] = self.value[self._leaves(rows)].sum(axis=1)
        return self.bias + added

    def contributions(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much each part moved the log odds of one row from the mean of all training rows, shape ``(len(parts),)``.

        The change of the expected value at each split on the way is given to the part that was split on (Saabas 2014).
        Together with the value of the roots they sum up to the log odds.
        """
        moved = np.zeros(len(self.parts))
        for root in self.roots:
            node = int(root)
            while self.part[node] >= 0:
                column = int(self.part[node])
                following = int(self.below[node] if row[column] <= self.threshold[node] else self.above[node])
                moved[column] += self.value[following] - self.value[node]
                node = following
        return moved

    def _leaves(self, rows: NDArray[np.float64]) -> NDArray[np.int32]:
        """The leaf of each row in each tree, shape ``(n, trees)``."""
        at = np.tile(self.roots, (len(rows), 1))
        lines = np.arange(len(rows))[:, None]
        while True:
            columns = self.part[at]
            inner = columns >= 0
            if not inner.any():
                return at
            values = rows[lines, np.maximum(columns, 0)]
            following = np.where(values <= self.threshold[at], self.below[at], self.above[at])
            at = np.where(inner, following, at)

    def to_json(self) -> dict[str, object]:
        """Plain lists and numbers, from which :func:`from_json` makes the same trees."""
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


def from_json(content: Mapping[str, object]) -> Trees:
    """The trees that :meth:`Trees.to_json` wrote. ``KeyError`` or ``ValueError`` for anything else."""

    def numbers(name: str) -> Sequence[float]:
        found = content[name]
        if not isinstance(found, list):
            raise ValueError(f"{name} is not a list")  # noqa: TRY004  # a file's fault, not a caller's
        return found

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
