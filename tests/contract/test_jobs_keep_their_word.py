"""Jobs read and write what they declare, their edges carry evidence, and incremental runs equal a full one.

The tests cover every job of the registry.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from cypher_names import used
from job_data import days

from crashgraph.wiring import Container
from graph.model import NODES, RELATIONSHIPS
from graph.model.nodes import JobRun
from graph.model.statement import Statement
from graph.ports import Reader, Row
from graph.store import Neo4jGraph
from jobs.params import NoParams
from jobs.registry import JOBS, job_names
from jobs.runner import run_now
from jobs.spec import JobEdge, JobOutput, JobSpec, Work

OF_THE_RUN = {"run_id", "computed_at"}
jobs = pytest.mark.parametrize("spec", JOBS, ids=job_names())


class Witness:
    """A reader that records the texts of the queries."""

    def __init__(self, graph: Reader) -> None:
        self._graph = graph
        self.texts: list[str] = []

    async def read(self, statement: Statement) -> list[Row]:
        self.texts.append(statement.text)
        return await self._graph.read(statement)


async def ingested(container: Container) -> None:
    for day in days(5):
        await container.receiver.receive(day)


async def everything(graph: Neo4jGraph, updates: tuple[str, ...] = ()) -> dict[str, Counter[str]]:
    """Contents of the graph by label and type, without the properties that a job declares to update."""
    found: dict[str, Counter[str]] = {}
    nodes = await graph.read(Statement("MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties"))
    for row in nodes:
        label = row["labels"][0]
        kept = {name: value for name, value in row["properties"].items() if f"{label}.{name}" not in updates}
        found.setdefault(label, Counter())[repr(sorted(kept.items()))] += 1
    for row in await graph.read(Statement("MATCH ()-[r]->() RETURN type(r) AS type, properties(r) AS properties")):
        found.setdefault(row["type"], Counter())[repr(sorted(row["properties"].items()))] += 1
    return found


@jobs
async def test_a_job_reads_and_writes_what_it_declares(container: Container, spec: JobSpec[Any]) -> None:
    await ingested(container)
    before = await everything(container.graph, spec.updates)
    witnesses: list[Witness] = []

    def run(work: Work[Any]) -> AsyncIterator[Sequence[JobOutput]]:
        witnesses.append(Witness(work.graph))
        work.graph = witnesses[-1]
        return spec.run(work)

    done = await run_now(container.graph, spec.name, jobs=(replace(spec, run=run),), ports=container.ports)
    assert done.state == "succeeded", done.error
    names = [used(text) for witness in witnesses for text in witness.texts]
    assert names or not spec.reads
    read = {name for found in names for name in found.labels | found.types}
    assert sorted(read - set(spec.reads)) == [], "it reads what it does not declare"
    assert not any(found.writes for found in names)
    after = await everything(container.graph, spec.updates)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    may = {"JobRun", "Event", "EventLog", *spec.writes, *(name for name in spec.updates if "." not in name)}
    assert sorted(changed - may) == [], "it writes what it does not declare"
    await check_edges(container.graph, spec, done)


async def check_edges(graph: Neo4jGraph, spec: JobSpec[Any], done: JobRun) -> None:
    """Every edge and node of the job is complete and of this run; sample crashes of derived edges exist."""
    total = 0
    for label in spec.writes:
        if label in NODES:
            await check_nodes(graph, spec, done, label)
    for type_ in owned_types(spec):
        rows = await graph.read(Statement(f"MATCH ()-[r:{type_}]->() RETURN properties(r) AS edge"))
        wanted = {prop.name for prop in RELATIONSHIPS[type_].properties if not prop.optional}
        shown = set()
        for row in rows:
            edge = row["edge"]
            assert wanted <= edge.keys()
            assert (edge["run_id"], edge["algorithm"], edge["algorithm_version"]) == (done.run_id, spec.name, spec.version)
            shown |= set(edge["sample_crash_ids"]) if RELATIONSHIPS[type_].derived else set()
        [found] = await graph.read(
            Statement("MATCH (c:Crash) WHERE c.crash_id IN $ids RETURN count(c) AS there", {"ids": sorted(shown)})
        )
        assert found["there"] == len(shown)
        total += len(rows)
    assert done.edges_written == total
    if spec.name == "co_occurrence":
        assert total, "there is nothing to check"


async def check_nodes(graph: Neo4jGraph, spec: JobSpec[Any], done: JobRun, label: str) -> None:
    rows = await graph.read(Statement(f"MATCH (n:{label}) RETURN properties(n) AS node"))
    wanted = {prop.name for prop in NODES[label].properties if not prop.optional}
    for row in rows:
        node = row["node"]
        assert wanted <= node.keys()
        assert (node["run_id"], node["algorithm"], node["algorithm_version"]) == (done.run_id, spec.name, spec.version)
    assert done.nodes_written == len(rows)


def owned_types(spec: JobSpec[Any]) -> list[str]:
    return [name for name in spec.writes if name in RELATIONSHIPS]


def test_every_job_states_its_limitations() -> None:
    assert [spec.name for spec in JOBS if spec.writes and not spec.limitations.endswith(".")] == []


async def edges(graph: Neo4jGraph, spec: JobSpec[Any]) -> dict[tuple[str, str, str], str]:
    """The job's edges by their ends, without properties of the run; numbers rounded to nine digits."""
    found: dict[tuple[str, str, str], str] = {}
    for type_ in owned_types(spec):
        declared = RELATIONSHIPS[type_]
        text = f"MATCH (a:{declared.source})-[r:{type_}]->(b) RETURN elementId(a) AS a, elementId(b) AS b, properties(r) AS r"
        for row in await graph.read(Statement(text)):
            kept = {name: value for name, value in row["r"].items() if name not in OF_THE_RUN}
            rounded = {name: f"{value:.9g}" if isinstance(value, float) else value for name, value in kept.items()}
            found[type_, row["a"], row["b"]] = json.dumps(rounded, sort_keys=True, default=str)
    return found


