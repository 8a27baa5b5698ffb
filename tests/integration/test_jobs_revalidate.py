"""The monthly look at what was learned: what is due, and how far its confidence has faded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from small_graph import arrange, pattern

from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.runner import run_now
from resolvers.knowledge import revalidation_candidates

NOW = datetime.now(UTC)
SOLVED = Statement(
    "MATCH (p:Pattern {pattern_id: 'solved'}) CREATE (:Solution {solution_id: 's', description: 'x', created_at: $at})"
    "-[:RESOLVES {worked: 4}]->(p)",
    {"at": NOW - timedelta(days=40)},
)


def taught(id: str, days: float, count: int, **also: object) -> dict[str, object]:
    at = NOW - timedelta(days=days)
    return pattern(id, count, **{"validated_at": at, "last_seen": at, "confidence": 0.9, **also})


async def test_patterns_not_confirmed_for_a_month_are_due_with_lower_confidence(graph: Neo4jGraph) -> None:
    patterns = [
        taught("old", 180, 3),
        taught("older", 360, 9),
        taught("fresh", 3, 50),
        taught("ignored", 180, 70, status="ignored"),
        taught("merged", 180, 60, status="merged"),
        pattern("solved", 1, last_seen=NOW),
        pattern("untaught", 99),
    ]
    await arrange(graph, patterns)
    await graph.write(SOLVED)
    due = (await revalidation_candidates(graph)).items
    assert [one.pattern.pattern_id for one in due] == ["older", "old", "solved"]
    assert [one.current_confidence for one in due] == pytest.approx([0.6, 0.7, 0.9], abs=1e-3)
    assert due[2].worked == 4
    done = await run_now(graph, "revalidate", {"half_life_days": 180})
    assert done.state == "succeeded", done.error
    counts = json.loads(done.counts or "{}")
    assert (counts["patterns_due"], counts["never_confirmed"]) == (3, 1)
    assert counts["mean_confidence_now"] == pytest.approx((0.6 + 0.7 + 0.9) / 3, abs=1e-3)
