"""Media types of GraphQL over HTTP (specification of the GraphQL foundation, draft of 2025)."""

from __future__ import annotations

from collections.abc import Iterator

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
"""Its status shows whether the operation was executed; that of :data:`JSON` is 200 for everything that could be read."""
EVENTS = "text/event-stream"

_PREFERRED = (GRAPHQL_JSON, JSON, EVENTS)
"""Of equally welcome ones, the first."""


def answer_type(accept: str) -> str:
    """The media type of the answer to a request with this header ``Accept``; :data:`JSON` where it leaves the choice.

    :data:`EVENTS` only where JSON is not as welcome: clients that can read events name them beside JSON for each query.
    """
    wanted = dict(_ranges(accept))
    best = max(_PREFERRED, key=lambda kind: wanted.get(kind, 0.0))
    return best if wanted.get(best) else JSON


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Media types with their quality, 0..1."""
    for part in accept.split(","):
        name, *parameters = (one.strip().lower() for one in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            yield name, float(quality)
        except ValueError:
            yield name, 0.0
