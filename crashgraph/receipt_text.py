"""Receipts as ``crashgraph ingest`` prints them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from crashgraph.terminal import echo, print_json
from graph.model.report import ALREADY_STORED, QUEUED

SHOWN_REASONS = 10


class ReceiptPrinter:
    """Prints receipts, given as rows with the fields of the public contract."""

    def __init__(self, candidates: int, *, jsonl: bool) -> None:
        """``candidates`` is how many each receipt lists."""
        self.candidates = candidates
        self.tally = Tally()
        self._jsonl = jsonl

    def add(self, rows: Iterable[Mapping[str, Any]], *, each: bool = False) -> None:
        """Print JSON lines, or count for the summary; ``each`` also prints a line of text per receipt."""
        shown = list(rows)
        for row in shown:
            self.tally.add(row)
            if each and not self._jsonl:
                echo(f"{row['status']} {row['pattern_name'] or row['reason'] or ''} ({row['source']})")
        if self._jsonl:
            print_json(shown)

    def finish(self) -> None:
        """Print the summary, in text mode."""
        if not self._jsonl:
            echo(self.tally.summary())


class Tally:
    """Counts receipts by outcome."""

    def __init__(self) -> None:
        """Zero."""
        self.total = 0
        self.duplicates = 0
        self.new_patterns = 0
        self.patterns: set[str] = set()
        self.strategies: Counter[str] = Counter()
        self.reasons: list[str] = []
        self.not_understood = 0
        self.queued = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one receipt."""
        self.total += 1
        self.new_patterns += row["is_new"]
        if row["pattern_id"]:
            self.patterns.add(row["pattern_id"])
        if row["status"] == QUEUED:
            self.queued += 1
        elif row["status"] != "matched":
            self.not_understood += 1
            self.reasons.append(f"{row['source']}: {row['status']}: {row['reason']}")
        if (row["reason"] or "").startswith(ALREADY_STORED):
            self.duplicates += 1
        elif row["strategy"]:
            self.strategies[row["strategy"]] += 1

    def summary(self) -> str:
        """A few lines of text."""
        stored = self.total - self.duplicates - self.queued
        reports = f"{self.total:,} {_plural('report', self.total)}"
        lines = [f"{reports}: {stored:,} stored, {self.duplicates:,} already stored (unchanged)."]
        if self.queued:
            lines.append(f"{self.queued:,} are kept on disk by the service, which stores them when Neo4j takes them.")
        if self.total and self.total == self.duplicates:
            lines.append("Nothing changed: every one of these reports was stored before.")
        if self.strategies:
            counts = ", ".join(f"{count:,} {strategy}" for strategy, count in self.strategies.most_common())
            patterns = f"{len(self.patterns):,} {_plural('pattern', len(self.patterns))}"
            lines.append(f"{patterns}, {self.new_patterns:,} of them new ({counts}).")
        if self.not_understood:
            are = "is" if self.not_understood == 1 else "are"
            lines.append(f"{self.not_understood:,} could not be parsed and {are} stored as received:")
            lines += [f"  {one_line(reason)}" for reason in islice(self.reasons, SHOWN_REASONS)]
            if len(self.reasons) > SHOWN_REASONS:
                lines.append(f"  … and {len(self.reasons) - SHOWN_REASONS:,} more")
        return "\n".join(lines)


def one_line(text: str, limit: int = 300) -> str:
    """A text cut to one line of at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
