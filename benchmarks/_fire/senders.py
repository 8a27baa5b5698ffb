"""The ways of a report into the service, each with ids of its own, and what became of each."""

from __future__ import annotations

import http.client
import json
import select
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import sentry_sdk
from sentry_sdk.transport import HttpTransport

from _fire.supervised import Supervised

if TYPE_CHECKING:
    from sentry_sdk.types import Event

TIMEOUT_SECONDS = 60.0
AGAIN_SECONDS = 0.5
"""Before a client sends a report again that was not accepted."""
SUBMIT = """mutation ($report: String!, $id: String!) {
  submitCrash(input: {report: $report, id: $id, product: "fire"}) { receipts { status } userErrors { code } } }"""
ERRORS = ("KeyError", "ValueError", "ZeroDivisionError", "TimeoutError", "ConnectionResetError", "shop.errors.StockError")
MODULES = ("orders", "pricing", "stock", "mail", "reports", "billing", "search", "imports")
FUNCTIONS = ("load", "total", "close", "send", "render", "book", "find", "parse")


class Ledger:
    """What was sent in which way, and how it was answered."""

    def __init__(self) -> None:
        self.answered: dict[str, str] = {}
        """The way of each report that was answered 2xx, by id."""
        self.sent: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        """By way and code."""
        self.broken: Counter[tuple[str, str]] = Counter()
        """Requests without an answer, by way and error."""
        self.wrong: Counter[tuple[str, str]] = Counter()
        """Answers that are neither 2xx nor a refusal with a code."""
        self.seconds: list[tuple[float, float]] = []
        """When each answer 2xx came, and how long it took."""
        self.ways: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        """The same by way."""
        self._lock = threading.Lock()

    def accept(self, way: str, id: str | None, seconds: float) -> None:
        """Answered 2xx."""
        with self._lock:
            if id is not None:
                self.answered[id] = way
            self.seconds.append((time.monotonic(), seconds))
            self.ways[way].append((time.monotonic(), seconds))

    def count(self, counter: Counter[tuple[str, str]], way: str, what: str) -> None:
        """Count what is not an acceptance."""
        with self._lock:
            counter[way, what] += 1

    def sending(self, way: str) -> None:
        """One more report is sent."""
        with self._lock:
            self.sent[way] += 1

    def between(self, began: float, ended: float) -> list[float]:
        """Seconds of the answers that came in between."""
        with self._lock:
            return [seconds for at, seconds in self.seconds if began <= at < ended]


