"""A small graph with something of everything, and a secret in every text that people or programs give."""

from __future__ import annotations

from reports import pattern_of, submission

from crashgraph.wiring import Container
from graph.knowledge.solutions import NewSolution
from graph.knowledge.validation import CrashReview
from graph.model import NODES
from graph.model.actor import person
from graph.model.statement import Statement
from graph.ports import Graph
from jobs.runner import run_now
from resolvers.learning import record_solution, validate_crash

ANN = person("ann")
EMPTY = Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS", name="empty the graph")


async def fill(container: Container, secret: str) -> list[str]:
    """Crashes, verdicts, solutions and jobs; ids of some nodes of each label."""
    receipts = await container.receiver.receive([submission(number % 4, number) for number in range(60)])
    planted = f"{submission(1).report}\npassword={secret}\n"
    await container.receiver.receive([submission(1, 99, report=planted, product="a=b", site=f"token={secret}")])
    patterns = sorted({pattern_of(receipt) for receipt in receipts})
    await container.verdicts.merge(patterns[:2], actor=ANN, reason=f"api_key={secret}")
    await record_solution(container.graph, NewSolution(pattern_id=patterns[2], description="Turn it off and on"), ANN)
    await validate_crash(container.graph, CrashReview(crash_id=receipts[0].crash_id, notes=f"password: {secret}"), ANN)
    await run_now(container.graph, "communities")
    return await some_ids(container.graph, 2)


async def some_ids(graph: Graph, count: int) -> list[str]:
    """Global ids of so many nodes of each label."""
    text = (
        "MATCH (n) WITH labels(n)[0] AS label, collect(n)[..$count] AS some UNWIND some AS n "
        "RETURN label, properties(n) AS properties ORDER BY label"
    )
    rows = await graph.read(Statement(text, {"count": count}))
    return [f"{row['label']}:{row['properties'][NODES[row['label']].key]}" for row in rows if row["label"] in NODES]
