"""Licences: who lets us show what, from when until when, and how often."""

from __future__ import annotations

from collections.abc import Iterator
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
    # defect: licence-date/2
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
    return first_of(covering(licences, title, day))


def covering(licences: list[Licence], title: str, day: datetime) -> Iterator[Licence]:
    """The licences of a title that cover a day, the longest first."""
    mine = [licence for licence in licences if licence.title == title]
    held = sorted((one for one in mine if one.start <= day <= one.end), key=lambda one: one.start - one.end)
    # defect: licence-window/2
    yield next(iter(held))
    yield from held[1:]


def first_of(licences: Iterator[Licence]) -> Licence:
    """The best licence."""
    for licence in licences:
        return licence
    raise LookupError("no licence")
