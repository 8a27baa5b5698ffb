"""Builds the OpenAPI 3.1 document of the routes of the application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError
from starlette.routing import BaseRoute

from crashgraph.access.gate import Door, Gate
from crashgraph.openapi.described import JSON, Answer, ApiRoute, Described, Parameter
from graph.model.actor import Scope
from graph.model.permissions import Admission

DIALECT = "3.1.0"
BEARER, COOKIE, SENTRY_HEADER, SENTRY_QUERY = "bearer", "cookie", "sentryHeader", "sentryKey"
OUR_KEYS = (BEARER, COOKIE)
SCHEMES: Mapping[str, Mapping[str, str]] = {
    BEARER: {"type": "http", "scheme": "bearer", "description": "An API key (`crashgraph key create`) or an access token."},
    COOKIE: {"type": "apiKey", "in": "cookie", "name": "__Host-crashgraph", "description": "The session of a browser."},
    SENTRY_HEADER: {
        "type": "apiKey", "in": "header", "name": "X-Sentry-Auth", "description": "`Sentry sentry_key=…`, as in a DSN.",
    },
    SENTRY_QUERY: {"type": "apiKey", "in": "query", "name": "sentry_key", "description": "The key of a DSN."},
}  # fmt: skip
ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string", "description": "Stable code, such as `INVALID_INPUT`."},
        "message": {"type": "string", "description": "What was wrong, with which value, and how to fix it."},
        "field": {"type": "string", "description": "The part of the body that is wrong, if it is one."},
    },
}
ERROR_HELP = "Refused; 429 and some 503 have `Retry-After` in seconds."
COMMON = {"4XX": {"$ref": "#/components/responses/Refused"}, "503": {"$ref": "#/components/responses/Refused"}}
TITLE = "crashgraph"
ABOUT = (
    "Reports, patterns, solutions and jobs over HTTP. Everything is also in GraphQL, at `/graphql`. An error is a JSON object "
    "with `code` and `message`. Where the service has users, send an API key as `Authorization: Bearer …`; "
    "each route names the scope that it needs."
)


def document(routes: Iterable[BaseRoute], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The description of the routes that describe themselves; ``schemas`` are named ones that they refer to."""
    named: dict[str, Any] = {"Error": ERROR, **schemas}
    paths: dict[str, Any] = {}
    for route in routes:
        if isinstance(route, ApiRoute):
            path = route.path.replace(":path}", "}")
            paths.setdefault(path, {})[route.method.lower()] = _operation(route, named)
    return {
        "openapi": DIALECT,
        "info": {"title": TITLE, "version": version("crashgraph"), "description": ABOUT},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(named.items())),
            "responses": {"Refused": {"description": ERROR_HELP, "content": {JSON: {"schema": _reference("Error")}}}},
            "securitySchemes": SCHEMES,
        },
    }


def _operation(route: ApiRoute, named: dict[str, Any]) -> dict[str, Any]:
    described = route.described
    needs = route.app.needs if isinstance(route.app, Gate) else Admission.EVERYONE
    operation: dict[str, Any] = {
        "operationId": described.name,
        "tags": [described.tag],
        "summary": described.help.partition(". ")[0].rstrip("."),
        "description": f"{described.help} {_needs(needs, described)}",
        "responses": {str(status): _answer(one, named) for status, one in described.answers.items()} | COMMON,
        "security": _security(needs, described),
    }
    if described.parameters:
        operation["parameters"] = [_parameter(one) for one in described.parameters]
    if described.body is not None:
        operation["requestBody"] = {"required": described.body_required, "content": _content(described.body, named)}
    return operation


def _needs(needs: object, described: Described) -> str:
    if described.keys is not None:
        return "Needs the key of a DSN."
    if isinstance(needs, Scope):
        return f"Needs the scope `{needs.value}`."
    if needs is Door.BY_FIELD:
        return "Each field names the scope that it needs."
    return "Open to all." if needs is Admission.EVERYONE else "Needs a login."


def _security(needs: object, described: Described) -> list[dict[str, list[str]]]:
    """The empty one stands for no credentials: a service without users asks for none."""
    keys = OUR_KEYS if described.keys is None else described.keys
    if needs is Admission.EVERYONE:
        return [{}]
    scopes = [needs.value] if isinstance(needs, Scope) else []
    own = [{key: list(scopes)} for key in keys]
    return own if described.keys is not None else [*own, {}]


def _parameter(one: Parameter) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": one.name, "in": one.place, "required": one.required or one.place == "path"}
    return shown | ({"description": one.help} if one.help else {}) | {"schema": dict(one.schema)}


def _answer(one: Answer, named: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"description": one.help}
    if one.content is not None:
        shown["content"] = _content(one.content, named)
    if one.headers:
        shown["headers"] = {name: {"description": help, "schema": {"type": "string"}} for name, help in one.headers.items()}
    return shown


def _content(content: Mapping[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": schema_of(one, named)} for media_type, one in content.items()}


def schema_of(one: Any, named: dict[str, Any]) -> dict[str, Any]:
    """A schema as given, or that of a Python type; the types in it become named schemas."""
    if isinstance(one, Mapping):
        return dict(one)
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(one)
    except PydanticSchemaGenerationError as error:
        raise TypeError(f"{one!r} has no JSON schema") from error
    made = adapter.json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    named.update(made.pop("$defs", {}))
    title = made.get("title")
    if title is None or "$ref" in made:
        return made
    named[title] = made
    return _reference(title)


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
