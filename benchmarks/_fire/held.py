"""Thousands of connections that send half a request or a byte a second, beside clients that must not notice."""

from __future__ import annotations

import resource
import socket
import threading
import time
from argparse import Namespace
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

from _bench import percentile, report

from _fire.senders import Api, Ledger
from _fire.soak import Health
from _fire.supervised import SERVICE, Supervised, threads
from _fire.watching import log_bytes

CLIENTS = 4
HEADS = (
    b"POST /api/reports HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    b"POST /api/reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nValueError: ",
)
"""A head without an end, and a body without one."""
HEALTH_SECONDS = 2.0
LOG_BYTES_A_MINUTE = 1 << 18


def held(args: Namespace, home: Path) -> list[str]:
    """Print the table; what went wrong."""
    random, ledger = Random(args.seed), Ledger()
    rows: list[dict[str, object]] = []
    with Supervised(home, code=args.code, **args.variables) as service:
        service.wait_ready()
        for connections in (0, args.held):
            health, ledger.seconds = Health(service), []
            clients = [Api(service, ledger, random.randrange(10**9), args.pause) for _ in range(CLIENTS)]
            process = service.processes()[SERVICE]
            with threads(health, *clients, Holding(service, connections)):
                time.sleep(args.seconds / 2)
                cpu, log, began = sum(process.cpu_times()[:2]), log_bytes(home), time.monotonic()
                time.sleep(args.seconds)
                seconds = time.monotonic() - began
                rows.append(
                    {
                        "held": connections,
                        "health p50, s": percentile(health.seconds, 0.5),
                        "health max, s": max(health.seconds),
                        "accepted": len(ledger.seconds),
                        "CPU of the service, %": 100 * (sum(process.cpu_times()[:2]) - cpu) / seconds,
                        "log, kB a minute": 60 / 1_000 * (log_bytes(home) - log) / seconds,
                    }
                )
        status = service.stop()
    report("fire: held connections", rows)
    last = rows[-1]
    faults = {
        f"health took {last['health max, s']:.1f} s": float(str(last["health max, s"])) > HEALTH_SECONDS,
        "nothing was accepted": not last["accepted"],
        f"{last['log, kB a minute']:.0f} kB of log a minute": float(str(last["log, kB a minute"])) * 1_000 > LOG_BYTES_A_MINUTE,
        f"errors without a code: {dict(ledger.wrong)}, {dict(ledger.broken)}": bool(ledger.wrong or ledger.broken),
        f"the parent ended with {[*service.ends, status]}": bool(service.ends) or status != 0,
    }
    return [fault for fault, is_so in faults.items() if is_so]


class Holding:
    """Holds connections; one that the service closes is opened again."""

    def __init__(self, service: Supervised, count: int) -> None:
        self._service = service
        self._count = count

    def __call__(self, stop: threading.Event) -> None:
        """Hold them until the event is set, each with a byte more a second."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        lines: list[socket.socket | None] = [None] * self._count
        with ExitStack() as stack:
            while not stop.is_set():
                for number, line in enumerate(lines):
                    try:
                        lines[number] = line or stack.enter_context(self._opened(number))
                        if line is not None:
                            line.sendall(b"x")
                    except OSError:
                        if line is not None:
                            line.close()
                        lines[number] = None
                stop.wait(1)

    def _opened(self, number: int) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self._service.port), timeout=1)
        with suppress(OSError):
            line.sendall(HEADS[number % len(HEADS)])
        return line
