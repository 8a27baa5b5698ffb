"""How many bytes a crash costs on the disk: in Neo4j's store and in its transaction logs, at growing sizes.

The server is stopped before each measurement, so that everything is in the store. Transaction logs are removed at checkpoints
beyond their limit; ``bound`` is that limit plus the one log that is written.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from _bench import report
from ingest import corpus, ours, shifted

from crashgraph.settings import Settings
from crashgraph.wiring import open_container, server_settings
from graph.model.statement import Statement
from graph.server import EmbeddedServer
from graph.server.config import LOG_FILE_MB, LOGS_MB
from graph.sources.submission import Submission

CRASHES = Statement("MATCH (c:Crash) RETURN count(c) AS crashes, avg(size(c.report)) AS characters")
LOGS = "neostore.transaction"


def sizes(home: Path) -> tuple[int, int]:
    """Bytes of the store and of the transaction logs."""
    store = logs = 0
    for path in (home / "neo4j").rglob("*"):
        if path.is_file():
            size = path.stat().st_size
            logs += size * path.name.startswith(LOGS)
            store += size * ("databases" in path.parts and not path.name.startswith(LOGS))
    return store, logs


async def store(settings: Settings, source: list[Submission], size: int, turn: int) -> tuple[int, float]:
    """Store as many crashes more; how many there are, and how long their reports are."""
    async with open_container(settings) as container:
        await ours(container, list(shifted(source, size, turn, new_text=True)))
        [row] = await container.graph.read(CRASHES)
        return row["crashes"], row["characters"]


async def main(steps: list[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="crashgraph-bench-") as folder:
        source = corpus(Path(folder))
        settings = Settings(home=Path(folder) / "home", start_timeout=600)
        rows = []
        written = 0
        before, crashes_before = 0, 0
        for turn, size in enumerate(steps, 1):
            crashes, characters = await store(settings, source, size - written, turn)
            EmbeddedServer(server_settings(settings)).stop()
            written = size
            on_disk, logs = sizes(settings.home)
            rows.append(
                {
                    "crashes": crashes,
                    "characters of a report": characters,
                    "store, MB": on_disk / 1e6,
                    "bytes per crash": on_disk / crashes,
                    "bytes per crash more": (on_disk - before) / (crashes - crashes_before),
                    "logs, MB": logs / 1e6,
                    "bound, MB": (LOGS_MB + LOG_FILE_MB) * 1.048576,
                }
            )
            print(f"{crashes:,} crashes: {on_disk:,} bytes in the store, {logs:,} in logs", flush=True)
            before, crashes_before = on_disk, crashes
    report("bytes per crash", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 20_000, 80_000])
    asyncio.run(main(parser.parse_args().sizes))
