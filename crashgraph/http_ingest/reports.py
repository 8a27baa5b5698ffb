"""``POST /api/v1/reports``, and ``/api/reports``: raw reports or JSON submissions, for any HTTP client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict  # pydantic reads no other one before Python 3.12

from crashgraph.access.callers import caller_of
from crashgraph.http_ingest.body import off_loop, read_body
from crashgraph.http_ingest.counters import REQUESTS_REFUSED
from crashgraph.openapi.described import Answer, ApiRoute, Described, Parameter
from graph.ingest.receipt import Receipt, as_json
from graph.model.errors import BusyError, CrashgraphError, GraphError, InvalidInputError, TooLargeError
from graph.model.outside_json import read_json
from graph.model.quoting import quoted
from graph.model.report import QUEUED
from graph.parsing.read import read
from graph.sources.encoding import text_of
from graph.sources.json_lines import submission_of, utc
from graph.sources.submission import STATED, Submission

if TYPE_CHECKING:
    from starlette.requests import Request

    from crashgraph.http_ingest.intake import Intake

ENDPOINT = "reports"
PATHS = {"sendReports": "/api/v1/reports", "sendReportsAsBefore": "/api/reports"}
"""Both are the same endpoint, by the name of their operation."""
TEXT, JSON, LINES = "text/plain", "application/json", "application/x-ndjson"
LINE_TYPES = frozenset({LINES, "application/jsonl", "application/x-jsonlines"})
PER_REPORT = frozenset({"timestamp", *(field.name for field in STATED if field.per_report)})
"""Parameters of a single report; a batch cannot share them."""
PARAMETERS = frozenset({"format", "candidates", *PER_REPORT, *(field.name for field in STATED)})
MAX_CANDIDATES = 50
MOST_OBJECTS = 10_000
"""JSON objects in one request: each has a receipt."""
RECEIPT_BYTES = 500
STATED_HELP = "Stated for all reports that do not state it themselves."
FRAME = {
    "type": "object",
    "properties": {
        "function": {"type": "string"},
        "module": {"type": "string"},
        "file": {"type": "string"},
        "line": {"type": "integer"},
        "in_app": {"type": "boolean"},
    },
}
OBJECT: dict[str, Any] = {
    "type": "object",
    "description": "`report`, or `exception` and `frames`, innermost first, and what is known about it.",
    "properties": {
        "report": {"type": "string", "description": "The report as text."},
        "exception": {"type": "object", "properties": {"type": {"type": "string"}, "message": {"type": "string"}}},
        "frames": {"type": "array", "items": FRAME},
        "timestamp": {"type": "string", "description": "ISO 8601."},
        "environment": {"type": "object", "description": "Further facts by name."},
        **{field.name: {"type": "string"} for field in STATED},
    },
}
"""An object of the contract of JSON lines."""


HELP = (
    "Store reports: a text, JSON objects, or a JSON object per line. One with an id is stored once, however often it is sent."
)


class ReceiptList(TypedDict):
    """The receipts of a request, one per failure in its reports, in order."""

    receipts: list[Receipt]


def described(name: str) -> Described:
    """The description of an endpoint for reports."""
    objects = {"anyOf": [OBJECT, {"type": "array", "items": OBJECT, "maxItems": MOST_OBJECTS}]}
    receipts = {JSON: ReceiptList, LINES: {"type": "string", "description": "One receipt a line."}}
    return Described(
        name=name,
        help=HELP,
        answers={
            200: Answer("All are stored.", receipts),
            202: Answer("All are accepted and safe on disk; some are not in the graph yet.", receipts),
        },
        parameters=[_shown(parameter) for parameter in sorted(PARAMETERS)],
        body={TEXT: {"type": "string", "minLength": 1}, JSON: objects, LINES: {"type": "string"}},
        tag="reports",
    )


def _shown(name: str) -> Parameter:
    helps = {
        "format": "Format of the reports; `auto` by default.",
        "candidates": "Maximum number of candidate patterns in a receipt.",
        "timestamp": "When it happened, with a time zone.",
    }
    schema = {"type": "integer", "minimum": 0, "maximum": MAX_CANDIDATES} if name == "candidates" else {"type": "string"}
    only = " Only for a report as text." if name in PER_REPORT else ""
    return Parameter(name, f"{helps.get(name, STATED_HELP)}{only}", schema=schema)


class ReportEndpoint:
    """Endpoint for raw reports and JSON."""

    def __init__(self, intake: Intake) -> None:
        """Reports are stored through ``intake``."""
        self._intake = intake

    def routes(self) -> list[ApiRoute]:
        """Its routes."""
        return [ApiRoute(path, self._answer, "POST", described(name)) for name, path in PATHS.items()]

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._store(request)
        except CrashgraphError as error:
            if not isinstance(error, BusyError | GraphError):
                REQUESTS_REFUSED.labels(ENDPOINT, error.code).inc()
            raise

    async def _store(self, request: Request) -> Response:
        parameters = _parameters(request)
        media_type = request.headers.get("content-type", TEXT).partition(";")[0].strip().lower()
        submissions = await _read(request, media_type, parameters)
        candidates = _candidates(parameters)
        actor = caller_of(request).actor
        receipts = await self._intake.receive(submissions, candidates=candidates, actor=actor) if submissions else []
        return await off_loop(RECEIPT_BYTES * len(receipts), _response, receipts, media_type, candidates > 0)


async def _read(request: Request, media_type: str, parameters: Mapping[str, str]) -> list[Submission]:
    """The submissions in the body, which is not kept beside them."""
    body = await read_body(request)
    return await off_loop(len(body), _submissions, media_type, body, parameters)


def _parameters(request: Request) -> Mapping[str, str]:
    wrong = sorted(set(request.query_params) - PARAMETERS)
    if wrong:
        raise InvalidInputError(f"parameter {quoted(wrong[0])} is unknown; use {', '.join(sorted(PARAMETERS))}")
    return {name: value for name, value in request.query_params.items() if value}


def _candidates(parameters: Mapping[str, str]) -> int:
    value = parameters.get("candidates", "0")
    if not value.isdecimal() or not 0 <= int(value[:9]) <= MAX_CANDIDATES:
        raise InvalidInputError(f"candidates: {quoted(value)} is not a number from 0 to {MAX_CANDIDATES}")
    return int(value)


def _submissions(media_type: str, data: bytes, parameters: Mapping[str, str]) -> list[Submission]:
    """The submissions in a body; ``InvalidInputError`` if it is empty or of an unsupported media type."""
    if media_type == TEXT:
        return [_text(data, parameters)]
    wrong = sorted(PER_REPORT & set(parameters))
    if wrong and (media_type == JSON or media_type in LINE_TYPES):
        raise InvalidInputError(f"parameter {wrong[0]!r} is for text/plain only; each JSON object has its own")
    template = _template(parameters)
    if media_type == JSON:
        listed = _listed(data)
        _check_count(len(listed))
        return [_object(content, replace(template, ordinal=ordinal)) for ordinal, content in enumerate(listed)]
    if media_type in LINE_TYPES:
        lines = [(number, line) for number, line in enumerate(data.split(b"\n")) if line.strip()]
        _check_count(len(lines))
        return [submission_of(line, replace(template, ordinal=number), number + 1) for number, line in lines]
    raise InvalidInputError(
        f"Content-Type {quoted(media_type)} is not supported; use {TEXT} for a raw report, {JSON} or {LINES}"
    )


def _check_count(objects: int) -> None:
    if objects > MOST_OBJECTS:
        raise TooLargeError(f"the request has {objects:,} JSON objects; send at most {MOST_OBJECTS:,} at a time")


def _text(data: bytes, parameters: Mapping[str, str]) -> Submission:
    if not data.strip():
        raise InvalidInputError("the body is empty; send the report in it")
    text, reason = text_of(data)
    return replace(_template(parameters), report=text, error=reason, timestamp=_time(parameters))


def _template(parameters: Mapping[str, str]) -> Submission:
    """A submission with the values of the parameters."""
    stated: dict[str, Any] = {field.name: parameters.get(field.name) for field in STATED}
    return Submission(**stated, source=ENDPOINT, format=_format(parameters))


def _time(parameters: Mapping[str, str]) -> datetime | None:
    value = parameters.get("timestamp")
    try:
        # Unescaped, the plus sign of a time zone arrives as a space.
        return utc(value.replace(" ", "+") if "T" in value else value) if value else None
    except InvalidInputError as error:
        raise InvalidInputError(f"timestamp {error}") from error


def _format(parameters: Mapping[str, str]) -> str:
    name = parameters.get("format", "auto")
    read("", name)
    return name


def _listed(data: bytes) -> list[object]:
    content = read_json(data, "the body")
    return content if isinstance(content, list) else [content]


def _object(content: object, template: Submission) -> Submission:
    """One JSON submission; ``InvalidInputError`` if it is malformed."""
    submission = submission_of(orjson.dumps(content), template, template.ordinal + 1)
    if submission.error is not None:
        raise InvalidInputError(submission.error.replace("line ", "object ", 1))
    return submission


def _response(receipts: list[Receipt], media_type: str, with_candidates: bool) -> Response:
    """The receipts, with the fields of ``crashgraph ingest --output jsonl``: as lines if lines were sent, else as a list.

    202 if some of the reports are not in the graph yet.
    """
    rows = [as_json(receipt, with_candidates=with_candidates) for receipt in receipts]
    status = 202 if any(receipt.status == QUEUED for receipt in receipts) else 200
    headers = {"Cache-Control": "no-store"}
    if media_type in LINE_TYPES:
        lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
        return Response(lines, status_code=status, media_type=LINES, headers=headers)
    return JSONResponse({"receipts": rows}, status_code=status, headers=headers)
