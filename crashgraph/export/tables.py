"""Tables in a folder, one file per label and per type of relationships: CSV, or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from crashgraph.export.writer import Columns, flat
from graph.model.errors import InvalidInputError

if TYPE_CHECKING:
    from graph.model.declare import Property
    from resolvers.export import ExportedNode, ExportedRelationship

NODE, RELATIONSHIP = ("id",), ("source", "target")
"""Columns before the properties."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet calculates."""
NO_PYARROW = "Parquet needs the package pyarrow, which is not installed; `pip install pyarrow`, or choose another format"


class Table(Protocol):
    """One file."""

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append rows."""
        ...


class Tables:
    """A folder of files, which are there also if they have no rows."""

    suffix: str

    def __init__(self, folder: Path, columns: Columns) -> None:
        """Write below ``folder``, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        self._open = ExitStack()
        self._tables: dict[str, Table] = {}
        for label in columns.labels:
            self._tables[label] = self.table(folder / f"{label}{self.suffix}", NODE, columns.of_label(label))
        for type_ in columns.types:
            self._tables[type_] = self.table(folder / f"{type_}{self.suffix}", RELATIONSHIP, columns.of_type(type_))

    def table(self, path: Path, first: Sequence[str], properties: Iterable[Property]) -> Table:
        """Begin a file."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """The files are open."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Complete the files."""
        self._open.close()

    def nodes(self, page: Sequence[ExportedNode]) -> None:
        """Write nodes."""
        for label, some in groupby(page, lambda one: one.label):
            self._tables[label].write([{"id": one.id, **one.properties} for one in some])

    def relationships(self, page: Sequence[ExportedRelationship]) -> None:
        """Write relationships."""
        by_type: dict[str, list[Mapping[str, Any]]] = {}
        for one in page:
            by_type.setdefault(one.type, []).append({"source": one.source, "target": one.target, **one.properties})
        for type_, rows in by_type.items():
            self._tables[type_].write(rows)


class CsvTables(Tables):
    """CSV (RFC 4180) in UTF-8. A list is JSON; a text that a spreadsheet would calculate begins with an apostrophe."""

    suffix = ".csv"

    def table(self, path: Path, first: Sequence[str], properties: Iterable[Property]) -> Table:
        """Begin a file with the names of its columns."""
        file = self._open.enter_context(path.open("w", encoding="utf-8", newline=""))
        return _CsvTable(file, [*first, *(one.name for one in properties)])


class _CsvTable:
    def __init__(self, file: Any, names: list[str]) -> None:
        self._names = names
        self._writer = csv.writer(file)
        self._writer.writerow(names)

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._writer.writerows([cell(row.get(name)) for name in self._names] for row in rows)


def cell(value: Any) -> Any:
    """A value as a spreadsheet may show it: never as a formula."""
    value = flat(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        value = value.replace("\0", "\ufffd")
        return f"'{value}" if value.startswith(FORMULA) else value
    return value


class ParquetTables(Tables):
    """Parquet with types: lists are lists, and times are moments in UTC."""

    suffix = ".parquet"

    def table(self, path: Path, first: Sequence[str], properties: Iterable[Property]) -> Table:
        """Begin a file with the types of its columns."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ModuleNotFoundError as error:
            raise InvalidInputError(NO_PYARROW) from error
        types = _arrow_types(pa)
        fields = [pa.field(name, pa.string()) for name in first]
        fields += [pa.field(one.name, types[one.neo4j_type]) for one in properties if one.name not in first]
        schema = pa.schema(fields)
        return _ParquetTable(pa, self._open.enter_context(pq.ParquetWriter(path, schema)), schema)


class _ParquetTable:
    def __init__(self, pa: Any, writer: Any, schema: Any) -> None:
        self._pa, self._writer, self._schema = pa, writer, schema

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._writer.write_table(self._pa.Table.from_pylist(list(rows), schema=self._schema))


def _arrow_types(pa: Any) -> dict[str, Any]:
    """Types of Arrow by those of Neo4j."""
    plain = {"STRING": pa.string(), "INTEGER": pa.int64(), "FLOAT": pa.float64(), "BOOLEAN": pa.bool_()}
    plain["ZONED DATETIME"] = pa.timestamp("us", tz="UTC")
    return plain | {f"LIST<{name}>": pa.list_(type_) for name, type_ in plain.items()}
