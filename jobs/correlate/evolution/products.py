"""Occasions of each pattern in each version of each product, as the job ``evolution`` reads them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np

from graph.algorithms.evolution import Timeline
from graph.algorithms.streams import Indices
from graph.algorithms.version_order import ordered
from graph.cypher import query
from graph.ports import Reader


@dataclass(frozen=True, slots=True, order=True)
class SignatureForm:
    """One of several signatures of a pattern."""

    pattern: str
    exact: str
    title: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its versions, oldest first, its patterns, sorted, and the number of occasions of each in each version.

    ``form_counts`` are the occasions of ``forms``, the signatures of patterns with several.
    """

    name: str
    versions: tuple[str, ...]
    patterns: tuple[str, ...]
    timeline: Timeline
    forms: tuple[SignatureForm, ...]
    form_counts: Indices


async def read_products(graph: Reader, look_back_days: float, now: datetime) -> list[Product]:
    """Products with crashes in the look-back, by name."""
    latest = await graph.read(query("jobs/latest_crash"))
    until = max(now, latest[0]["latest"]) if latest else now
    newest: datetime = latest[0]["latest"] if latest else until
    since = newest - timedelta(days=look_back_days) if look_back_days else datetime.min.replace(tzinfo=UTC)
    [row] = await graph.read(query("jobs/evolution/occasions", since=since, until=until))
    seen: defaultdict[str, dict[tuple[SignatureForm, str], set[str]]] = defaultdict(dict)
    columns = (row[name] for name in ("patterns", "signatures", "titles", "products", "versions", "occasions"))
    for pattern, signature, title, product, version, occasions in zip(*columns, strict=True):
        seen[product].setdefault((SignatureForm(pattern, signature, title), version), set()).update(occasions)
    return [product_of(name, seen[name]) for name in sorted(seen)]


def product_of(name: str, seen: Mapping[tuple[SignatureForm, str], set[str]]) -> Product:
    """A product from the occasions of each signature in each version."""
    of_patterns: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    together: defaultdict[str, set[str]] = defaultdict(set)
    for (form, version), occasions in seen.items():
        of_patterns[form.pattern, version] |= occasions
        together[version] |= occasions
    versions, patterns = ordered(together), sorted({pattern for pattern, _ in of_patterns})
    signatures = Counter(form.pattern for form in {form for form, _ in seen})
    forms = sorted({form for form, _ in seen if signatures[form.pattern] > 1})
    exposure = np.array([len(together[version]) for version in versions], dtype=np.int64)
    return Product(
        name=name,
        versions=tuple(versions),
        patterns=tuple(patterns),
        timeline=Timeline(_counts(patterns, versions, of_patterns), exposure),
        forms=tuple(forms),
        form_counts=_counts(forms, versions, seen),
    )


Row = TypeVar("Row", bound=Hashable)


def _counts(rows: Sequence[Row], versions: Sequence[str], seen: Mapping[tuple[Row, str], set[str]]) -> Indices:
    """Numbers of occasions, shape ``(rows, versions)``."""
    place, column = {one: at for at, one in enumerate(rows)}, {one: at for at, one in enumerate(versions)}
    counts = np.zeros((len(rows), len(versions)), dtype=np.int64)
    for (row, version), occasions in seen.items():
        if row in place:
            counts[place[row], column[version]] = len(occasions)
    return counts
