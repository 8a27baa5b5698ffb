"""Reports that a killed service had accepted but not answered; its successor stores them.

Only reports with the sender's id are kept: if they are sent again, the id makes sure that they are stored once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from crashgraph.submission_json import unpack
from graph.model.errors import CrashgraphError

if TYPE_CHECKING:
    from resolvers.matching import Receiver

log = logging.getLogger(__name__)


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
