"""A disk that is full, and is freed: refused with a reason meanwhile, nothing accepted is lost, all works again after."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from _bench import report

from _fire.senders import Api, Ledger
from _fire.supervised import Supervised, stored_ids, threads

LIMIT_SECONDS = 120.0
"""To be ready again after the disk was freed."""


def disk(args: Namespace, home: Path) -> list[str]:
    """Print the table; what went wrong. Without the right to mount a file system nothing is measured."""
    with small_disk(home, args.disk) as is_small:
        if not is_small:
            print("skipped: mounting a file system is not permitted here")
            return []
        try:
            return _filled(args, home)
        finally:
            if args.keep:
                shutil.copy(home / "up.log", args.keep)


def _filled(args: Namespace, home: Path) -> list[str]:
    random, ledger, phases = Random(args.seed), Ledger(), list[dict[str, object]]()
    filler = home / "filler"
    with Supervised(home, code=args.code, **args.variables) as service:
        service.wait_ready()
        with threads(*(Api(service, ledger, random.randrange(10**9), args.pause) for _ in range(8))):
            for name in ("room", "full", "freed"):
                if name == "full":
                    fill(filler)
                elif name == "freed":
                    filler.unlink()
                counts = (len(ledger.answered), ledger.refused.total(), ledger.wrong.total() + ledger.broken.total())
                ready = service.wait_ready(LIMIT_SECONDS) if name == "freed" else 0.0
                time.sleep(args.seconds)
                phases.append(
                    {
                        "disk": name,
                        "answered 2xx": len(ledger.answered) - counts[0],
                        "coded refusals": ledger.refused.total() - counts[1],
                        "other errors": ledger.wrong.total() + ledger.broken.total() - counts[2],
                        "health": service.get("/healthz") is not None,
                        "ready after, s": ready,
                    }
                )
        service.wait_drained()
        stored = asyncio.run(stored_ids(home))
        status = service.stop()
    report("fire: full disk", phases)
    print(f"refused {dict(ledger.refused)}, wrong {dict(ledger.wrong)}, broken {dict(ledger.broken)}")
    lost = ledger.answered.keys() - stored.keys()
    faults = {
        f"{len(lost)} reports were answered 2xx and are not stored": bool(lost),
        "reports are stored more than once": max(stored.values(), default=0) > 1,
        "nothing was accepted after the disk was freed": not phases[-1]["answered 2xx"],
        "health did not answer": not all(phase["health"] for phase in phases),
        f"errors without a code: {dict(ledger.wrong)}, {dict(ledger.broken)}": bool(ledger.wrong or ledger.broken),
        f"the parent ended with {[*service.ends, status]}": bool(service.ends) or status != 0,
    }
    return [fault for fault, is_so in faults.items() if is_so]


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """A file system of this size at the folder; false if that is not permitted."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "crashgraph-fire", str(folder)]
    is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path: Path) -> None:
    """Take all the room that is left, while others write too."""
    size, step = 0, 256 << 20
    with path.open("wb") as file:
        while step >= 1 << 12:
            try:
                os.posix_fallocate(file.fileno(), size, step)
                size += step
            except OSError:
                step //= 2
