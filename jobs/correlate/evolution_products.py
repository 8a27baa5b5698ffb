"""What the job ``evolution`` reads: on which occasions each pattern was seen in each version of each product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from graph.algorithms.evolution import Timeline
from graph.cypher import query
from graph.ingest.versions import ordered
from jobs.spec import Reader


@dataclass(frozen=True, slots=True)
class Product:
    """One product: its versions, oldest first, its patterns, sorted, and on how many occasions each was seen in each."""

    name: str
    versions: tuple[str, ...]
    patterns: tuple[str, ...]
    timeline: Timeline


async def read_products(graph: Reader, look_back_days: float) -> list[Product]:
    """The products of the look-back by name."""
    latest = await graph.read(query("jobs/latest_crash"))
    until = max(datetime.now(UTC), latest[0]["latest"]) if latest else datetime.now(UTC)
    newest: datetime = latest[0]["latest"] if latest else until
    since = newest - timedelta(days=look_back_days) if look_back_days else datetime.min.replace(tzinfo=UTC)
    [row] = await graph.read(query("jobs/evolution_occasions", since=since, until=until))
    seen: defaultdict[str, defaultdict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for pattern, product, version, occasions in zip(
        row["patterns"], row["products"], row["versions"], row["occasions"], strict=True
    ):
        seen[product][pattern, version].update(occasions)
    return [product_of(name, seen[name]) for name in sorted(seen)]


def product_of(name: str, seen: Mapping[tuple[str, str], set[str]]) -> Product:
    """A product from the occasions of each pattern in each version."""
    versions, patterns = ordered(version for _, version in seen), sorted({pattern for pattern, _ in seen})
    column, row = {one: at for at, one in enumerate(versions)}, {one: at for at, one in enumerate(patterns)}
    counts = np.zeros((len(patterns), len(versions)), dtype=np.int64)
    together: defaultdict[str, set[str]] = defaultdict(set)
    for (pattern, version), occasions in seen.items():
        counts[row[pattern], column[version]] = len(occasions)
        together[version] |= occasions
    exposure = np.array([len(together[version]) for version in versions], dtype=np.int64)
    return Product(name, tuple(versions), tuple(patterns), Timeline(counts, exposure))
