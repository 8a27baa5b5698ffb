"""Prometheus metrics of GraphQL, and of the REST routes, which are executed in the same way."""

from __future__ import annotations

from contextlib import AbstractContextManager

from crashgraph.error_responses import error_codes
from crashgraph.metrics import OwnCounter, OwnGauge, OwnHistogram
from schema.errors import INTERNAL, INVALID_QUERY
from schema.measure import OK, Executed
from schema.measured import CANCELLED

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
NODES = (1, 10, 100, 300, 1_000, 3_000, 10_000)

OPERATIONS = OwnCounter("crashgraph_graphql_operations", "Queries and mutations answered, by kind and code.", ["kind", "code"])
DURATIONS = OwnHistogram("crashgraph_graphql_seconds", "Time to answer a query or mutation.", ["kind"], SECONDS)
COSTS = OwnHistogram("crashgraph_graphql_nodes", "Cost of a query or mutation: the most nodes it may return.", ["kind"], NODES)
RUNNING = OwnGauge("crashgraph_graphql_running", "Queries and mutations that are being answered or wait for their turn.")
OPEN = OwnGauge("crashgraph_graphql_subscriptions", "Open subscriptions.")
ENDED = OwnCounter(
    "crashgraph_graphql_subscriptions_ended", "Subscriptions that ended, by the code of their last error.", ["code"]
)

OTHER = "OTHER"


KNOWN = frozenset({OK, INTERNAL, INVALID_QUERY, CANCELLED, *error_codes()})
"""The values of the label ``code``; no other text becomes one."""


class GraphQLMetrics:
    """Counts operations for the organisation that they are answered for."""

    def running(self) -> AbstractContextManager[object]:
        """A query or mutation is being answered while the context lasts."""
        return RUNNING.own().track_inprogress()

    def following(self) -> AbstractContextManager[object]:
        """A subscription is open while the context lasts."""
        return OPEN.own().track_inprogress()

    def executed(self, one: Executed) -> None:
        """A query or mutation was answered."""
        OPERATIONS.labels(one.kind, _known(one.code)).inc()
        DURATIONS.own(one.kind).observe(one.seconds)
        if one.nodes is not None:
            COSTS.own(one.kind).observe(one.nodes)

    def followed(self, code: str) -> None:
        """A subscription ended."""
        ENDED.labels(_known(code)).inc()


def _known(code: str) -> str:
    return code if code in KNOWN else OTHER
