"""The ASGI application: GraphQL, pages, report endpoints, health and metrics on one port."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from crashgraph.connections import BodyTimeLimit
from crashgraph.hosts import allowed_hosts
from crashgraph.http_ingest.budget import BodyBudget
from crashgraph.http_ingest.keys import Keys, Projects
from crashgraph.http_ingest.reports import ReportEndpoint
from crashgraph.http_ingest.sentry import SentryEndpoints
from crashgraph.local_service.endpoints import LocalEndpoints
from crashgraph.page_routes import PageRoutes
from crashgraph.readiness import Readiness

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from crashgraph.http_ingest.intake import Intake
    from crashgraph.wiring import Container


@dataclass(frozen=True, slots=True)
class AppDependencies:
    """What the routes work with."""

    container: Container
    intake: Intake
    local_token: str | None = None
    """What commands of the same home authenticate with; without it they are not answered."""
    readiness: Readiness | None = None
    """Of a graph that may not have its schema yet."""


def build_app(dependencies: AppDependencies) -> Starlette:
    """Build the application."""
    graphql = _graphql(dependencies)
    container = dependencies.container
    pages = PageRoutes(container.graph, container.endpoint.browser_url)
    settings = container.settings
    routes = [
        *pages.routes(graphql),
        Route("/healthz", healthz),
        Route("/readyz", partial(readyz, dependencies.readiness or Readiness(container.graph))),
        Route("/metrics", metrics),
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
            Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(settings), www_redirect=False),
            Middleware(GZipMiddleware, minimum_size=1_000),
            Middleware(BodyBudget),
            Middleware(BodyTimeLimit),
        ],
        exception_handlers=pages.handlers(),
    )


def _graphql(dependencies: AppDependencies) -> ASGIApp:
    from crashgraph.wiring import configured_jobs
    from resolvers.live_feed import LiveFeed
    from schema.app import graphql_app
    from schema.context import Context

    container, jobs, receiver = dependencies.container, configured_jobs(), dependencies.intake
    graph, live = container.graph, LiveFeed(container.graph)
    stored_user = container.redactor.user
    return graphql_app(
        lambda _: Context(
            graph=graph,
            matcher=container.matcher,
            receiver=receiver,
            stored_user=stored_user,
            waiting=container.waiting,
            jobs=jobs,
            live=live,
        )
    )


async def readyz(readiness: Readiness, request: Request) -> Response:
    """200 when Neo4j answers and its last write did not fail by its own fault, else 503 with the reason."""
    problem = await readiness.problem()
    if problem is None:
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "not ready", "cause": problem.cause, "reason": problem.reason}, status_code=503)


async def healthz(request: Request) -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("ok\n")


async def metrics(request: Request) -> Response:
    """Prometheus text."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
