"""Reports that a service had read and not answered when it was killed: its successor stores them.

Only those with an id of their sender's are kept for that: sent again, they are known by it and stored once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from graph.model.errors import CrashgraphError
from graph.model.report import StackFrame
from graph.sources.submission import Submission

if TYPE_CHECKING:
    from crashgraph.intake import Intake

log = logging.getLogger(__name__)


def packed(submission: Submission) -> bytes:
    """A submission as JSON."""
    facts = {name: value for name, value in asdict(submission).items() if value}
    return json.dumps(facts, default=_plain).encode()


def unpacked(record: bytes) -> Submission | None:
    """The submission; ``None`` for what another version of crashgraph has packed in another way."""
    with suppress(ValueError, TypeError, KeyError):
        facts = json.loads(record)
        if "timestamp" in facts:
            facts["timestamp"] = datetime.fromisoformat(facts["timestamp"])
        frames = tuple(StackFrame(**frame) for frame in facts.pop("frames", ()))
        return Submission(**facts, frames=frames)
    return None


async def resume(intake: Intake, records: Iterable[bytes]) -> None:
    """Store what was left unanswered."""
    submissions = [found for record in records if (found := unpacked(record)) is not None]
    if not submissions:
        return
    try:
        receipts = await intake.receive(submissions)
    except CrashgraphError as error:
        log.warning("%d reports that were left unanswered cannot be stored: %s", len(submissions), error)
    else:
        log.info("%d reports that were left unanswered are stored", len(receipts))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError
