"""One request with megabytes of distinct lines, beside clients that must not notice."""

from __future__ import annotations

import http.client
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

from _bench import percentile, report

from _fire.senders import Api, Ledger, refusal
from _fire.supervised import NAMES, SERVICE, Supervised, threads, until
from _fire.watching import Watch

WARM_REPORTS = 500
MOST_TIMES = 3.0
"""What the p99 of the others may be, times their usual."""
GIVE_BACK_SECONDS = 60
"""After the answer; most of its reports still wait on disk then."""
KEPT_SHARE, KEPT_MIB = 1.1, 32
"""What may be kept of the memory a minute later, relative to before."""


def big(args: Namespace, home: Path) -> list[str]:
    """Print the table; what went wrong."""
    random, ledger = Random(args.seed), Ledger()
    body = b"".join(lines(random, args.megabytes << 20))
    with Supervised(home, code=args.code, **args.variables) as service:
        service.wait_ready()
        watch = Watch(service)
        clients = [Api(service, ledger, random.randrange(10**9), args.pause) for _ in range(args.clients)]
        with threads(*clients, watch):
            # At first each report has a new signature.
            until(lambda: len(ledger.seconds) > WARM_REPORTS, 300, lambda: f"only {len(ledger.seconds)} reports")
            began = time.monotonic()
            time.sleep(args.seconds)
            sent = time.monotonic()
            watch.take()
            before = watch.samples[SERVICE][-1].memory
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(post, service, body).result()
            answered = time.monotonic()
            print(f"answered {answer} after {answered - sent:.1f} s", file=sys.stderr)
            waiting = service.waiting()
            time.sleep(GIVE_BACK_SECONDS)
            watch.take()
            after = watch.samples[SERVICE][-1].memory
            with suppress(TimeoutError):
                service.wait_drained(args.seconds, most=2 * args.clients)
            left, done = service.waiting(), time.monotonic()
        status = service.stop()
    usual, meanwhile = ledger.between(began, sent), ledger.between(sent, done)
    times = percentile(meanwhile, 0.99) / percentile(usual, 0.99)
    row = {
        "MB": args.megabytes,
        "heap, MiB": args.heap,
        "answer": str(answer),
        "after, s": answered - sent,
        "reports waiting then": waiting,
        "stored/s while others send": ((waiting or 0) - (left or 0)) / (done - answered),
        "usual p50, s": percentile(usual, 0.5),
        "usual p99, s": percentile(usual, 0.99),
        "p50 beside it, s": percentile(meanwhile, 0.5),
        "p99 beside it, s": percentile(meanwhile, 0.99),
        "times": times,
        "MiB before": before / (1 << 20),
        "MiB peak": max(sample.memory for sample in watch.samples[SERVICE]) / (1 << 20),
        "MiB a minute later": after / (1 << 20),
        "restarts": sum(max(0, watch.restarts(name)) for name in NAMES),
    }
    report("fire: one big request", [row])
    faults = {
        f"p99 of the others was {times:.1f} times its usual": times > MOST_TIMES,
        f"{row['restarts']} restarts": bool(row["restarts"]),
        f"the parent ended with {[*service.ends, status]}": bool(service.ends) or status != 0,
        "memory is not given back within a minute": after > before * KEPT_SHARE + (KEPT_MIB << 20),
        f"others had errors: {dict(ledger.wrong)}, {dict(ledger.broken)}": bool(ledger.wrong or ledger.broken),
        f"the request was answered {answer} without a code": str(answer).startswith("HTTP"),
    }
    return [fault for fault, is_so in faults.items() if is_so]


def lines(random: Random, size: int) -> Iterator[bytes]:
    """Distinct lines of a log, each an error."""
    second = 0
    while size > 0:
        second += 1
        at = f"2026-03-{1 + second // 86_400 % 28:02} {second // 3_600 % 24:02}:{second // 60 % 60:02}:{second % 60:02},000"
        words = " ".join(f"{random.getrandbits(24):x}" for _ in range(random.randrange(2, 8)))
        line = f"{at} ERROR shop.m{random.randrange(500)}: step {words} failed: ValueError: {words[::-1]}\n".encode()
        size -= len(line)
        yield line


def post(service: Supervised, body: bytes) -> int | str:
    """Send it; the status, or the code of a refusal."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=900)
    try:
        connection.request("POST", "/api/reports?product=big", body, {"Content-Type": "text/plain"})
        response = connection.getresponse()
        return refusal(response.status, response.read()) or response.status
    except (OSError, http.client.HTTPException) as error:
        return f"HTTP broken: {type(error).__name__}"
    finally:
        connection.close()
