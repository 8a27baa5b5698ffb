"""Kills the processes of a service under a mixed load, and counts what was answered and is not stored exactly once."""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from _bench import report

from _fire.senders import Api, Cli, Envelope, GraphQL, Ledger, Sdk
from _fire.supervised import NAMES, NEO4J, Supervised, Work, stored_ids, threads, until

PLANNED = (signal.SIGHUP, signal.SIGTERM)
AGAIN_SHARE = 0.3
"""How often something is killed once more while the first is being replaced."""
CLI_SECONDS = 5.0
"""Between two commands: starting one takes seconds of a core."""
SDK_SHARE = 5
"""It sends one event after another, so that more would only wait in its queue."""
ROOM_SECONDS = 300.0

Blow = tuple[str, ...] | signal.Signals

BRIEF: tuple[Blow, ...] = (NAMES, (NEO4J,), signal.SIGTERM)


class Outage(NamedTuple):
    """What one kill or planned restart did, in seconds after the last kill of it."""

    what: str
    accepted: float
    ready: float


def kills(args: Namespace, home: Path) -> list[str]:
    """Print the tables; what went wrong."""
    random, ledger = Random(args.seed), Ledger()
    outages = list[Outage]()
    planned = set[str]()
    with Supervised(home, code=args.code, **args.variables) as service:
        print(f"ready after {service.wait_ready():.1f} s", file=sys.stderr)
        sdk = Sdk(service.dsn, ledger, random.randrange(10**9), SDK_SHARE * args.pause)
        seeds = iter(lambda: random.randrange(10**9), None)
        senders: list[Work] = [
            sdk,
            Envelope(service, ledger, next(seeds), args.pause),
            *(Api(service, ledger, next(seeds), args.pause, persistent=again) for again in (True, False)),
            *(GraphQL(service, ledger, next(seeds), args.pause, persistent=again) for again in (True, False)),
            Cli(service, ledger, next(seeds), CLI_SECONDS),
        ]
        with threads(*senders):
            deadline = time.monotonic() + 60 * args.minutes
            for blow in BRIEF if args.brief else itertools.islice(blows(random), args.kills):
                time.sleep(random.uniform(*args.gap))
                if time.monotonic() > deadline:
                    break
                outages.append(strike(service, ledger, sdk, blow, random, planned))
                print(f"{time.monotonic() - deadline + 60 * args.minutes:6.0f} s  {outages[-1]}", file=sys.stderr)
        service.wait_ready()
        service.wait_drained()
        stored = asyncio.run(stored_ids(home))
        ends = service.ends
        if (status := service.stop()) != 0:
            ends.append(status)
    return shown(args, ledger, outages, stored, planned, ends)


def blows(random: Random) -> Iterator[Blow]:
    """Each process alone, all together and the planned restarts first, then the other combinations, then again."""
    sizes = [list(itertools.combinations(NAMES, size)) for size in range(1, len(NAMES) + 1)]
    first: list[Blow] = [*sizes[0], *sizes[-1], *PLANNED]
    rest: list[Blow] = [*itertools.chain(*sizes[1:-1])]
    while True:
        for group in (first, rest):
            yield from random.sample(group, len(group))


def strike(service: Supervised, ledger: Ledger, sdk: Sdk, blow: Blow, random: Random, planned: set[str]) -> Outage:
    """One kill, perhaps with another while it is made good, or a planned restart."""
    if isinstance(blow, signal.Signals):
        before = sdk.settle()
        outage = _recovery(service, ledger, service.signal_parent(blow), blow.name, random)
        planned.update(sdk.captured[before : sdk.settle()])
        return outage
    what, gone = "+".join(blow), service.kill(blow, random)
    if random.random() < AGAIN_SHARE:
        time.sleep(random.uniform(0.2, 8))
        second = random.choice(NAMES)
        gone |= service.kill([second], random)
        what = f"{what}, then {second}"
    return _recovery(service, ledger, gone, what, random)


def _recovery(service: Supervised, ledger: Ledger, gone: dict[str, int], what: str, random: Random) -> Outage:
    began = time.monotonic()
    probe = Api(service, ledger, random.randrange(10**9), 0)

    def accepts() -> float:
        id = f"{probe.random.getrandbits(128):032x}"
        ledger.sending(probe.way)
        until(lambda: probe.send(id, "Traceback (most recent call last):\nValueError: probe\n"), ROOM_SECONDS, lambda: what)
        probe.close()
        return time.monotonic() - began

    def ready() -> float:
        service.wait_replaced(gone, ROOM_SECONDS)
        service.wait_ready(ROOM_SECONDS)
        return time.monotonic() - began

    with ThreadPoolExecutor(2) as pool:
        accepted, is_ready = pool.submit(accepts), pool.submit(ready)
        return Outage(what, accepted.result(), is_ready.result())


def shown(
    args: Namespace, ledger: Ledger, outages: list[Outage], stored: Counter[str], planned: set[str], ends: list[int]
) -> list[str]:
    """Print what became of the reports and how long each outage was."""
    lost = {id: way for id, way in ledger.answered.items() if id not in stored}
    doubled = {id: ledger.answered.get(id, "unanswered") for id, count in stored.items() if count > 1}
    ways = sorted(ledger.sent)
    report(
        "fire: reports",
        [
            {
                "way": way,
                "sent": ledger.sent[way],
                "answered 2xx": list(ledger.answered.values()).count(way),
                "refused": sum(count for (of, _), count in ledger.refused.items() if of == way),
                "broken": sum(count for (of, _), count in ledger.broken.items() if of == way),
                "answered 2xx and lost": list(lost.values()).count(way),
                "doubled": list(doubled.values()).count(way),
            }
            for way in ways
        ],
    )
    kinds = sorted({outage.what.partition(",")[0] for outage in outages}, key=lambda kind: (kind.count("+"), kind))
    report(
        "fire: outages",
        [
            {
                "what": kind,
                "times": len(of),
                "accepts after, median s": median(outage.accepted for outage in of),
                "longest": max(outage.accepted for outage in of),
                "ready after, median s": median(outage.ready for outage in of),
                "longest ready": max(outage.ready for outage in of),
            }
            for kind in kinds
            for of in [[outage for outage in outages if outage.what.partition(",")[0] == kind]]
        ],
    )
    for title, counter in (("refused", ledger.refused), ("broken", ledger.broken), ("wrong", ledger.wrong)):
        print(title, dict(counter), file=sys.stderr)
    unsent = len(planned - stored.keys())
    print(f"events of the SDK captured during planned restarts: {len(planned)}, of these not stored: {unsent}")
    slow = [outage for outage in outages if max(outage.accepted, outage.ready) > args.limit]
    faults = {
        f"{len(lost)} reports were answered 2xx and are not stored": bool(lost),
        f"{len(doubled)} reports are stored more than once": bool(doubled),
        f"{unsent} events of the SDK were lost in planned restarts": bool(unsent),
        f"{len(slow)} outages were longer than {args.limit:.0f} s": bool(slow),
        f"the parent ended by itself with {ends}": bool(ends),
        f"answers without a code: {dict(ledger.wrong)}": bool(ledger.wrong),
    }
    return [fault for fault, is_so in faults.items() if is_so]