class Client(ABC):
    """One client that asks for one thing after another until it is stopped; what became of it goes into the ledger."""

    way = ""

    def __init__(self, service: Supervised, ledger: Ledger, seed: int, pause: float) -> None:
        """``pause`` is in seconds, between two turns."""
        self.service = service
        self.ledger = ledger
        self.random = Random(seed)
        self.stop = threading.Event()
        self._pause = pause
        self._connection: http.client.HTTPConnection | None = None

    def __call__(self, stop: threading.Event) -> None:
        """Take turns until the event is set."""
        self.stop = stop
        while not stop.is_set():
            self.ledger.sending(self.way)
            self.turn()
            stop.wait(self._pause)
        self.close()

    @abstractmethod
    def turn(self) -> None:
        """What is done in one turn."""

    def carried_out(self, request: Callable[[], tuple[int, bytes]], id: str | None = None) -> bool:
        """Send a request, which returns status and body; whether it was carried out. ``id`` is that of a report."""
        began = time.monotonic()
        try:
            code = refusal(*request())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self.ledger.count(self.ledger.broken, self.way, type(error).__name__)
            return False
        if code is None:
            self.ledger.accept(self.way, id, time.monotonic() - began)
        else:
            self.ledger.count(self.ledger.wrong if code.startswith("HTTP") else self.ledger.refused, self.way, code)
        return code is None

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Post on a connection that is kept."""
        if self._connection is None or _is_closed(self._connection):
            self.close()
            self._connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=TIMEOUT_SECONDS)
        self._connection.request("POST", path, body, dict(headers))
        response = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Sender(Client):
    """Sends a report in each turn, with an id of its own."""

    def __init__(self, service: Supervised, ledger: Ledger, seed: int, pause: float, *, persistent: bool = True) -> None:
        """``persistent``: sends a report again, with the same id, until it is accepted."""
        super().__init__(service, ledger, seed, pause)
        self._persistent = persistent

    def turn(self) -> None:
        """Send a new report."""
        id, text = uuid.UUID(int=self.random.getrandbits(128)).hex, traceback(self.random)
        while not self.send(id, text) and self._persistent and not self.stop.wait(AGAIN_SECONDS):
            pass

    def send(self, id: str, text: str) -> bool:
        """Send a report once; whether it was accepted."""
        return self.carried_out(lambda: self.answer(id, text), id)

    @abstractmethod
    def answer(self, id: str, text: str) -> tuple[int, bytes]:
        """Status and body of the answer."""


class Api(Sender):
    """``POST /api/reports``."""

    way = "API"

    def answer(self, id: str, text: str) -> tuple[int, bytes]:
        """Post it as text."""
        return self.post(f"/api/reports?id={id}&product=fire", text.encode(), {"Content-Type": "text/plain"})


class GraphQL(Sender):
    """The mutation ``submitCrash``."""

    way = "GraphQL"

    def answer(self, id: str, text: str) -> tuple[int, bytes]:
        """Send the mutation."""
        body = json.dumps({"query": SUBMIT, "variables": {"report": text, "id": id}}).encode()
        return self.post("/graphql", body, {"Content-Type": "application/json"})


class Envelope(Sender):
    """Sentry's protocol without an SDK, so that an event is sent again."""

    way = "envelope"

    def __init__(self, service: Supervised, ledger: Ledger, seed: int, pause: float) -> None:
        """The key is that of the service's DSN."""
        super().__init__(service, ledger, seed, pause)
        self._key = urlsplit(service.dsn).username

    def answer(self, id: str, text: str) -> tuple[int, bytes]:
        """Send an envelope with one event."""
        parts = ({"event_id": id}, {"type": "event"}, event(id, Random(text)))
        body = "\n".join(map(json.dumps, parts)).encode()
        return self.post(f"/api/1/envelope/?sentry_key={self._key}", body, {"Content-Type": "application/x-sentry-envelope"})


class Cli:
    """``crashgraph ingest`` with a few reports at a time; the receipts that it prints count."""

    way = "CLI"

    def __init__(self, service: Supervised, ledger: Ledger, seed: int, pause: float, reports: int = 10) -> None:
        """``reports`` are sent by each command."""
        self._service = service
        self._ledger = ledger
        self._random = Random(seed)
        self._pause = pause
        self._reports = reports

    def __call__(self, stop: threading.Event) -> None:
        """Run commands until the event is set."""
        while not stop.is_set():
            ids = [uuid.UUID(int=self._random.getrandbits(128)).hex for _ in range(self._reports)]
            lines = [json.dumps({"id": id, "report": traceback(self._random), "product": "fire"}) for id in ids]
            for _ in ids:
                self._ledger.sending(self.way)
            began = time.monotonic()
            done = self._service.run("ingest", "--jsonl", "--output", "jsonl", "-", text="\n".join(lines) + "\n")
            for line in done.stdout.splitlines():
                receipt = json.loads(line)
                if receipt["status"] != "rejected":
                    self._ledger.accept(self.way, receipt["id"], (time.monotonic() - began) / len(ids))
            if done.returncode not in {0, 3}:
                last = (done.stderr.strip().splitlines() or [""])[-1]
                self._ledger.count(self._ledger.refused, self.way, f"exit {done.returncode}: {last[:80]}")
            stop.wait(self._pause)


