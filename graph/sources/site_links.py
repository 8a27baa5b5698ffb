"""Read links between sites from a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path

from graph.model.bounds import bounded
from graph.model.errors import InvalidInputError

HEADERS = {("site", "site"), ("a", "b"), ("source", "target"), ("site_a", "site_b"), ("from", "to")}


def read_links(path: Path) -> list[tuple[str, str]]:
    """Pairs of site names from a CSV with two columns and an optional header (:data:`HEADERS`).

    ``InvalidInputError`` gives the line that is not a pair of two different names.
    """
    pairs: dict[tuple[str, str], None] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            names = [bounded(cell.strip()) for cell in row]
            if not any(names) or (number == 1 and tuple(name.lower() for name in names) in HEADERS):
                continue
            if len(names) != 2 or not all(names):
                raise InvalidInputError(f"{path}: line {number}: expected two site names, got {len(names)} columns")
            first, second = sorted(names)
            if first == second:
                raise InvalidInputError(f"{path}: line {number}: {first!r} is linked to itself")
            pairs[(first, second)] = None
    return list(pairs)
