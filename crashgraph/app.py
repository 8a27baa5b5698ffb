"""The ASGI application: GraphQL, pages, report endpoints, health and metrics on one port."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from crashgraph import described
from crashgraph.access.callers import Access, caller_of
from crashgraph.access.first_link import FirstLink
from crashgraph.access.gate import Door, Needs, guarded
from crashgraph.access.rate_limits import Use
from crashgraph.auth_routes import AuthRoutes
from crashgraph.connections import BodyTimeLimit
from crashgraph.cut_short import CutShort
from crashgraph.hosts import LOOPBACK, allowed_hosts
from crashgraph.http_ingest.budget import BodyBudget
from crashgraph.http_ingest.keys import Keys, Projects, Receiver, Receivers
from crashgraph.http_ingest.reports import ReportEndpoint
from crashgraph.http_ingest.sentry import SentryEndpoints
from crashgraph.local_service.endpoints import LocalEndpoints
from crashgraph.openapi.described import ApiRoute
from crashgraph.openapi.document import document
from crashgraph.page_routes import PageRoutes
from crashgraph.readiness import Readiness
from crashgraph.rest.routes import PREFIX, RestEndpoint, rest_route, show_state
from graph.model.actor import Actor, Scope
from graph.model.permissions import Admission

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from crashgraph.access.choice import Choice
    from crashgraph.http_ingest.intake import Intake
    from crashgraph.settings import Settings
    from crashgraph.wiring import Container
    from schema.context import Context
    from schema.documents import Documents
    from schema.rest.operation import RestOperation


@dataclass(frozen=True, slots=True)
class AppDependencies:
    """What the routes work with."""

    container: Container
    intake: Intake
    access: Access
    first: FirstLink | None = None
    """What makes the first administrator."""
    local_token: str | None = None
    """What commands of the same home authenticate with; without it they are not answered."""
    readiness: Readiness | None = None
    """Of a graph that may not have its schema yet."""
    receivers: Receivers | None = None
    """Of Sentry's protocol, for all organisations where there are several: then :class:`Choice` calls the applications."""

    @property
    def alone(self) -> bool:
        """Whether the organisation is the only one of the installation."""
        return self.receivers is None


def build_app(dependencies: AppDependencies) -> Starlette:
    """Build the application."""
    from schema.app import graphql_app
    from schema.rest.json_schema import Components
    from schema.rest.operation import operations
    from schema.running import Running

    container, access = dependencies.container, dependencies.access
    settings = container.settings
    own = Receiver(access.organisation, Keys(settings), Projects(settings.home), dependencies.intake)
    pages = PageRoutes(container.graph, access, container.endpoint.browser_url, alone=dependencies.alone)
    contexts, running = _contexts(dependencies), Running()
    graphql = graphql_app(contexts, stored_documents(settings), running)
    readiness = dependencies.readiness or Readiness(container.graph)
    components = Components()

    def open_to(needs: Needs, *routes: Route | WebSocketRoute) -> list[BaseRoute]:
        return [guarded(route, needs, access) for route in routes]

    def rest(operation: RestOperation) -> list[BaseRoute]:
        route = rest_route(operation, RestEndpoint(operation, contexts, running), components)
        return open_to(cast("Needs", operation.needs), route)

    async def openapi(_request: Request) -> Response:
        return JSONResponse(description)

    routes = [
        *pages.routes(graphql),
        *AuthRoutes(container.graph, access, pages, dependencies.first, asks_organisation=not dependencies.alone).routes(),
        *open_to(
            Admission.EVERYONE,
            ApiRoute("/healthz", healthz, "GET", described.HEALTH),
            ApiRoute("/readyz", partial(readyz, readiness), "GET", described.READINESS),
        ),
        *open_to(
            Scope.READ,
            ApiRoute("/metrics", partial(metrics, dependencies), "GET", described.METRICS),
            ApiRoute("/openapi.json", openapi, "GET", described.OPENAPI),
            ApiRoute(f"{PREFIX}/state", partial(show_state, readiness), "GET", described.STATE),
        ),
        *chain.from_iterable(rest(operation) for operation in operations()),
        *open_to(Door.BY_FIELD, WebSocketRoute("/graphql", graphql)),
        *open_to(Scope.REPORT, *ReportEndpoint(dependencies.intake).routes()),
        *open_to(Door.OWN_KEY, *SentryEndpoints(dependencies.receivers or Receivers([own])).routes()),
    ]
    description = document([*routes, *open_to(Door.BY_FIELD, *described.graphql_routes(graphql))], components.schemas)
    if dependencies.local_token is not None:
        local = LocalEndpoints(container.matcher, dependencies.intake, dependencies.local_token)
        routes += open_to(Door.OWN_KEY, *local.routes())
    bounds = [Middleware(BodyBudget), Middleware(BodyTimeLimit)] if dependencies.alone else []
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(CutShort),
            Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(settings), www_redirect=False),
            Middleware(GZipMiddleware, minimum_size=1_000),
            *bounds,
        ],
        exception_handlers=pages.handlers(),
    )


