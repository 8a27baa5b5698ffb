"""The WebSocket that subscriptions come through: text frames, one JSON object each, and a bounded number of sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping

import orjson
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from schema.context import Context

MAX_MESSAGE_CHARACTERS = 1_000_000


class Socket(ASGIWebSocketAdapter):
    """Reads messages of the protocol `graphql-transport-ws` strictly; what is none closes the socket."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:  # noqa: ARG002  # as the base has it
        """Messages whose shape is right; ``NonJsonMessageReceived`` for any other."""
        try:
            while True:
                yield _message(await self.ws.receive_text())
        except WebSocketDisconnect:
            return
        except (KeyError, ValueError, RecursionError) as error:
            # A frame of bytes has no text; the protocol knows only text.
            raise NonJsonMessageReceived from error

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send text: browsers hand frames of bytes on as blobs, which no client of the protocol reads."""
        try:
            await self.ws.send_text(orjson.dumps(message, default=str).decode())
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error


class SubscriptionHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Serves the subscriptions of one socket."""

    async def handle_task_exception(self, error: Exception) -> None:
        """Log a failed subscription; a client that has disconnected is an ordinary end."""
        if not isinstance(error, WebSocketDisconnected | WebSocketDisconnect):
            await super().handle_task_exception(error)


def _message(text: str) -> dict[str, object]:
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise ValueError("a message that is too long")
    message = json.loads(text)
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ValueError("a message without a type")  # noqa: TRY004  # as for all that is no message
    if message["type"] == "subscribe":
        _check_subscribe(message)
    return message


def _check_subscribe(message: Mapping[str, object]) -> None:
    payload = message.get("payload")
    right = isinstance(message.get("id"), str) and isinstance(payload, dict)
    if not right or not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        raise ValueError("a subscription without id or query")
    if not isinstance(payload.get("variables"), dict | None) or not isinstance(payload.get("operationName"), str | None):
        raise ValueError("a subscription with variables or a name of the wrong kind")  # noqa: TRY004  # the same