class Sdk:
    """Sentry's SDK for Python, unmodified, with room in its queue."""

    way = "SDK"

    def __init__(self, dsn: str, ledger: Ledger, seed: int, pause: float) -> None:
        """Events go to ``dsn``."""
        self.captured: list[str] = []
        self._ledger = ledger
        self._random = Random(seed)
        self._pause = pause
        self._client = sentry_sdk.Client(
            dsn, transport=_observed(ledger), default_integrations=False, transport_queue_size=5_000, release="fire@1.0"
        )

    def __call__(self, stop: threading.Event) -> None:
        """Capture events until the event is set; then wait until all are sent."""
        while not stop.is_set():
            id = uuid.UUID(int=self._random.getrandbits(128)).hex
            self._ledger.sending(self.way)
            self._client.capture_event(cast("Event", event(id, self._random)))
            self.captured.append(id)
            stop.wait(self._pause)
        self._client.close(TIMEOUT_SECONDS)

    def settle(self) -> int:
        """Wait until what was captured is sent; how many those are."""
        self._client.flush(TIMEOUT_SECONDS)
        return len(self.captured)


def _is_closed(connection: http.client.HTTPConnection) -> bool:
    """Whether the service has closed a connection that was idle, as it may: there is something to read, the end."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _observed(ledger: Ledger) -> type[HttpTransport]:
    class Observed(HttpTransport):
        """The SDK's transport, watched."""

        def _handle_response(self, response: Any, envelope: Any) -> None:
            if id := envelope.headers.get("event_id"):  # an envelope of what the SDK itself lost has none
                if response.status < 300:
                    ledger.accept(Sdk.way, id, 0.0)
                else:
                    ledger.count(ledger.refused, Sdk.way, str(response.status))
            super()._handle_response(response=response, envelope=envelope)

    return Observed


def refusal(status: int, body: bytes) -> str | None:
    """The code of a refusal, ``HTTP…`` for an answer without one; ``None`` if the request was carried out."""
    try:
        answer = json.loads(body) if body else {}
    except ValueError:
        answer = {}
    errors = [*answer.get("errors", ())]
    if status >= 300:
        code = answer.get("code") or (errors and errors[0].get("extensions", {}).get("code"))
        if code == "INTERNAL":
            return f"HTTP {status} INTERNAL"
        return str(code or (answer.get("detail") and f"{status}") or f"HTTP {status} without a code: {body[:60]!r}")
    for payload in (answer.get("data") or {}).values() if "data" in answer else ():
        errors += (payload or {}).get("userErrors", ()) if isinstance(payload, dict) else ()
    if not errors:
        return None
    return str(errors[0].get("code") or errors[0].get("extensions", {}).get("code") or "HTTP 200 with an error without a code")


def traceback(random: Random) -> str:
    """What Python prints for one of some hundred bugs; the numbers in the message differ each time."""
    bug = Random(random.randrange(100))
    frames = "".join(
        f'  File "/srv/shop/{bug.choice(MODULES)}.py", line {bug.randrange(1, 400)}, in {bug.choice(FUNCTIONS)}\n    step()\n'
        for _ in range(bug.randrange(3, 12))
    )
    message = f"order {random.randrange(10**9)} of {bug.choice(MODULES)} failed"
    return f"Traceback (most recent call last):\n{frames}{bug.choice(ERRORS)}: {message}\n"


def event(id: str, random: Random) -> dict[str, Any]:
    """An event of Sentry's for one of some hundred bugs."""
    bug = Random(random.randrange(100))
    frames = [
        {
            "abs_path": f"/srv/shop/{bug.choice(MODULES)}.py",
            "function": bug.choice(FUNCTIONS),
            "lineno": bug.randrange(1, 400),
            "in_app": True,
        }
        for _ in range(bug.randrange(3, 12))
    ]
    value = f"order {random.randrange(10**9)} failed"
    error = {"type": bug.choice(ERRORS), "value": value, "stacktrace": {"frames": frames}}
    return {"event_id": id, "level": "error", "platform": "python", "exception": {"values": [error]}}
