"""Reports that a killed service had accepted but not answered; its successor stores them.

Only reports with the sender's id are kept: if they are sent again, the id makes sure that they are stored once.
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
    from resolvers.matching import Receiver

log = logging.getLogger(__name__)


def pack(submission: Submission) -> bytes:
    """A submission as JSON."""
    facts = {name: value for name, value in asdict(submission).items() if value}
    return json.dumps(facts, default=_plain).encode()


def unpack(record: bytes) -> Submission | None:
    """The submission; ``None`` if another version of crashgraph packed it differently."""
    with suppress(ValueError, TypeError, KeyError):
        facts = json.loads(record)
        if "timestamp" in facts:
            facts["timestamp"] = datetime.fromisoformat(facts["timestamp"])
        frames = tuple(StackFrame(**frame) for frame in facts.pop("frames", ()))
        return Submission(**facts, frames=frames)
    return None


async def store_unanswered(receiver: Receiver, records: Iterable[bytes]) -> None:
    """Store the reports in these records; failures are logged."""
    submissions = [submission for record in records if (submission := unpack(record)) is not None]
    if not submissions:
        return
    try:
        receipts = await receiver.receive(submissions)
    except CrashgraphError as error:
        log.warning("could not store %d unanswered reports: %s", len(submissions), error)
    else:
        log.info("stored %d unanswered reports", len(receipts))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError
