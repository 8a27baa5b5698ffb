"""What `/metrics` shows of GraphQL: operations by kind and code, their time and cost, and what is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from crashgraph.app import AppDependencies, build_app
from crashgraph.graphql_metrics import KNOWN, GraphQLMetrics
from crashgraph.metrics import shown_metrics
from crashgraph.wiring import Container, build_access, build_intake
from graph.model.actor import Scope, person
from schema.build import build_schema
from schema.context import Context


@pytest_asyncio.fixture
async def client(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    async with build_intake(container) as intake:
        app = build_app(AppDependencies(container, intake, build_access(container)))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
            yield opened


async def shown(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """The samples of GraphQL, by name and labels."""
    text = (await client.get("/metrics")).text
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("crashgraph_graphql")
    }


@pytest.mark.parametrize(
    ("document", "kind", "code"),
    [
        ("{ patterns(first: 7) { nodes { name } } }", "query", "OK"),
        ("{ patterns(first: 101) { nodes { name } } }", "query", "LIMIT"),
        ('mutation { resolvePattern(input: {pattern: "x"}) { userErrors { code } } }', "mutation", "OK"),
        ('{ pattern(id: "a secret of the sender") { name } }', "query", "NOT_FOUND"),
        ("{ nothing of this name }", "unread", "INVALID_QUERY"),
        ("subscription { event { kind } }", "unread", "INVALID_QUERY"),
    ],
)
async def test_an_operation_is_counted_by_kind_and_code(client: httpx.AsyncClient, document: str, kind: str, code: str) -> None:
    before = await shown(client)
    await client.post("/graphql", json={"query": document})
    after = await shown(client)
    grown = {key: value - before.get(key, 0) for key, value in after.items() if value != before.get(key, 0)}
    assert grown[("crashgraph_graphql_operations_total", code, kind)] == 1
    assert grown[("crashgraph_graphql_seconds_count", kind)] == 1
    assert ("crashgraph_graphql_nodes_count", kind) in grown or code != "OK"
    assert after[("crashgraph_graphql_running",)] == 0
    assert not any("secret" in part for key in after for part in key)


async def test_an_open_subscription_is_shown_while_it_lasts(container: Container, client: httpx.AsyncClient) -> None:
    context = Context(
        graph=container.graph,
        matcher=container.matcher,
        receiver=container.receiver,
        actor=person("ann", [Scope.READ]),
        measure=GraphQLMetrics(),
    )
    document = "subscription { event(after: -5) { kind } }"
    before = await shown(client)
    stream: Any = await build_schema().stream(document, {}, context)
    async with aclosing(stream):
        (first,) = [await anext(stream)]
        assert first.errors[0].extensions["code"] == "INVALID_INPUT"
        assert (await shown(client))[("crashgraph_graphql_subscriptions",)] == 1
    after = await shown(client)
    assert after[("crashgraph_graphql_subscriptions",)] == 0
    ended = ("crashgraph_graphql_subscriptions_ended_total", "INVALID_INPUT")
    assert after[ended] == before.get(ended, 0) + 1


def test_labels_are_of_a_fixed_set() -> None:
    assert {"LIMIT", "BUSY", "RATE_LIMITED", "FORBIDDEN", "CONTRADICTION", "INTERNAL"} <= KNOWN
    GraphQLMetrics().followed("whatever a client sent")
    text = shown_metrics("default", alone=True).decode()
    assert 'crashgraph_graphql_subscriptions_ended_total{code="OTHER"}' in text
    assert "whatever" not in text
