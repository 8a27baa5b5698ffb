"""The ranking model: the probability that a pattern is right for a report.

The shipped model is ``ranking_model.json``, trained by ``tools/train_matcher.py``. Decisions of this installation's users
adjust it (:mod:`graph.matching.training`): its weights stay, its log odds are shifted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.choice import Choice, from_json
from graph.model.errors import InvalidInputError

MODEL = "ranking_model.json"
MIDDLE = 0.5
"""Origin of the learned weights: a part contributes by its distance from here."""


@dataclass(frozen=True, slots=True)
class LearnedAdjustment:
    """Terms added to the log odds: a multiple of them (``slope``), a constant (``shift``), and a weight per part."""

    slope: float = 0.0
    shift: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatchModel:
    """The choice among patterns, the probability ``exact`` that a match by hash is right, and the learned adjustment.

    ``usual`` is the row of a typical wrong candidate, which explanations are relative to.
    """

    choice: Choice
    version: str
    exact: float
    usual: NDArray[np.float64]
    learned: LearnedAdjustment = LearnedAdjustment()

    def probability(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability per row that its pattern is right, shape ``(n,)``."""
        base_log_odds = self.base_log_odds(rows)
        odds = base_log_odds * (1 + self.learned.slope) + self.learned.shift + (rows - MIDDLE) @ self._weights()
        return 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))

    def base_log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log odds of the shipped model, without the adjustment, shape ``(n,)``."""
        return self.choice.log_odds(rows)

    def contributions(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Contribution of each part to the log odds, relative to a typical wrong candidate, shape ``(n, parts)``."""
        base_contributions = self.choice.contributions(rows, self.usual)
        return (1 + self.learned.slope) * base_contributions + (rows - self.usual) * self._weights()

    def with_learned(self, content: Mapping[str, object], version: str) -> MatchModel:
        """The model with the adjustment in ``content`` (of :func:`learned_json`).

        ``KeyError`` or ``ValueError`` if it is invalid.
        """
        parts = content["parts"]
        if not isinstance(parts, dict) or not parts.keys() <= set(self.choice.parts):
            raise ValueError("parts that the model does not have")
        weights = {str(part): float(weight) for part, weight in parts.items()}
        learned = LearnedAdjustment(float(str(content["slope"])), float(str(content["shift"])), weights)
        return replace(self, learned=learned, version=version)

    def _weights(self) -> NDArray[np.float64]:
        return np.array([self.learned.parts.get(part, 0.0) for part in self.choice.parts])


def learned_json(learned: LearnedAdjustment) -> str:
    """An adjustment as JSON, for the graph."""
    parts = {part: round(weight, 6) for part, weight in learned.parts.items()}
    return json.dumps({"slope": round(learned.slope, 6), "shift": round(learned.shift, 6), "parts": parts}, sort_keys=True)


@cache
def shipped_model() -> MatchModel | None:
    """The model shipped with crashgraph; ``None`` if the file is missing. ``InvalidInputError`` if it is invalid."""
    file = resources.files("graph.matching").joinpath(MODEL)
    if not file.is_file():
        return None
    try:
        return read_model(json.loads(file.read_text(encoding="utf-8")))
    except (KeyError, ValueError) as error:
        raise InvalidInputError(f"{MODEL} is not a ranking model: {error!r}.") from error


def read_model(content: Mapping[str, object]) -> MatchModel:
    """A model from its JSON. ``KeyError`` or ``ValueError`` if it is invalid."""
    choice, usual = content["choice"], content["usual"]
    if not isinstance(choice, dict):
        raise ValueError("choice is not an object")  # noqa: TRY004  # a file's fault, not a caller's
    restored = from_json(choice)
    if not isinstance(usual, dict) or usual.keys() != set(restored.parts):
        raise ValueError("usual does not have the parts of the choice")
    ordered = np.array([float(usual[part]) for part in restored.parts])
    return MatchModel(restored, str(content["version"]), float(str(content["exact"])), ordered)
