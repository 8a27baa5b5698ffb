"""Checks of a graph that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crashgraph.doctor import Check
from graph.cypher import query
from graph.fingerprint.normalisation import VERSION
from graph.model.errors import QueryError
from graph.model.statement import Statement
from graph.redaction.redactor import Redactor
from graph.store import Neo4jGraph, find_drift
from graph.store.consistency import check_consistency
from jobs.claims import STALE_SECONDS, Jobs, history
from jobs.consumers import consumer_health
from jobs.registry import CONSUMERS, find_job
from jobs.schedule import latest_due
from jobs.upkeep import backup

LATE = timedelta(days=1)
"""How long a backup that was due may be missing."""
RECREATED = "`crashgraph up` creates it when it starts"


async def check_graph(graph: Neo4jGraph, home: Path, jobs: Jobs) -> AsyncIterator[Check]:
    """All checks, those that read everything last. ``jobs`` have the schedules in force."""
    yield await check_versions(graph)
    yield await check_data_science(graph)
    for check in await check_consumers(graph):
        yield check
    for check in await check_schema(graph):
        yield check
    rows = await graph.read(query("installation/key"))
    yield check_key(home / "redaction.key", rows[0]["key_mark"] if rows else None)
    for check in await check_backups(graph, jobs, datetime.now(UTC)):
        yield check
    async for check in check_data(graph):
        yield check


async def check_versions(graph: Neo4jGraph) -> Check:
    """The versions of the server."""
    text = "CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0] AS version, edition"
    rows = await graph.read(Statement(text, name="components"))
    return Check("Neo4j version", ok=True, detail=", ".join(f"{row['name']} {row['version']} {row['edition']}" for row in rows))


async def check_data_science(graph: Neo4jGraph) -> Check:
    """Whether the server has the library."""
    try:
        rows = await graph.read(Statement("RETURN gds.version() AS version", name="gds version"))
    except QueryError:
        return Check("Graph Data Science", ok=False, detail="the library is not installed on this Neo4j")
    return Check("Graph Data Science", ok=True, detail=str(rows[0]["version"]))


async def check_consumers(graph: Neo4jGraph) -> list[Check]:
    """One check per consumer: a stopped one is ok, one that waits after a failure is not."""
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


async def check_schema(graph: Neo4jGraph) -> list[Check]:
    """Differences from the model. An undeclared index may be an engineer's own; only a missing one is a failure."""
    drift = await find_drift(graph)
    if not drift:
        return [Check("schema", ok=True, detail="constraints and indexes are those of the model")]
    return [
        Check(
            f"schema: {difference.kind} {difference.name}",
            ok=difference.kind == "foreign",
            detail=difference.detail + ("" if difference.kind == "foreign" else f"; {RECREATED}"),
        )
        for difference in drift
    ]


def check_key(path: Path, mark: str | None) -> Check:
    """Whether the home has the redaction key that the graph was written with, by its mark."""
    if mark is None:
        return Check("redaction key", ok=True, detail="this graph does not know its key yet; the next start notes it")
    advice = (
        "put back the file of the home that wrote it, or restore a backup that holds it: other keys give other placeholders"
    )
    if not path.exists():
        return Check("redaction key", ok=False, detail=f"{path} is missing; {advice}")
    if Redactor(path.read_bytes()).key_mark != mark:
        return Check("redaction key", ok=False, detail=f"{path} is not the key that this graph was written with; {advice}")
    return Check("redaction key", ok=True, detail=f"{path} is the key that this graph was written with")


async def check_backups(graph: Neo4jGraph, jobs: Jobs, now: datetime) -> list[Check]:
    """How the last scheduled backup and its verification ended, and whether one was due since."""
    checks = []
    for name in (backup.SPEC.name, backup.VERIFY.name):
        last = next((run for run in await history(graph, name, 5) if run.finished_at is not None), None)
        if last is None:
            checks.append(Check(f"job {name}", ok=True, detail="has not run yet"))
            continue
        due = latest_due(find_job(name, jobs).schedule, now - LATE)
        late = due is not None and last.finished_at is not None and last.finished_at < due
        detail = f"{last.state} at {last.finished_at}" + (f": {last.error}" if last.error else "")
        if late:
            detail += f"; none since, though one was due at {due}: jobs run while `crashgraph up` or `crashgraph worker` does"
        checks.append(Check(f"job {name}", ok=last.state != "failed" and not late, detail=detail))
    return checks


async def check_data(graph: Neo4jGraph) -> AsyncIterator[Check]:
    """What does not hold in the data, or one line if everything does."""
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
