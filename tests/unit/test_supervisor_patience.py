"""When the supervisor takes a Neo4j for hung, from what the service answers."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import cast

import pytest

from crashgraph.supervisor.neo4j_process import Neo4jProcess
from crashgraph.supervisor.supervisor import MISSES, START_MISSES, Supervisor
from graph.server import EmbeddedServer, ServerSettings


class Unanswering(Neo4jProcess):
    """A process that runs and gives no answer of its own."""

    async def answers(self) -> bool:
        return False


@pytest.fixture
def neo4j(tmp_path) -> Neo4jProcess:
    return Unanswering(EmbeddedServer(ServerSettings(home=tmp_path)))


@pytest.fixture
def supervisor(neo4j: Neo4jProcess) -> Iterator[Supervisor]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Supervisor(listening, lambda _: None)
        made.run_neo4j(neo4j)
        yield made


async def checks_until_hung(supervisor: Supervisor, neo4j: Neo4jProcess, cause: str) -> int:
    """How many answers of this cause it takes."""
    body = json.dumps({"status": "not ready", "cause": cause, "reason": "no answer"}).encode()
    for count in range(1, START_MISSES + 1):
        supervisor._check_graph((503, body))
        await asyncio.sleep(0)  # the question that it asks gets its answer
        if neo4j.hung:
            return count
    return cast("int", pytest.fail("it is left alone for ever"))


async def test_one_that_has_worked_and_is_slow_has_half_a_minute(supervisor: Supervisor, neo4j: Neo4jProcess) -> None:
    supervisor._check_graph((200, b"{}"))
    assert await checks_until_hung(supervisor, neo4j, "slow") == MISSES


async def test_one_that_is_slow_since_its_start_has_more_time(supervisor: Supervisor, neo4j: Neo4jProcess) -> None:
    assert await checks_until_hung(supervisor, neo4j, "slow") == START_MISSES


async def test_one_that_is_broken_since_its_start_has_no_more_time(supervisor: Supervisor, neo4j: Neo4jProcess) -> None:
    assert await checks_until_hung(supervisor, neo4j, "broken") == MISSES


@pytest.fixture
def other(tmp_path) -> Neo4jProcess:
    return Unanswering(EmbeddedServer(ServerSettings(home=tmp_path / "other")))


async def test_the_neo4j_of_one_organisation_is_replaced_and_the_other_left_alone(
    neo4j: Neo4jProcess, other: Neo4jProcess
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        supervisor = Supervisor(listening, lambda _: None)
        supervisor.add("acme")
        supervisor.run_neo4j(neo4j)
        supervisor.run_neo4j(other, "acme")
        broken = {"cause": "broken", "reason": "no answer"}
        for _ in range(MISSES):
            supervisor._check_graph((200, json.dumps({"default": None, "acme": broken}).encode()))
            await asyncio.sleep(0)
    assert (neo4j.hung, other.hung) == (False, True)


@pytest.mark.parametrize("answer", [None, (503, b'{"code": "BUSY", "message": "too many connections"}'), (500, b"no JSON")])
async def test_an_answer_that_is_no_news_of_the_graph_changes_nothing(
    supervisor: Supervisor, neo4j: Neo4jProcess, answer: tuple[int, bytes] | None
) -> None:
    for _ in range(START_MISSES):
        supervisor._check_graph(answer)
        await asyncio.sleep(0)
    assert not neo4j.hung
