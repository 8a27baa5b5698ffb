"""The model that matching uses: the shipped one, or the version trained here that is in use."""

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
"""How often a process looks whether another version is in use."""


class ActivePolicy:
    """The policy with the model in use; looked up at most every :data:`LOOK_SECONDS`."""

    def __init__(self, graph: Graph, policy: Policy) -> None:
        """``policy`` has the shipped model, or none: then nothing learned counts either."""
        self._graph = graph
        self._given = policy
        self._now = policy
        self._looked: float | None = None

    async def policy(self) -> Policy:
        """The policy to decide by."""
        if self._given.model is not None and (self._looked is None or time.monotonic() - self._looked > LOOK_SECONDS):
            rows = await self._graph.read(query("models/active", kind=MATCHING))
            self._now = replace(self._given, model=in_use(self._given.model, rows[0] if rows else None))
            self._looked = time.monotonic()
        return self._now


def in_use(shipped: MatchModel, row: Row | None) -> MatchModel:
    """The shipped model with what the active version says. What was learned for another shipped model does not count."""
    if row is None or row["base"] != shipped.version:
        return shipped
    try:
        return shipped.with_learned(json.loads(row["parameters"]), row["version"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        log.warning(
            "a learned matching model cannot be read; the shipped one matches", version=row["version"], error=repr(error)
        )
        return shipped
