"""The model that says how likely it is that a pattern is the right one for a report.

The shipped one is ``rules/matcher.json``; ``tools/train_matcher.py`` makes it. What people of this installation decided adjusts
it (:mod:`graph.matching.training`): the trees stay, and what is learned moves their log odds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.trees import Trees, from_json
from graph.model.errors import InvalidInputError

MODEL = "ranking_model.json"
MIDDLE = 0.5
"""Parts count by how far they are from here."""


@dataclass(frozen=True, slots=True)
class LearnedAdjustment:
    """What is added to the log odds: a share of themselves, a constant, and a weight for each of some parts."""

    slope: float = 0.0
    shift: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatchModel:
    """The trees, how likely a signature's own pattern is right where only the hash was looked at, and what was learned here.

    ``usual`` are the parts of a usual candidate that is not the right one: explanations tell what differs from it.
    """

    trees: Trees
    version: str
    exact: float
    usual: NDArray[np.float64]
    learned: LearnedAdjustment = LearnedAdjustment()

    def probability(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of each row that its pattern is the right one, shape ``(n,)``."""
        believed = self.believed(rows)
        odds = believed * (1 + self.learned.slope) + self.learned.shift + (rows - MIDDLE) @ self._weights()
        return 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))

    def believed(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log odds before anything was learned here, shape ``(n,)``."""
        return self.trees.slope * self.trees.log_odds(rows) + self.trees.shift

    def contributions(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much each part moves the log odds from those of a usual wrong candidate, shape ``(n, parts)``."""
        slope = self.trees.slope * (1 + self.learned.slope)
        return slope * self.trees.contributions(rows, self.usual) + (rows - self.usual) * self._weights()

    def with_learned(self, content: Mapping[str, object], version: str) -> MatchModel:
        """The same trees with what ``content`` (of :func:`learned_json`) says; ``KeyError`` or ``ValueError`` otherwise."""
        parts = content["parts"]
        if not isinstance(parts, dict) or not parts.keys() <= set(self.trees.parts):
            raise ValueError("parts that the trees do not know")
        weights = {str(part): float(weight) for part, weight in parts.items()}
        learned = LearnedAdjustment(float(str(content["slope"])), float(str(content["shift"])), weights)
        return replace(self, learned=learned, version=version)

    def _weights(self) -> NDArray[np.float64]:
        return np.array([self.learned.parts.get(part, 0.0) for part in self.trees.parts])


def learned_json(learned: LearnedAdjustment) -> str:
    """What was learned as text, to be kept in the graph."""
    parts = {part: round(weight, 6) for part, weight in learned.parts.items()}
    return json.dumps({"slope": round(learned.slope, 6), "shift": round(learned.shift, 6), "parts": parts}, sort_keys=True)


@cache
def shipped_model() -> MatchModel | None:
    """The model that comes with crashgraph; ``None`` when the file is missing. InvalidInputError when it is broken."""
    file = resources.files("graph.matching").joinpath(MODEL)
    if not file.is_file():
        return None
    try:
        return read_model(json.loads(file.read_text(encoding="utf-8")))
    except (KeyError, ValueError) as error:
        raise InvalidInputError(f"rules/{MODEL} is not a matching model: {error!r}.") from error


def read_model(content: Mapping[str, object]) -> MatchModel:
    """A model from its JSON. ``KeyError`` or ``ValueError`` for anything else."""
    trees = content["trees"]
    if not isinstance(trees, dict):
        raise ValueError("trees is not an object")  # noqa: TRY004  # a file's fault, not a caller's
    usual = content["usual"]
    made = from_json(trees)
    if not isinstance(usual, dict) or usual.keys() != set(made.parts):
        raise ValueError("usual does not have the parts of the trees")
    ordered = np.array([float(usual[part]) for part in made.parts])
    return MatchModel(made, str(content["version"]), float(str(content["exact"])), ordered)
