"""Unhandled exceptions of an ASGI application."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from crashgraph.client.reporter import Reporter

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PLAIN = re.compile(r"[a-zA-Z][a-zA-Z_.-]{0,30}")
"""A part of a path that is surely no id, name or token."""
PATH_LIMIT = 300


class CrashgraphMiddleware:
    """Reports what the application does not handle, and raises it again.

    Only the method and the path template of the request are reported: no body, header or query.
    """

    def __init__(self, app: App, url: str = "", *, reporter: Reporter | None = None, **options: Any) -> None:
        """``options`` are those of :class:`Reporter`, unless one is given."""
        self.app = app
        self.reporter = reporter or Reporter(url, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self.reporter.report(error, request_of(scope))
            raise


def request_of(scope: Scope) -> str:
    """``GET /orders/{id}``; empty for what is no request."""
    if scope.get("type") not in {"http", "websocket"}:
        return ""
    template = getattr(scope.get("route"), "path", None)
    path = template if isinstance(template, str) else _template(str(scope.get("path", "")))
    return f"{scope.get('method', 'WEBSOCKET')} {path[:PATH_LIMIT]}"


def _template(path: str) -> str:
    """The path with likely ids removed, for frameworks without path templates."""
    return "/".join(part if not part or PLAIN.fullmatch(part) else "{}" for part in path.split("/"))
