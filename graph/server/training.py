"""Prepares an installation ahead of its first use: jars, and Java's ahead-of-time cache."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from graph.server.backup import DATABASE
from graph.server.http_query import query
from graph.server.jars import JarCache
from graph.server.java import find_java
from graph.server.launch import Launcher
from graph.server.layout import Layout
from graph.server.lockfile import read_lock
from graph.server.locks import FileLock
from graph.server.ports import free_port
from graph.server.process import await_ready, end, spawn
from graph.server.startup import StartupCache
from graph.server.values import ProgressCallback, ServerProgress, ServerSettings, ignore_progress

TIMEOUT_S = 600.0

# Exercise what every use of the graph needs: planner, writes, indexes, procedures.
STATEMENTS = (
    "CREATE CONSTRAINT warm_key IF NOT EXISTS FOR (n:Warm) REQUIRE n.key IS UNIQUE",
    "CREATE FULLTEXT INDEX warm_text IF NOT EXISTS FOR (n:Warm) ON EACH [n.text]",
    "CALL db.awaitIndexes(60)",
    "UNWIND range(1, 500) AS i MERGE (n:Warm {key: i}) ON CREATE SET n.text = 'text ' + i, n.at = datetime()",
    "MATCH (a:Warm), (b:Warm {key: a.key + 1}) MERGE (a)-[r:NEXT]->(b) SET r.score = 0.5",
    "MATCH (a:Warm)-[r:NEXT]->(b) WHERE a.key > 10 RETURN a.key, count(b), collect(r.score) ORDER BY a.key LIMIT 20",
    "CALL db.index.fulltext.queryNodes('warm_text', 'text') YIELD node, score RETURN node.key, score LIMIT 5",
    "MATCH (n:Warm) RETURN COUNT { (n)-[:NEXT]->() } AS degree, labels(n), properties(n) LIMIT 50",
    "RETURN gds.version()",
    "SHOW CONSTRAINTS YIELD name RETURN name",
)


def prepare_installation(settings: ServerSettings, progress: ProgressCallback | None = None) -> bool:
    """Download missing jars and build a missing startup cache. True if one was built.

    Runs a temporary server for a minute or two; no graph is changed. Raises the errors of a first start.
    """
    report = progress or ignore_progress
    cache_dir = settings.cache_dir.expanduser().absolute()
    jars = JarCache(cache_dir, read_lock().jars, report)
    jars.ensure()
    class_path = tuple(jars.path(jar) for jar in read_lock().jars)
    startup = StartupCache(cache_dir, find_java(settings.java_home), class_path)
    if not startup.supported or startup.exists:
        return False
    lock = FileLock(cache_dir / "startup.lock")
    with lock.wait(TIMEOUT_S, "making Java's startup cache", lambda text: report(ServerProgress("wait", text))):
        if not startup.exists:
            report(ServerProgress("prepare", "building a cache for faster starts of Neo4j (once per user, a minute or two)"))
            _train(replace(settings, cache_dir=cache_dir), startup)
    return True


def _train(settings: ServerSettings, startup: StartupCache) -> None:
    for leftover in settings.cache_dir.glob("training-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="training-", dir=settings.cache_dir))
    try:
        built = folder / "startup.aot"
        _run_once(replace(settings, home=folder / "home", bolt_port=0, http_port=0), built)
        if built.is_file():
            startup.accept(built)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_once(settings: ServerSettings, cache: Path) -> None:
    """Start, exercise and stop a server in an empty home; Java writes ``cache`` as it ends."""
    layout = Layout(settings.home)
    layout.create()
    launcher = Launcher(settings, layout, ignore_progress)
    toolbox = replace(launcher.toolbox(), startup_flags=(f"-XX:AOTCacheOutput={cache}", "-Xlog:aot*=off,cds*=off"))
    launcher.prepare(toolbox)
    bolt_port = free_port()
    http_port = free_port({bolt_port})
    launcher.write_config(bolt_port, http_port)
    process = spawn(toolbox.server_command(1024), layout.log, layout.neo4j)
    try:
        await_ready(process, bolt_port, http_port, TIMEOUT_S, layout.log)
        for statement in STATEMENTS:
            query(http_port, layout.read_password(), DATABASE, statement)
    finally:
        # Java assembles the cache after the server has stopped.
        end(process, TIMEOUT_S)