def with_bounds(choice: Choice) -> ASGIApp:
    """The choice among several organisations, under the bounds on bodies that they share."""
    return BodyBudget(BodyTimeLimit(choice))


def _contexts(dependencies: AppDependencies) -> Callable[[HTTPConnection], Context]:
    """What makes the context of a request of GraphQL or REST."""
    from crashgraph.graphql_metrics import GraphQLMetrics
    from crashgraph.wiring import configured_jobs
    from resolvers.arrivals import Arrivals
    from resolvers.live_feed import LiveFeed
    from schema.context import Context

    container, access, jobs, receiver = dependencies.container, dependencies.access, configured_jobs(), dependencies.intake
    measure = GraphQLMetrics()
    graph, live = container.graph, LiveFeed(container.graph)
    arrivals = Arrivals(graph, live)
    stored_user = container.redactor.user

    def context(connection: HTTPConnection) -> Context:
        caller = caller_of(connection)

        async def renew(stated: str | None) -> Actor:
            found = await access.renewed(connection, stated)
            return found.actor

        return Context(
            graph=graph,
            matcher=container.matcher,
            receiver=receiver,
            embedder=container.embedder,
            stored_user=stored_user,
            waiting=container.waiting,
            jobs=jobs,
            live=live,
            arrivals=arrivals,
            actor=caller.actor,
            principal=caller.principal,
            control=access.control() if access.needs_login else None,
            address=caller.origin.address,
            request_id=caller.origin.request_id or "-",
            count=lambda use: caller.count(Use(use)),
            measure=measure,
            renew=renew,
        )

    return context


def stored_documents(settings: Settings) -> Documents:
    """The documents of the folder that settings name, or else the examples."""
    from schema.documents import documents_in, documents_of
    from schema.examples import examples

    only_for = tuple(name.strip() for name in settings.documents_only.split(",") if name.strip())
    if settings.documents is None:
        return documents_of({example.name: example.query for example in examples()}, only_for)
    return documents_in(settings.documents.expanduser(), only_for)


async def readyz(readiness: Readiness, request: Request) -> Response:
    """200 when Neo4j answers and its last write did not fail by its own fault, else 503 with the reason."""
    problem = await readiness.problem()
    if problem is None:
        return JSONResponse({"status": "ready"})
    content = {"status": "not ready", "cause": problem.cause}
    if request.client is None or request.client.host in LOOPBACK:
        # The parent process logs it; to others it would name addresses of ours.
        content["reason"] = problem.reason
    return JSONResponse(content, status_code=503)


async def healthz(request: Request) -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("ok\n")


async def metrics(dependencies: AppDependencies, request: Request) -> Response:
    """Prometheus text about the organisation."""
    from prometheus_client import CONTENT_TYPE_LATEST

    from crashgraph.metrics import shown_metrics

    text = shown_metrics(dependencies.access.organisation, alone=dependencies.alone)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})
