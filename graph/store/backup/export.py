"""Export a graph that is in use, and import a backup into an empty one.

Neo4j Community has no online backup, and its transactions see what others commit meanwhile. The export therefore holds the
lock of the event log, which every ingest, verdict and job takes last: their writes wait until it has read the graph; reads
go on. A writer that records no event (a heartbeat, reprocessing) is not held up. If it adds nodes while relationships are
read, the export begins again.

Reports that wait in the spool are read last, under the same lock: one that was accepted before is there or in the graph.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import neo4j
import orjson

from graph.model.errors import ConflictError, InvalidInputError
from graph.model.statement import Statement
from graph.ports import Row
from graph.store.backup.file import (
    NODE,
    RELATIONSHIP,
    WAITING,
    BackupContent,
    BackupWriter,
    ContentDigest,
    read_header,
    read_lines,
)
from graph.store.backup.values import decoded, encoded
from graph.store.migrate import apply_schema
from graph.store.neo4j_graph import Neo4jGraph

ATTEMPTS = 3
ROWS, BYTES = 5_000, 8 << 20
"""Nodes or relationships, and bytes of JSON, that one transaction imports at most."""
_LOCK = (
    "MERGE (log:EventLog {name: 'events'}) ON CREATE SET log.last = 0, log.removed = 0 "
    "SET log.last = log.last RETURN log.last AS last"
)
_SCHEMA = (
    "SHOW CONSTRAINTS YIELD name, createStatement RETURN name, createStatement AS text",
    (
        "SHOW INDEXES YIELD name, type, owningConstraint, createStatement AS text "
        "WHERE type <> 'LOOKUP' AND owningConstraint IS NULL RETURN name, text"
    ),
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a backup holds beside the graph: facts about the home, and the records (lines) that wait in its spool."""

    home: Mapping[str, Any] = field(default_factory=dict)
    waiting: Callable[[], Iterable[list[Any]]] = tuple


NOTHING = Beside()


async def write_backup(graph: Neo4jGraph, path: Path, beside: Beside = NOTHING) -> BackupContent:
    """Write the graph to a file, replacing it only by a complete backup. The server and its users go on."""
    if not path.parent.is_dir():
        raise InvalidInputError(f"cannot back up to {path}: there is no folder {path.parent}")
    schema = [row for text in _SCHEMA for row in await graph.read(Statement(text, name="schema of the backup"))]
    fresh = path.with_name(f".{path.name}.new")
    try:
        for attempt in range(1, ATTEMPTS + 1):
            fresh.unlink(missing_ok=True)
            try:
                content = await _write(graph, fresh, schema, beside)
            except KeyError:
                if attempt == ATTEMPTS:
                    raise ConflictError("backup: nodes were added while it was written; try again") from None
                continue
            fresh.replace(path)
            return content
    finally:
        fresh.unlink(missing_ok=True)
    raise AssertionError("unreachable")


async def graph_content(graph: Neo4jGraph) -> BackupContent:
    """The content of a graph that nothing else uses, as a backup of it would state."""
    digest = ContentDigest()
    async with graph.open_transaction() as tx:
        async for line in _lines(tx):
            digest.add(line)
    return digest.content


async def _write(graph: Neo4jGraph, path: Path, schema: list[Row], beside: Beside) -> BackupContent:
    async with graph.open_transaction() as tx:
        [record] = [record async for record in await tx.run(_LOCK)]
        header = {
            "created_at": datetime.now(UTC).isoformat(),
            "last_event": record["last"],
            "schema": sorted(schema, key=lambda row: str(row["name"])),
            "home": beside.home,
        }
        writer = BackupWriter(path, header)
        try:
            async for lines in _chunks(_lines(tx)):
                await asyncio.to_thread(_add_all, writer, lines)
            await asyncio.to_thread(lambda: _add_all(writer, beside.waiting()))
            return await asyncio.to_thread(writer.finish)
        finally:
            writer.close()


def _add_all(writer: BackupWriter, lines: Iterable[list[Any]]) -> None:
    for line in lines:
        writer.add(line)


async def _lines(tx: neo4j.AsyncTransaction) -> AsyncIterator[list[Any]]:
    """All nodes, then all relationships."""
    async for record in await tx.run("MATCH (n) RETURN n"):
        node = record["n"]
        yield [NODE, _number(node), sorted(node.labels), {name: encoded(value) for name, value in node.items()}]
    async for record in await tx.run("MATCH (a)-[r]->(b) RETURN elementId(a) AS a, r, elementId(b) AS b"):
        made = record["r"]
        properties = {name: encoded(value) for name, value in made.items()}
        yield [RELATIONSHIP, made.type, _tail(record["a"]), _tail(record["b"]), properties]


