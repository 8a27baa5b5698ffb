"""Submissions survive their way as JSON unchanged."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crashgraph.submission_json import from_facts, pack
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
    assert from_facts(json.loads(pack(submission))) == submission


@pytest.mark.parametrize("record", [b"[]", b'{"other": 1}', b'{"timestamp": "x"}', b'{"frames": [{"a": 1}]}'])
def test_what_is_no_submission_is_an_error(record: bytes) -> None:
    with pytest.raises((TypeError, KeyError, ValueError)):
        from_facts(json.loads(record))
