"""Many clients for a long time, with pages, subscriptions and jobs, beside half-open and slow connections."""

from __future__ import annotations

import http.client
import json
import socket
import sys
import threading
import time
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from random import Random

from _bench import percentile, report
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from _fire.senders import TIMEOUT_SECONDS, Api, Client, Envelope, GraphQL, Ledger, Sender, refusal
from _fire.supervised import NAMES, Supervised, Work, threads
from _fire.watching import Watch
from crashgraph.pages import pages

PAGES = (*(page.path for page in pages().values() if "{" not in page.path), "/metrics", "/readyz", "/healthz")
QUERIES = (
    "{ crashes(first: 20) { nodes { id status message } } }",
    "{ patterns(first: 20) { nodes { id name } } }",
    "{ jobRuns(first: 10) { nodes { id } } }",
)
JOBS = ("co_occurrence", "similarity", "communities")
JSON = {"Content-Type": "application/json"}
HALF_OPEN, SLOW, SUBSCRIBERS = 100, 20, 4
GROWTH_SHARE, GROWTH_MIB = 1.15, 64
"""Memory may grow by this share and this many MiB more, between the first and the last quarter."""
MORE_DESCRIPTORS = 32
LOG_BYTES_A_MINUTE = 1 << 18


def soak(args: Namespace, home: Path) -> list[str]:
    """Print the tables; what went wrong."""
    random, ledger = Random(args.seed), Ledger()
    with Supervised(home, code=args.code, **args.variables) as service:
        service.wait_ready()
        watch, health = Watch(service), Health(service)
        work: list[Work] = [
            *_clients(service, ledger, random, args.clients, args.pause),
            *(Subscriber(service, ledger) for _ in range(SUBSCRIBERS)),
            *(Hanging(service, pause=None) for _ in range(HALF_OPEN)),
            *(Hanging(service, pause=1.0) for _ in range(SLOW)),
            Jobs(service, ledger, random.randrange(10**9), 20.0),
            health,
            watch,
        ]
        with threads(*work):
            time.sleep(60 * args.soak / 5)
            began = time.monotonic()
            time.sleep(60 * args.soak * 4 / 5)
            ended = time.monotonic()
        left = service.wait_falling()
        status = service.stop()
    rows = [watch.row(name, began, ended) for name in NAMES if watch.samples[name]]
    report("fire: soak", rows)
    taken = [seconds for _, seconds in ledger.seconds]
    rate = watch.log_rate(began, ended)
    summary = {
        "minutes": args.soak,
        "clients": args.clients,
        "carried out": len(taken),
        "p50, s": percentile(taken, 0.5),
        "p99, s": percentile(taken, 0.99),
        "health p99, s": percentile(health.seconds, 0.99),
        "waited at the end": left,
        "coded refusals": ledger.refused.total(),
        "other errors": ledger.wrong.total() + ledger.broken.total(),
        "log, kB a minute": rate / 1_000,
    }
    report("fire: soak, answers", [summary])
    for title, counter in (("refused", ledger.refused), ("broken", ledger.broken), ("wrong", ledger.wrong)):
        print(title, dict(counter), file=sys.stderr)
    faults = [f"{name} was restarted" for name in NAMES if watch.restarts(name) > 0]
    if status != 0 or service.ends:
        faults.append(f"the parent ended with {[*service.ends, status]}")
    if summary["other errors"]:
        faults.append(f"errors that are no coded refusals: {dict(ledger.wrong)}, {dict(ledger.broken)}")
    for row in rows:
        before, after = float(str(row["MiB, first quarter"])), float(str(row["MiB, last quarter"]))
        if after > before * GROWTH_SHARE + GROWTH_MIB:
            faults.append(f"{row['process']} grew from {before:.0f} to {after:.0f} MiB")
        more = float(str(row["descriptors, last quarter"])) - float(str(row["descriptors, first quarter"]))
        if more > MORE_DESCRIPTORS:
            faults.append(f"{row['process']} has {more:.0f} descriptors more")
    if rate > LOG_BYTES_A_MINUTE:
        faults.append(f"{rate / 1_000:.0f} kB of log a minute")
    return faults


