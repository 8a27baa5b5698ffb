"""``POST /api/reports``: a report as it is, or the JSON of the contract, for whoever has an HTTP client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crashgraph.http_ingest.body import read_body
from crashgraph.http_ingest.counters import REQUESTS_REFUSED
from graph.ingest.receipt import as_json
from graph.model.actor import ANONYMOUS
from graph.model.errors import AccessError, BusyError, CrashgraphError, GraphError, InvalidInputError
from graph.parsing.read import read
from graph.sources.encoding import text_of
from graph.sources.json_lines import submission_of, utc
from graph.sources.submission import STATED, Submission

if TYPE_CHECKING:
    from starlette.requests import Request

    from crashgraph.http_ingest.intake import Intake
    from graph.ingest.receipt import Receipt

WAY = "reports"
PATH = "/api/reports"
TEXT, JSON, LINES = "text/plain", "application/json", "application/x-ndjson"
LINES_TOO = frozenset({LINES, "application/jsonl", "application/x-jsonlines"})
PER_REPORT = frozenset({"timestamp", *(field.name for field in STATED if field.per_report)})
"""Parameters that one report has; a batch cannot share them."""
PARAMETERS = frozenset({"format", "candidates", *PER_REPORT, *(field.name for field in STATED)})
MAX_CANDIDATES = 50


class ReportEndpoint:
    """The route."""

    def __init__(self, intake: Intake) -> None:
        """Reports go to ``intake``."""
        self._intake = intake

    def routes(self) -> list[Route]:
        """The one route."""
        return [Route(PATH, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._take(request)
        except CrashgraphError as error:
            if not isinstance(error, BusyError | GraphError):
                REQUESTS_REFUSED.labels(WAY, error.code).inc()
            raise

    async def _take(self, request: Request) -> Response:
        _check_origin(request)
        asked = _parameters(request)
        kind = request.headers.get("content-type", TEXT).partition(";")[0].strip().lower()
        submissions = _submissions(kind, await read_body(request), asked)
        candidates = _candidates(asked)
        receipts = await self._intake.receive(submissions, candidates=candidates, actor=ANONYMOUS) if submissions else []
        return _told(receipts, kind, with_candidates=candidates > 0)


def _check_origin(request: Request) -> None:
    """A page elsewhere could make a browser send plain text here, without asking first."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise AccessError(f"pages of {origin[:200]} may not send reports here; Sentry's browser SDK may, with a key")


def _parameters(request: Request) -> Mapping[str, str]:
    wrong = sorted(set(request.query_params) - PARAMETERS)
    if wrong:
        raise InvalidInputError(f"parameter {wrong[0][:80]!r} is not known; use {', '.join(sorted(PARAMETERS))}")
    return {name: value for name, value in request.query_params.items() if value}


def _candidates(asked: Mapping[str, str]) -> int:
    told = asked.get("candidates", "0")
    if not told.isdecimal() or not 0 <= int(told[:9]) <= MAX_CANDIDATES:
        raise InvalidInputError(f"candidates: {told[:40]!r} is not a number from 0 to {MAX_CANDIDATES}")
    return int(told)


def _submissions(kind: str, data: bytes, asked: Mapping[str, str]) -> list[Submission]:
    """What a body holds; ``InvalidInputError`` when it is of another kind, or empty."""
    if kind == TEXT:
        return [_text(data, asked)]
    wrong = sorted(PER_REPORT & set(asked))
    if wrong and (kind == JSON or kind in LINES_TOO):
        raise InvalidInputError(f"parameter {wrong[0]!r} is for text/plain only; each JSON object has its own")
    template = _template(asked)
    if kind == JSON:
        return [_object(one, replace(template, ordinal=ordinal)) for ordinal, one in enumerate(_listed(data))]
    if kind in LINES_TOO:
        lines = enumerate(data.split(b"\n"))
        return [submission_of(line, replace(template, ordinal=n), n + 1) for n, line in lines if line.strip()]
    raise InvalidInputError(f"Content-Type {kind[:80]!r} is not taken; use {TEXT} for a report as it is, {JSON} or {LINES}")


def _text(data: bytes, asked: Mapping[str, str]) -> Submission:
    if not data.strip():
        raise InvalidInputError("the body is empty; send the report in it")
    text, reason = text_of(data)
    return replace(_template(asked), report=text, error=reason, timestamp=_time(asked))


def _template(asked: Mapping[str, str]) -> Submission:
    """A submission with what the parameters state."""
    stated: dict[str, Any] = {field.name: asked.get(field.name) for field in STATED}
    return Submission(**stated, source=WAY, format=_format(asked))


def _time(asked: Mapping[str, str]) -> datetime | None:
    told = asked.get("timestamp")
    try:
        # In an address a plus sign means a blank, and many forget that.
        return utc(told.replace(" ", "+") if "T" in told else told) if told else None
    except InvalidInputError as error:
        raise InvalidInputError(f"timestamp {error}") from error


def _format(asked: Mapping[str, str]) -> str:
    name = asked.get("format", "auto")
    read("", name)
    return name


def _listed(data: bytes) -> list[object]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(f"the body is not JSON: {error}") from error
    return found if isinstance(found, list) else [found]


def _object(content: object, template: Submission) -> Submission:
    """One object of the contract; what is wrong with it is the sender's to put right."""
    made = submission_of(orjson.dumps(content), template, template.ordinal + 1)
    if made.error is not None:
        raise InvalidInputError(made.error.replace("line ", "object ", 1))
    return made


def _told(receipts: list[Receipt], kind: str, *, with_candidates: bool) -> Response:
    """What became of them, as ``crashgraph ingest --output jsonl`` prints it: lines for lines, else a list."""
    rows = [as_json(one, with_candidates=with_candidates) for one in receipts]
    status = 422 if rows and all(one.status == "rejected" for one in receipts) else 200
    headers = {"Cache-Control": "no-store"}
    if kind in LINES_TOO:
        lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
        return Response(lines, status_code=status, media_type=LINES, headers=headers)
    return JSONResponse({"receipts": rows}, status_code=status, headers=headers)
