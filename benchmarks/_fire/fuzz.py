"""Hostile reports through every way in, beside good neighbours: nothing hangs, fails without a code, is lost or grows."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from urllib.parse import quote, urlsplit

import psutil
from _bench import percentile, report

from _fire.hostile import TIMES, hostile_text, hostile_value, real_reports, wrapped
from _fire.senders import SUBMIT, Api, Client, Envelope, GraphQL, Ledger, event, refusal
from _fire.soak import GROWTH_MIB, GROWTH_SHARE, JSON
from _fire.supervised import NAMES, Supervised, Work, stored_ids, threads
from _fire.watching import Watch

SLOW_SECONDS = 30.0
"""An answer that takes longer is a hang."""
REFUSING = (413, 503, 507)
"""Statuses from 500 on, and others, that refuse with a code; any other from 500 on is a fault."""
MATCH = "query ($input: CrashInput!) { matchCrash(input: $input) { status reason } }"
TYPES = ("text/plain", "application/json", "application/x-ndjson", "application/octet-stream", "text/plain; charset=utf-7", "x")


class Fuzzer(Client):
    """Sends one hostile report after another, each by a way of its own."""

    way = "hostile"

    def __init__(self, service: Supervised, ledger: Ledger, seed: int, pause: float, reports: Sequence[str]) -> None:
        """``reports`` are real ones."""
        super().__init__(service, ledger, seed, pause)
        self.slowest: tuple[float, str] = (0.0, "")
        self.failed: list[str] = []
        self._reports = reports
        self._key = urlsplit(service.dsn).username

    def turn(self) -> None:
        """One hostile request."""
        state = self.random.getrandbits(64)
        try:
            path, body, headers = self._request(Random(state))
        except Exception as error:  # noqa: BLE001  # a report that cannot be made is a fault of the harness
            self.failed.append(f"no report was made, seed {state}: {error!r:.200}")
            return
        began = time.monotonic()
        self.carried_out(lambda: self._answer(state, path, body, headers))
        self.slowest = max(self.slowest, (time.monotonic() - began, f"{path[:60]}, seed {state}"))

    def _answer(self, state: int, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        status, answer = self.post(path, body, headers)
        if (status >= 500 and status not in REFUSING) or (refusal(status, answer) or "").startswith("HTTP"):
            self.failed.append(f"HTTP {status} by {path[:60]}, seed {state}: {answer[:200]!r}")
        return status, answer

    def _request(self, random: Random) -> tuple[str, bytes, Mapping[str, str]]:
        text = hostile_text(random, self._reports)
        id = uuid.UUID(int=random.getrandbits(128)).hex
        way = random.randrange(7)
        if way == 0:
            body, headers = wrapped(random, text.encode("utf-8", "surrogatepass" if random.random() < 0.5 else "replace"))
            query = f"timestamp={quote(random.choice(TIMES))}" if random.random() < 0.2 else "product=fuzz"
            return f"/api/reports?{query}", body, {"Content-Type": random.choice(TYPES), **headers}
        if way == 1:
            objects = hostile_value(random, [{"report": text, "timestamp": random.choice(TIMES), "site": "x", "frames": []}])
            return "/api/reports", json.dumps(objects).encode(), JSON
        if way in {2, 3}:
            query = SUBMIT if way == 2 else MATCH
            given = {"report": text, "id": id} if way == 2 else {"input": hostile_value(random, {"report": text}, 0.02)}
            return "/graphql", json.dumps({"query": query, "variables": given}).encode(), JSON
        content = hostile_value(random, {**event(id, random), "extra": {"text": text}})
        if way == 4:
            body, headers = wrapped(random, json.dumps(content).encode())
            return f"/api/1/store/?sentry_key={self._key}", body, {**JSON, **headers}
        if way == 5:
            head = {"type": "attachment", "filename": "a.log", "attachment_type": random.choice(("event.minidump", "x"))}
            parts = [json.dumps(one) for one in ({"event_id": id}, {"type": "event"}, content, head)]
            body = "\n".join([*parts, text.replace("\n", " ")]).encode("utf-8", "replace")
        else:
            lines = [hostile_value(random, {"event_id": id}), hostile_value(random, {"type": "event"}, 0.3), content]
            body = "\n".join(map(json.dumps, lines)).encode()
        body, headers = wrapped(random, body)
        return f"/api/1/envelope/?sentry_key={self._key}", body, {"Content-Type": "application/x-sentry-envelope", **headers}


def fuzz(args: Namespace, home: Path) -> list[str]:
    """Print the tables; what went wrong."""
    random, ledger, good = Random(args.seed), Ledger(), Ledger()
    reports = real_reports(args.reports)
    with Supervised(home, code=args.code, **args.variables) as service:
        service.wait_ready()
        watch = Watch(service)
        fuzzer = Fuzzer(service, ledger, random.randrange(10**9), args.pause, reports)
        neighbours = [kind(service, good, random.randrange(10**9), 1.0) for kind in (Api, GraphQL, Envelope)]
        work: list[Work] = [fuzzer, watch, *neighbours]
        began = time.monotonic()
        with threads(*work):
            time.sleep(60 * args.fuzz)
        ended = time.monotonic()
        service.wait_drained()
        stored = asyncio.run(stored_ids(home))
        status = service.stop()
    rows = [watch.row(name, began, ended) for name in NAMES if watch.samples[name]]
    report("fire: fuzz, processes", rows)
    taken = [seconds for _, seconds in good.seconds]
    lost = [id for id in good.answered if stored[id] != 1]
    summary = {
        "minutes": args.fuzz,
        "real reports": len(reports),
        "hostile": ledger.sent.total(),
        "carried out": len(ledger.seconds),
        "coded refusals": ledger.refused.total(),
        "slowest, s": fuzzer.slowest[0],
        "neighbours": len(good.answered),
        "lost or double": len(lost),
        "neighbours' p99, s": percentile(taken, 0.99),
        "load": psutil.getloadavg()[0],
    }
    report("fire: fuzz", [summary])
    for title, counter in (("refused", ledger.refused), ("broken", ledger.broken), ("wrong", ledger.wrong)):
        print(title, dict(counter), file=sys.stderr)
    faults = [*dict.fromkeys(fuzzer.failed), *(f"{name} was restarted" for name in NAMES if watch.restarts(name) > 0)]
    if status != 0 or service.ends:
        faults.append(f"the parent ended with {[*service.ends, status]}")
    if ledger.broken or ledger.wrong:
        faults.append(f"answers that are no coded refusals: {dict(ledger.wrong)}, {dict(ledger.broken)}")
    if good.wrong or good.broken or lost:
        faults.append(f"neighbours: {len(lost)} lost or double, {dict(good.wrong)}, {dict(good.broken)}")
    if fuzzer.slowest[0] > SLOW_SECONDS:
        faults.append(f"an answer took {fuzzer.slowest[0]:.0f} s: {fuzzer.slowest[1]}")
    for row in rows if args.fuzz >= 5 else ():
        before, after = float(str(row["MiB, first quarter"])), float(str(row["MiB, last quarter"]))
        if after > before * GROWTH_SHARE + GROWTH_MIB:
            faults.append(f"{row['process']} grew from {before:.0f} to {after:.0f} MiB")
    return faults
