"""Sentry's protocol, so that programs with any of its SDKs can report here unchanged.

An event that reports a crash is answered once it is stored, or safe on disk if the graph is slow or away; everything else
that SDKs send is accepted and discarded.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crashgraph.current_organisation import ORGANISATION
from crashgraph.error_responses import headers_of, status_of
from crashgraph.http_ingest.body import off_loop, read_body
from crashgraph.http_ingest.counters import IGNORED, REQUESTS_REFUSED
from crashgraph.http_ingest.envelope import KINDS, Envelope, read_envelope
from crashgraph.openapi.described import JSON, TEXT, Answer, ApiRoute, Described, Parameter
from graph.model.actor import Actor, ActorKind, Scope
from graph.model.errors import AccessError, BusyError, CrashgraphError, GraphError, InvalidInputError, UnavailableError
from graph.model.outside_json import read_json
from graph.parsing.sentry.event import FORMAT, metadata_of, skip_reason
from graph.parsing.sentry.stored_text import stored_text
from graph.redaction.redactor import public_text
from graph.sources.submission import Submission

if TYPE_CHECKING:
    from starlette.requests import Request

    from crashgraph.http_ingest.keys import Receiver, Receivers

ENDPOINT = "sentry"
STARTING = "the graph is being started; send this again in a moment"
EVENT = "event"
PATIENCE_SECONDS = 1.0
"""An event in the spool is answered after this time in any case: the answer needs nothing of the graph, some programs do
nothing else meanwhile (PHP), and the most impatient SDK (Ruby's) gives up after two seconds."""
SENTRY = Actor(ActorKind.KEY, "sentry", frozenset({Scope.REPORT}))
"""The actor for every key: keys are public, so they do not distinguish programs."""
KEY = re.compile(r"\bsentry_key\s{0,8}=\s{0,8}([^\s,]{1,128})")
DSN_KEY = re.compile(r"[a-z]{1,8}://([^\s:@/]{1,128})(?::[^\s@/]{0,128})?@")
UUID = re.compile("[0-9a-f]{32}")
WORD = re.compile(r"[\w.:-]{1,64}", re.ASCII)
ANY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Sentry-Error, X-Sentry-Rate-Limits, Retry-After",
    "Cache-Control": "no-store",
}
"""Pages of any origin may send; a key permits nothing else."""
PREFLIGHT = {
    **ANY_ORIGIN,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "X-Sentry-Auth, Authorization, Content-Type, Content-Encoding, X-Requested-With",
    "Access-Control-Max-Age": "3600",
}

SENTRY_ANSWER = {"type": "object", "properties": {"id": {"type": "string"}}}
SENTRY_ERROR = {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}
DESCRIBED = {
    name: Described(
        name=f"sendSentry{name.capitalize()}",
        help=f"Sentry's protocol: {what}. Events that report a crash are stored, other items are accepted and discarded.",
        answers={
            200: Answer("Accepted.", {JSON: SENTRY_ANSWER}),
            400: Answer("Not valid.", {JSON: SENTRY_ERROR}),
            401: Answer("Without a key.", {JSON: SENTRY_ERROR}),
            403: Answer("With a wrong key.", {JSON: SENTRY_ERROR}),
            413: Answer("Too large.", {JSON: SENTRY_ERROR}),
            429: Answer("Too much waits already.", {JSON: SENTRY_ERROR}),
        },
        parameters=[Parameter("project", "As `crashgraph dsn` prints it.", "path")],
        body={media_type: {"type": "object"} if media_type == JSON else {"type": "string"}},
        tag="reports",
        keys=("sentryHeader", "sentryKey"),
    )
    for name, what, media_type in (
        ("envelope", "an envelope", TEXT),
        ("store", "an event as JSON", JSON),
    )
}

_Events: TypeAlias = list[tuple[str, Mapping[str, Any]]]
"""Events with their ids."""


class SentryEndpoints:
    """Endpoints of the protocol."""

    def __init__(self, receivers: Receivers) -> None:
        """The key of an event decides to which organisation it belongs."""
        self._receivers = receivers

    def routes(self) -> list[Route]:
        """Routes with a trailing slash, as SDKs use, and without."""
        endpoints = (("envelope", _endpoint(self._envelope)), ("store", _endpoint(self._store)))
        listed: list[Route] = []
        for name, endpoint in endpoints:
            path = f"/api/{{project}}/{name}"
            listed += [
                ApiRoute(f"{path}/", endpoint, "POST", DESCRIBED[name]),
                Route(f"{path}/", endpoint, methods=["OPTIONS"]),
                ApiRoute(path, endpoint, "POST", replace(DESCRIBED[name], name=f"{DESCRIBED[name].name}Bare")),
                Route(path, endpoint, methods=["OPTIONS"]),
            ]
        return listed

    async def _envelope(self, request: Request) -> Response:
        key = _key_of(request)
        receiver = None if key is None else self._receiver(key)
        body = await read_body(request)
        envelope = await off_loop(len(body), read_envelope, body)
        receiver = receiver or self._receiver(_dsn_key(envelope))
        event_id = _id(envelope.header.get("event_id"))
        events = await off_loop(len(body), _events, envelope, event_id)
        return await _stored(receiver, request, events, event_id)

    async def _store(self, request: Request) -> Response:
        receiver = self._receiver(_key_of(request))
        body = await read_body(request)
        event = await off_loop(len(body), read_event, body, "the body")
        event_id = _id(event.get("event_id"))
        return await _stored(receiver, request, [(event_id or _derived_id(body), event)], event_id)

    def _receiver(self, key: str | None) -> Receiver:
        """Who owns the key; what is counted from here on is counted for it."""
        receiver = self._receivers.of(key)
        ORGANISATION.set(receiver.organisation)
        return receiver


