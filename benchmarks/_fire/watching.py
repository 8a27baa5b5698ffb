"""What a service costs while it runs: memory, descriptors and log bytes, once in a while."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from _fire.supervised import NAMES, PARENT, Supervised

EVERY_SECONDS = 2.0


class Sample(NamedTuple):
    """Of one process at one time; ``memory`` is what is its own, in bytes, with that of its children."""

    at: float
    pid: int
    memory: int
    descriptors: int


class Watch:
    """Samples of every process, and of the size of the logs."""

    def __init__(self, service: Supervised) -> None:
        self.samples: dict[str, list[Sample]] = {name: [] for name in NAMES}
        self.logs: list[tuple[float, int]] = []
        self._service = service

    def __call__(self, stop: threading.Event) -> None:
        """Take samples until the event is set."""
        while not stop.wait(EVERY_SECONDS):
            self.take()

    def take(self) -> None:
        """Take one sample of everything."""
        now = time.monotonic()
        for name, process in self._service.processes().items():
            with suppress(psutil.NoSuchProcess):
                # The parent's children have samples of their own.
                own = [process] if name == PARENT else [process, *process.children(recursive=True)]
                memory = sum(each.memory_full_info().uss for each in own)
                self.samples[name].append(Sample(now, process.pid, memory, sum(each.num_fds() for each in own)))
        self.logs.append((now, log_bytes(self._service.home)))

    def restarts(self, name: str) -> int:
        """How often another process came in place of the first."""
        return len({sample.pid for sample in self.samples[name]}) - 1

    def row(self, name: str, began: float, ended: float) -> dict[str, object]:
        """Medians of the first and the last quarter between two times, and the peak."""
        mine = [sample for sample in self.samples[name] if began <= sample.at <= ended]
        quarter = max(1, len(mine) // 4)
        first, last = mine[:quarter], mine[-quarter:]
        return {
            "process": name,
            "restarts": self.restarts(name),
            "MiB, first quarter": median(sample.memory for sample in first) / (1 << 20),
            "MiB, last quarter": median(sample.memory for sample in last) / (1 << 20),
            "MiB, peak": max(sample.memory for sample in mine) / (1 << 20),
            "descriptors, first quarter": median(sample.descriptors for sample in first),
            "descriptors, last quarter": median(sample.descriptors for sample in last),
            "descriptors, peak": max(sample.descriptors for sample in mine),
        }

    def log_rate(self, began: float, ended: float) -> float:
        """Bytes of log per minute between two times."""
        mine = [entry for entry in self.logs if began <= entry[0] <= ended]
        (first, before), (last, after) = mine[0], mine[-1]
        return 60 * (after - before) / max(last - first, 1.0)


def log_bytes(home: Path) -> int:
    """Size of the log of ``up`` and of all other logs of a home."""
    total = 0
    for path in home.rglob("*.log*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total
