"""GraphQL over HTTP: queries by GET and POST, mutations by POST, subscriptions as server-sent events or over a WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketClose
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.http.types import QueryParams
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from graph.model.errors import (
    AccessError,
    BusyError,
    CrashgraphError,
    DocumentNotFoundError,
    InvalidInputError,
    PersistedQueryError,
    TooLargeError,
)
from graph.model.outside_json import read_json
from graph.redaction.redactor import public_text
from schema.body import Body, unless_left
from schema.build import build_schema
from schema.context import Context
from schema.documents import Documents
from schema.errors import INVALID_QUERY
from schema.event_stream import EventStream, watched
from schema.listeners import Listeners
from schema.negotiation import GRAPHQL_JSON, JSON, answer_type
from schema.request_graph import RequestGraph
from schema.running import Running
from schema.socket import Socket, SubscriptionHandler

MAX_SOCKETS = 100
MAX_STREAMS = 100
"""Maximum number of open streams of events in one process."""
INIT_SECONDS = 10
"""Maximum wait for the first message of a socket."""
BODY = "the request body"

ContextFactory: TypeAlias = Callable[[HTTPConnection], Context]
"""Makes the context of one request."""


class GraphQLApp(GraphQL[Context, None]):
    """The ASGI application of the GraphQL interface."""

    websocket_adapter_class = Socket
    graphql_transport_ws_handler_class = SubscriptionHandler
    stream_transport_classes_by_protocol = {GRAPHQL_SSE_PROTOCOL: EventStream}  # noqa: RUF012  # as the base has it

    def __init__(self, context_factory: ContextFactory, documents: Documents, running: Running | None = None) -> None:
        """Serve the schema, with a context per request; ``running`` bounds the queries of this and other interfaces."""
        # The legacy protocol `graphql-ws` is not offered.
        super().__init__(
            build_schema(),
            graphql_ide=None,
            allow_queries_via_get=True,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
        )
        self._sockets = 0
        self._streams = Listeners(MAX_STREAMS)
        self._running = running or Running()
        self._context_factory = context_factory
        self.documents = documents

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. A query ends when its sender leaves."""
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
            return
        body = Body(receive, method=scope["method"])
        request = Request(scope, body.receive)
        response = await unless_left(self._answer(request), body, partial(_is_reading, request))
        if response is not None:
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        """The response; every refusal is one that GraphQL clients can read."""
        try:
            return await self.run(request)
        except HTTPException as error:
            return _refusal(INVALID_QUERY, error.reason, error.status_code)
        except TooLargeError as error:
            return _refusal(error.code, public_text(error), 413)
        except (InvalidInputError, DocumentNotFoundError, PersistedQueryError) as error:
            return _refusal(error.code, public_text(error), 400)

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
        context.graph = RequestGraph(context.graph)
        context.running = self._running
        context.documents = self.documents
        if isinstance(response, Response):
            response.media_type = answer_type(request.headers.get("accept", ""))
            response.headers["X-Request-Id"] = context.request_id
            context.refuse = partial(_refuse, response)
        request.state.graphql = context
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

    async def execute_single(
        self,
        request: Request,  # noqa: ARG002  # as the base has it
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Context,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Run a query or mutation."""
        by_get = request_adapter.method == "GET"
        try:
            return await self.schema.execute(
                request_data.query,
                root_value=root_value,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                allowed_operation_types={OperationType.QUERY} if by_get else {OperationType.QUERY, OperationType.MUTATION},
                operation_extensions=request_data.extensions,
            )
        except MissingQueryError as error:
            raise HTTPException(400, "the request has no query") from error
        except CannotGetOperationTypeError as error:
            raise HTTPException(400, error.as_http_error_reason()) from error
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                sub_response.headers["Allow"] = "POST"
                raise HTTPException(405, "a mutation has to be sent by POST") from error
            reason = "a subscription needs `Accept: text/event-stream`, or a WebSocket with the protocol graphql-transport-ws"
            raise HTTPException(400, reason) from error

    def decode_json(self, data: str | bytes) -> object:
        """A JSON object or list; ``InvalidInputError`` for anything else.

        Bytes are a whole body, in which an id may stand for the document; a text is one parameter of a request by GET.
        """
        value: object = read_json(data, BODY)
        if not isinstance(value, dict | list):
            raise InvalidInputError(f"{BODY} is not a JSON object")
        return self.documents.resolved(value) if isinstance(data, bytes) and isinstance(value, dict) else value

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:  # noqa: ARG002  # as the base has it
        """Never: the page is served elsewhere, and a request by GET may have an id instead of a query."""
        return False

    def parse_query_params(self, params: QueryParams) -> dict[str, Any]:
        """The parameters of a request by GET, with the document if its id is given."""
        return self.documents.resolved(super().parse_query_params(params))

    def encode_json(self, data: object) -> bytes:
        """JSON as bytes."""
        return orjson.dumps(data)

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """The answer; one of an operation that was not executed has no ``data``."""
        answer = await super().process_result(request, result)
        if isinstance(result, PreExecutionError):
            del answer["data"]
        return answer

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """The response in the media type that the client asked for, which no cache may keep."""
        media_type = sub_response.media_type or JSON
        if media_type == GRAPHQL_JSON and "data" not in response_data and not sub_response.status_code:
            sub_response.status_code = 400
        response = super().create_response(response_data, sub_response)
        response.headers["Content-Type"] = f"{media_type}; charset=utf-8" if media_type == GRAPHQL_JSON else media_type
        response.headers["Cache-Control"] = "no-store"
        return response

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """A stream of events, as long as the credentials that it was opened with are valid."""
        context: Context = request.state.graphql
        return await super().create_streaming_response(
            request, partial(watched, stream, context, self._streams), sub_response, headers
        )


def graphql_app(context_factory: ContextFactory, documents: Documents | None = None, running: Running | None = None) -> ASGIApp:
    """The application to mount at ``/graphql``."""
    return GraphQLApp(context_factory, documents or Documents(), running)


def _is_reading(request: Request) -> bool:
    """Whether the request is a query that runs."""
    context: Context | None = getattr(request.state, "graphql", None)
    return context is not None and context.reads_only


def _refuse(response: Response, error: CrashgraphError) -> None:
    """401 for a caller that is not known, 429 for one that has to wait."""
    if isinstance(error, BusyError):
        response.status_code = 429
        response.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, AccessError):
        response.status_code = 401
        response.headers["WWW-Authenticate"] = "Bearer"


def _refusal(code: str, message: str, status: int) -> Response:
    """The answer to a request that was not read."""
    headers = {"Cache-Control": "no-store"} | ({"Allow": "POST"} if status == 405 else {})
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status_code=status, headers=headers)
