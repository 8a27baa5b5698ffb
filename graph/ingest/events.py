"""The events of one stored batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graph.ingest.prepare import PreparedCrash
from graph.knowledge.events import MOST_SUBJECTS, NewEvent
from graph.model.actor import Actor
from graph.model.events import EventKind
from graph.ports import Row


def batch_events(items: Sequence[PreparedCrash], rows: Mapping[str, Iterable[Row]], actor: Actor) -> Iterator[NewEvent]:
    """Events that name all crashes of a batch, and one for each pattern founded or regressed and each proof lost.

    ``rows`` holds what the queries of the batch returned, by query name.
    """
    for start in range(0, len(items), MOST_SUBJECTS):
        some = items[start : start + MOST_SUBJECTS]
        received = [item.crash.received_at for item in some]
        yield NewEvent(
            EventKind.CRASHES_STORED,
            actor,
            [f"Crash:{item.crash.crash_id}" for item in some],
            payload={"received_from": min(received), "received_until": max(received)},
            recorded=0 if start else len(items),
        )
    founded = {row["pattern_id"]: row for row in rows.get("ingest/signatures", ()) if row["founded"]}
    for pattern_id, row in sorted(founded.items()):
        subjects = [f"Pattern:{pattern_id}", f"Signature:{row['exact']}"]
        yield NewEvent(EventKind.PATTERN_FOUNDED, actor, subjects, 1, {"name": row["pattern_name"]})
    for row in rows.get("ingest/regressions", ()):
        subjects = [f"Pattern:{row['pattern_id']}", f"Crash:{row['crash_id']}"]
        yield NewEvent(EventKind.PATTERN_REGRESSED, actor, subjects, 1, {"version": row["version"]})
    for row in rows.get("ingest/lost_proofs", ()):
        subjects = [f"Solution:{row['solution_id']}", f"Pattern:{row['pattern_id']}"]
        subjects += [f"Environment:{row['environment_id']}", f"Crash:{row['crash_id']}"]
        yield NewEvent(EventKind.PROOF_LOST, actor, subjects, 1)
