"""Texts of fixed sets are enums in GraphQL, JSON is JSON, and what the graph should not hold empties no answer."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from small_graph import arrange, crash, pattern

from graph.model.statement import Statement
from graph.ports import Graph
from schema.build import build_schema
from schema.context import Context


async def answer(graph: Graph, text: str, **given: Any) -> Any:
    context = Context(graph=graph, matcher=None, receiver=None)  # type: ignore[arg-type]  # reads only
    return await build_schema().execute(text, given, context)


async def test_a_text_that_no_set_has_is_null_and_the_rest_is_there(graph: Graph, caplog: pytest.LogCaptureFixture) -> None:
    await arrange(graph, [pattern("a"), pattern("b")], [crash("c0", "a")])
    await graph.write(Statement("MATCH (p:Pattern {pattern_id: 'a'}) SET p.severity = 'dire', p.status = 'open'"))
    with caplog.at_level(logging.WARNING):
        result = await answer(graph, "{ patterns(first: 5) { nodes { patternId severity status } } }")
    assert result.errors is None
    shown = {one["patternId"]: (one["severity"] is None, one["status"]) for one in result.data["patterns"]["nodes"]}
    assert shown == {"a": (True, "OPEN"), "b": (False, "OPEN")}
    assert "severity" in caplog.text
    assert "dire" not in caplog.text


async def test_filters_take_names_and_no_texts(graph: Graph) -> None:
    await arrange(graph, [pattern("a")], [crash("c0", "a")])
    text = "query($filter: PatternFilterInput) { patterns(first: 5, filter: $filter) { nodes { patternId } } }"
    assert (await answer(graph, text, filter={"statuses": ["OPEN"]})).data["patterns"]["nodes"] == [{"patternId": "a"}]
    refused = await answer(graph, text, filter={"statuses": ["open"]})
    assert refused.errors[0].extensions["code"] == "INVALID_QUERY"


async def test_json_is_a_value_and_a_broken_one_null(graph: Graph, caplog: pytest.LogCaptureFixture) -> None:
    text = """UNWIND [['r', '{"min_support": 9}'], ['s', '{broken']] AS run
    CREATE (:JobRun {run_id: run[0], job: 'co_occurrence', state: 'succeeded', attempt: 1,
      params: run[1], requested_at: datetime()})"""
    await graph.write(Statement(text))
    with caplog.at_level(logging.WARNING):
        result = await answer(graph, '{ jobRuns(job: "co_occurrence", first: 5) { nodes { runId state params counts } } }')
    assert result.errors is None
    assert sorted(result.data["jobRuns"]["nodes"], key=lambda run: run["runId"]) == [
        {"runId": "r", "state": "SUCCEEDED", "params": {"min_support": 9}, "counts": None},
        {"runId": "s", "state": "SUCCEEDED", "params": None, "counts": None},
    ]
    assert "broken" not in caplog.text


async def test_types_of_relationships_are_names(graph: Graph) -> None:
    await arrange(graph, [pattern("a")])
    text = "query($types: [DerivedType!]) { network(types: $types) { edges { type } } }"
    assert (await answer(graph, text, types=["CO_OCCURS_WITH", "CAUSES"])).data == {"network": {"edges": []}}
    assert (await answer(graph, text, types=["OF_PATTERN"])).errors[0].extensions["code"] == "INVALID_QUERY"
