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
"""A path segment that cannot be an id, a name or a token."""
PATH_LIMIT = 300


class CrashgraphMiddleware:
    """Reports unhandled exceptions of the application and re-raises them.

    Of the request, only the method and the path template are included: no body, headers or query.
    """

    def __init__(self, app: App, url: str = "", *, reporter: Reporter | None = None, **options: Any) -> None:
        """Without ``reporter``, one is created with ``options``."""
        self.app = app
        self.reporter = reporter or Reporter(url, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self.reporter.report(error, request_of(scope))
            raise


def request_of(scope: Scope) -> str:
    """The request, such as ``GET /orders/{id}``; empty for other scopes."""
    if scope.get("type") not in {"http", "websocket"}:
        return ""
    template = getattr(scope.get("route"), "path", None)
    path = template if isinstance(template, str) else _template(str(scope.get("path", "")))
    return f"{scope.get('method', 'WEBSOCKET')} {path[:PATH_LIMIT]}"


def _template(path: str) -> str:
    """A path with possible ids replaced, if the framework provides no template."""
    return "/".join(part if not part or PLAIN.fullmatch(part) else "{}" for part in path.split("/"))
