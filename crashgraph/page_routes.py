"""Pages over HTTP: live, as one file, their scripts and styles, and errors as pages for clients that accept HTML."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crashgraph.http_ingest.error_responses import headers_of, status_of
from crashgraph.pages import pages, view_file
from graph.model.errors import CrashgraphError
from graph.redaction.redactor import public_text
from viz.assets import static_files
from viz.pages.registry import Page
from viz.render import PageError, Surroundings, content_security_policy, error_page, live_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from graph.ports import Graph

log = logging.getLogger(__name__)

FOREVER = "public, max-age=31536000, immutable"
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
UNEXPECTED = "Something went wrong here. The log of the service has the details."


@dataclass(frozen=True, slots=True)
class PageRoutes:
    """Routes and error handlers of the pages on one graph."""

    graph: Graph
    browser_url: str = ""

    def routes(self, graphql: ASGIApp) -> list[Route]:
        """The routes of all pages. A page that shares its path with the GraphQL endpoint answers those who accept HTML."""
        shared = {"/graphql": graphql}
        return [
            *(self._route(page, shared.get(page.path)) for page in pages().values()),
            Route("/view/{name}", self.view),
            Route("/static/{name:path}", static),
        ]

    def _route(self, page: Page[Any], behind: ASGIApp | None) -> Route:
        show = partial(self.show, page)
        if behind is None:
            return Route(page.path, show, name=page.name)
        return Route(page.path, _HtmlFirst(show, behind), methods=["GET", "HEAD", "POST", "OPTIONS"], name=page.name)

    async def show(self, page: Page[Any], request: Request) -> Response:
        """A page with a nonce of its own."""
        values = await page.read(self.graph, {**request.query_params, **request.path_params})
        return await self._html(partial(live_page, page, values))

    async def view(self, request: Request) -> Response:
        """A page as one file that needs nothing else."""
        name = request.path_params["name"].removesuffix(".html")
        return HTMLResponse(await view_file(self.graph, name, request.query_params), headers=COMMON_HEADERS)

    async def failed(self, request: Request, error: Exception) -> Response:
        """One of our errors: a page, or JSON for clients that do not accept HTML."""
        assert isinstance(error, CrashgraphError)
        status, message = status_of(error), public_text(error)
        if status >= 500:
            log.error("%s %s: %s", request.method, public_text(request.scope["path"]), message)
        if accepts_html(request.headers):
            return await self._error(status, message, headers_of(error))
        return JSONResponse({"code": error.code, "message": message}, status_code=status, headers=headers_of(error))

    async def refused(self, request: Request, error: Exception) -> Response:
        """A request that no route takes: a page, or one line of text."""
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if not accepts_html(request.headers):
            return PlainTextResponse(error.detail, status_code=error.status_code, headers=headers)
        path = public_text(request.scope["path"])
        message = f"There is nothing at {path}." if error.status_code == HTTPStatus.NOT_FOUND else f"{error.detail}: {path}"
        return await self._error(error.status_code, message, headers)

    async def crashed(self, request: Request, _error: Exception) -> Response:
        """An error of ours that was not expected; its text may hold anything, so it stays in the log."""
        if accepts_html(request.headers):
            return await self._error(500, UNEXPECTED, {})
        return PlainTextResponse("Internal Server Error", status_code=500)

    def handlers(self) -> dict[Any, Callable[[Request, Exception], Any]]:
        """Exception handlers for Starlette."""
        return {CrashgraphError: self.failed, HTTPException: self.refused, ClientDisconnect: gone, Exception: self.crashed}

    async def _error(self, status: int, message: str, headers: Mapping[str, str]) -> Response:
        error = PageError(status, HTTPStatus(status).phrase.capitalize(), message)
        return await self._html(partial(error_page, error), status, headers)

    async def _html(
        self, render: Callable[[Surroundings, str], str], status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """The page rendered in a thread, under a policy that lets only its own scripts and styles in."""
        nonce = secrets.token_urlsafe(16)
        text = await asyncio.to_thread(render, Surroundings(pages(), self.browser_url), nonce)
        policy = {"Content-Security-Policy": content_security_policy(nonce)}
        return HTMLResponse(text, status_code=status, headers={**COMMON_HEADERS, **policy, **(headers or {})})


class _HtmlFirst:
    """An ASGI application with a page for browsers in front."""

    def __init__(self, show: Callable[[Request], Any], behind: ASGIApp) -> None:
        self._show = show
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method in {"GET", "HEAD"} and accepts_html(request.headers):
            response = await self._show(request)
            await response(scope, receive, send)
        else:
            await self._behind(scope, receive, send)


async def gone(_request: Request, _error: Exception) -> Response:
    """What goes to a client that left in the middle of its request: it reaches no one, and is no error of ours."""
    return Response(status_code=400)


def accepts_html(headers: Mapping[str, str]) -> bool:
    """True for browsers; programs that ask for anything get JSON or text."""
    return "text/html" in headers.get("accept", "")


async def static(request: Request) -> Response:
    """Scripts and styles by their served names; nothing else is served."""
    path = static_files().get(request.path_params["name"])
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, headers={"Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"})
