"""GraphQL over HTTP: queries and mutations by POST, subscriptions over a WebSocket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeAlias

import orjson
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketClose
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from graph.model.errors import AccessError, BusyError, CrashgraphError, InvalidInputError, TooLargeError
from graph.model.outside_json import read_json
from graph.redaction.redactor import public_text
from schema.build import build_schema
from schema.context import Context
from schema.socket import Socket, SubscriptionHandler

MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_SOCKETS = 100
INIT_SECONDS = 10
"""Maximum wait for the first message of a socket."""
BODY = "the request body"

ContextFactory: TypeAlias = Callable[[HTTPConnection], Context]
"""Makes the context of one request."""


class GraphQLApp(GraphQL[Context, None]):
    """The ASGI application of the GraphQL interface."""

    websocket_adapter_class = Socket
    graphql_transport_ws_handler_class = SubscriptionHandler

    def __init__(self, context_factory: ContextFactory) -> None:
        """Serve the schema, with a context per request."""
        # The legacy protocol `graphql-ws` is not offered.
        super().__init__(
            build_schema(),
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
        )
        self._sockets = 0
        self._context_factory = context_factory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; a body above the limit is refused while it is read."""
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
            return
        try:
            await super().__call__(scope, _limited(receive), send)
        except TooLargeError as error:
            await _refusal(error, 413)(scope, receive, send)
        except InvalidInputError as error:
            await _refusal(error, 400)(scope, receive, send)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket, up to the maximum number."""
        if self._sockets >= MAX_SOCKETS:
            await WebSocketClose(code=1013, reason="too many open sockets; try again later")(scope, receive, send)
            return
        self._sockets += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._sockets -= 1

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """The context of a request; a header of the response has the request id, so that a caller can quote it."""
        context = self._context_factory(request)
        if isinstance(response, Response):
            response.headers["X-Request-Id"] = context.request_id
            context.refuse = partial(_refuse, response)
        return context

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Accept a socket of someone who may read; others are closed with 4403."""
        try:
            await context.renewed()
        except AccessError as error:
            raise ConnectionRejectionError from error
        if not context.actor.scopes:
            raise ConnectionRejectionError
        return await super().on_ws_connect(context)

    def decode_json(self, data: str | bytes) -> object:
        """A JSON object or list; ``InvalidInputError`` for anything else."""
        value: object = read_json(data, BODY)
        if not isinstance(value, dict | list):
            raise InvalidInputError(f"{BODY} is not a JSON object")
        return value

    def encode_json(self, data: object) -> bytes:
        """JSON as bytes."""
        return orjson.dumps(data)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """The response, which no cache may keep."""
        response = super().create_response(response_data, sub_response)
        response.headers["Cache-Control"] = "no-store"
        return response


def graphql_app(context_factory: ContextFactory) -> ASGIApp:
    """The application to mount at ``/graphql``."""
    return GraphQLApp(context_factory)


def _refuse(response: Response, error: CrashgraphError) -> None:
    """401 for a caller that is not known, 429 for one that has to wait."""
    if isinstance(error, BusyError):
        response.status_code = 429
        response.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, AccessError):
        response.status_code = 401
        response.headers["WWW-Authenticate"] = "Bearer"


def _refusal(error: CrashgraphError, status: int) -> Response:
    """The answer to a request with a body that was not taken."""
    content = {"errors": [{"message": public_text(error), "extensions": {"code": error.code}}]}
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})


def _limited(receive: Receive) -> Receive:
    """``receive`` that raises once the body exceeds the limit."""
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            limit = MAX_BODY_BYTES // 2**20
            raise TooLargeError(f"the request is larger than {limit} MiB; use `crashgraph ingest` for large files")
        return message

    return limited
