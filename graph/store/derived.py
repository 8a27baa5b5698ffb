"""What ingest derives for faster reads, brought to a graph that was written before it did."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from graph.cypher import query
from graph.ports import Graph, Row, Transaction

VERSION = 1
"""Raised whenever ingest derives something that older graphs lack."""
SIGNATURES_AT_ONCE = 200
CRASHES_AT_ONCE = 20_000

log = logging.getLogger(__name__)


async def derive_missing(graph: Graph) -> int:
    """Derive what is missing, unless the graph is known to have it all; the number of crashes that lacked something.

    It may be interrupted and run by several processes at once; crashes may be stored meanwhile. An event log that an earlier
    version set back is mended too, whatever the graph is known to have.
    """
    await graph.write(query("installation/mend_event_log"))
    [row] = await graph.read(query("installation/derived"))
    if row["derived"] == VERSION:
        return 0
    after, marked = "", 0
    while rows := await graph.read(query("installation/signatures_after", after=after, limit=SIGNATURES_AT_ONCE)):
        after = rows[-1]["exact"]
        marked += await _mark([row["exact"] for row in rows], graph)
        await _recount(rows, graph)
    await graph.write(query("installation/note_derived", version=VERSION))
    if marked:
        log.info("%d crashes of an older version have an index by signature now", marked)
    return marked


async def _mark(exacts: Sequence[str], graph: Graph) -> int:
    marked: int = 0
    while True:
        [[row]] = await graph.write(query("installation/mark_crashes", exacts=list(exacts), limit=CRASHES_AT_ONCE))
        marked += row["crashes"]
        if row["crashes"] < CRASHES_AT_ONCE:
            return marked


async def _recount(rows: Sequence[Row], graph: Graph) -> None:
    exacts = [row["exact"] for row in rows]

    async def work(tx: Transaction) -> None:
        await tx.run(query("ingest/lock_patterns", exacts=exacts))
        await tx.run(query("ingest/recount_seen_in", exacts=exacts))

    await graph.transact(work)
