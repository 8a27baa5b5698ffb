"""Default memory sizes for Neo4j."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

HEAP_RANGE_MB = (512, 4096)
PAGE_CACHE_RANGE_MB = (128, 4096)


def machine_mb() -> int:
    """Memory of this machine in MiB, or the container's limit if that is lower."""
    total = psutil.virtual_memory().total
    for limit in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        with suppress(OSError, ValueError):
            total = min(total, int(limit.read_text(encoding="ascii")))
    return total // 2**20


def heap_mb(machine: int) -> int:
    """An eighth of the machine's memory, between 512 MiB and 4 GiB."""
    return _clamp(machine // 8, HEAP_RANGE_MB)


def page_cache_mb(machine: int) -> int:
    """An eighth of the machine's memory, between 128 MiB and 4 GiB."""
    return _clamp(machine // 8, PAGE_CACHE_RANGE_MB)


def _clamp(value: int, limits: tuple[int, int]) -> int:
    low, high = limits
    return max(low, min(value, high))
