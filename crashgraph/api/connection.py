"""Sends operations to a service: keys, retries, errors, and subscriptions as server-sent events."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from graph.model.errors import ApiError, UnreachableError

P = TypeVar("P")

LOCAL = "http://127.0.0.1:8321"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
RETRIED = frozenset({429, 502, 503, 504})
"""Statuses after which the same request may succeed."""
LONGEST_PAUSE = 30.0
SILENCE_SECONDS = 40.0
"""Longest time without a sign of life on a subscription; the service gives one every ten seconds."""
MEDIA_TYPE = "application/graphql-response+json, application/json;q=0.9"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered; ``content`` is the JSON."""

    status: int
    content: Mapping[str, Any]


class Connection:
    """A connection to one service. Use it with ``async with``, in one event loop.

    A request is sent again after a lost connection, or when the service is busy or away: queries, and mutations by
    their ``clientMutationId``, which is made where the caller gives none, so that each change is made once.
    """

    def __init__(
        self,
        url: str = LOCAL,
        *,
        key: str | None = None,
        timeout: float = 90.0,
        attempts: int = 5,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``url`` is the address of the service, and ``key`` an API key (``cg_…``) or access token, where it has users.

        A key belongs to an organisation, so that it chooses the organisation too. ``timeout`` is in seconds, for each
        attempt.
        """
        host = urlsplit(url).hostname
        if not url.startswith(("http://", "https://")) or not host:
            raise ValueError(f"{url!r} is not an address such as {LOCAL}")
        self._attempts = max(1, attempts)
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=timeout,
            transport=transport,
            trust_env=host not in LOOPBACK,
        )

    async def __aenter__(self) -> Self:
        """Open; nothing is sent yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None, operation: str | None = None) -> dict[str, Any]:
        """The data of any query or mutation. ``ApiError`` if it has errors; ``UnreachableError`` without an answer."""
        return self.get_data(await self.execute(query, operation, dict(variables or {})))

    async def execute(
        self, query: str, operation_name: str | None = None, variables: dict[str, Any] | None = None, **extra: Any
    ) -> Answer:
        """Send an operation; again if that is safe and may help."""
        body = _body(query, operation_name, variables, extra)
        last = self._attempts - 1
        for attempt in range(self._attempts):
            try:
                response = await self._http.post("/graphql", json=body, headers={"Accept": MEDIA_TYPE})
            except httpx.TransportError as error:
                if attempt == last:
                    raise UnreachableError(f"the service at {self._http.base_url} does not answer: {_reason(error)}") from error
                await asyncio.sleep(_pause(attempt, None))
                continue
            if response.status_code not in RETRIED or attempt == last:
                return _answer(response.status_code, response.content)
            await asyncio.sleep(_pause(attempt, response.headers.get("Retry-After")))
        raise AssertionError("the last attempt returns or raises")

    def get_data(self, answer: Answer) -> dict[str, Any]:
        """The data of an answer; ``ApiError`` if it has errors."""
        errors, data = answer.content.get("errors"), answer.content.get("data")
        if errors or not isinstance(data, dict):
            raise api_error(answer)
        return data

    async def execute_ws(
        self, query: str, operation_name: str | None = None, variables: dict[str, Any] | None = None, **extra: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """Results of a subscription until it ends. ``UnreachableError`` when the connection is lost; it is not resumed."""
        body = _body(query, operation_name, variables, extra)
        timeout = httpx.Timeout(self._http.timeout.connect, read=SILENCE_SECONDS)
        try:
            async with self._http.stream(
                "POST", "/graphql", json=body, headers={"Accept": "text/event-stream"}, timeout=timeout
            ) as response:
                if not response.headers.get("Content-Type", "").startswith("text/event-stream"):
                    raise api_error(_answer(response.status_code, await response.aread()))
                async for result in _results(response):
                    yield self.get_data(Answer(response.status_code, result))
        except httpx.TransportError as error:
            raise UnreachableError(f"the subscription ended: {_reason(error)}") from error


def checked(payload: P) -> P:
    """The payload of a mutation; ``ApiError`` if it has ``user_errors``, so that nothing was changed."""
    problems = getattr(payload, "user_errors", None) or []
    if problems:
        errors = [{"message": one.message, "extensions": {"code": one.code, "field": one.field}} for one in problems]
        raise ApiError(_text(errors), errors=errors)
    return payload


def api_error(answer: Answer) -> ApiError:
    """The error for an answer with errors, or with none of what GraphQL answers."""
    errors = answer.content.get("errors")
    if not errors and "message" in answer.content:
        errors = [{"message": answer.content["message"], "extensions": {"code": answer.content.get("code", "")}}]
    shown = errors or [{"message": f"the service answered with status {answer.status}, and without data"}]
    return ApiError(_text(shown), errors=shown, status=answer.status, data=answer.content.get("data"))


def _text(errors: list[Any]) -> str:
    first, more = errors[0], len(errors) - 1
    code = (first.get("extensions") or {}).get("code")
    return (f"{code}: " if code else "") + str(first.get("message")) + (f" (and {more} more)" if more else "")


def _body(
    query: str, operation_name: str | None, variables: Mapping[str, Any] | None, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """The JSON of a request, with an id of each mutation."""
    values = {name: _plain(value) for name, value in (variables or {}).items() if not _is_unset(value)}
    content = values.get("input")
    if query.lstrip().startswith("mutation") and isinstance(content, dict):
        content["clientMutationId"] = content.get("clientMutationId") or str(uuid.uuid4())
    body = {"query": query, "operationName": operation_name, "variables": values, **extra}
    return {name: value for name, value in body.items() if value}


def _plain(value: Any) -> Any:
    """A value as JSON has it: of inputs, only what was stated."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return to_jsonable_python(value)


def _is_unset(value: object) -> bool:
    """Whether the generated code marks an argument as left out."""
    return type(value).__name__ == "UnsetType"


def _answer(status: int, content: bytes) -> Answer:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    return Answer(status, value if isinstance(value, dict) else {})


async def _results(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Results until the event ``complete``; an end without it is a lost connection."""
    name = data = ""
    async for line in response.aiter_lines():
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data = line.removeprefix("data:").strip()
        elif not line and name == "complete":
            return
        elif not line and name == "next" and data:
            yield json.loads(data)
            name = data = ""
    raise httpx.ReadError("the service closed the connection")


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _pause(attempt: int, retry_after: str | None) -> float:
    """Seconds until the next attempt: as the service asks, or growing, and not the same for all clients."""
    if retry_after and retry_after.isdecimal():
        return min(float(retry_after), LONGEST_PAUSE)
    return min(0.25 * 2.0**attempt, LONGEST_PAUSE) * (0.5 + random.random())  # noqa: S311  # spreads clients, guards nothing