def _clients(service: Supervised, ledger: Ledger, random: Random, count: int, pause: float) -> list[Client]:
    kinds: tuple[type[Sender | Reader], ...] = (Api, GraphQL, Envelope, Reader)
    made = list[Client]()
    for number in range(count):
        kind, seed = kinds[number % len(kinds)], random.randrange(10**9)
        made.append(kind(service, ledger, seed, pause))
    return made


class Reader(Client):
    """Reads pages, and asks queries."""

    way = "reading"

    def turn(self) -> None:
        """One question."""
        if self.random.random() < 0.5:
            body = json.dumps({"query": self.random.choice(QUERIES)}).encode()
            self.carried_out(lambda: self.post("/graphql", body, JSON))
        else:
            self.carried_out(lambda: self._page(self.random.choice(PAGES)))

    def _page(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", path, headers={"Accept": "text/html"})
            response = connection.getresponse()
            body = response.read()
            # A page is no answer in JSON unless it is a refusal.
            return response.status, body if response.status >= 300 else b""
        finally:
            connection.close()


class Jobs(Client):
    """Asks for runs of jobs."""

    way = "jobs"

    def turn(self) -> None:
        """One request."""
        query = "mutation ($name: String!) { requestJob(input: {name: $name}) { userErrors { code } } }"
        body = json.dumps({"query": query, "variables": {"name": self.random.choice(JOBS)}}).encode()
        self.carried_out(lambda: self.post("/graphql", body, JSON))


class Subscriber:
    """Listens to events; connects again after half a minute."""

    def __init__(self, service: Supervised, ledger: Ledger) -> None:
        self._service = service
        self._ledger = ledger

    def __call__(self, stop: threading.Event) -> None:
        """Subscribe until the event is set."""
        while not stop.is_set():
            try:
                self._listen(stop, time.monotonic() + 30)
            except Exception as error:  # noqa: BLE001  # whatever a subscriber meets is counted
                self._ledger.count(self._ledger.broken, "subscription", type(error).__name__)
                stop.wait(1)

    def _listen(self, stop: threading.Event, end: float) -> None:
        address = f"ws://127.0.0.1:{self._service.port}/graphql"
        with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], open_timeout=60) as line:
            line.send(json.dumps({"type": "connection_init"}))
            assert json.loads(line.recv(60))["type"] == "connection_ack"
            query = {"query": "subscription { events { kind } }"}
            line.send(json.dumps({"id": "1", "type": "subscribe", "payload": query}))
            while not stop.is_set() and time.monotonic() < end:
                with suppress(TimeoutError):
                    message = json.loads(line.recv(1))
                    if message["type"] in {"error", "complete"}:
                        code = refusal(200, json.dumps({"errors": message.get("payload", [])}).encode()) or "complete"
                        self._ledger.count(self._ledger.refused, "subscription", code)
                        stop.wait(1)
                        return


class Hanging:
    """A connection that sends half a request, or a byte of it in ``pause`` seconds; and again when it is closed."""

    def __init__(self, service: Supervised, pause: float | None) -> None:
        self._service = service
        self._pause = pause

    def __call__(self, stop: threading.Event) -> None:
        """Hang until the event is set."""
        while not stop.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._service.port), timeout=1) as line:
                line.sendall(b"POST /api/reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nValueError: ")
                while not stop.is_set():
                    with suppress(TimeoutError):
                        if not line.recv(1 << 12):
                            break
                    if self._pause is not None:
                        line.sendall(b"x")
            stop.wait(1)


class Health:
    """How long ``/healthz`` takes."""

    def __init__(self, service: Supervised) -> None:
        self.seconds = [0.0]
        self._service = service

    def __call__(self, stop: threading.Event) -> None:
        """Ask once a second; no answer counts as a minute."""
        while not stop.wait(1):
            began = time.monotonic()
            answered = self._service.get("/healthz", 60) is not None
            self.seconds.append(time.monotonic() - began if answered else 60.0)
