"""What GraphQL costs beyond the Cypher behind it, on graphs of several sizes with a heavy tail.

Each document is answered by one hand-written Cypher query with the selected properties and orjson (the baseline), by our schema
with graphql-core's executor, and by our schema with its own. The answers are compared.

    PYTHONPATH=. python benchmarks/graphql_cost.py --sizes 20000 60000 180000
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import neo4j
import orjson
from _bench import own_graph, report
from _large import grow, samples
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from crashgraph.wiring import Container
from graph.redaction.redactor import Redactor
from schema.app import build_schema
from schema.compile.levels import LevelExecutor
from schema.context import Context
from schema.request_graph import RequestGraph

LIST = "{ patterns(first: 50) { nodes { patternId name severity status occurrenceCount errorType } } }"
LIST_CYPHER = """
MATCH (p:Pattern) WHERE p.occurrence_count <= 9000000000
WITH p ORDER BY p.occurrence_count DESC, p.pattern_id LIMIT 50
RETURN collect({patternId: p.pattern_id, name: p.name, severity: toUpper(p.severity), status: toUpper(p.status),
                occurrenceCount: p.occurrence_count, errorType: p.error_type}) AS nodes
"""
NESTED = """{ patterns(first: 20) { nodes { patternId name severity status occurrenceCount
  signatures(first: 5) { edges { crashCount node { exact title errorType cause } } }
  crashes(first: 10) { nodes { crashId title severity status product site receivedAt
    environment { environmentId os site product version } signature { exact title } } }
  sites(first: 5) { edges { crashCount node { name } } }
  versions(first: 5) { edges { crashCount node { versionId } } }
} } }"""
NESTED_CYPHER = """
MATCH (p:Pattern) WHERE p.occurrence_count <= 9000000000
WITH p ORDER BY p.occurrence_count DESC, p.pattern_id LIMIT 20
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(s:Signature)
  WITH s, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS n ORDER BY n DESC, s.exact LIMIT 5
  RETURN collect({crashCount: n, node: {exact: s.exact, title: s.title, errorType: s.error_type, cause: s.cause}}) AS signatures
}
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(s:Signature)
  CALL (s) {
    MATCH (c:Crash) WHERE c.exact = s.exact AND c.received_at <= datetime('9999-01-01T00:00Z')
    RETURN c ORDER BY c.received_at DESC, c.crash_id LIMIT 10
  }
  WITH c, s ORDER BY c.received_at DESC, c.crash_id LIMIT 10
  OPTIONAL MATCH (c)-[:OCCURRED_IN]->(e:Environment)
  RETURN collect({crashId: c.crash_id, title: c.title, severity: toUpper(c.severity), status: toUpper(c.status),
    product: c.product, site: c.site,
    receivedAt: toString(c.received_at),
    environment: CASE WHEN e IS NULL THEN null ELSE {environmentId: e.environment_id, os: e.os, site: e.site,
      product: e.product,
      version: e.version} END, signature: {exact: s.exact, title: s.title}}) AS crashes
}
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(:Signature)-[r:SEEN_IN]->(:Environment)-[:AT_SITE]->(n:Site)
  WITH n, sum(r.crashes) AS rank ORDER BY rank DESC, n.name LIMIT 5
  RETURN collect({crashCount: rank, node: {name: n.name}}) AS sites
}
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(:Signature)-[r:SEEN_IN]->(:Environment)-[:RUNS_VERSION]->(n:Version)
  WITH n, sum(r.crashes) AS rank ORDER BY rank DESC, n.version_id LIMIT 5
  RETURN collect({crashCount: rank, node: {versionId: n.version_id}}) AS versions
}
RETURN collect({patternId: p.pattern_id, name: p.name, severity: toUpper(p.severity), status: toUpper(p.status),
  occurrenceCount: p.occurrence_count,
  signatures: {edges: signatures}, crashes: {nodes: crashes}, sites: {edges: sites}, versions: {edges: versions}}) AS nodes
"""
DOCUMENTS = {"list of 50": (LIST, LIST_CYPHER), "nested": (NESTED, NESTED_CYPHER)}

Answer = Callable[[], Awaitable[bytes]]


def fields_of(value: Any) -> int:
    """Number of fields of an answer."""
    if isinstance(value, dict):
        return len(value) + sum(map(fields_of, value.values()))
    return sum(map(fields_of, value)) if isinstance(value, list) else 0


def raw(driver: neo4j.AsyncDriver, cypher: str) -> Answer:
    """The baseline: one query, one row, one dump."""

    async def answer() -> bytes:
        async with driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
            result = await session.run(cypher)
            record = await result.single(strict=True)
        return orjson.dumps({"patterns": {"nodes": record["nodes"]}})

    return answer


def ours(container: Container, document: str, executor: type[Any]) -> Answer:
    """Our schema with an executor."""
    schema = build_schema()

    async def answer() -> bytes:
        schema.execution_context_class = executor
        context = Context(RequestGraph(container.graph), container.matcher, container.receiver)
        result = await schema.execute(document, context_value=context)
        assert not result.errors, result.errors
        return orjson.dumps(result.data)

    return answer


async def timed(answers: dict[str, Answer], rounds: int) -> dict[str, float]:
    """Median seconds of each, asked in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in answers}
    for _ in range(rounds):
        for name, answer in answers.items():
            began = time.perf_counter()
            await answer()
            seconds[name].append(time.perf_counter() - began)
    return {name: median(values) for name, values in seconds.items()}


async def at_once(answer: Answer, clients: int, rounds: int) -> float:
    """Answers a second with several clients."""

    async def client() -> None:
        for _ in range(rounds):
            await answer()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return clients * rounds / (time.perf_counter() - began)


async def main(args: argparse.Namespace) -> None:
    """Measure at each size."""
    rows: list[dict[str, object]] = []
    source = samples(Redactor(b"k" * 16))
    async with own_graph() as container:
        endpoint, size = container.endpoint, 0
        async with neo4j.AsyncGraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password)) as driver:
            for wanted in args.sizes:
                await grow(container.graph, source, size, wanted)
                size = wanted
                for name, (document, cypher) in DOCUMENTS.items():
                    answers = {
                        "raw": raw(driver, cypher),
                        "graphql-core": ours(container, document, StrawberryGraphQLCoreExecutionContext),
                        "ours": ours(container, document, LevelExecutor),
                    }
                    given = {which: await answer() for which, answer in answers.items()}
                    shown = {which: orjson.loads(text) for which, text in given.items()}
                    await timed(answers, 3)
                    seconds = await timed(answers, args.rounds)
                    rows.append(
                        {
                            "document": name,
                            "crashes": wanted,
                            "fields": fields_of(shown["ours"]),
                            "equal": given["ours"] == given["graphql-core"] and _alike(shown["ours"], shown["raw"]),
                            **{f"{which}, ms": 1_000 * value for which, value in seconds.items()},
                            "ours / raw": seconds["ours"] / seconds["raw"],
                            "graphql-core / ours": seconds["graphql-core"] / seconds["ours"],
                            **{f"{which}, 8 clients, 1/s": await at_once(answers[which], 8, 4) for which in ("raw", "ours")},
                        }
                    )
    report("graphql", rows)


def _alike(one: Any, other: Any) -> bool:
    """Whether two answers are equal, but for the spelling of times."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(key == "receivedAt" or _alike(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 60_000, 180_000], help="numbers of crashes")
    parser.add_argument("--rounds", type=int, default=15)
    asyncio.run(main(parser.parse_args()))
