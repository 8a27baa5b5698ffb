"""What every benchmark needs: a graph of its own, a table for people and a JSON line for machines."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from crashgraph.settings import Settings
from crashgraph.wiring import Container, open_container


@asynccontextmanager
async def own_graph(batch_size: int = 2_000) -> AsyncIterator[Container]:
    """Container on an empty embedded Neo4j in a temporary home; jars come from the user's cache."""
    with tempfile.TemporaryDirectory(prefix="crashgraph-bench-") as home:
        async with open_container(Settings(home=Path(home), batch_size=batch_size)) as container:
            yield container


def report(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print the rows as a table and as one JSON line."""
    columns = list(rows[0])
    cells = [[_shown(row[column]) for column in columns] for row in rows]
    widths = [max(len(column), *(len(line[i]) for line in cells)) for i, column in enumerate(columns)]
    print("| " + " | ".join(column.ljust(width) for column, width in zip(columns, widths, strict=True)) + " |")
    print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    for line in cells:
        print("| " + " | ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) + " |")
    print(json.dumps({"benchmark": name, "rows": list(rows)}))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