async def _stored(receiver: Receiver, request: Request, events: _Events, event_id: str | None) -> Response:
    product = receiver.projects.product(request.path_params["project"])
    submissions = [submission_of(event, own_id, product) for own_id, event in events if _is_crash(event)]
    if submissions:
        if receiver.intake is None:
            raise UnavailableError(STARTING)
        await receiver.intake.receive_each(submissions, actor=SENTRY, patience=PATIENCE_SECONDS)
    answered_id = event_id or next((own_id for own_id, _ in events), None)
    return JSONResponse({"id": answered_id} if answered_id else {}, headers=ANY_ORIGIN)


def submission_of(event: Mapping[str, Any], id: str, product: str) -> Submission:
    """The submission for an event; ``product`` applies if the event names none."""
    metadata = metadata_of(event)
    return Submission(
        report=stored_text(event),
        id=id,
        timestamp=metadata.at,
        product=metadata.product or product,
        user=metadata.user,
        source=ENDPOINT,
        format=FORMAT,
    )


def read_event(data: bytes, part: str) -> Mapping[str, Any]:
    """Parse an event; ``InvalidInputError`` if it is not a JSON object."""
    event = read_json(data, part, loosely=True)
    if not isinstance(event, dict):
        raise InvalidInputError(f"{part} is not a JSON object, as an event must be")
    return event


def _endpoint(store: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that answers errors in the form that SDKs expect."""

    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=PREFLIGHT)
        try:
            return await store(request)
        except CrashgraphError as error:
            if not isinstance(error, BusyError | GraphError):
                REQUESTS_REFUSED.labels(ENDPOINT, error.code).inc()
            return _error_response(error)

    return endpoint


def _error_response(error: CrashgraphError) -> Response:
    message = public_text(error)
    headers = {**ANY_ORIGIN, **headers_of(error), "X-Sentry-Error": message.encode("ascii", "replace").decode()[:500]}
    if isinstance(error, BusyError):
        headers["X-Sentry-Rate-Limits"] = f"{error.retry_after}:error;default:organization:queue_full"
    return JSONResponse({"detail": message, "causes": []}, status_code=status_of(error), headers=headers)


def _key_of(request: Request) -> str | None:
    """The key from the header or the query; ``AccessError`` for a header without one."""
    header = request.headers.get("x-sentry-auth") or request.headers.get("authorization", "")
    if header.lower().startswith("sentry"):
        match = KEY.search(header)
        if match is None:
            raise AccessError("X-Sentry-Auth has no sentry_key; `crashgraph dsn` prints a DSN with one", missing=True)
        return match[1]
    return request.query_params.get("sentry_key")


def _dsn_key(envelope: Envelope) -> str | None:
    """The key from the envelope's header, which programs that send through a tunnel use."""
    dsn = envelope.header.get("dsn")
    match = DSN_KEY.match(dsn) if isinstance(dsn, str) else None
    return match[1] if match else None


def _events(envelope: Envelope, event_id: str | None) -> _Events:
    """Events with their ids; the first without one gets the envelope's. Other items are counted."""
    events: _Events = []
    header = json.dumps(envelope.header, sort_keys=True).encode()
    for item in envelope.items:
        if item.kind == EVENT:
            event = read_event(item.payload, f"item {item.number}, the event,")
            own_id = _id(event.get("event_id")) or (None if events else event_id)
            events.append((own_id or _derived_id(header, b"%d" % item.number, item.payload), event))
        else:
            IGNORED.labels(ENDPOINT, item.kind if item.kind in KINDS else "other").inc()
    return events


def _id(value: object) -> str | None:
    """An event id: 32 hexadecimal digits without dashes, or another short word that a sender uses."""
    text = value if isinstance(value, str) else ""
    bare = text.replace("-", "").lower()
    if UUID.fullmatch(bare):
        return bare
    return text if WORD.fullmatch(text) else None


def _derived_id(*parts: bytes) -> str:
    """An id for an event without one, so that it is stored once however often the same request is sent."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def _is_crash(event: Mapping[str, Any]) -> bool:
    reason = skip_reason(event)
    if reason is not None:
        IGNORED.labels(ENDPOINT, reason if reason in KINDS or reason == "message" else "other").inc()
    return reason is None
