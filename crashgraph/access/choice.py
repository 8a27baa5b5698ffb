"""Chooses the organisation of each request by its credentials, before anything else is read (ADR 0020).

Each organisation has an application of its own, without access to any other. A request with credentials of an unknown
organisation goes to the default one, which refuses it as it does any wrong credential.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from graphql import FieldNode, GraphQLError, Visitor, parse, visit
from graphql.utilities import value_from_ast_untyped
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.websockets import WebSocketClose

from crashgraph.access.callers import named_organisation
from crashgraph.access.cookies import session_token
from crashgraph.access.gate import graphql_refusal
from crashgraph.current_organisation import ORGANISATION
from graph.access import jwt
from graph.access.tokens import DEFAULT_ORGANISATION, login_name, organisation_of
from graph.model.errors import InvalidInputError, UnavailableError
from graph.model.outside_json import read_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_LOGIN = 64 << 10
"""Bytes of a request to log in; a longer one is not read to choose by it."""
MOST_TOKENS = 1_000
"""Of a document that logs in."""
FIRST_MESSAGE_SECONDS = 10.0
"""Time for the first message of a socket, as schema/app.py gives it."""
TOO_LATE, TRY_LATER = 4408, 1013
"""Close codes."""
LOG_IN, REFRESH, GRAPHQL, READY = "/auth/login", "/auth/refresh", "/graphql", "/readyz"
PROTOCOL = "graphql-transport-ws"
LOGIN_FIELDS = frozenset({"login", "refresh"})
FORM = b"application/x-www-form-urlencoded"
STARTING = UnavailableError("the graph is being started; try again in a moment")

States = Callable[[], Awaitable[Mapping[str, object]]]
"""Reads the readiness of all organisations."""


class Choice:
    """The ASGI application in front of those of the organisations."""

    def __init__(self, names: Iterable[str], probe: str, states: States) -> None:
        """``names`` are those besides the default one. Whoever has ``probe`` may read the ``states`` of all."""
        self._apps: dict[str, ASGIApp] = dict.fromkeys((DEFAULT_ORGANISATION, *names), starting)
        self._probe = f"Bearer {probe}".encode()
        self._states = states

    def serve(self, organisation: str, app: ASGIApp) -> None:
        """Give an organisation's requests to its application."""
        self._apps[organisation] = app

    def withdraw(self, organisation: str) -> None:
        """Answer an organisation's requests with 503: its graph is being replaced."""
        self._apps[organisation] = starting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose, and let that application answer."""
        if scope["type"] == "websocket":
            chosen = await _of_socket(scope, receive, send)
            if chosen is None:
                return
            name, receive, send = chosen
        else:
            if self._is_probe(scope):
                await JSONResponse(await self._states())(scope, receive, send)
                return
            name, receive = await _of_request(scope, receive)
        if name not in self._apps:
            name = DEFAULT_ORGANISATION
        ORGANISATION.set(name)
        await self._apps[name](scope, receive, send)

    def _is_probe(self, scope: Scope) -> bool:
        if scope["path"] != READY:
            return False
        stated = next((value for key, value in scope["headers"] if key == b"authorization"), b"")
        return hmac.compare_digest(stated, self._probe)


async def starting(scope: Scope, receive: Receive, send: Send) -> None:
    """The application of an organisation before the address of its graph is known."""
    if scope["type"] == "websocket":
        await WebSocketClose(TRY_LATER, str(STARTING))(scope, receive, send)
    elif scope["path"] == GRAPHQL:
        await graphql_refusal(STARTING)(scope, receive, send)
    else:
        content = {"code": STARTING.code, "message": str(STARTING)}
        await JSONResponse(content, status_code=503, headers={"Cache-Control": "no-store"})(scope, receive, send)


async def _of_request(scope: Scope, receive: Receive) -> tuple[str, Receive]:
    request = HTTPConnection(scope)
    path = scope["path"]
    if scope["method"] == "POST" and (path in {LOG_IN, REFRESH} or (path == GRAPHQL and _is_stranger(request))):
        # Whoever logs in may still send the cookie of a session that is over.
        body, receive = await _read(receive)
        named = _of_document(body) if path == GRAPHQL else _of_fields(body, request.headers.get("content-type", ""))
    else:
        named = named_organisation(request)
    return named or DEFAULT_ORGANISATION, receive


def _is_stranger(request: HTTPConnection) -> bool:
    return "authorization" not in request.headers and session_token(request.cookies) is None


# -- logins ---------------------------------------------------------------------------------------------------


def _of_fields(body: bytes, content_type: str) -> str | None:
    """The organisation that a form or JSON object of ``/auth`` names."""
    if content_type.partition(";")[0].strip().lower().encode() == FORM:
        try:
            fields: object = dict(parse_qsl(body.decode(), max_num_fields=20))
        except ValueError:
            return None
    else:
        fields = _json(body)
    if not isinstance(fields, dict):
        return None
    stated = fields.get("organisation")
    return stated if isinstance(stated, str) and stated else _of_login(fields)


def _of_login(fields: Mapping[str, Any]) -> str | None:
    """The organisation that a name, or a refresh token, names."""
    name, token = fields.get("name"), fields.get("refreshToken")
    if isinstance(name, str) and (found := login_name(name)[0]):
        return found
    return organisation_of(token) if isinstance(token, str) else None


def _of_document(body: bytes) -> str | None:
    """The organisation that the first login in a GraphQL request names."""
    content = _json(body)
    text = content.get("query") if isinstance(content, dict) else None
    if not isinstance(text, str):
        return None
    variables = content.get("variables") if isinstance(content, dict) else None
    logins = _Logins(variables if isinstance(variables, dict) else {})
    try:
        visit(parse(text, no_location=True, max_tokens=MOST_TOKENS), logins)
    except (GraphQLError, RecursionError):
        return None
    return next(filter(None, map(_of_login, logins.inputs)), None)


class _Logins(Visitor):
    """Collects the inputs of the fields that log in."""

    def __init__(self, variables: dict[str, Any]) -> None:
        super().__init__()
        self.inputs: list[Mapping[str, Any]] = []
        self._variables = variables

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value not in LOGIN_FIELDS:
            return
        for argument in node.arguments or ():
            value = value_from_ast_untyped(argument.value, self._variables)
            if isinstance(value, dict):
                self.inputs.append(value)


def _json(body: bytes) -> object:
    try:
        return read_json(body, "the request body")
    except InvalidInputError:
        return None  # the application refuses it


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The body, as far as a login needs it, and a ``receive`` that gives everything once more."""
    messages: list[Message] = []
    failure: Exception | None = None
    size = 0
    try:
        while size <= LONGEST_LOGIN:
            messages.append(message := await receive())
            size += len(message.get("body", b""))
            if not message.get("more_body", False):
                break
    except Exception as error:  # noqa: BLE001  # a body that is late or too large: the application answers that
        failure = error
    body = b"".join(message.get("body", b"") for message in messages)
    return body if failure is None and size <= LONGEST_LOGIN else b"", _again(messages, receive, failure)


