"""Throughput and latency of this tree and of an earlier commit, in turns in one run."""

from __future__ import annotations

import subprocess
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median

from _bench import percentile, report

from _fire.senders import Api, Ledger
from _fire.supervised import ROOT, Supervised, threads

WARM_SECONDS = 15.0
WORSE = 1.25
"""Runs differ by a third; the median of rounds may be this many times worse."""


def load(args: Namespace, home: Path) -> list[str]:
    """Print the table; what got worse."""
    found: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    with checked_out(args.baseline, home.parent / "baseline") as old:
        trees = [("now", args.code), (args.baseline, old)]
        for number in range(args.rounds):
            for name, code in trees[:: 1 if number % 2 else -1]:
                folder = home / f"{name}-{number}"
                folder.mkdir()
                for clients, figures in measured(args, folder, code):
                    found.setdefault((name, clients), []).append(figures)
    rows = [
        {
            "clients": clients,
            "tree": name,
            "reports/s": median(rate for rate, _, _ in runs),
            "p50, ms": 1_000 * median(p50 for _, p50, _ in runs),
            "p99, ms": 1_000 * median(p99 for _, _, p99 in runs),
        }
        for (name, clients), runs in sorted(found.items(), key=lambda entry: (entry[0][1], entry[0][0] == "now"))
    ]
    report("fire: load", rows)
    faults = []
    for before, now in zip(rows[::2], rows[1::2], strict=True):
        for column, better in (("reports/s", 1), ("p50, ms", -1), ("p99, ms", -1)):
            times = (float(str(before[column])) / float(str(now[column]))) ** better
            if times > WORSE:
                faults.append(f"{column} with {now['clients']} clients is {times:.2f} times worse")
    return faults


def measured(args: Namespace, home: Path, code: Path) -> Iterator[tuple[int, tuple[float, float, float]]]:
    """Reports per second, p50 and p99 for each number of clients."""
    # The earlier commit does not know a socket that is handed in.
    with Supervised(home, code=code, handed_in=False, **args.variables) as service:
        service.wait_ready()
        for clients in (1, 8, args.clients):
            random, ledger = Random(args.seed), Ledger()
            with threads(*(Api(service, ledger, random.randrange(10**9), 0.0) for _ in range(clients))):
                time.sleep(WARM_SECONDS if clients == 1 else 2.0)
                began = time.monotonic()
                time.sleep(args.seconds)
                ended = time.monotonic()
            taken = ledger.between(began, ended)
            yield clients, (len(taken) / (ended - began), percentile(taken, 0.5), percentile(taken, 0.99))
        service.stop()


@contextmanager
def checked_out(commit: str, folder: Path) -> Iterator[Path]:
    """A tree of its own at a commit."""
    subprocess.run(["git", "worktree", "add", "--detach", str(folder), commit], cwd=ROOT, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(folder)], cwd=ROOT, check=True)
