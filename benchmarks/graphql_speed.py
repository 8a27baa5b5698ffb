"""GraphQL against raw Cypher and against @neo4j/graphql, on graphs of several sizes with a heavy tail.

Each document is answered by one hand-written Cypher query with the selected properties and orjson (raw), by our schema in this
process, by ``crashgraph serve`` over HTTP, and by @neo4j/graphql over HTTP from a minimal server of Node; all on one Neo4j, and
the answers are compared. Needs Node 20 and npm; without them @neo4j/graphql is left out.

    PYTHONPATH=. python benchmarks/graphql_speed.py --sizes 50000 200000 1000000
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from statistics import median
from typing import Any, TypeAlias

import neo4j
import orjson
from _bench import own_graph, report
from _graphql.documents import DOCUMENTS, HOT, PAGE, Document, as_ours, plain_times
from _graphql.fill import PER_PATTERN, PER_SIGNATURE, Filling
from _graphql.http import Client, data_of
from _graphql.servers import crashgraph_service, neo4j_graphql
from _large import samples
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from crashgraph.wiring import Container
from graph.redaction.redactor import Redactor
from schema.app import build_schema
from schema.compile.levels import LevelExecutor
from schema.context import Context
from schema.request_graph import RequestGraph

CLIENTS = 8
LATE = 100
"""Number of the page that is compared with the first."""

Answer: TypeAlias = Callable[[], Awaitable[bytes]]


def fields_of(value: Any) -> int:
    """Number of fields of an answer."""
    if isinstance(value, dict):
        return len(value) + sum(map(fields_of, value.values()))
    return sum(map(fields_of, value)) if isinstance(value, list) else 0


def raw(driver: neo4j.AsyncDriver, document: Document) -> Answer:
    """The baseline: one query, one row, one dump."""

    async def answer() -> bytes:
        async with driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
            result = await session.run(document.cypher)
            record = await result.single(strict=True)
        return orjson.dumps({"data": {"patterns": {"nodes": record["nodes"]}}})

    return answer


def ours(container: Container, text: str, executor: type[Any] = LevelExecutor, **variables: Any) -> Answer:
    """Our schema in this process."""
    schema = build_schema()

    async def answer() -> bytes:
        schema.execution_context_class = executor
        context = Context(RequestGraph(container.graph), container.matcher, container.receiver)
        result = await schema.execute(text, variable_values=variables, context_value=context)
        assert not result.errors, result.errors
        return orjson.dumps({"data": result.data})

    return answer


async def timed(answers: dict[str, Answer], rounds: int) -> dict[str, float]:
    """Median milliseconds of each, asked in turns after three turns to warm up."""
    taken: dict[str, list[float]] = {name: [] for name in answers}
    for turn in range(rounds + 3):
        for name, answer in answers.items():
            began = time.perf_counter()
            await answer()
            if turn >= 3:
                taken[name].append(1_000 * (time.perf_counter() - began))
    return {name: median(values) for name, values in taken.items()}


async def at_once(answers: list[Answer], rounds: int) -> float:
    """Answers a second of clients that ask at once."""

    async def client(answer: Answer) -> None:
        for _ in range(rounds):
            await answer()

    began = time.perf_counter()
    await asyncio.gather(*map(client, answers))
    return len(answers) * rounds / (time.perf_counter() - began)


class Race:
    """The contestants on one graph."""

    def __init__(self, container: Container, driver: neo4j.AsyncDriver, rounds: int) -> None:
        """The HTTP servers are added to ``served``, by name with port and path."""
        self._container, self._driver, self._rounds = container, driver, rounds
        self.served: dict[str, tuple[int, str]] = {}

    async def run(self, name: str, document: Document, size: int) -> dict[str, object]:
        """Compare the answers to one document, then their times."""
        async with AsyncExitStack() as stack:
            clients = {
                server: [await stack.enter_async_context(Client(port, path)) for _ in range(CLIENTS)]
                for server, (port, path) in self.served.items()
            }
            return await self._run(name, document, size, clients)

    async def _run(self, name: str, document: Document, size: int, connected: dict[str, list[Client]]) -> dict[str, object]:
        core = ours(self._container, document.ours, StrawberryGraphQLCoreExecutionContext)
        answers = {"raw": raw(self._driver, document), "ours": ours(self._container, document.ours), "graphql-core": core}
        several = {"raw": [answers["raw"]] * CLIENTS}
        for server, clients in connected.items():
            text = document.theirs if server == "neo4j" else document.ours
            several[server] = [lambda one=one, text=text: one.ask(text) for one in clients]  # type: ignore[misc]  # has types
            answers[server] = several[server][0]
        data = {which: data_of(await answer()) for which, answer in answers.items()}
        if "neo4j" in data:
            data["neo4j"] = as_ours(data["neo4j"])
        plain = {which: plain_times(one) for which, one in data.items()}
        taken = await timed(answers, self._rounds)
        row: dict[str, object] = {
            "document": name,
            "crashes": size,
            "fields": fields_of(data["ours"]),
            "equal": await core() == await answers["ours"]() and all(one == plain["raw"] for one in plain.values()),
            **{f"{which}, ms": value for which, value in taken.items()},
            "ours / raw": taken["ours"] / taken["raw"],
            "graphql-core / ours": taken["graphql-core"] / taken["ours"],
        }
        rates = {which: await at_once(those, self._rounds) for which, those in several.items()}
        row |= {f"{which}, {CLIENTS} clients, 1/s": rate for which, rate in rates.items()}
        if "neo4j" in taken:
            row |= {"HTTP / neo4j": taken["HTTP"] / taken["neo4j"], "HTTP / neo4j, 1/s": rates["HTTP"] / rates["neo4j"]}
        return row

    async def pages(self, size: int) -> dict[str, object]:
        """The first page, a late one, and the document about the biggest patterns."""
        late = None
        for _ in range(LATE - 1):
            page = data_of(await ours(self._container, PAGE, after=late)())["crashes"]
            late = page["pageInfo"]["endCursor"]
        answers = {
            "page 1": ours(self._container, PAGE, after=None),
            f"page {LATE}": ours(self._container, PAGE, after=late),
            "hot": ours(self._container, HOT),
        }
        taken = await timed(answers, self._rounds)
        return {"crashes": size, **{f"{which}, ms": value for which, value in taken.items()}}


async def main(args: argparse.Namespace) -> None:
    """Measure at each size."""
    rows, pages = [], []
    async with own_graph() as container, AsyncExitStack() as stack:
        endpoint = container.endpoint
        driver = neo4j.AsyncGraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password))
        race = Race(container, await stack.enter_async_context(driver), args.rounds)
        race.served["HTTP"] = await stack.enter_async_context(crashgraph_service(endpoint)), "/graphql"
        if shutil.which("npm"):
            race.served["neo4j"] = await stack.enter_async_context(neo4j_graphql(endpoint)), "/"
        else:
            print("npm is not installed, so @neo4j/graphql was left out", file=sys.stderr)
        filling = Filling(container.graph, samples(Redactor(b"k" * 16)))
        for size in args.sizes:
            began = time.perf_counter()
            await filling.grow(size)
            signatures = size // PER_SIGNATURE
            print(
                f"{size:,} crashes, {signatures:,} signatures, about {signatures // PER_PATTERN:,} patterns "
                f"after {time.perf_counter() - began:.0f} s",
                file=sys.stderr,
            )
            rows += [await race.run(name, document, size) for name, document in DOCUMENTS.items()]
            pages.append(await race.pages(size))
    report("graphql", rows)
    report("graphql_pages", pages)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 20_000, 60_000], help="numbers of crashes")
    parser.add_argument("--rounds", type=int, default=15)
    asyncio.run(main(parser.parse_args()))
