"""The WebSocket of subscriptions and queries: text frames with one JSON object each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from copy import copy
from typing import Any, cast

import orjson
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage, SubscribeMessagePayload

from graph.model.errors import AccessError, GraphError, InvalidInputError, LimitError, UsageError
from graph.model.outside_json import read_json
from graph.redaction.redactor import public_text
from schema.context import Context

MAX_MESSAGE_CHARACTERS = 1_000_000
MAX_SUBSCRIPTIONS = 10
"""Maximum number of subscriptions and queries that run at once on a socket."""
CHECK_SECONDS = 10.0
"""How long a socket may stay open after its credentials were revoked."""
FORBIDDEN = 4403
"""Close code of the protocol."""
LONGEST_REASON = 100
"""Characters; a close frame takes 123 bytes."""


class Socket(ASGIWebSocketAdapter):
    """Reads messages of the protocol `graphql-transport-ws` strictly: an invalid one closes the socket."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:  # noqa: ARG002  # as the base has it
        """Valid messages; ``NonJsonMessageReceived`` for any other."""
        try:
            while True:
                yield _message(await self.ws.receive_text())
        except WebSocketDisconnect:
            return
        except (KeyError, ValueError, InvalidInputError) as error:
            # A binary frame has no text, and the protocol is text only.
            raise NonJsonMessageReceived from error

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a text frame: browsers turn binary frames into blobs, which no client of the protocol reads."""
        try:
            await self.ws.send_text(orjson.dumps(message, default=str).decode())
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error


class SubscriptionHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Serves the operations of one socket, as long as the credentials that opened it are valid."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As the base does."""
        super().__init__(*args, **kwargs)
        self._watch: asyncio.Task[None] | None = None
        self._contexts: dict[str, Context] = {}

    async def handle(self) -> None:
        """Serve, and look the sender up again and again."""
        self._watch = asyncio.create_task(self._check_again(), name="credentials of a socket")
        try:
            await super().handle()
        finally:
            self._watch.cancel()

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Look the sender up for each operation, and refuse one beyond the limit with its code."""
        if not await self._is_valid():
            return
        if self.connection_acknowledged and len(self.operations) >= MAX_SUBSCRIPTIONS and message["id"] not in self.operations:
            error = LimitError(f"{MAX_SUBSCRIPTIONS} subscriptions on this socket already; end one, or open another socket")
            await self._refuse(message, error)
            return
        try:
            resolved = self.context.documents.resolved(message["payload"])
        except UsageError as error:
            await self._refuse(message, error)
            return
        await super().handle_subscribe({**message, "payload": cast("SubscribeMessagePayload", resolved)})

    async def _refuse(self, message: SubscribeMessage, error: UsageError) -> None:
        """Answer one operation with an error."""
        payload = [{"message": public_text(error), "extensions": {"code": error.code}}]
        await self.websocket.send_json({"type": "error", "id": message["id"], "payload": payload})

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Run an operation in a context of its own."""
        own = copy(self)  # the base runs it with the context of the handler
        own.context = self._contexts[operation.id] = self.context.apart()
        try:
            await super(SubscriptionHandler, own).run_operation(operation)
        finally:
            if self._contexts.get(operation.id) is own.context:
                del self._contexts[operation.id]

    async def _check_again(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if self.connection_acknowledged and not await self._is_valid():
                return

    async def _is_valid(self) -> bool:
        """False if the socket was closed because the sender may not use it any more."""
        try:
            await self.context.renewed()
        except AccessError as error:
            with suppress(WebSocketDisconnected, RuntimeError):
                await self.websocket.close(code=FORBIDDEN, reason=public_text(error)[:LONGEST_REASON])
            return False
        except GraphError:
            # Neo4j is away: no subscription delivers anything meanwhile.
            return True
        for context in self._contexts.values():
            context.actor = self.context.actor
        return True

    async def handle_task_exception(self, error: Exception) -> None:
        """Log a failed subscription; a client that has disconnected is an ordinary end."""
        if not isinstance(error, WebSocketDisconnected | WebSocketDisconnect):
            await super().handle_task_exception(error)


def _message(text: str) -> dict[str, object]:
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise ValueError("message is too long")
    message = read_json(text, "the message")
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ValueError("message has no type")  # noqa: TRY004  # one exception for every invalid message
    if message["type"] == "subscribe":
        _check_subscribe(message)
    return message


def _check_subscribe(message: Mapping[str, object]) -> None:
    payload = message.get("payload")
    valid = isinstance(message.get("id"), str) and isinstance(payload, dict)
    if not valid or not isinstance(payload, dict) or not isinstance(payload.get("query", payload.get("documentId")), str):
        raise ValueError("subscription has no id or query")
    if not isinstance(payload.get("variables"), dict | None) or not isinstance(payload.get("operationName"), str | None):
        raise ValueError("subscription has variables or a name of the wrong type")  # noqa: TRY004  # as above
