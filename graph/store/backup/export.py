"""Export a graph that is in use, and import a backup into an empty one.

Neo4j Community has no online backup, and its transactions see what others commit meanwhile. The export therefore holds the
lock of the event log, which every ingest, verdict and job takes last: their writes wait until it has read the graph; reads
go on. A writer that records no event (a heartbeat, reprocessing) is not held up. If it adds nodes while relationships are
read, the export begins again.

Reports that wait in the spool are read last, under the same lock: one that was accepted before is there or in the graph.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import neo4j
import orjson

from graph.model.errors import ConflictError, InvalidInputError
from graph.model.quoting import quoted
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
    written,
)
from graph.store.backup.numbered import NumberedValues
from graph.store.backup.values import VALUE, decoded, encoded
from graph.store.migrate import apply_schema
from graph.store.neo4j_graph import Neo4jGraph

ATTEMPTS = 3
ROWS, BYTES = 5_000, 8 << 20
"""Nodes or relationships, and bytes of JSON, that are read or imported at once at most."""
_LOCK = (
    "MERGE (log:EventLog {name: 'events'}) ON CREATE SET log.last = 0, log.removed = 0 "
    "SET log:EventLog WITH log RETURN log.last AS last"
)
_SCHEMA = (
    "SHOW CONSTRAINTS YIELD name, createStatement RETURN name, createStatement AS text",
    (
        "SHOW INDEXES YIELD name, type, owningConstraint, createStatement AS text "
        "WHERE type <> 'LOOKUP' AND owningConstraint IS NULL RETURN name, text"
    ),
)


_SCHEMA_COMMAND = re.compile("CREATE (CONSTRAINT|(RANGE|TEXT|POINT|FULLTEXT|VECTOR) INDEX) `")


@dataclass(frozen=True, slots=True)
class Beside:
    """What a backup holds beside the graph: facts about the home, and the records (lines) that wait in its spool."""

    home: Mapping[str, Any] = field(default_factory=dict)
    waiting: Callable[[], Iterable[list[Any]]] = tuple
    reserve: int = 0
    """Bytes that stay free on the disk of the backup."""


NOTHING = Beside()


async def write_backup(graph: Neo4jGraph, path: Path, beside: Beside = NOTHING) -> BackupContent:
    """Write the graph to a file, replacing it only by a complete backup. The server and its users go on."""
    if not path.parent.is_dir():
        raise InvalidInputError(f"cannot back up to {path}: there is no folder {path.parent}")
    schema = [row for text in _SCHEMA for row in await graph.read(Statement(text, name="schema of the backup"))]
    for _ in range(ATTEMPTS):
        with suppress(KeyError):
            return await _write(graph, path, schema, beside)
    raise ConflictError("backup: nodes were added while it was written; try again")


async def graph_content(graph: Neo4jGraph) -> BackupContent:
    """The content of a graph that nothing else uses, as a backup of it would state."""
    with ContentDigest() as digest:
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
        # Under the lock there is no other backup of this graph: what has that name was left by a killed one.
        fresh = path.with_name(f".{path.name}.new")
        with _replacing(fresh, path), closing(BackupWriter(fresh, header, path, beside.reserve)) as writer:
            async for lines in _chunks(_lines(tx)):
                await asyncio.to_thread(writer.add_all, lines)
            await asyncio.to_thread(lambda: writer.add_all(beside.waiting()))
            return await asyncio.to_thread(writer.finish)


@contextmanager
def _replacing(fresh: Path, path: Path) -> Iterator[None]:
    """Replace a file by the one that the block writes, if it is complete."""
    with written(path):
        fresh.unlink(missing_ok=True)
    try:
        yield
        with written(path):
            fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


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
    size = 0
    async for line in lines:
        chunk.append(line)
        size += sum(map(_length, line[-1].values()))
        if len(chunk) == ROWS or size > BYTES:
            yield chunk
            chunk, size = [], 0
    yield chunk


def _length(value: Any) -> int:
    """Characters of an encoded value, without those of numbers."""
    if isinstance(value, dict):
        return _length(value[VALUE])
    if isinstance(value, list):
        return sum(map(_length, value))
    return len(value) if isinstance(value, str) else 0


async def load_backup(graph: Neo4jGraph, path: Path, progress: Callable[[int], None] = lambda _: None) -> BackupContent:
    """Import a backup into an empty graph. ``progress`` is called with the number of nodes and relationships so far.

    What waits in the file is left to the caller. ``InvalidInputError`` if the graph is not empty, or the file damaged; what
    was imported until then stays.
    """
    [row] = await graph.read(Statement("MATCH (n) RETURN count(n) AS nodes", name="count nodes"))
    if row["nodes"]:
        raise InvalidInputError(f"the graph holds {row['nodes']:,} nodes; a backup is only restored into an empty one")
    header = await asyncio.to_thread(read_header, path)
    schema = [_once(path, row["text"]) for row in header["schema"]]
    constraints = [text for text in schema if text.startswith("CREATE CONSTRAINT")]
    for text in constraints:
        await graph.write(Statement(text, name="create a constraint"))
    done = 0
    with ContentDigest() as digest, _Ids() as ids:
        batches = _batches(line for line in read_lines(path, digest) if line[0] != WAITING)
        while lines := await asyncio.to_thread(next, batches, None):
            for (kind, group), members in groupby(sorted(lines, key=_group), key=_group):
                rows = list(members)
                if kind == NODE:
                    await _create_nodes(graph, group, rows, ids)
                else:
                    await _create_relationships(graph, group, rows, ids)
            done += len(lines)
            progress(done)
    for text in schema:
        if text not in constraints:
            await graph.write(Statement(text, name="create an index"))
    await apply_schema(graph)
    await graph.read(Statement("CALL db.awaitIndexes(3600)", name="await indexes"))
    return digest.content


class _Ids(NumberedValues):
    """The element ids of restored nodes by their numbers in the file."""

    def __init__(self) -> None:
        super().__init__(8)
        self._database = ""

    def note(self, number: int, element_id: str) -> None:
        self._database, _, own = element_id.rpartition(":")
        self[number] = (int(own) + 1).to_bytes(8, "little")

    def element_id(self, number: int) -> str:
        return f"{self._database}:{int.from_bytes(self[number], 'little') - 1}"


def _once(path: Path, text: str) -> str:
    """The statement that creates a constraint or index, unless it exists. A file could hold any other statement."""
    if not _SCHEMA_COMMAND.match(text):
        raise InvalidInputError(f"the backup {path} is damaged: {quoted(text[:100])} creates no constraint or index")
    return text.replace(" FOR ", " IF NOT EXISTS FOR ", 1)


def _group(line: list[Any]) -> tuple[str, list[str]]:
    """Kind, and labels or type."""
    return (NODE, line[2]) if line[0] == NODE else (RELATIONSHIP, [line[1]])


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


async def _create_nodes(graph: Neo4jGraph, labels: list[str], lines: list[list[Any]], ids: _Ids) -> None:
    # Names are parameters: quoted in the text they could end the quotation, as \u0060 does.
    text = "UNWIND $rows AS row CREATE (n:$($labels)) SET n = row.properties RETURN row.id AS id, elementId(n) AS element"
    rows = [{"id": line[1], "properties": _decoded(line[3])} for line in lines]
    [made] = await graph.write(Statement(text, {"rows": rows, "labels": labels}, "restore nodes"))
    for row in made:
        ids.note(row["id"], row["element"])


async def _create_relationships(graph: Neo4jGraph, types: list[str], lines: list[list[Any]], ids: _Ids) -> None:
    text = (
        "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row.a MATCH (b) WHERE elementId(b) = row.b "
        "CREATE (a)-[r:$($types)]->(b) SET r = row.properties"
    )
    rows = [{"a": ids.element_id(line[2]), "b": ids.element_id(line[3]), "properties": _decoded(line[4])} for line in lines]
    await graph.write(Statement(text, {"rows": rows, "types": types}, "restore relationships"))


def _decoded(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: decoded(value) for name, value in properties.items()}
