"""Sentry events as JSON: a single one, a list, JSON lines, an envelope, or an export of Sentry's own interface."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model.report import ParsedReport
from graph.parsing.protocol import SharedLiterals
from graph.parsing.sentry.event import FORMAT, report_of
from graph.parsing.sentry.images import with_locations
from graph.parsing.sentry.shape import event_in
from graph.parsing.text.json_values import json_values

MARKS = SharedLiterals('"values"', '"event_id"', '"eventID"', '"stacktrace"')
EVENTS = SharedLiterals('"exception"', '"event')


class SentryParser:
    """Parser for Sentry events."""

    name = FORMAT
    signs = (EVENTS,)
    title = "Sentry events (JSON)"
    takes = (
        "the chain of exceptions, and the members of a group",
        "the frames of the crashed thread, with the SDK's in-app flags",
        "time, release (product and version), environment (site), user, server and level",
        "operating system, runtime, memory and disk from the contexts",
        "errors without an exception, by their message; other messages and transactions are ignored",
    )
    example = """{"event_id": "9ab3e1d2c4f54a6b8c7d0e1f2a3b4c5d", "timestamp": "2026-03-01T12:00:00Z", "platform": "python",
 "level": "error", "release": "shop@1.4.2", "environment": "production",
 "exception": {"values": [{"type": "KeyError", "value": "'NZ'", "stacktrace": {"frames": [
  {"abs_path": "/srv/shop/checkout.py", "function": "pay", "lineno": 41, "in_app": true},
  {"abs_path": "/srv/shop/pricing.py", "function": "price_of", "lineno": 12, "in_app": true}]}}]}}
"""

    def sniff(self, text: str) -> float:
        """Return 1 for two field names of events, 0.5 for one."""
        if "{" not in text:
            return 0.0
        return min(1.0, 0.5 * len(MARKS.found_in(text))) if EVENTS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield the crashes among the events, in order."""
        for value in json_values(text):
            event = event_in(value.content)
            if event is None:
                continue
            report = report_of(with_locations(event), (value.start, value.end), truncated=value.cut)
            if report is not None:
                yield report
