"""Crashes in which jobs find something: two bugs that come together, one that comes with a version, one that does not care."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from reports import START, submission

from graph.sources.submission import Submission


def days(count: int, seed: int = 0) -> list[list[Submission]]:
    """The crashes of so many days, each day by itself; in whatever order the days come in, the graph ends up the same."""
    rng = random.Random(seed)
    return [_day(number, rng) for number in range(count)]


def _day(day: int, rng: random.Random) -> list[Submission]:
    found = []
    for number in range(12):
        at = START + timedelta(days=day, hours=2 * number, seconds=rng.uniform(0, 600))
        where: dict[str, Any] = {"site": f"site-{number % 4}", "user": f"user-{rng.randrange(30)}", "id": f"d{day}n{number}"}
        old = number % 3 == 0
        found.append(submission(0, timestamp=at, version=f"1.{day % 3}", **where))
        if number % 4:
            late = at + timedelta(seconds=rng.uniform(5, 40))
            found.append(submission(1, timestamp=late, version=f"1.{day % 3}", **{**where, "id": f"{where['id']}b"}))
        elsewhen = at + timedelta(seconds=rng.uniform(3600, 7000))
        bug, version = (2, "1.2") if old else (3, f"1.{rng.randrange(3)}")
        found.append(submission(bug, timestamp=elsewhen, version=version, **{**where, "id": f"{where['id']}c"}))
    return found
