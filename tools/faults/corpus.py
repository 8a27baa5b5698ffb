"""Labelled reports as JSON lines: ``id, report, timestamp, product, truth``, shaped like the sets that judge recognition.

Timestamps are pseudo-random, so that reports of one bug lie far apart in the stream; the file is in their order.

Faults put into one library by the hundred meet at the same place, the innermost frames the same, some five to ten times
as often as the bugs of real projects do (measured against the shared sets). A model taught with that would distrust the
strongest evidence there is, so most such reports are left out.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

MOST_IN_A_GROUP = 12
ALIKE_KEPT = (
    0.2  # of the reports that look like another fault's: about one report in twenty then does, somewhat more than in reality
)
YEAR = 366 * 24 * 60
START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One report and the fault that caused it. ``place`` is its innermost frames outside test frameworks."""

    report: str
    place: str
    product: str
    group: str
    language: str
    type: str
    more: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """The report as written to the file; the same report always has the same id and time."""
        digest = hashlib.sha256(f"{self.group}\n{self.report}".encode("utf-8", "surrogatepass"))
        minutes = int.from_bytes(digest.digest()[8:14], "big") % YEAR
        truth = {"group": self.group, "language": self.language, "type": self.type, **self.more}
        when = (START + timedelta(minutes=minutes)).isoformat()
        return {
            "id": digest.hexdigest()[:12],
            "report": self.report,
            "timestamp": when,
            "product": self.product,
            "truth": truth,
        }


def write(path: Path, reports: Iterable[Labelled]) -> None:
    """Write all groups; of a group with more than a dozen different reports, an arbitrary dozen."""
    groups: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in _unlike(reports):
        groups[row["truth"]["group"]][row["id"]] = row
    rows = [row for group in groups.values() for _, row in sorted(group.items())[:MOST_IN_A_GROUP]]
    rows.sort(key=lambda row: (row["timestamp"], row["id"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def _unlike(reports: Iterable[Labelled]) -> Iterator[dict[str, Any]]:
    """Leave out reports that a fault before them made word for word, and most of those that only look like it."""
    owners: dict[str, str] = {}
    made = sorted(((labelled.row(), labelled) for labelled in reports), key=lambda pair: str(pair[0]["id"]))
    for row, labelled in made:
        text = owners.setdefault(labelled.report, labelled.group)
        place = owners.setdefault(f"{labelled.product} {labelled.place}", labelled.group)
        kept = int(row["id"][-4:], 16) < ALIKE_KEPT * 0x10000
        if text == labelled.group and (place == labelled.group or kept):
            yield row


def counts(path: Path) -> str:
    """Reports, groups and groups with one report, for each product and in all."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    products = sorted({row["product"] for row in rows})
    return "\n".join([_line("all", rows), *(_line(name, [row for row in rows if row["product"] == name]) for name in products)])


def _line(name: str, rows: list[dict[str, Any]]) -> str:
    sizes = Counter(row["truth"]["group"] for row in rows)
    single = sum(size == 1 for size in sizes.values())
    return f"{name:24} {len(rows):6} reports {len(sizes):6} groups {single:6} of one report"