async def step_by_step(container: Container, specs: Sequence[JobSpec[Any]], rng: random.Random) -> None:
    """Ingest days in any order, in batches of any size that may come twice, with runs of the jobs in between."""
    order = days(5)
    rng.shuffle(order)
    while order:
        batch = [crash for _ in range(min(len(order), rng.randrange(1, 3))) for crash in order.pop()]
        rng.shuffle(batch)
        await container.receiver.receive(batch)
        if rng.random() < 0.2:
            await container.receiver.receive(batch[:10])
        for spec in specs:
            if rng.random() < 0.7 or not order:
                done = await run_now(container.graph, spec.name, jobs=tuple(specs))
                assert done.state == "succeeded", done.error


async def start_over(graph: Neo4jGraph, specs: Sequence[JobSpec[Any]]) -> None:
    """Delete every run and every edge of jobs, and run each job once, in full."""
    await graph.write(Statement("MATCH (run:JobRun) DETACH DELETE run"))
    for type_ in {type_ for spec in specs for type_ in owned_types(spec)}:
        await graph.write(Statement(f"MATCH ()-[r:{type_}]->() DELETE r"))
    for spec in specs:
        assert (await run_now(graph, spec.name, jobs=tuple(specs))).state == "succeeded"


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("which", ["registry", "incremental"])
async def test_incremental_equals_full(container: Container, which: str, seed: int) -> None:
    """For every job that writes edges, and for one that goes on from where it was."""
    specs = (
        [spec for spec in JOBS if any(RELATIONSHIPS[name].derived for name in owned_types(spec))]
        if which == "registry"
        else [NEIGHBOURS]
    )
    await step_by_step(container, specs, random.Random(seed))
    found = {spec.name: await edges(container.graph, spec) for spec in specs}
    await start_over(container.graph, specs)
    for spec in specs:
        assert found[spec.name] == await edges(container.graph, spec), spec.name
    assert any(found.values())


SITES = """
MATCH (crash:Crash)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(pattern:Pattern)
RETURN pattern.pattern_id AS pattern, crash.site AS site, max(crash.received_at) AS at, min(crash.crash_id) AS crash
"""


async def _neighbours(work: Work[NoParams], *, forgetful: bool = False) -> AsyncIterator[Sequence[JobEdge]]:
    """Patterns that share sites; looks only at pairs with a pattern that has new crashes."""
    rows = await work.graph.read(Statement(SITES))
    sites: dict[str, dict[str, str]] = {}
    for row in rows:
        sites.setdefault(row["pattern"], {})[row["site"]] = row["crash"]
    if work.changed_since:
        work.touched = set() if forgetful else {row["pattern"] for row in rows if row["at"] > work.changed_since}
        work.counts["incremental"] = 1
    new = set(sites) if work.touched is None else work.touched
    for first in sorted(sites):
        for second in sorted(sites):
            shared = sites[first].keys() & sites[second].keys()
            if first < second and shared and {first, second} & new:
                yield [_edge(first, second, len(shared), sorted({sites[first][site] for site in shared})[:3])]


def _edge(first: str, second: str, support: int, samples: list[str]) -> JobEdge:
    optional = {"score": support / 100, "support": support, "sample_crash_ids": tuple(samples)}
    more = {"lift": 1.0, "expected": 1.0, "window_seconds": 1.0, "sites": support, "p_value": 0.5, "q_value": 0.5}
    return JobEdge("CO_OCCURS_WITH", first, second, {**optional, **more})


def neighbours(name: str, *, forgetful: bool) -> JobSpec[NoParams]:
    return JobSpec(
        name, "1", "Test job.", "off", NoParams, ("Crash",), ("CO_OCCURS_WITH",), lambda w: _neighbours(w, forgetful=forgetful)
    )


NEIGHBOURS = neighbours("neighbours", forgetful=False)


@pytest.mark.parametrize("forgetful", [False, True])
async def test_the_comparison_detects_an_incremental_job_that_forgets(container: Container, *, forgetful: bool) -> None:
    spec = neighbours("neighbours", forgetful=forgetful)
    for day in days(3):
        await container.receiver.receive(day)
        done = await run_now(container.graph, spec.name, jobs=(spec,))
    assert json.loads(done.counts or "")["incremental"] == 1
    found = await edges(container.graph, spec)
    await start_over(container.graph, [NEIGHBOURS])
    assert (found == await edges(container.graph, spec)) is not forgetful


async def test_a_run_with_other_parameters_version_or_late_crashes_is_full(container: Container) -> None:
    first, second, third = days(3)
    await container.receiver.receive(first)
    counts = []
    for spec, change in (
        (NEIGHBOURS, "nothing"),
        (NEIGHBOURS, "again"),
        (replace(NEIGHBOURS, version="2"), "version"),
        (replace(NEIGHBOURS, version="2"), "late"),
        (replace(NEIGHBOURS, version="2"), "after"),
    ):
        if change == "late":
            await container.receiver.receive(second)
            back = "MATCH (c:Crash) WHERE c.external_id STARTS WITH 'd1' SET c.received_at = c.received_at - duration('P1D')"
            await container.graph.write(Statement(back))
        if change == "after":
            await container.receiver.receive(third)
        done = await run_now(container.graph, spec.name, jobs=(spec,))
        counts.append((change, "incremental" in json.loads(done.counts or "")))
    assert counts == [("nothing", False), ("again", True), ("version", False), ("late", False), ("after", True)]
