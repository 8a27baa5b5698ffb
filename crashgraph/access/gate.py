"""The check before every route: where a request comes from, who sends it, and whether they may.

A route without a gate is not served: :func:`guarded` is the only way into the application, and it takes what the route needs.
"""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketClose

from crashgraph.access.callers import CALLER, Access, Caller, origin_of
from crashgraph.access.origin import check_origin
from crashgraph.access.rate_limits import Use
from crashgraph.error_responses import headers_of, status_of
from graph.model.actor import Scope
from graph.model.errors import CrashgraphError, ForbiddenError
from graph.model.origin import request_from
from graph.model.permissions import Admission
from graph.redaction.redactor import public_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Send
    from starlette.types import Scope as Connection

REFUSED = 4403
"""Close code of a WebSocket that its sender may not open (of the protocol graphql-transport-ws)."""


class Door(Enum):
    """What a route asks for instead of a scope."""

    OWN_KEY = "own key"
    """Credentials of its own, which it checks itself; pages of other origins may send them."""
    BY_FIELD = "by field"
    """GraphQL, where each field names its scope."""


Needs: TypeAlias = Scope | Admission | Door

_USES = {Scope.READ: Use.QUERY, Scope.REPORT: Use.REPORT}
"""What a request is counted as; a mutation, if its route needs another scope."""


class Gate:
    """The ASGI application of a route, behind its check. Puts the :class:`Caller` into the connection."""

    def __init__(self, app: ASGIApp, name: str, needs: Needs, access: Access) -> None:
        """``name`` is that of the route, in the record of refusals; ``needs`` is what a caller must have."""
        self._app = app
        self.name = name
        self._access = access
        self.needs = needs

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        """Let the request in, or raise why not; a WebSocket is closed before it is accepted."""
        request = HTTPConnection(connection)
        if self.needs is Door.OWN_KEY:
            with request_from(origin_of(request)):
                await self._app(connection, receive, send)
            return
        try:
            caller = await self._admit(request)
        except CrashgraphError as error:
            if connection["type"] == "websocket":
                await WebSocketClose(REFUSED, public_text(error)[:120])(connection, receive, send)
            elif self.needs is Door.BY_FIELD:
                await graphql_refusal(error)(connection, receive, send)
            else:
                raise
            return
        connection[CALLER] = caller
        with request_from(caller.origin):
            await self._app(connection, receive, partial(_with_allowance, caller, send))

    async def _admit(self, request: HTTPConnection) -> Caller:
        websocket = request.scope["type"] == "websocket"
        check_origin(request.headers, method=request.scope.get("method", ""), websocket=websocket)
        if self.needs is Admission.EVERYONE:
            return self._access.stranger(request)
        caller = await self._access.caller(request, for_reports=self.needs is Scope.REPORT)
        request.scope[CALLER] = caller
        if self.needs is Door.BY_FIELD and (caller.is_known or websocket or request.scope["method"] == "POST"):
            # A stranger may log in by a mutation, or by the first message of a socket.
            return caller
        if not caller.is_known:
            raise self._access.unknown()
        if isinstance(self.needs, Scope):
            try:
                caller.actor.require(self.needs)
            except ForbiddenError:
                with request_from(caller.origin):
                    await self._access.note_denied(caller, self.name)
                raise
            caller.count(_USES.get(self.needs, Use.MUTATION))
        return caller


def guarded(route: Route | WebSocketRoute, needs: Needs, access: Access) -> Route | WebSocketRoute:
    """The route behind its gate."""
    route.app = Gate(route.app, route.path, needs, access)
    return route


def graphql_refusal(error: CrashgraphError) -> JSONResponse:
    """A refusal in the form that clients of GraphQL read."""
    content = {"errors": [{"message": public_text(error), "extensions": {"code": error.code}}]}
    headers = {**headers_of(error), "Cache-Control": "no-store"}
    return JSONResponse(content, status_code=status_of(error), headers=headers)


async def _with_allowance(caller: Caller, send: Send, message: Message) -> None:
    """Send with the headers of the rate limit that the request counted for."""
    if message["type"] == "http.response.start" and caller.allowance is not None:
        headers: Mapping[str, str] = caller.allowance.headers
        MutableHeaders(raw=message.setdefault("headers", [])).update(headers)
    await send(message)
