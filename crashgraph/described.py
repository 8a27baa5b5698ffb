"""The descriptions of the routes about the service itself, and of GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict  # pydantic reads no other one before Python 3.12

from crashgraph.openapi.described import JSON, TEXT, Answer, ApiRoute, Described, Parameter

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class State(TypedDict):
    """The state of the service."""

    version: str
    status: Literal["ready", "not ready"]


class Ready(TypedDict):
    """The graph answers."""

    status: Literal["ready"]


OBJECT: dict[str, Any] = {"type": "object"}
LINE = {TEXT: {"type": "string"}}
GRAPHQL_JSON = "application/graphql-response+json"

HEALTH = Described("readHealth", "200 as long as the process answers.", {200: Answer("It does.", LINE)})
READINESS = Described(
    "readReadiness",
    "200 when Neo4j answers, else 503 with the cause.",
    {200: Answer("It answers.", {JSON: Ready}), 503: Answer("It does not.", {JSON: OBJECT})},
)
METRICS = Described("readMetrics", "Counters in the Prometheus text format.", {200: Answer("The counters.", LINE)})
OPENAPI = Described("readOpenApi", "This description.", {200: Answer("OpenAPI 3.1.", {JSON: OBJECT})})
STATE = Described(
    "readState", "The version of the service, and whether its graph answers.", {200: Answer("The state.", {JSON: State})}
)

RESULT = {"type": "object", "properties": {"data": {}, "errors": {"type": "array", "items": OBJECT}, "extensions": OBJECT}}
RESULTS = {JSON: RESULT, GRAPHQL_JSON: RESULT, "text/event-stream": {"type": "string"}}
REQUEST = {
    "type": "object",
    "required": ["query"],
    "properties": {
        "query": {"type": "string"},
        "variables": {"type": ["object", "null"]},
        "operationName": {"type": ["string", "null"]},
        "extensions": {"type": ["object", "null"]},
    },
}
REFUSED = Answer("Refused.", RESULTS)
GRAPHQL_ANSWERS = {
    200: Answer("The result, errors included.", RESULTS),
    **dict.fromkeys((400, 401, 405, 413, 429, 503), REFUSED),
}


def graphql_routes(graphql: ASGIApp) -> list[ApiRoute]:
    """GraphQL over HTTP, described; browsers get a page at the same path, so these are not served as they are."""
    by_get = Described(
        "queryByGet",
        "A GraphQL query; variables as JSON.",
        GRAPHQL_ANSWERS,
        [Parameter("query", required=True), *(Parameter(name) for name in ("variables", "operationName", "extensions"))],
        tag="graphql",
    )
    by_post = Described("executeGraphql", "A GraphQL query or mutation.", GRAPHQL_ANSWERS, body={JSON: REQUEST}, tag="graphql")
    return [ApiRoute("/graphql", graphql, "GET", by_get), ApiRoute("/graphql", graphql, "POST", by_post)]
