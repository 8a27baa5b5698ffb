"""A small graph with a node of every label, and questions to it."""

from __future__ import annotations

from typing import Any

from small_graph import START, arrange, crash, pattern, related

from graph.model.statement import Statement
from graph.ports import Embedder, Graph
from schema.build import build_schema
from schema.context import Context

MORE = """
MATCH (p:Pattern {pattern_id: 'a'}) MATCH (c:Crash {crash_id: 'c0'}) MATCH (v1:Version {version_id: 'Shop@1.0'})
MATCH (v2:Version {version_id: 'Shop@1.1'}) MATCH (antwerp:Site {name: 'Antwerp'}) MATCH (ghent:Site {name: 'Ghent'})
MATCH (e:Environment {environment_id: 'Antwerp1.0'})
SET p.introduced_in = ['Shop@1.0']
CREATE (v1)-[:NEXT]->(v2)
CREATE (antwerp)-[:LINKED_TO]->(ghent)
CREATE (e)-[:HAS_ATTRIBUTE]->(os:Attribute {key: 'os=Linux', name: 'os', value: 'Linux'})
CREATE (s:Solution {solution_id: 's1', description: 'Restart the till', steps: 'Pull the plug', success_count: 2,
  failure_count: 0, confidence: 0.9, tags: ['GOLD_STANDARD'], created_at: $start,
  kind: 'workaround'})-[:RESOLVES {worked: 2, failed: 1}]->(p)
CREATE (s)-[:PROVEN_IN {pattern_id: 'a', applied_at: $start, worked: 2, failed: 0, crash_days: 1, window_days: 3.0}]->(e)
CREATE (s)-[:FIXED_IN {pattern_id: 'a', at: $start, by: 'person:ann'}]->(v2)
CREATE (:Validation {validation_id: 'w', by: 'person:ann', at: $start, verdict: 'wrong', pattern_id: 'a', belongs_to: 'b',
  counts: 1, quality: 0.0})-[:VALIDATES]->(c)
CREATE (:Verdict {verdict_id: 'd', kind: 'merge', by: 'person:ann', at: $start, reason: '', ordinal: 1,
  subjects: ['Pattern:a', 'Pattern:gone'], journal: '{"a": 1}'})
CREATE (:Revision {revision_id: 'r1', pattern_id: 'a', version: 1, change_type: 'merge', by: 'person:ann', at: $start,
  verdict_id: 'd', before: '{}', after: '{}'})-[:REVISES]->(p)
CREATE (merged:Pattern {pattern_id: 'm', name: 'Old', status: 'merged', severity: 'low', confidence: 0.5})
CREATE (merged)-[:SAME_AS {by: 'person:ann', at: $start, verdict_id: 'd'}]->(p)
CREATE (run:JobRun {run_id: 'r', job: 'communities', state: 'succeeded', attempt: 1})
CREATE (p)-[:MEMBER_OF {strength: 1.0, algorithm: 'x', algorithm_version: '1', run_id: 'r', computed_at: $start}]->(
  :Community {community_id: 'f', name: 'OSError in shop', method: 'ties', size: 1, cohesion: 1.0, algorithm: 'x',
    algorithm_version: '1', run_id: 'r', computed_at: $start})
CREATE (:EventLog {name: 'events', last: 4, removed: 0})
WITH p, os, antwerp, v1
FOREACH (place IN [os, antwerp, v1] | CREATE (p)-[:CORRELATES_WITH {score: 0.8, support: 9, p_value: 0.01, q_value: 0.02,
  algorithm: 'x', algorithm_version: '1', run_id: 'r', computed_at: $start, sample_crash_ids: [], attribute: 'os',
  value: 'Linux', product: 'Shop', counted: 'site', lift: 2.0, expected: 1.0, odds_ratio: 3.0, share: 0.5,
  share_others: 0.1}]->(place))
WITH p UNWIND range(1, 4) AS position
CREATE (:Event {event_id: 'e' + position, position: position, kind: ['crashes_stored', 'status_changed'][position % 2],
  at: $start + duration({minutes: position}), actor: 'person:ann', subjects: ['Pattern:' + ['a', 'b'][position % 2]], count: 1,
  payload: '{}'})
"""


async def execute(graph: Graph, text: str, embedder: Embedder | None = None, **variables: Any) -> Any:
    context = Context(graph=graph, matcher=None, receiver=None, embedder=embedder)  # type: ignore[arg-type]  # nothing is handed in
    return await build_schema().execute(text, variables, context)


async def ask(graph: Graph, text: str, embedder: Embedder | None = None, **variables: Any) -> Any:
    """The first field of a query that must succeed."""
    result = await execute(graph, text, embedder, **variables)
    assert not result.errors, result.errors
    return next(iter(result.data.values()))


async def fill(graph: Graph) -> Graph:
    """Two patterns with four crashes, and what leads to and from them."""
    await arrange(
        graph,
        [pattern("a", 3), pattern("b", 1, name="ValueError in shop.b", error_type="ValueError")],
        [
            crash("c0", "a", external_id="ticket-7"),
            crash("c1", "a", minute=1, site="Ghent"),
            crash("c2", "b", minute=2),
            crash("c3", "a", minute=3, version="1.1"),
        ],
        [related("a", "b", 0.9)],
    )
    await graph.write(Statement(MORE, {"start": START}, "more"))
    return graph


def names(found: dict[str, Any], name: str) -> list[Any]:
    return [node[name] for node in found["nodes"]]
