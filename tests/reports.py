"""Reports to store: tracebacks of a few bugs, many times over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graph.ingest.receipt import Receipt
from graph.sources.submission import Submission

START = datetime(2026, 3, 1, tzinfo=UTC)
BUGS = (
    ("KeyError", "'tariff'", ("pricing.tariff_of", "orders.total", "orders.close", "desk.main")),
    ("ZeroDivisionError", "division by zero", ("stats.mean", "reports.daily", "jobs.nightly", "desk.main")),
    ("AttributeError", "'NoneType' object has no attribute 'slots'", ("grid.free", "grid.book", "desk.reserve", "desk.main")),
    ("UnicodeDecodeError", "'utf-8' codec can't decode byte 0xe9 in position 12", ("feeds.decode", "feeds.load", "desk.main")),
)


def traceback(bug: int, line: int = 10) -> str:
    """What Python prints for one of the bugs."""
    error, message, places = BUGS[bug]
    frames = "\n".join(
        f'  File "/srv/desk/{place.split(".")[0]}.py", line {line + 7 * depth}, in {place.split(".")[1]}\n    call()'
        for depth, place in reversed(list(enumerate(places)))
    )
    return f"Traceback (most recent call last):\n{frames}\n{error}: {message}\n"


def submission(bug: int, number: int = 0, **changes: object) -> Submission:
    """One crash of a bug; ``number`` makes it another occurrence."""
    made = Submission(
        report=traceback(bug),
        timestamp=START + timedelta(minutes=number),
        product="desk",
        version=f"1.{number % 3}",
        site=f"site-{number % 4}",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # any field, by name


def pattern_of(receipt: Receipt) -> str:
    """Id of the pattern of a report that was placed."""
    assert receipt.pattern_id is not None
    return receipt.pattern_id


def json_lines(count: int) -> Iterator[str]:
    """Lines of the contract, ``count`` different crashes of all bugs."""
    for number in range(count):
        made = submission(number % len(BUGS), number)
        assert made.timestamp is not None
        line = {
            "id": f"r{number}",
            "report": made.report,
            "timestamp": made.timestamp.isoformat(),
            "product": made.product,
            "version": made.version,
            "site": made.site,
        }
        yield json.dumps(line) + "\n"


MARKUP = "<img src=x onerror='window.pwned = 1'>"


def hostile_traceback() -> str:
    """A report with a message and a culprit that would run as a script in a page without escaping."""
    script = "'<script>window.pwned = 1</script>'"
    return traceback(0).replace("'tariff'", f"{script} {MARKUP}").replace("in tariff_of", f"in {MARKUP}")
