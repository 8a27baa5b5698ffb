"""Sentry's protocol: programs with one of its SDKs report here without being changed.

An event that tells of a crash is answered once it is stored; whatever else the SDKs send is taken and thrown away.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crashgraph.http_ingest.body import read_body
from crashgraph.http_ingest.counters import IGNORED, REQUESTS_REFUSED
from crashgraph.http_ingest.envelope import KINDS, Envelope, read_envelope
from crashgraph.http_ingest.error_responses import headers_of, status_of
from graph.model.actor import Actor, ActorKind, Scope
from graph.model.errors import AccessError, BusyError, CrashgraphError, GraphError, InvalidInputError
from graph.parsing.sentry.event import FORMAT, metadata_of, skip_reason
from graph.parsing.sentry.stored_text import stored_text
from graph.redaction.redactor import redact_passing
from graph.sources.submission import Submission

if TYPE_CHECKING:
    from starlette.requests import Request

    from crashgraph.http_ingest.intake import Intake
    from crashgraph.http_ingest.keys import Keys, Projects

WAY = "sentry"
EVENT = "event"
SENTRY = Actor(ActorKind.KEY, "sentry", frozenset({Scope.REPORT}))
"""The holder of any key of the protocol: the keys are public, so they tell programs apart no further."""
KEY = re.compile(r"\bsentry_key\s{0,8}=\s{0,8}([^\s,]{1,128})")
DSN_KEY = re.compile(r"[a-z]{1,8}://([^\s:@/]{1,128})(?::[^\s@/]{0,128})?@")
UUID = re.compile("[0-9a-f]{32}")
WORD = re.compile(r"[\w.:-]{1,64}", re.ASCII)
ANYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Sentry-Error, X-Sentry-Rate-Limits, Retry-After",
    "Cache-Control": "no-store",
}
"""Pages of any origin may send: a key allows nothing but that."""
PREFLIGHT = {
    **ANYWHERE,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "X-Sentry-Auth, Authorization, Content-Type, Content-Encoding, X-Requested-With",
    "Access-Control-Max-Age": "3600",
}

_Events: TypeAlias = list[tuple[str, Mapping[str, Any]]]
"""Events with their ids."""


class SentryEndpoints:
    """The routes of the protocol."""

    def __init__(self, intake: Intake, keys: Keys, projects: Projects) -> None:
        """Events go to ``intake``."""
        self._intake = intake
        self._keys = keys
        self._projects = projects

    def routes(self) -> list[Route]:
        """With a slash at the end, as SDKs write it, and without."""
        methods = ["POST", "OPTIONS"]
        envelope, store = _answering(self._envelope), _answering(self._store)
        return [
            Route(f"/api/{{project}}/{name}{slash}", endpoint, methods=methods)
            for name, endpoint in (("envelope", envelope), ("store", store))
            for slash in ("/", "")
        ]

    async def _envelope(self, request: Request) -> Response:
        key = _key_of(request)
        if key is not None:
            self._keys.check(key)
        envelope = read_envelope(await read_body(request))
        if key is None:
            self._keys.check(_dsn_key(envelope))
        told = _id(envelope.header.get("event_id"))
        return await self._stored(request, _events(envelope, told), told)

    async def _store(self, request: Request) -> Response:
        self._keys.check(_key_of(request))
        event = read_event(await read_body(request), "the body")
        told = _id(event.get("event_id"))
        return await self._stored(request, [(told or uuid.uuid4().hex, event)], told)

    async def _stored(self, request: Request, events: _Events, told: str | None) -> Response:
        product = self._projects.product(request.path_params["project"])
        submissions = [submission_of(event, number, product) for number, event in events if _is_crash(event)]
        receipts = await self._intake.receive(submissions, actor=SENTRY) if submissions else []
        refused = next((one for one in receipts if one.status == "rejected"), None)
        if refused is not None:
            raise InvalidInputError(f"the event cannot be stored: {refused.reason}")
        id = told or next((number for number, _ in events), None)
        return JSONResponse({"id": id} if id else {}, headers=ANYWHERE)


def submission_of(event: Mapping[str, Any], id: str, product: str) -> Submission:
    """What is handed in for an event. ``product`` holds where the event names none."""
    told = metadata_of(event)
    return Submission(
        report=stored_text(event),
        id=id,
        timestamp=told.at,
        product=told.product or product,
        user=told.user,
        source=WAY,
        format=FORMAT,
    )


def read_event(data: bytes, what: str) -> Mapping[str, Any]:
    """The event in a payload; ``InvalidInputError`` when there is none."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        found = _read_loosely(data, what, error)
    if not isinstance(found, dict):
        raise InvalidInputError(f"{what} is not a JSON object; an event is one")
    return found


def _read_loosely(data: bytes, what: str, error: ValueError) -> object:
    """JSON with half a character in a text, or with NaN, as some languages write it."""
    try:
        found = json.loads(data.decode("utf-8", "replace"), strict=False)
        return json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise InvalidInputError(f"{what} is not JSON: {error}") from None


def _answering(take: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A route that tells what is wrong the way SDKs expect it."""

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=PREFLIGHT)
        try:
            return await take(request)
        except CrashgraphError as error:
            if not isinstance(error, BusyError | GraphError):
                REQUESTS_REFUSED.labels(WAY, error.code).inc()
            return _refused(error)

    return answer


def _refused(error: CrashgraphError) -> Response:
    told = redact_passing(str(error))
    headers = {**ANYWHERE, **headers_of(error), "X-Sentry-Error": told.encode("ascii", "replace").decode()[:500]}
    if isinstance(error, BusyError):
        headers["X-Sentry-Rate-Limits"] = f"{error.retry_after}:error;default:organization:queue_full"
    return JSONResponse({"detail": told, "causes": []}, status_code=status_of(error), headers=headers)


def _key_of(request: Request) -> str | None:
    """The key in a header or the address; ``AccessError`` for a header without one."""
    header = request.headers.get("x-sentry-auth") or request.headers.get("authorization", "")
    if header.lower().startswith("sentry"):
        found = KEY.search(header)
        if found is None:
            raise AccessError("X-Sentry-Auth has no sentry_key; `crashgraph dsn` prints a DSN with one", missing=True)
        return found[1]
    return request.query_params.get("sentry_key")


def _dsn_key(envelope: Envelope) -> str | None:
    """The key in the envelope's header, where programs put it that send through another server."""
    told = envelope.header.get("dsn")
    found = DSN_KEY.match(told) if isinstance(told, str) else None
    return found[1] if found else None


def _events(envelope: Envelope, told: str | None) -> _Events:
    """The events of an envelope with their ids, the envelope's for one without; other items are counted."""
    events: _Events = []
    for item in envelope.items:
        if item.kind == EVENT:
            event = read_event(item.payload, f"item {item.number}, the event,")
            events.append((_id(event.get("event_id")) or (None if events else told) or uuid.uuid4().hex, event))
        else:
            IGNORED.labels(WAY, item.kind if item.kind in KINDS else "other").inc()
    return events


def _id(told: object) -> str | None:
    """An event's id: 32 hexadecimal digits without dashes, or whatever short word a sender uses in their place."""
    text = told if isinstance(told, str) else ""
    bare = text.replace("-", "").lower()
    if UUID.fullmatch(bare):
        return bare
    return text if WORD.fullmatch(text) else None


def _is_crash(event: Mapping[str, Any]) -> bool:
    why = skip_reason(event)
    if why is not None:
        IGNORED.labels(WAY, why if why in KINDS or why == "message" else "other").inc()
    return why is None
