"""Queries made at random, by every role: no fault of ours, no secret, and the same answer from both executors.

``GENERATED_QUERIES=5000`` asks for more of them than the suite does.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import orjson
import pytest
from generated_queries import Queries
from planted_graph import fill
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from crashgraph.wiring import Container
from graph.access.roles import SCOPES
from graph.model.actor import Actor, ActorKind, Role
from schema.app import build_schema
from schema.compile.levels import LevelExecutor
from schema.context import Context
from schema.request_graph import RequestGraph

pytestmark = [
    pytest.mark.timeout(3600),
    # graphql-core cancels the fields beside a failed one; the driver leaves the socket of a cancelled read to the collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
COUNT = int(os.environ.get("GENERATED_QUERIES", "60"))
SECRET = "hunter2Planted"


async def asked(container: Container, query: str, actor: Actor, executor: type[Any]) -> tuple[Any, list[Any]]:
    schema = build_schema()
    schema.execution_context_class = executor
    context = Context(RequestGraph(container.graph), container.matcher, container.receiver, actor=actor)
    try:
        result = await schema.execute(query, context_value=context)
    finally:
        schema.execution_context_class = LevelExecutor
    return result.data, [error.formatted for error in result.errors or ()]


def rounded(value: Any) -> Any:
    """Without the digits that change from one moment to the next."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


def by_path(errors: list[Any]) -> list[bytes]:
    """In an order that does not depend on what ended first."""
    return sorted(orjson.dumps(error) for error in errors)


@pytest.mark.parametrize("role", list(Role))
async def test_random_queries_are_answered_by_both_executors_alike(container: Container, role: Role) -> None:
    queries = Queries(build_schema()._schema, await fill(container, SECRET), seed=list(Role).index(role))
    actor = Actor(ActorKind.PERSON, "random", SCOPES[role])
    answered = 0
    for _ in range(COUNT):
        query = queries.next()
        data, errors = await asked(container, query, actor, LevelExecutor)
        ordinary, their_errors = await asked(container, query, actor, StrawberryGraphQLCoreExecutionContext)
        assert orjson.dumps(rounded(data)) == orjson.dumps(rounded(ordinary)), query
        # An answer without data names what failed first, which is a matter of moments.
        assert bool(errors) == bool(their_errors), query
        assert data is None or by_path(errors) == by_path(their_errors), query
        for error in errors:
            assert error["extensions"]["code"] not in {"INTERNAL", "QUERY"}, (query, error)
        assert SECRET.encode() not in orjson.dumps([data, errors]), query
        answered += data is not None
    assert answered > COUNT / 4
    gc.collect()  # while those warnings are ignored
