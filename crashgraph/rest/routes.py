"""The routes below ``/api/v1``."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from crashgraph.error_responses import status_of_code
from crashgraph.openapi.described import JSON, TEXT, Answer, ApiRoute, Described, Parameter
from crashgraph.rest.requests import MARK_HEADER, takes_text, variables_of
from graph.redaction.redactor import public_text
from schema.body import Body, unless_left
from schema.rest.execute import Refusal, execute
from schema.rest.json_schema import Components
from schema.rest.operation import Place, RestOperation

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from crashgraph.readiness import Readiness
    from schema.context import Context
    from schema.running import Running

PREFIX = "/api/v1"
NOT_KEPT = {"Cache-Control": "no-store"}
NEXT_HELP = '`<…>; rel="next"` leads to the next page, if there is one.'
MARK_HELP = (
    "The caller's own id of this change, such as a UUID. Sent again within 30 days, the change is made once and answered the "
    "same; with another body it is refused with 409."
)

ContextFactory: TypeAlias = "Callable[[HTTPConnection], Context]"


class RestEndpoint:
    """Answers the requests of one route. A query ends when its sender leaves."""

    def __init__(self, operation: RestOperation, contexts: ContextFactory, running: Running) -> None:
        """``contexts`` makes the context of a request."""
        self._operation = operation
        self._contexts = contexts
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = Body(receive, method=scope["method"])
        request = Request(scope, body.receive)
        context = self._contexts(request)
        context.count = lambda _: None  # the gate has counted it
        response = await unless_left(self._answer(request, context), body, lambda: context.reads_only)
        if response is not None:
            await response(scope, receive, send)

    async def _answer(self, request: Request, context: Context) -> Response:
        variables = await variables_of(self._operation, request)
        answer = await execute(self._operation, variables, context, self._running)
        if isinstance(answer, Refusal):
            return refused(answer, context.request_id)
        headers = {**NOT_KEPT, **self._next(request, answer)}
        return JSONResponse(answer, status_code=self._operation.status, headers=headers)

    def _next(self, request: Request, answer: Any) -> dict[str, str]:
        """The header that leads to the next page."""
        if not self._operation.pages or not answer["pageInfo"]["hasNextPage"]:
            return {}
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
        query = urlencode([*kept, ("after", answer["pageInfo"]["endCursor"])])
        return {"Link": f'<{request.url.path}?{query}>; rel="next"'}


def refused(refusal: Refusal, request_id: str) -> Response:
    """A refusal in the shape of all errors of the service."""
    content = {"code": refusal.code, "message": public_text(refusal.message)}
    if refusal.field:
        content["field"] = refusal.field
    headers = {**NOT_KEPT, "X-Request-Id": request_id}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    return JSONResponse(content, status_code=status_of_code(refusal.code), headers=headers)


def rest_route(operation: RestOperation, endpoint: Any, components: Components) -> ApiRoute:
    """The route of an operation, described by it."""
    return ApiRoute(PREFIX + operation.path, endpoint, operation.method, _described(operation, components))


def _described(operation: RestOperation, components: Components) -> Described:
    headers = {"Link": NEXT_HELP} if operation.pages else None
    answer = Answer("The answer.", {JSON: components.returned(operation)}, headers)
    places = {Place.PATH: "path", Place.QUERY: "query"}
    parameters = [
        Parameter(one.name, one.help, places[one.place], components.parameter(one), one.required)
        for one in operation.parameters
        if one.place in places
    ]
    if operation.writes:
        schema = {"type": "string", "minLength": 1, "maxLength": 200}
        parameters.append(Parameter(MARK_HEADER, MARK_HELP, "header", schema))
    return Described(
        name=operation.name,
        help=operation.help,
        answers={operation.status: answer},
        parameters=parameters,
        body=_body(operation, components),
        body_required=any(one.required for one in operation.of(Place.BODY)),
        tag=operation.path.split("/")[1],
    )


def _body(operation: RestOperation, components: Components) -> dict[str, Any] | None:
    in_body = operation.of(Place.BODY)
    if operation.method != "POST" or not in_body:
        return None
    if operation.whole_body is None:
        return {JSON: components.body(in_body)}
    schema = components.taken(in_body[0].type)
    return {JSON: schema, TEXT: {"type": "string"}} if takes_text(operation) else {JSON: schema}


async def show_state(readiness: Readiness, request: Request) -> Response:
    """The version, and whether the graph answers."""
    problem = await readiness.problem()
    content = {"version": version("crashgraph"), "status": "ready" if problem is None else "not ready"}
    return JSONResponse(content, headers=NOT_KEPT)