def _again(messages: list[Message], receive: Receive, failure: Exception | None = None) -> Receive:
    async def again() -> Message:
        nonlocal failure
        if messages:
            return messages.pop(0)
        if failure is not None:
            raised, failure = failure, None
            raise raised
        return await receive()

    return again


# -- sockets --------------------------------------------------------------------------------------------------


async def _of_socket(scope: Scope, receive: Receive, send: Send) -> tuple[str, Receive, Send] | None:
    """The organisation of a socket: by its header, or else by its first message, or else by its cookie; ``None`` once closed.

    For the message the socket is accepted here; the application's own word for it is then left out.
    """
    request = HTTPConnection(scope)
    named = named_organisation(request) or DEFAULT_ORGANISATION
    by_message = scope["path"] == GRAPHQL and PROTOCOL in scope.get("subprotocols", ())
    if "authorization" in request.headers or not by_message:
        return named, receive, send
    connect = await receive()
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    try:
        async with asyncio.timeout(FIRST_MESSAGE_SECONDS):
            first = await receive()
    except TimeoutError:
        await send({"type": "websocket.close", "code": TOO_LATE, "reason": "the first message did not come in time"})
        return None
    return _of_first_message(first) or named, _again([connect, first], receive), _accepted(send)


def _of_first_message(message: Message) -> str | None:
    """The organisation of the credentials in ``connection_init``."""
    content = _json((message.get("text") or "").encode("utf-8", "replace"))
    payload = content.get("payload") if isinstance(content, dict) else None
    if not isinstance(payload, dict):
        return None
    stated = next((value for name, value in payload.items() if name.lower() == "authorization"), None)
    token = stated.partition(" ")[2].strip() if isinstance(stated, str) else ""
    return organisation_of(token) or jwt.organisation_in(token)


def _accepted(send: Send) -> Send:
    """``send`` of a socket that is accepted already."""

    async def rest(message: Message) -> None:
        if message["type"] != "websocket.accept":
            await send(message)

    return rest
