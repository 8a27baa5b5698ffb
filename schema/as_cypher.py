"""The Cypher behind an answer, on request, for the Neo4j Browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from strawberry.extensions import SchemaExtension

from graph.cypher.literals import cypher_with
from schema.request_graph import RequestGraph

ASKED_BY = "cypher"
"""Name in ``extensions`` of request and answer."""
MOST_STATEMENTS = 100


class AsCypher(SchemaExtension):
    """Answers ``extensions: {cypher: true}`` with what the query read from the graph, parameters written in."""

    _graph: RequestGraph | None = None

    def on_operation(self) -> Iterator[None]:
        """Note the statements from here on."""
        execution = self.execution_context
        graph = getattr(execution.context, "graph", None)
        if (execution.operation_extensions or {}).get(ASKED_BY) is True and isinstance(graph, RequestGraph):
            self._graph = graph
            graph.ran = []
        yield

    def get_results(self) -> dict[str, Any]:
        """The statements in the order in which they began."""
        if self._graph is None or self._graph.ran is None:
            return {}
        ran = self._graph.ran[:MOST_STATEMENTS]
        return {ASKED_BY: [{"name": one.name, "text": cypher_with(one.text, one.params)} for one in ran]}
