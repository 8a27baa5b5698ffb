"""Clients of every kind at once: examples, nested pages, searches, mutations and followers, beside ingest and jobs."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from argparse import Namespace
from pathlib import Path
from random import Random
from typing import Any

from _bench import percentile, report

from _fire.senders import Api, Client, Envelope, Ledger, refusal, traceback
from _fire.soak import GROWTH_MIB, GROWTH_SHARE, JSON, MORE_DESCRIPTORS, Jobs, Subscriber
from _fire.supervised import NAMES, NEO4J, SERVICE, Supervised, Work, threads
from _fire.watching import Watch
from schema.examples import examples

SHARE_OF_WARM = 0.1
STREAMS, SOCKETS = 4, 4
AIM = 5.0
"""The slowest of a hundred may take this many times as long as the median."""
REST_SECONDS = 15.0
NESTED = """query ($after: String) { patterns(first: 10, after: $after) { pageInfo { hasNextPage endCursor } nodes {
  name sites(first: 3) { edges { crashCount node { name } } } versions(first: 3) { edges { node { version } } }
  crashes(first: 5) { nodes { title environment { title } frames(first: 5) { nodes { key } } } } } } }"""
SEARCH = "query ($text: String!) { search(text: $text, first: 10) { edges { score matchedBy node { id } } } }"
WORDS = ("order failed", "KeyError", "pricing", "stock total", "connection reset", "nothing like it")
CHANGES = {
    "ignorePattern": ("IgnorePatternInput", "pattern"),
    "reopenPattern": ("ReopenPatternInput", "pattern"),
    "resolvePattern": ("ResolvePatternInput", "pattern"),
    "recordSolution": ("SolutionInput", "solution"),
}
RUNNING = (
    "SHOW TRANSACTIONS YIELD currentQuery AS query WHERE NOT query CONTAINS 'SHOW TRANSACTIONS' RETURN query ORDER BY query"
)
LOOKS = 8
"""The worker runs jobs at the end too; a transaction that no one ended is there at each look."""


def mixed(args: Namespace, home: Path) -> list[str]:
    """Print the tables; what went wrong."""
    random, ledger = Random(args.seed), Ledger()
    with Supervised(home, code=args.code, **args.variables) as service:
        service.wait_ready()
        fill(service, ledger, random)
        watch = Watch(service)
        idle = connections(service)
        work: list[Work] = [
            *clients(service, ledger, random, args.clients, args.pause),
            *(Subscriber(service, ledger) for _ in range(SOCKETS)),
            *(Stream(service, ledger) for _ in range(STREAMS)),
            Jobs(service, ledger, random.randrange(10**9), 20.0),
            watch,
        ]
        with threads(*work):
            time.sleep(60 * args.mixed * SHARE_OF_WARM)
            began = time.monotonic()
            time.sleep(60 * args.mixed * (1 - SHARE_OF_WARM))
            ended = time.monotonic()
        service.wait_falling()
        time.sleep(REST_SECONDS)
        left, running = connections(service), transactions(service)
        status = service.stop()
    rows = [answers(way, [s for at, s in taken if began <= at < ended]) for way, taken in sorted(ledger.ways.items())]
    everything = answers("all", ledger.between(began, ended))
    report("fire: mixed, answers", [*rows, everything])
    processes = [watch.row(name, began, ended) for name in NAMES if watch.samples[name]]
    report("fire: mixed", processes)
    report("fire: mixed, Neo4j", [{"connections before": idle, "connections after": left, "transactions after": len(running)}])
    for title, counter in (("refused", ledger.refused), ("broken", ledger.broken), ("wrong", ledger.wrong)):
        print(title, dict(counter), file=sys.stderr)
    return [
        *([f"the parent ended with {[*service.ends, status]}"] if status != 0 or service.ends else []),
        *(
            [f"errors that are no coded refusals: {dict(ledger.wrong)}, {dict(ledger.broken)}"]
            if ledger.wrong or ledger.broken
            else []
        ),
        *([f"still running in Neo4j: {running}"] if running else []),
        *(f"{row['kind']}: p99 is {row['p99 / p50']:.1f} times p50" for row in rows if float(str(row["p99 / p50"])) > AIM),
        *growth(processes),
    ]


def answers(way: str, taken: list[float]) -> dict[str, object]:
    """How many requests of a kind were carried out, and how long they took."""
    taken = taken or [0.0]
    p50, p99 = percentile(taken, 0.5), percentile(taken, 0.99)
    return {"kind": way, "carried out": len(taken), "p50, s": p50, "p99, s": p99, "p99 / p50": p99 / p50 if p50 else 0.0}


def growth(rows: list[dict[str, object]]) -> list[str]:
    """What grew; the page cache and heap of Neo4j fill up to their bounds."""
    faults = []
    for row in rows:
        before, after = float(str(row["MiB, first quarter"])), float(str(row["MiB, last quarter"]))
        if row["process"] != NEO4J and after > before * GROWTH_SHARE + GROWTH_MIB:
            faults.append(f"{row['process']} grew from {before:.0f} to {after:.0f} MiB")
        more = float(str(row["descriptors, last quarter"])) - float(str(row["descriptors, first quarter"]))
        if more > MORE_DESCRIPTORS:
            faults.append(f"{row['process']} has {more:.0f} descriptors more")
    return faults


def fill(service: Supervised, ledger: Ledger, random: Random) -> None:
    """Some hundred patterns to ask about."""
    sender = Api(service, ledger, random.randrange(10**9), 0.0)
    for number in range(300):
        sender.send(f"fill-{number}", traceback(random))
    sender.close()
    service.wait_drained()
    ledger.seconds.clear()
    ledger.ways.clear()


def clients(service: Supervised, ledger: Ledger, random: Random, count: int, pause: float) -> list[Client]:
    """So many, of all kinds in turn."""
    kinds: tuple[type[Client], ...] = (Examples, Pages, Search, Api, Changes, Examples, Pages, Envelope)
    return [kinds[number % len(kinds)](service, ledger, random.randrange(10**9), pause) for number in range(count)]


def connections(service: Supervised) -> int:
    """Open connections of the service to Neo4j."""
    port = int(service.environment["CRASHGRAPH_BOLT_PORT"])
    return sum(one.raddr.port == port for one in service.processes()[SERVICE].net_connections("tcp") if one.raddr)


def transactions(service: Supervised) -> list[str]:
    """Queries that run in Neo4j at each of several looks, shortened."""
    left: set[str] | None = None
    for _ in range(LOOKS):
        done = service.run("db", "cypher", RUNNING, "--output", "jsonl")
        done.check_returncode()
        found = {json.loads(line)["query"][:200] for line in done.stdout.splitlines()}
        left = found if left is None else left & found
        if not left:
            break
    return sorted(left or ())


class Asking(Client):
    """Sends a document in each turn."""

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The data of the answer; empty if it was refused."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        answer = dict[str, Any]()

        def send() -> tuple[int, bytes]:
            status, found = self.post("/graphql", body, JSON)
            if status == 200:
                answer.update(json.loads(found).get("data") or {})
            return status, found

        self.carried_out(send)
        return answer


class Examples(Asking):
    """The examples of the query page."""

    way = "examples"

    def turn(self) -> None:
        """One example."""
        one = self.random.choice(examples())
        self.ask(one.query, **one.variables)


class Pages(Asking):
    """Nested pages, one after the other."""

    way = "nested pages"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._after: str | None = None

    def turn(self) -> None:
        """The next page, or the first one after the last."""
        page = self.ask(NESTED, after=self._after).get("patterns") or {}
        info = page.get("pageInfo") or {}
        self._after = info.get("endCursor") if info.get("hasNextPage") else None


class Search(Asking):
    """Searches."""

    way = "search"

    def turn(self) -> None:
        """One search."""
        self.ask(SEARCH, text=self.random.choice(WORDS))


class Changes(Asking):
    """Changes the status of patterns, and records solutions."""

    way = "mutations"

    def turn(self) -> None:
        """One change of one of the patterns that crashed last."""
        nodes = (self.ask("{ patterns(first: 20, order: LAST_SEEN) { nodes { id } } }").get("patterns") or {}).get("nodes")
        if not nodes:
            return
        name = self.random.choice(list(CHANGES))
        kind, field = CHANGES[name]
        given = {"pattern": self.random.choice(nodes)["id"]}
        if name == "recordSolution":
            given["description"] = f"Restart number {self.random.randrange(50)}"
        fields = f"{field} {{ id }} userErrors {{ code }}"
        self.ask(f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {fields} }} }}", input=given)


class Stream:
    """Follows crashes as server-sent events; connects again after half a minute."""

    def __init__(self, service: Supervised, ledger: Ledger) -> None:
        self._service = service
        self._ledger = ledger

    def __call__(self, stop: threading.Event) -> None:
        """Follow until the event is set."""
        while not stop.is_set():
            try:
                self._follow(stop, time.monotonic() + 30)
            except (OSError, http.client.HTTPException) as error:
                self._ledger.count(self._ledger.broken, "stream", type(error).__name__)
                stop.wait(1)

    def _follow(self, stop: threading.Event, end: float) -> None:
        # A sign of life comes every ten seconds.
        line = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=60)
        try:
            body = json.dumps({"query": "subscription { crashReceived { position crash { title } } }"})
            line.request("POST", "/graphql", body, {**JSON, "Accept": "text/event-stream"})
            response = line.getresponse()
            if response.status != 200:
                code = refusal(response.status, response.read())
                self._ledger.count(self._ledger.refused, "stream", str(code))
                stop.wait(1)
                return
            while not stop.is_set() and time.monotonic() < end:
                text = response.readline()
                if not text or b'"errors"' in text:
                    found = refusal(200, text.removeprefix(b"data: ")) if text else None
                    self._ledger.count(self._ledger.refused, "stream", found or "end")
                    return
        finally:
            line.close()
