"""The ASGI application: GraphQL, the explorer, views, health and metrics on one port."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from crashgraph.http_ingest.error_responses import headers_of, status_of
from crashgraph.http_ingest.keys import Keys, Projects
from crashgraph.http_ingest.reports import ReportEndpoint
from crashgraph.http_ingest.sentry import SentryEndpoints
from crashgraph.local_service.endpoints import LocalEndpoints
from crashgraph.pages import explorer, reference, view_file
from graph.model.errors import CrashgraphError, GraphError
from graph.model.statement import Statement
from graph.redaction.redactor import redact_passing
from viz.address import read_query
from viz.assets import static_files
from viz.render import content_security_policy
from viz.views import view as find_view

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from crashgraph.http_ingest.intake import Intake
    from crashgraph.wiring import Container

log = logging.getLogger(__name__)

ONE = Statement("RETURN 1 AS one", name="readiness")
LOOPBACK = ["127.0.0.1", "localhost", "::1"]
FOREVER = "public, max-age=31536000, immutable"
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class AppDependencies:
    """What the routes work with."""

    container: Container
    intake: Intake
    local_token: str | None = None
    """What commands of the same home authenticate with; without it they are not answered."""


def build_app(dependencies: AppDependencies) -> Starlette:
    """Build the application."""
    graphql = _graphql(dependencies)
    pages = _Pages(dependencies)
    settings = dependencies.container.settings
    routes = [
        Route("/", pages.explorer),
        Route("/view/{name}", pages.view),
        Route("/docs", pages.docs),
        Route("/static/{name}", static),
        Route("/healthz", healthz),
        Route("/readyz", pages.readyz),
        Route("/metrics", metrics),
        Route("/graphql", graphql, methods=["GET", "POST", "OPTIONS"]),
        WebSocketRoute("/graphql", graphql),
        *ReportEndpoint(dependencies.intake).routes(),
        *SentryEndpoints(dependencies.intake, Keys(settings), Projects(settings.home)).routes(),
    ]
    if dependencies.local_token is not None:
        local = LocalEndpoints(dependencies.container.matcher, dependencies.intake, dependencies.local_token)
        routes += local.routes()
    return Starlette(
        routes=routes,
        middleware=[
            # A page elsewhere must not reach a service on loopback under a name of its own (DNS rebinding).
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings.host)),
            Middleware(GZipMiddleware, minimum_size=1_000),
        ],
        exception_handlers={CrashgraphError: failed},
    )


def _hosts(host: str) -> list[str]:
    return [*LOOPBACK, host] if host in {"127.0.0.1", "localhost", "::1"} else ["*"]


def _graphql(dependencies: AppDependencies) -> ASGIApp:
    from crashgraph.wiring import configured_jobs
    from schema.app import graphql_app
    from schema.context import Context

    container, jobs = dependencies.container, configured_jobs()
    return graphql_app(
        lambda _: Context(graph=container.graph, matcher=container.matcher, receiver=dependencies.intake, jobs=jobs)
    )


class _Pages:
    """Routes that read the graph."""

    def __init__(self, dependencies: AppDependencies) -> None:
        self._container = dependencies.container

    async def explorer(self, request: Request) -> Response:
        """The live network. ``?focus=…`` and the like say what to show."""
        nonce = secrets.token_urlsafe(16)
        asked = read_query(request.query_params)
        page = await explorer(self._container.graph, asked, nonce=nonce, browser_url=self._container.endpoint.browser_url)
        headers = {**COMMON_HEADERS, "Content-Security-Policy": content_security_policy(nonce)}
        return HTMLResponse(page, headers=headers)

    async def view(self, request: Request) -> Response:
        """A view as one file that needs nothing else."""
        name = request.path_params["name"].removesuffix(".html")
        asked = read_query(request.query_params, find_view(name).query)
        return HTMLResponse(await view_file(self._container.graph, name, asked), headers=COMMON_HEADERS)

    async def docs(self, request: Request) -> Response:
        """What answers over HTTP."""
        nonce = secrets.token_urlsafe(16)
        headers = {**COMMON_HEADERS, "Content-Security-Policy": content_security_policy(nonce)}
        return HTMLResponse(reference(nonce), headers=headers)

    async def readyz(self, request: Request) -> Response:
        """200 when Neo4j answers, else 503 with the reason."""
        try:
            await self._container.graph.read(ONE)
        except GraphError as error:
            return JSONResponse({"status": "not ready", "reason": str(error)}, status_code=503)
        return JSONResponse({"status": "ready"})


async def healthz(request: Request) -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("ok\n")


async def metrics(request: Request) -> Response:
    """Prometheus text."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def static(request: Request) -> Response:
    """Scripts and styles by their hashed names; nothing else is served."""
    path = static_files().get(request.path_params["name"])
    if path is None:
        return PlainTextResponse("not found\n", status_code=404)
    return FileResponse(path, headers={"Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"})


async def failed(request: Request, error: Exception) -> Response:
    """One of our errors as a short page, or JSON for those who ask for it."""
    assert isinstance(error, CrashgraphError)
    status, message = status_of(error), redact_passing(str(error))
    if status >= 500:
        log.error("%s %s: %s", request.method, redact_passing(request.url.path), message)
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"code": error.code, "message": message}, status_code=status, headers=headers_of(error))
    return PlainTextResponse(f"{message}\n", status_code=status, headers=headers_of(error))
