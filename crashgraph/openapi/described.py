"""What a route declares about itself for the OpenAPI description."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from starlette.routing import Route

JsonSchema: TypeAlias = Mapping[str, Any]
JSON, TEXT, HTML, LINES, FORM = (
    "application/json", "text/plain", "text/html", "application/x-ndjson", "application/x-www-form-urlencoded",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that a route answers with; without ``content`` there is no body."""

    help: str
    content: Mapping[str, Any] | None = None
    """A schema, or a Python type to make one of, by media type."""
    headers: Mapping[str, str] | None = None
    """What headers mean, by name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the URL or a header. Those in the path are required."""

    name: str
    help: str = ""
    place: str = "query"
    schema: JsonSchema = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """A method of a route. ``body`` is as the content of an :class:`Answer`."""

    name: str
    """The ``operationId``."""
    help: str
    answers: Mapping[int, Answer]
    parameters: Sequence[Parameter] = ()
    body: Mapping[str, Any] | None = None
    body_required: bool = True
    tag: str = "service"
    keys: Sequence[str] | None = None
    """The schemes of credentials, if they are not those of the service."""


class ApiRoute(Route):
    """A route for programs with its description, one method each."""

    def __init__(self, path: str, endpoint: Callable[..., Any], method: str, described: Described) -> None:
        """``GET`` also answers ``HEAD``."""
        super().__init__(path, endpoint, methods=[method])
        self.method = method
        self.described = described
