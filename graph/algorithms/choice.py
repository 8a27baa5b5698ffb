"""A conditional logit with an outside option: which of several alternatives is right, or none.

After McFadden 1974: an alternative with the features ``x`` has the value ``weights · x``, none of them has the value
``outside · z`` for the features ``z`` of the question, and the probability of each is its share of the sum of the exponentials
of all values. Alternatives compete: two that are equally good halve each other's probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_RIVAL = -50.0
"""Value of the rivals of a single alternative, low enough not to count."""
RIVALS = "rivals"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A trained model. ``bias`` is added to the value of the outside option.

    A row has the features of one alternative, those of the question, and the value of its rivals (:meth:`rows`).
    """

    alternative: tuple[str, ...]
    question: tuple[str, ...]
    weights: Floats
    outside: Floats
    bias: float

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the columns of a row."""
        return (*self.alternative, *self.question, RIVALS)

    def value(self, alternatives: Floats) -> Floats:
        """Value of each alternative, shape ``(n,)`` for features of shape ``(n, len(alternative))``."""
        values: Floats = alternatives @ self.weights
        return values

    def rows(self, alternatives: Floats, question: Floats, competing: NDArray[np.bool_] | None = None) -> Floats:
        """The rows of the alternatives of one question, shape ``(n, len(parts))``.

        Only those of ``competing`` are rivals of the others; by default all are.
        """
        rivals = self.value(alternatives)
        if competing is not None:
            rivals = np.where(competing, rivals, NO_RIVAL)
        others = [np.logaddexp.reduce(np.delete(rivals, place), initial=NO_RIVAL) for place in range(len(rivals))]
        return np.column_stack([alternatives, np.tile(question, (len(alternatives), 1)), others])

    def log_odds(self, rows: Floats) -> Floats:
        """Log odds that each row is right. ``ValueError`` for rows of another width."""
        if rows.ndim != 2 or rows.shape[1] != len(self.parts):
            raise ValueError(f"rows of shape {rows.shape}; expected (n, {len(self.parts)})")
        split = len(self.alternative)
        competing: Floats = np.logaddexp(self._outside(rows), rows[:, -1])
        return self.value(rows[:, :split]) - competing

    def contributions(self, rows: Floats, usual: Floats) -> Floats:
        """Contribution of each part to the log odds of each row, relative to the ``usual`` row, shape ``(n, len(parts))``.

        Exact baseline Shapley values (Sundararajan and Najmi 2020), the question counted as one player and its contribution
        divided among its features by what each adds to the outside option. They sum to the difference in log odds.
        """
        split = len(self.alternative)
        gained = np.zeros_like(rows)
        gained[:, :split] = (rows[:, :split] - usual[:split]) * self.weights
        mine, theirs = self._outside(rows), self._outside(usual[None])[0]
        rivals, usual_rivals = rows[:, -1], usual[-1]
        both, neither = np.logaddexp(mine, rivals), np.logaddexp(theirs, usual_rivals)
        own, other = np.logaddexp(mine, usual_rivals), np.logaddexp(theirs, rivals)
        gained[:, -1] = (own - both + neither - other) / 2
        added = (rows[:, split:-1] - usual[split:-1]) * self.outside
        share = (other - both + neither - own) / 2
        total = added.sum(axis=1)
        scale = np.divide(share, total, out=np.zeros_like(share), where=np.abs(total) > 1e-9)
        gained[:, split:-1] = added * scale[:, None]
        return gained

    def _outside(self, rows: Floats) -> Floats:
        values: Floats = rows[:, len(self.alternative) : -1] @ self.outside + self.bias
        return values

    def to_json(self) -> dict[str, object]:
        """Plain numbers by name, from which :func:`from_json` restores the model."""
        return {
            "alternative": _named(self.alternative, self.weights),
            "question": _named(self.question, self.outside),
            "bias": round(self.bias, 6),
        }


def from_json(content: Mapping[str, object]) -> Choice:
    """The model that :meth:`Choice.to_json` wrote. ``KeyError`` or ``ValueError`` for anything else."""

    def numbers(name: str) -> tuple[tuple[str, ...], Floats]:
        values = content[name]
        if not isinstance(values, dict):
            raise ValueError(f"{name} is not an object")  # noqa: TRY004  # a file's fault, not a caller's
        return tuple(values), np.array([float(value) for value in values.values()])

    alternative, weights = numbers("alternative")
    question, outside = numbers("question")
    return Choice(alternative, question, weights, outside, float(str(content["bias"])))


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in zip(names, values, strict=True)}