def _number(entity: Any) -> int:
    return _tail(entity.element_id)


def _tail(element_id: str) -> int:
    """The number at the end of an element id, which is unique among the nodes of a database."""
    return int(element_id.rpartition(":")[2])


async def _chunks(lines: AsyncIterator[list[Any]]) -> AsyncIterator[list[list[Any]]]:
    chunk: list[list[Any]] = []
    async for line in lines:
        chunk.append(line)
        if len(chunk) == ROWS:
            yield chunk
            chunk = []
    yield chunk


async def load_backup(graph: Neo4jGraph, path: Path, progress: Callable[[int], None] = lambda _: None) -> BackupContent:
    """Import a backup into an empty graph. ``progress`` is called with the number of nodes and relationships so far.

    What waits in the file is left to the caller. ``InvalidInputError`` if the graph is not empty, or the file damaged; what
    was imported until then stays.
    """
    [row] = await graph.read(Statement("MATCH (n) RETURN count(n) AS nodes", name="count nodes"))
    if row["nodes"]:
        raise InvalidInputError(f"the graph holds {row['nodes']:,} nodes; a backup is only restored into an empty one")
    header = await asyncio.to_thread(read_header, path)
    for row in header["schema"]:
        if row["text"].startswith("CREATE CONSTRAINT"):
            await graph.write(Statement(_once(row["text"]), name=f"create {row['name']}"))
    ids: dict[int, str] = {}
    digest = ContentDigest()
    done = 0
    batches = _batches(line for line in read_lines(path) if line[0] != WAITING)
    while lines := await asyncio.to_thread(next, batches, None):
        for line in lines:
            digest.add(line)
        for (kind, group), members in groupby(sorted(lines, key=_group), key=_group):
            rows = list(members)
            if kind == NODE:
                ids |= await _create_nodes(graph, group, rows)
            else:
                await _create_relationships(graph, group, rows, ids)
        done += len(lines)
        progress(done)
    for row in header["schema"]:
        if not row["text"].startswith("CREATE CONSTRAINT"):
            await graph.write(Statement(_once(row["text"]), name=f"create {row['name']}"))
    await apply_schema(graph)
    await graph.read(Statement("CALL db.awaitIndexes(3600)", name="await indexes"))
    return digest.content


def _once(text: str) -> str:
    """The statement that creates a constraint or index, unless it exists."""
    return text.replace(" FOR ", " IF NOT EXISTS FOR ", 1)


def _group(line: list[Any]) -> tuple[str, str]:
    """Kind, and labels or type, as they are written in Cypher."""
    if line[0] == NODE:
        return NODE, "".join(f":{_quoted(label)}" for label in line[2])
    return RELATIONSHIP, _quoted(line[1])


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _batches(lines: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    """Batches by number and size; nodes and relationships apart."""
    for _, kind in groupby(lines, key=lambda line: str(line[0])):
        batch: list[list[Any]] = []
        size = 0
        for line in kind:
            batch.append(line)
            size += len(orjson.dumps(line[-1]))
            if len(batch) == ROWS or size > BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch


async def _create_nodes(graph: Neo4jGraph, labels: str, lines: list[list[Any]]) -> dict[int, str]:
    text = f"UNWIND $rows AS row CREATE (n{labels}) SET n = row.properties RETURN row.id AS id, elementId(n) AS element"
    rows = [{"id": line[1], "properties": _decoded(line[3])} for line in lines]
    [made] = await graph.write(Statement(text, {"rows": rows}, "restore nodes"))
    return {row["id"]: row["element"] for row in made}


async def _create_relationships(graph: Neo4jGraph, type_: str, lines: list[list[Any]], ids: dict[int, str]) -> None:
    text = (
        "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row.a MATCH (b) WHERE elementId(b) = row.b "
        f"CREATE (a)-[r:{type_}]->(b) SET r = row.properties"
    )
    rows = [{"a": ids[line[2]], "b": ids[line[3]], "properties": _decoded(line[4])} for line in lines]
    await graph.write(Statement(text, {"rows": rows}, "restore relationships"))


def _decoded(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: decoded(value) for name, value in properties.items()}
