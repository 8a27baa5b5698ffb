"""``crashgraph export``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crashgraph.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Callable

    from crashgraph.export.run import Counts
    from crashgraph.export.writer import Columns, Writer

SUFFIXES = {".graphml": "graphml", ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson"}
FORMATS = ["graphml", "json", "ndjson", "csv", "parquet"]
FOLDERS = {"csv", "parquet"}
DEFAULT = ("Pattern",)


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write; a folder for csv and parquet."
)
@click.option("--format", "format_", type=click.Choice(FORMATS), help="By default from the file name.")
@click.option("--label", "labels", multiple=True, metavar="LABEL", help="Label to export, such as Crash; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Export all labels.")
def export(output: Path, format_: str | None, labels: tuple[str, ...], everything: bool) -> None:
    """Write nodes and the relationships between them: patterns, unless --label or --all asks for others.

    GraphML opens in Gephi, yEd and networkx. JSON is one node-link object, ndjson an object per line. CSV and Parquet are a
    folder with a file per label and type of relationships. Reports as text, vectors, users and keys are not exported.
    """
    chosen = format_ or SUFFIXES.get(output.suffix.lower())
    if chosen is None:
        raise click.UsageError(f"{output}: add --format, one of {', '.join(FORMATS)}")
    if everything and labels:
        raise click.UsageError("--all: leave out --label")
    if output.exists() and output.is_dir() is not (chosen in FOLDERS):
        raise click.UsageError(f"{output}: {chosen} is written to a {'folder' if chosen in FOLDERS else 'file'}")
    counts = asyncio.run(_export(output, chosen, labels, everything=everything))
    echo(f"{output}: {counts.nodes:,} nodes, {counts.relationships:,} relationships")


async def _export(output: Path, chosen: str, names: tuple[str, ...], *, everything: bool) -> Counts:
    from crashgraph.console import ServerSteps
    from crashgraph.export.run import export as run
    from crashgraph.export.writer import Columns
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from resolvers.export import LABELS, labels_named

    labels = LABELS if everything else labels_named(names or DEFAULT)
    with ServerSteps() as steps:
        async with open_container(load(), steps) as container:
            place = output if chosen in FOLDERS else output.with_name(f".{output.name}.part")
            with _writer(chosen, place, Columns(labels)) as writer:
                counts = await run(container.graph, labels, writer)
            if place != output:
                place.replace(output)
    return counts


def _writer(chosen: str, place: Path, columns: Columns) -> Writer:
    from crashgraph.export.graphml import GraphMl
    from crashgraph.export.node_link import Lines, NodeLink
    from crashgraph.export.tables import CsvTables, ParquetTables

    writers: dict[str, Callable[[Path, Columns], Writer]] = {
        "graphml": GraphMl,
        "json": NodeLink,
        "ndjson": Lines,
        "csv": CsvTables,
        "parquet": ParquetTables,
    }
    return writers[chosen](place, columns)
