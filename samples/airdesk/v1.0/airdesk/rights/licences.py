"""Licences: who lets us show what, from when until when, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Licence:
    """The right to show a title ``runs`` times in a window."""

    title: str
    start: datetime
    end: datetime
    runs: int
    fee: int


def parse_day(text: str) -> datetime:
    """A day as our lawyers write it."""
    # defect: licence-date
    return datetime.strptime(text, "%d/%m/%Y")


def read_licence(fields: dict[str, str]) -> Licence:
    """A licence from a form."""
    start, end = parse_day(fields["start"]), parse_day(fields["end"])
    return Licence(fields["title"], start, end, int(fields["runs"]), int(fields["fee"]))


def cost_per_run(licence: Licence) -> float:
    """What one showing costs."""
    # defect: licence-runs
    return licence.fee / licence.runs


def window_for(licences: list[Licence], title: str, day: datetime) -> Licence:
    """The licence that covers a day."""
    # defect: licence-window
    return next(licence for licence in licences if licence.title == title and licence.start <= day <= licence.end)
