"""crashgraph's service and @neo4j/graphql as processes beside the benchmark, on the same Neo4j."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from graph.server import Endpoint
from graph.server.ports import free_port

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]


@asynccontextmanager
async def crashgraph_service(endpoint: Endpoint) -> AsyncIterator[int]:
    """The port of ``crashgraph serve``."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="crashgraph-bench-serve-") as home:
        environment = {
            "CRASHGRAPH_HOME": home,
            "CRASHGRAPH_NEO4J_URI": endpoint.bolt_uri,
            "CRASHGRAPH_NEO4J_USER": endpoint.user,
            "CRASHGRAPH_NEO4J_PASSWORD": endpoint.password,
            "CRASHGRAPH_PORT": str(port),
            "CRASHGRAPH_RATE_QUERY": "1000000/second",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "crashgraph", "serve"]
        async with _process(command, environment, ROOT) as process:
            for _ in range(600):
                assert process.returncode is None, f"the service ended with status {process.returncode}"
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.2)
                else:
                    writer.close()
                    break
            yield port


@asynccontextmanager
async def neo4j_graphql(endpoint: Endpoint) -> AsyncIterator[int]:
    """The port of @neo4j/graphql, installed in a temporary folder from the versions of the lock file."""
    with tempfile.TemporaryDirectory(prefix="crashgraph-bench-npm-") as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json", "server.mjs"):
            (folder / file).write_bytes((FOLDER / file).read_bytes())
        install = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        async with _process(install, {}, folder) as npm:
            assert await npm.wait() == 0, "npm ci failed"
        environment = {
            "NEO4J_URI": endpoint.bolt_uri,
            "NEO4J_USER": endpoint.user,
            "NEO4J_PASSWORD": endpoint.password,
            "TYPES": str(FOLDER / "schema.graphql"),
        }
        async with _process(["node", "server.mjs"], environment, folder, stdout=asyncio.subprocess.PIPE) as process:
            assert process.stdout is not None
            yield int(await process.stdout.readline())


@asynccontextmanager
async def _process(
    command: list[str], environment: Mapping[str, str], folder: Path, stdout: int | None = asyncio.subprocess.DEVNULL
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env={**os.environ, **environment}, stdout=stdout)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
