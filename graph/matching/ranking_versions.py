"""Versions of the matching model: the shipped one, and what was learned here."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import structlog

from graph.cypher import query
from graph.matching.cascade import Policy
from graph.matching.ranking_model import MatchModel
from graph.model.models import MATCHING
from graph.ports import Graph, Row

log = structlog.get_logger(__name__)

LOOK_SECONDS = 15.0
"""Interval at which a process checks for another active version."""


class ActivePolicy:
    """The policy with the active model, looked up at most every :data:`LOOK_SECONDS`."""

    def __init__(self, graph: Graph, policy: Policy) -> None:
        """``policy`` has the shipped model; without one, learned versions are ignored too."""
        self._graph = graph
        self._shipped = policy
        self._now = policy
        self._looked: float | None = None

    async def policy(self) -> Policy:
        """The policy with the active model."""
        if self._shipped.model is not None and (self._looked is None or time.monotonic() - self._looked > LOOK_SECONDS):
            rows = await self._graph.read(query("models/active", kind=MATCHING))
            self._now = replace(self._shipped, model=in_use(self._shipped.model, rows[0] if rows else None))
            self._looked = time.monotonic()
        return self._now


def in_use(shipped: MatchModel, row: Row | None) -> MatchModel:
    """The shipped model with the active adjustment; one learned for another shipped model is ignored."""
    if row is None or row["base"] != shipped.version:
        return shipped
    try:
        return shipped.with_learned(json.loads(row["parameters"]), row["version"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        log.warning("a learned matching model cannot be read; using the shipped one", version=row["version"], error=repr(error))
        return shipped
