"""Submitting crashes through GraphQL, with the real matcher and receiver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crashgraph.settings import Settings
from crashgraph.wiring import build_container
from graph.model.actor import ANONYMOUS, Actor, Scope, person
from graph.server import Endpoint
from graph.store import Neo4jGraph
from schema.build import build_schema
from schema.context import Context

REPORT = """Traceback (most recent call last):
  File "/srv/shop/app.py", line 30, in run
    total(order)
  File "/srv/shop/invoice.py", line 12, in total
    return order["total"]
KeyError: 'total'
"""
SUBMIT = """mutation($input: SubmitCrashInput!) { submitCrash(input: $input) {
  receipts { crashId externalId patternId patternName strategy isNew status topFrame frameCount
             crash { site source } pattern { occurrenceCount } candidates { score pattern { patternId } } }
  errors { code message } userErrors { code message field } } }"""
MATCH = """query($input: CrashInput!) { matchCrash(input: $input) {
  patternId strategy confidence isNew errorType culprit explanation pattern { name } candidates { patternId score } } }"""

Execute = Callable[..., Any]


@pytest.fixture
def execute(graph: Neo4jGraph, endpoint: Endpoint, tmp_path: Path) -> Execute:
    """Runs a document with everything that the service has."""
    container = build_container(Settings(home=tmp_path), graph, endpoint)

    async def run(text: str, given: dict[str, Any], actor: Actor = ANONYMOUS) -> Any:
        context = Context(container.graph, container.matcher, container.receiver, actor=actor)
        return await build_schema().execute(text, {"input": given}, context)

    return run


async def test_a_report_is_stored_once_and_then_known(execute: Execute) -> None:
    given = {"report": REPORT, "site": "Antwerp", "product": "Shop", "version": "1.0", "id": "mine-1"}
    unknown = (await execute(MATCH, given)).data["matchCrash"][0]
    assert (unknown["isNew"], unknown["patternId"], unknown["errorType"]) == (True, None, "KeyError")

    stored = (await execute(SUBMIT, given | {"candidates": 2})).data["submitCrash"]
    assert stored["errors"] == stored["userErrors"] == []
    receipt = stored["receipts"][0]
    assert (receipt["strategy"], receipt["isNew"], receipt["status"], receipt["externalId"]) == (
        "NEW",
        True,
        "MATCHED",
        "mine-1",
    )
    assert receipt["crash"] == {"site": "Antwerp", "source": "graphql"}
    assert receipt["pattern"] == {"occurrenceCount": 1}

    again = (await execute(SUBMIT, given)).data["submitCrash"]["receipts"][0]
    assert again["crashId"] == receipt["crashId"]
    assert again["pattern"] == {"occurrenceCount": 1}

    known = (await execute(MATCH, given)).data["matchCrash"][0]
    assert (known["strategy"], known["patternId"]) == ("EXACT", receipt["patternId"])
    assert known["pattern"] == {"name": receipt["patternName"]}
    assert known["explanation"]


async def test_a_sender_without_the_scope_read_gets_a_receipt_and_nothing_else(execute: Execute) -> None:
    result = await execute(SUBMIT, {"report": REPORT}, person("sender", [Scope.REPORT]))
    [receipt] = result.data["submitCrash"]["receipts"]
    assert (receipt["status"], receipt["crash"], receipt["pattern"]) == ("MATCHED", None, None)
    assert {tuple(error.path[-1:]) for error in result.errors} == {("crash",), ("pattern",)}
    assert {error.extensions["code"] for error in result.errors} == {"FORBIDDEN"}


async def test_an_exception_with_frames_needs_no_text(execute: Execute) -> None:
    frames = [{"module": "shop.invoice", "function": "total", "file": "invoice.py", "line": 12, "inApp": True}]
    given = {
        "exception": {"type": "KeyError", "message": "'total'"},
        "frames": frames,
        "environment": [{"name": "os", "value": "Linux"}],
    }
    receipt = (await execute(SUBMIT, given)).data["submitCrash"]["receipts"][0]
    assert (receipt["status"], receipt["topFrame"], receipt["frameCount"]) == ("MATCHED", "shop.invoice.total", 1)


async def test_unparsable_text_is_stored(execute: Execute) -> None:
    receipt = (await execute(SUBMIT, {"report": "it went wrong"})).data["submitCrash"]["receipts"][0]
    assert (receipt["status"], receipt["patternId"]) == ("UNPARSED", None)
    assert receipt["crashId"]


@pytest.mark.parametrize(
    ("given", "field", "named"),
    [({}, "report", "nothing to read"), ({"report": "x", "timestamp": "2026-01-01T10:00:00"}, "timestamp", "time zone")],
)
async def test_errors_that_the_sender_can_fix_are_user_errors(
    execute: Execute, given: dict[str, Any], field: str, named: str
) -> None:
    result = await execute(SUBMIT, given)
    assert result.errors is None
    assert result.data["submitCrash"]["receipts"] == []
    assert [error["code"] for error in result.data["submitCrash"]["errors"]] == ["INVALID_INPUT"]
    [error] = result.data["submitCrash"]["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", field)
    assert named in error["message"]
    refused = await execute(MATCH, given)
    assert refused.errors[0].extensions["code"] == "INVALID_INPUT"


async def test_many_crashes_are_stored_together_with_a_result_each(execute: Execute) -> None:
    text = """mutation($input: [CrashInput!]!) { submitCrashes(input: {crashes: $input}) {
      results { receipts { externalId status patternName } errors { code } userErrors { field } } errors { code } } }"""
    given: Any = [{"report": REPORT, "id": "a"}, {"id": "b"}, {"report": "hm", "id": "c"}, {"report": REPORT + "\n" + REPORT}]
    result = await execute(text, given)
    assert result.errors is None
    results = result.data["submitCrashes"]["results"]
    assert [[one["status"] for one in item["receipts"]] for item in results] == [
        ["MATCHED"],
        [],
        ["UNPARSED"],
        ["MATCHED", "MATCHED"],
    ]
    assert [item["errors"] for item in results] == [[], [{"code": "INVALID_INPUT"}], [], []]
    assert [item["userErrors"] for item in results] == [[], [{"field": "crashes.1.report"}], [], []]
    assert (await execute(text, [])).data == {"submitCrashes": {"results": [], "errors": []}}
    many = await execute(text, [{"report": "x"}] * 1_001)
    assert many.data == {"submitCrashes": {"results": [], "errors": [{"code": "LIMIT"}]}}
