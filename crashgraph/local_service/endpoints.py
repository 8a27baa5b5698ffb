"""``/api/local``: what commands on this machine ask of the service. Only the owner of the home can read the token."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crashgraph.error_responses import headers_of, status_of
from crashgraph.match_text import render_answers
from crashgraph.submission_json import from_facts
from graph.ingest.receipt import Receipt, as_json
from graph.model.actor import person
from graph.model.errors import AccessError, CrashgraphError, InvalidInputError
from graph.model.outside_json import read_json

if TYPE_CHECKING:
    from starlette.requests import Request

    from crashgraph.http_ingest.intake import Intake
    from graph.ingest.match_report import ReportMatcher
    from graph.sources.submission import Submission

ENDPOINT = "command"
"""Label of the metrics."""


@dataclass(frozen=True, slots=True)
class _LocalRequest:
    submissions: list[Submission]
    options: Mapping[str, Any]


class LocalEndpoints:
    """Routes for the commands ``match`` and ``ingest``."""

    def __init__(self, matcher: ReportMatcher, intake: Intake, token: str) -> None:
        """Requests must carry ``token`` as a bearer token."""
        self._matcher = matcher
        self._intake = intake
        self._token = token.encode()

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/api/local", self._endpoint(self._ping), methods=["GET"]),
            Route("/api/local/match", self._endpoint(self._match), methods=["POST"]),
            Route("/api/local/reports", self._endpoint(self._store), methods=["POST"]),
        ]

    def _endpoint(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                self._check(request)
                return await answer(request)
            except CrashgraphError as error:
                content = {"message": str(error), "exit_code": error.exit_code}
                return JSONResponse(content, status_code=status_of(error), headers=headers_of(error))

        return endpoint

    def _check(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not secrets.compare_digest(token.encode(), self._token):
            raise AccessError("the token is not that of this service", missing=not token)

    async def _ping(self, request: Request) -> Response:
        return Response(b"ok")

    async def _match(self, request: Request) -> Response:
        asked = await _read(request)
        options = {"explain": bool(asked.options.get("explain")), "jsonl": bool(asked.options.get("jsonl"))}
        rendered = [
            render_answers(one, await self._matcher.match(one, int(asked.options.get("candidates", 0))), **options)
            for one in asked.submissions
        ]
        return Response(b"".join(rendered), media_type="text/plain")

    async def _store(self, request: Request) -> Response:
        asked = await _read(request)
        candidates = int(asked.options.get("candidates", 0))
        groups = await self._intake.receive_each(
            asked.submissions,
            candidates=candidates,
            actor=person(str(asked.options.get("person", ""))),
            endpoint=ENDPOINT,
        )
        content = await asyncio.to_thread(_rows, list(chain.from_iterable(groups)), with_candidates=candidates > 0)
        return Response(content, media_type="application/json")


async def _read(request: Request) -> _LocalRequest:
    # Without a limit: whoever has the token may read and write the home anyway.
    return await asyncio.to_thread(_decode, await request.body())


def _decode(body: bytes) -> _LocalRequest:
    try:
        content = read_json(body, "the request")
        submissions = [from_facts(facts) for facts in content["submissions"]]
        return _LocalRequest(submissions, dict(content["options"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInputError("the request is not one of this version of crashgraph") from error


def _rows(receipts: list[Receipt], *, with_candidates: bool) -> bytes:
    return orjson.dumps([as_json(receipt, with_candidates=with_candidates) for receipt in receipts])
