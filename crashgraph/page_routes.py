"""Pages over HTTP: live, as one file, their scripts and styles, and errors as pages for clients that accept HTML."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from crashgraph.access.callers import CALLER, Caller
from crashgraph.access.gate import Door, Gate, guarded
from crashgraph.error_responses import headers_of, status_of
from crashgraph.pages import pages, view_file
from graph.model.actor import Scope
from graph.model.errors import AccessError, CrashgraphError, NotFoundError, UsageError
from graph.model.permissions import Admission
from graph.redaction.redactor import public_text
from viz.assets import static_files
from viz.pages.registry import Page
from viz.render import PageError, Surroundings, content_security_policy, error_page, live_page
from viz.sign_in import SignIn, sign_in_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Send
    from starlette.types import Scope as Connection

    from crashgraph.access.callers import Access
    from graph.ports import Graph

log = logging.getLogger(__name__)

FOREVER = "public, max-age=31536000, immutable"
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
SIGN_IN = "/auth/login"
API = "/api/v1/"
HTTP_CODES = {404: NotFoundError.code, 405: "METHOD_NOT_ALLOWED"}
INTERNAL = "INTERNAL"
UNEXPECTED = "Something went wrong here. The log of the service has the details."


@dataclass(frozen=True, slots=True)
class PageRoutes:
    """Routes and error handlers of the pages on one graph."""

    graph: Graph
    access: Access
    browser_url: str = ""
    alone: bool = True
    """There is no other organisation. Beside others, strangers see no address of Neo4j: it would identify the organisation."""

    def routes(self, graphql: ASGIApp) -> list[BaseRoute]:
        """The routes of all pages. A page that shares its path with the GraphQL endpoint answers those who accept HTML."""
        shared = {"/graphql": graphql}
        return [
            *(self._route(page, shared.get(page.path)) for page in pages().values()),
            guarded(Route("/view/{name}", self.view), Scope.READ, self.access),
            guarded(Route("/static/{name:path}", static), Admission.EVERYONE, self.access),
        ]

    def _route(self, page: Page[Any], behind: ASGIApp | None) -> BaseRoute:
        route = guarded(Route(page.path, partial(self.show, page), name=page.name), page.needs, self.access)
        if behind is None:
            return route
        programs = Gate(behind, page.path, Door.BY_FIELD, self.access)
        both = HtmlFirst(cast("Gate", route.app), programs)
        return Route(page.path, both, methods=["GET", "HEAD", "POST", "OPTIONS"], name=page.name)

    async def show(self, page: Page[Any], request: Request) -> Response:
        """A page with a nonce of its own."""
        values = await page.read(self.graph, {**request.query_params, **request.path_params})
        return await self._html(partial(live_page, page, values), user=_user_of(request))

    async def sign_in(self, values: SignIn, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """The page to sign in, without the menu of what it opens."""
        return await self._html(partial(sign_in_page, values), status, headers, menu=False)

    async def view(self, request: Request) -> Response:
        """A page as one file that needs nothing else."""
        name = request.path_params["name"].removesuffix(".html")
        return HTMLResponse(await view_file(self.graph, name, request.query_params), headers=COMMON_HEADERS)

    async def failed(self, request: Request, error: Exception) -> Response:
        """One of our errors: a page, or JSON for clients that do not accept HTML."""
        assert isinstance(error, CrashgraphError)
        status, message = status_of(error), public_text(error)
        if isinstance(error, AccessError) and error.missing and request.method == "GET" and accepts_html(request.headers):
            return RedirectResponse(f"{SIGN_IN}?next={quote(_path_of(request), safe='')}", status_code=303)
        if status >= 500:
            log.error("%s %s: %s", request.method, public_text(request.scope["path"]), message)
        headers = {**headers_of(error), **_allowance(request)}
        if accepts_html(request.headers):
            return await self._error(request, status, message, headers)
        return JSONResponse({"code": error.code, "message": message}, status_code=status, headers=headers)

    async def refused(self, request: Request, error: Exception) -> Response:
        """A request that no route takes: a page, or one line of text; JSON below ``/api/v1``."""
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if request.scope["path"].startswith(API):
            content = {"code": HTTP_CODES.get(error.status_code, UsageError.code), "message": error.detail}
            return JSONResponse(content, status_code=error.status_code, headers=headers)
        if not accepts_html(request.headers):
            return PlainTextResponse(error.detail, status_code=error.status_code, headers=headers)
        path = public_text(request.scope["path"])
        message = f"There is nothing at {path}." if error.status_code == HTTPStatus.NOT_FOUND else f"{error.detail}: {path}"
        return await self._error(request, error.status_code, message, headers)

    async def crashed(self, request: Request, _error: Exception) -> Response:
        """An error of ours that was not expected; its text may hold anything, so it stays in the log."""
        if accepts_html(request.headers):
            return await self._error(request, 500, UNEXPECTED, {})
        return JSONResponse({"code": INTERNAL, "message": UNEXPECTED}, status_code=500)

    def handlers(self) -> dict[Any, Callable[[Request, Exception], Any]]:
        """Exception handlers for Starlette."""
        return {CrashgraphError: self.failed, HTTPException: self.refused, ClientDisconnect: gone, Exception: self.crashed}

    async def _error(self, request: Request, status: int, message: str, headers: Mapping[str, str]) -> Response:
        error = PageError(status, HTTPStatus(status).phrase.capitalize(), message)
        browser = self.browser_url if self.alone or _is_known(request) else ""
        return await self._html(partial(error_page, error), status, headers, user=_user_of(request), browser_url=browser)

    async def _html(
        self,
        render: Callable[[Surroundings, str], str],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        user: str = "",
        menu: bool = True,
        browser_url: str | None = None,
    ) -> Response:
        """The page rendered in a thread, under a policy that lets only its own scripts and styles in."""
        nonce = secrets.token_urlsafe(16)
        shown = self.browser_url if browser_url is None else browser_url
        around = Surroundings(pages(), shown, user=user) if menu else Surroundings({})
        text = await asyncio.to_thread(render, around, nonce)
        policy = {"Content-Security-Policy": content_security_policy(nonce)}
        return HTMLResponse(text, status_code=status, headers={**COMMON_HEADERS, **policy, **(headers or {})})


class HtmlFirst:
    """An ASGI application with a page for browsers in front."""

    def __init__(self, page: Gate, behind: Gate) -> None:
        """Both behind their gates."""
        self.gates = (page, behind)

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Show the page to those who accept HTML."""
        request = Request(scope, receive)
        is_page = request.method in {"GET", "HEAD"} and accepts_html(request.headers)
        await self.gates[0 if is_page else 1](scope, receive, send)


def _is_known(request: Request) -> bool:
    caller: Caller | None = request.scope.get(CALLER)
    return caller is not None and caller.is_known


def _user_of(request: Request) -> str:
    """The name of the user that signed in."""
    caller: Caller | None = request.scope.get(CALLER)
    return caller.principal.user.name if caller and caller.principal else ""


def _allowance(request: Request) -> Mapping[str, str]:
    """The headers of the rate limit that the request was refused by."""
    caller: Caller | None = request.scope.get(CALLER)
    return caller.allowance.headers if caller and caller.allowance else {}


def _path_of(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


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
