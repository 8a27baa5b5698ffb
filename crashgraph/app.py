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

from crashgraph.page_routes import PageRoutes
from crashgraph.receiving.keys import Keys, Projects
from crashgraph.receiving.reports import ReportsWay
from crashgraph.receiving.sentry import SentryWay
from graph.model.errors import GraphError
from graph.model.statement import Statement

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from crashgraph.intake import Intake
    from crashgraph.wiring import Parts

ONE = Statement("RETURN 1 AS one", name="readiness")
LOOPBACK = ["127.0.0.1", "localhost", "::1"]


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes work with."""

    parts: Parts
    intake: Intake


def build_app(service: Service) -> Starlette:
    """The application on open parts."""
    graphql = _graphql(service)
    pages = PageRoutes(service.parts.graph, service.parts.endpoint.browser_url)
    settings = service.parts.settings
    routes = [
        *pages.routes(graphql),
        Route("/healthz", healthz),
        Route("/readyz", partial(readyz, service)),
        Route("/metrics", metrics),
        WebSocketRoute("/graphql", graphql),
        *ReportsWay(service.intake).routes(),
        *SentryWay(service.intake, Keys(settings), Projects(settings.home)).routes(),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            # A page elsewhere must not reach a service on loopback under a name of its own (DNS rebinding).
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings.host)),
            Middleware(GZipMiddleware, minimum_size=1_000),
        ],
        exception_handlers=pages.handlers(),
    )


def _hosts(host: str) -> list[str]:
    return [*LOOPBACK, host] if host in {"127.0.0.1", "localhost", "::1"} else ["*"]


def _graphql(service: Service) -> ASGIApp:
    from crashgraph.wiring import jobs_in_force
    from schema.app import graphql_app
    from schema.context import Context

    parts, jobs = service.parts, jobs_in_force()
    return graphql_app(lambda _: Context(graph=parts.graph, matcher=parts.matcher, receiver=service.intake, jobs=jobs))


async def readyz(service: Service, request: Request) -> Response:
    """200 when Neo4j answers, else 503 with the reason."""
    try:
        await service.parts.graph.read(ONE)
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
