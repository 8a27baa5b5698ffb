"""Time and memory of backup, verification, restore and of ``redact --again`` on large graphs, and bytes per crash on the disk.

One home grows from size to size. Each command runs as users run it, beside the home's Neo4j; its time, its CPU time and its
largest resident size are measured, and the old generation of Neo4j's heap, at its largest. ``× last`` compares a
figure per crash with that of the size before: 1 is linear growth.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from _bench import report
from _fire.supervised import ROOT
from _large import grow, samples
from disk import sizes

from crashgraph.settings import Settings
from crashgraph.wiring import open_container, open_graph, server_settings
from graph.model.statement import Statement
from graph.server import EmbeddedServer
from graph.server.ports import free_port

MIB = 1 << 20
COUNT = Statement("MATCH (n) WITH count(n) AS nodes MATCH ()-[r]->() RETURN nodes, count(r) AS relationships")
HEAP = Statement(
    "CALL dbms.queryJmx('java.lang:type=MemoryPool,*') YIELD name, attributes "
    "WHERE name CONTAINS 'Old Gen' OR name CONTAINS 'Tenured Gen' "
    "RETURN attributes.Usage.value.properties.used AS used"
)
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a command."""

    seconds: float
    cpu_seconds: float
    resident: int
    """Largest resident size of the process, without Neo4j."""
    heap: int
    """Most bytes in the old generation of Neo4j's heap."""
    output: str


class Home:
    """A home whose Neo4j runs."""

    def __init__(self, path: Path, heap_mb: int) -> None:
        """Nothing is started yet."""
        ports = {"bolt_port": free_port(), "http_port": free_port()}
        self.settings = Settings(home=path, heap_mb=heap_mb, start_timeout=600, **ports)
        self.server = EmbeddedServer(server_settings(self.settings))
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CRASHGRAPH_HOME": str(path),
            "CRASHGRAPH_HEAP_MB": str(heap_mb),
            "CRASHGRAPH_START_TIMEOUT": "600",
            **{f"CRASHGRAPH_{name.upper()}": str(port) for name, port in ports.items()},
        }

    def run(self, *arguments: str, watch_heap: bool = True) -> Measured:
        """Run a command to its end."""
        began = time.monotonic()
        command = [sys.executable, "-m", "crashgraph", *arguments]
        running = psutil.Popen(command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        heaps = [0]
        ended = threading.Event()
        watching = threading.Thread(target=lambda: asyncio.run(self._watch(heaps, ended)), daemon=True)
        if watch_heap:
            watching.start()
        outputs: list[tuple[str, str]] = []
        reading = threading.Thread(target=lambda: outputs.append(running.communicate()))
        reading.start()
        resident, cpu = 0, 0.0
        while reading.is_alive():
            resident, cpu = max(resident, _peak(running.pid)), _cpu(running.pid) or cpu
            time.sleep(POLL_SECONDS)
        seconds = time.monotonic() - began
        ended.set()
        if watch_heap:
            watching.join()
        [(output, errors)] = outputs
        if running.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {errors[-2_000:]}")
        return Measured(seconds, cpu, resident, max(heaps), output)

    async def _watch(self, heaps: list[int], ended: threading.Event) -> None:
        async with open_graph(self.settings) as graph:
            while not ended.is_set():
                [row] = await graph.read(HEAP)
                heaps.append(row["used"] or 0)
                await asyncio.sleep(POLL_SECONDS)


def _peak(pid: int) -> int:
    """Largest resident size so far, in bytes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024


def _cpu(pid: int) -> float:
    """Seconds of CPU so far; 0 once the process has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) / ticks


async def fill(home: Home, first: int, size: int, secrets: float) -> tuple[int, int]:
    """Let the graph grow; nodes and relationships."""
    async with open_container(home.settings) as container:
        await grow(container.graph, samples(container.redactor), first, size, secrets)
        [row] = await container.graph.read(COUNT)
        return row["nodes"], row["relationships"]


def measure(home: Home, folder: Path, size: int, graph: tuple[int, int]) -> list[dict[str, object]]:
    """All commands on a graph of a size."""
    path = folder / f"{size}.backup"
    other = Home(folder / f"restored-{size}", home.settings.heap_mb or 512)
    runs = {
        "backup": home.run("db", "backup", str(path)),
        "verify": home.run("db", "verify", str(path), watch_heap=False),
        "restore": other.run("db", "restore", "--yes", str(path), watch_heap=False),
        "redact --again --dry-run": home.run("redact", "--again", "--dry-run"),
        "redact --again": home.run("redact", "--again"),
    }
    nodes, relationships = graph
    rows: list[dict[str, object]] = [
        {
            "crashes": size,
            "nodes": nodes,
            "relationships": relationships,
            "command": name,
            "seconds": run.seconds,
            "CPU, ms per crash": 1_000 * run.cpu_seconds / size,
            "ms per crash": 1_000 * run.seconds / size,
            "resident, MiB": run.resident / MIB,
            "heap, MiB": run.heap / MIB,
            "file, bytes per crash": path.stat().st_size / size if name == "backup" else 0,
        }
        for name, run in runs.items()
    ]
    print(runs["redact --again"].output, flush=True)
    return rows


def on_disk(home: Home, size: int, graph: tuple[int, int]) -> dict[str, object]:
    """Bytes of the store and of the transaction logs, once Neo4j has stopped."""
    home.server.stop()
    store, logs = sizes(home.settings.home)
    nodes, relationships = graph
    return {
        "crashes": size,
        "nodes": nodes,
        "relationships": relationships,
        "store, MB": store / 1e6,
        "bytes per crash": store / size,
        "transaction logs, MB": logs / 1e6,
    }


def with_ratios(rows: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """The rows with what a crash costs in relation to the size before."""
    last: dict[object, float] = {}
    ratios = []
    for row in rows:
        cost = float(str(row["CPU, ms per crash"]))
        ratios.append({**row, "× last": cost / last[row["command"]] if row["command"] in last else 1.0})
        last[row["command"]] = cost
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 50_000, 200_000])
    parser.add_argument("--secrets", type=float, default=0.02, help="share of crashes with a secret of their own")
    parser.add_argument("--heap", type=int, default=512, help="MiB of Neo4j's heap")
    args = parser.parse_args()
    rows: list[dict[str, object]] = []
    disk: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="crashgraph-backup-") as name:
        home = Home(Path(name) / "home", args.heap)
        first = 0
        try:
            for size in args.sizes:
                home.server.start_persistent()
                began = time.monotonic()
                graph = asyncio.run(fill(home, first, size, args.secrets))
                print(f"{size:,} crashes written in {time.monotonic() - began:.0f} s: {graph}", flush=True)
                disk.append(on_disk(home, size, graph))
                home.server.start_persistent()
                rows += measure(home, Path(name), size, graph)
                report("backup of large graphs", with_ratios(rows))
                first = size
        finally:
            home.server.stop()
    report("bytes on the disk", disk)


if __name__ == "__main__":
    main()
