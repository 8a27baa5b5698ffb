"""Reads the variables of a REST operation from a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import GraphQLList, GraphQLNonNull, get_named_type

from graph.model.errors import InvalidInputError
from graph.model.outside_json import read_json
from graph.model.quoting import quoted
from graph.sources.encoding import text_of
from schema.rest.operation import BODY, MARK, Parameter, Place, RestOperation

if TYPE_CHECKING:
    from starlette.requests import Request

MARK_HEADER = "Idempotency-Key"
REPORT = "report"
"""The property that a body of plain text is."""
JSON, TEXT = "application/json", "text/plain"
INTEGER = re.compile(r"-?\d{1,10}")
NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?(?:[eE][-+]?\d{1,3})?")
BOOLEANS = {"true": True, "false": False}


async def variables_of(operation: RestOperation, request: Request) -> dict[str, Any]:
    """The variables; ``InvalidInputError`` for an unknown parameter, or one that is not of its type."""
    given = dict(_of_query(operation, request))
    if operation.method == "POST":
        given |= _of_body(operation, await request.body(), request.headers.get("content-type", JSON))
    for parameter in operation.of(Place.PATH):
        given[parameter.name] = request.path_params[parameter.name]
    _mark(operation, given, request.headers.get(MARK_HEADER))
    missing = [one.name for one in operation.parameters if one.required and one.name not in given]
    if missing:
        raise InvalidInputError(f"{missing[0]}: it is missing, and needed")
    return given


def takes_text(operation: RestOperation) -> bool:
    """Whether the body may be a report as plain text."""
    whole = operation.whole_body
    return whole is not None and REPORT in whole.fields


def _of_query(operation: RestOperation, request: Request) -> Mapping[str, Any]:
    known = {one.name: one for one in operation.of(Place.QUERY)}
    wrong = sorted(set(request.query_params) - known.keys())
    if wrong:
        names = f"use {', '.join(known)}" if known else "this route has none"
        raise InvalidInputError(f"parameter {quoted(wrong[0])} is unknown; {names}")
    return {name: _of_texts(known[name], request.query_params.getlist(name)) for name in request.query_params}


def _of_texts(parameter: Parameter, texts: list[str]) -> Any:
    """The value of a parameter of the URL, which is repeated for each item of a list."""
    inner = parameter.type.of_type if isinstance(parameter.type, GraphQLNonNull) else parameter.type
    if isinstance(inner, GraphQLList):
        return [_of_text(parameter, text) for text in texts]
    if len(texts) > 1:
        raise InvalidInputError(f"{parameter.name}: it is given {len(texts)} times; give it once")
    return _of_text(parameter, texts[0])


def _of_text(parameter: Parameter, text: str) -> Any:
    kind = get_named_type(parameter.type).name
    if kind == "Int":
        if not INTEGER.fullmatch(text):
            raise InvalidInputError(f"{parameter.name}: {quoted(text)} is not a whole number")
        return int(text)
    if kind == "Float":
        if not NUMBER.fullmatch(text):
            raise InvalidInputError(f"{parameter.name}: {quoted(text)} is not a number")
        return float(text)
    if kind == "Boolean":
        if text not in BOOLEANS:
            raise InvalidInputError(f"{parameter.name}: {quoted(text)} is not true or false")
        return BOOLEANS[text]
    return text


def _of_body(operation: RestOperation, data: bytes, content_type: str) -> Mapping[str, Any]:
    """The variables in a body."""
    whole = operation.whole_body
    content = _content(operation, data, content_type)
    if MARK in content:
        raise InvalidInputError(f"{MARK}: send it as the header {MARK_HEADER}")
    if whole is not None:
        return {BODY: content}
    known = {one.name for one in operation.of(Place.BODY)}
    wrong = sorted(set(content) - known)
    if wrong:
        names = f"use {', '.join(sorted(known))}" if known else "this route has none"
        raise InvalidInputError(f"{quoted(wrong[0])} is no property of the body; {names}")
    return content


def _content(operation: RestOperation, data: bytes, content_type: str) -> dict[str, Any]:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == TEXT and takes_text(operation):
        text, _ = text_of(data)
        return {REPORT: text}
    if not data.strip():
        return {}
    if media_type != JSON:
        raise InvalidInputError(f"Content-Type: {quoted(media_type)} is not supported here; use {JSON}")
    content = read_json(data, "the body")
    if not isinstance(content, dict):
        raise InvalidInputError("the body is not a JSON object")
    return content


def _mark(operation: RestOperation, given: dict[str, Any], mark: str | None) -> None:
    """Give the caller's id of the change to the mutation."""
    if mark is None or not operation.writes:
        return
    if operation.whole_body is None:
        given[MARK] = mark
    elif isinstance(given.get(BODY), dict):
        given[BODY][MARK] = mark
