"""Unanswered reports survive packing unchanged."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crashgraph.submission_json import pack, unpack
from graph.model.report import StackFrame
from graph.sources.submission import Submission

FRAMES = (StackFrame("pay", "shop", "a.py", 3, in_app=True), StackFrame("main"))


@pytest.mark.parametrize(
    "submission",
    [
        Submission(report="text \ud83d and \x00", id="a"),
        Submission(exception_type="KeyError", exception_message="1", frames=FRAMES, environment={"os": "Linux"}, id="b"),
        Submission(report="x", timestamp=datetime(2026, 3, 1, 12, tzinfo=UTC), product="shop", ordinal=3, format="sentry"),
    ],
)
def test_packing_round_trips(submission: Submission) -> None:
    assert unpack(pack(submission)) == submission


@pytest.mark.parametrize(
    "record", [b"", b"[]", b"{", b'{"other": 1}', b'{"timestamp": "x"}', b'{"frames": [{"a": 1}]}', b"\xff"]
)
def test_invalid_records_are_ignored(record: bytes) -> None:
    assert unpack(record) is None
