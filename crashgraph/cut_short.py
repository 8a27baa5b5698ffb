"""The answer to a request that is still in progress when the service has to end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from graph.model.errors import UnavailableError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

RETRY_SECONDS = 5
MESSAGE = "the service is stopping and could not finish this request; send it again"


class CutShort:
    """ASGI middleware: a request that the server cancels is answered 503 with a code, as far as no answer has begun."""

    def __init__(self, app: ASGIApp) -> None:
        """``app`` answers the requests."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            if begun:
                raise
            content = {
                "code": UnavailableError.code,
                "message": MESSAGE,
                "errors": [{"message": MESSAGE, "extensions": {"code": UnavailableError.code}}],  # as GraphQL has it
            }
            headers = {"Retry-After": str(RETRY_SECONDS), "Connection": "close"}
            await JSONResponse(content, status_code=503, headers=headers)(scope, receive, send)
