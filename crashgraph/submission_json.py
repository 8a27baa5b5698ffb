"""Submissions as JSON, for commands that ask a running service."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from graph.model.report import StackFrame
from graph.sources.submission import Submission


def pack(submission: Submission) -> bytes:
    """A submission as JSON."""
    facts = {name: value for name, value in asdict(submission).items() if value}
    return json.dumps(facts, default=_plain).encode()


def from_facts(facts: Any) -> Submission:
    """A submission from its parsed JSON; ``TypeError``, ``KeyError`` or ``ValueError`` if it does not fit."""
    if not isinstance(facts, dict):
        raise TypeError("a submission is a JSON object")
    moment = facts.get("timestamp")
    timestamp = datetime.fromisoformat(moment) if moment is not None else None
    frames = tuple(StackFrame(**frame) for frame in facts.get("frames", ()))
    return Submission(**{**facts, "timestamp": timestamp, "frames": frames})


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError
