"""Feedback through GraphQL and its effect on later answers, with the real matcher and receiver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from reports import traceback

from crashgraph.wiring import Container
from graph.model.actor import ANONYMOUS, Actor, ActorKind, Scope
from schema.build import build_schema
from schema.context import Context

Execute = Callable[..., Any]
AGENT = Actor(ActorKind.AGENT, "healer", frozenset(Scope))
LONG_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(days=100)

SUBMIT = """mutation($input: SubmitCrashInput!) { submitCrash(input: $input) { receipts { crashId patternId
  known { status sites { name crashes } versions { name } occurrenceCount solutions { description trust worked } }
  trackRecord { cases share } } } }"""
MATCH = """query($input: CrashInput!) { matchCrash(input: $input) { patternId isNew
  known { status firstSeen lastSeen occurrenceCount rootCause validationCount sites { name crashes }
    solutions { description trust worked failed tags quality applied { site since proven lostAt } } }
  trackRecord { low high cases right share shareLow } solutions { trust worked } } }"""
VALIDATE = """mutation($input: ValidationInput!) { validateCrash(input: $input) {
  validation { quality verdict notes } pattern { name confidence validationCount } errors { code message } } }"""
SOLUTION = """mutation($input: SolutionInput!) { recordSolution(input: $input) {
  solution { key trust kind } errors { code message } } }"""
USE = """mutation($input: UseInput!) { recordUse(input: $input) {
  solution { tags successCount } worked failed errors { code message } } }"""
RESOLVE = """mutation($p: ID!, $v: String, $s: ID) { resolvePattern(
  input: {pattern: $p, onBehalfOf: "Ann", version: $v, solution: $s}) {
  pattern { status resolvedVersion resolvedProduct } errors { code message } } }"""
SHOW = """query($p: ID!) { pattern(id: $p) { status currentConfidence validations(first: 9) {
  nodes { by onBehalfOf verdict crash { key } pattern { key } } }
  known { solutions { description } } } }"""
APPLIED = """{ appliedSolutions(site: "Ghent", first: 9) { nodes { solution { description worked trust } pattern { name }
  place { since worked proven expected } } } }"""
DUE = """{ revalidationCandidates(days: 0, first: 9) { nodes { pattern { key } currentConfidence worked } } }"""


@pytest.fixture
def execute(container: Container) -> Execute:
    async def run(text: str, actor: Actor = ANONYMOUS, **given: Any) -> Any:
        context = Context(container.graph, container.matcher, container.receiver, actor=actor)
        result = await build_schema().execute(text, given, context)
        assert result.errors is None, result.errors
        return next(iter((result.data or {}).values()))

    return run


def report(number: int, **also: Any) -> dict[str, Any]:
    at = (LONG_AGO + timedelta(days=number)).isoformat()
    return {
        "report": traceback(0),
        "id": str(number),
        "site": "Ghent",
        "product": "desk",
        "version": "1.0",
        "timestamp": at,
    } | also


async def known_bug(execute: Execute, crashes: int) -> list[dict[str, Any]]:
    return [(await execute(SUBMIT, input=report(number)))["receipts"][0] for number in range(crashes)]


async def test_one_answer_has_the_pattern_its_places_and_counts_and_its_fix(execute: Execute) -> None:
    stored = await known_bug(execute, 20)
    pattern = stored[0]["patternId"]
    assert stored[-1]["known"]["occurrenceCount"] == 20
    assert stored[-1]["known"]["sites"] == [{"name": "Ghent", "crashes": 20}]
    review = {
        "crash": stored[0]["crashId"],
        "onBehalfOf": "Ann",
        "rootCause": "no such row",
        "name": "Missing tariff",
        "notes": "n",
    }
    validated = await execute(VALIDATE, input=review)
    assert validated["errors"] == []
    assert validated["pattern"] == {"name": "Missing tariff", "confidence": pytest.approx(2 / 3), "validationCount": 1}

    draft = {"pattern": pattern, "description": "Restart", "verified": True}
    weak = (await execute(SOLUTION, actor=AGENT, input=draft))["solution"]["key"]
    draft = {"pattern": pattern, "description": "Add the row", "onBehalfOf": "Ann", "kind": "CONFIGURATION"}
    solution = (await execute(SOLUTION, input=draft))["solution"]["key"]
    for _ in range(5):
        await execute(USE, actor=AGENT, input={"solution": weak, "pattern": pattern, "worked": True})
    applied = (LONG_AGO + timedelta(days=20)).isoformat()
    where = {"site": "Ghent", "confidence": 0.93, "at": applied}
    used = await execute(USE, input={"solution": solution, "pattern": pattern, "worked": True, "onBehalfOf": "Ann", **where})
    assert (used["worked"], used["errors"], used["solution"]["tags"]) == (1, [], ["GOLD_STANDARD"])

    answer = (await execute(MATCH, input={"report": traceback(0)}))[0]
    known = answer["known"]
    assert (answer["patternId"], known["rootCause"], known["validationCount"]) == (pattern, "no such row", 1)
    assert [(solution["description"], solution["trust"], solution["worked"]) for solution in known["solutions"]] == [
        ("Add the row", "PROVEN", 1),
        ("Restart", "LEARNED", 5),
    ]
    assert known["solutions"][0]["applied"][0]["proven"]
    assert answer["trackRecord"]["share"] is None, "one review is too few"
    [applied_there] = (await execute(APPLIED))["nodes"]
    assert (applied_there["solution"]["trust"], applied_there["place"]["worked"], applied_there["place"]["since"]) == (
        "PROVEN",
        1,
        applied,
    )
    again = (await execute(SUBMIT, input=report(30)))["receipts"][0]
    assert [solution["trust"] for solution in again["known"]["solutions"]] == ["VALIDATED", "LEARNED"]


SCOPED = """query($input: CrashInput!) { matchCrash(input: $input) { known { solutions { description scope fits } } } }"""


async def test_solutions_that_fit_the_environment_of_the_report_come_first(execute: Execute) -> None:
    pattern = (await known_bug(execute, 1))[0]["patternId"]
    for description, scope in (("Patch it", ["os=Windows", "site=Ghent"]), ("Add the row", []), ("Move away", ["site=Bruges"])):
        draft = {"pattern": pattern, "description": description, "onBehalfOf": "Ann", "scope": scope}
        assert (await execute(SOLUTION, input=draft))["errors"] == []
    at_ghent = (await execute(SCOPED, input=report(1)))[0]["known"]["solutions"]
    assert [solution["description"] for solution in at_ghent][-1] == "Move away"
    assert {solution["description"]: solution["fits"] for solution in at_ghent} == {
        "Patch it": None,
        "Add the row": True,
        "Move away": False,
    }
    assert at_ghent[-1]["scope"] == ["site=Bruges"]
    elsewhere = (await execute(SCOPED, input=report(1, site="Bruges")))[0]["known"]["solutions"]
    assert [solution["description"] for solution in elsewhere][-1] == "Patch it"


async def test_a_track_record_has_an_interval_or_is_null_for_few_cases(execute: Execute) -> None:
    stored = await known_bug(execute, 13)
    for number, crash in enumerate(stored[1:]):
        review = {"crash": crash["crashId"], "onBehalfOf": "Ann", "isCorrect": number > 0}
        assert (await execute(VALIDATE, input=review))["errors"] == []
        record = (await execute(MATCH, input={"report": traceback(0)}))[0]["trackRecord"]
        if number < 9:
            assert (record["cases"], record["share"]) == (number + 1, None)
    assert (record["cases"], record["right"]) == (12, 11)
    assert record["share"] == pytest.approx(11 / 12)
    assert record["shareLow"] < 11 / 12


async def test_an_unknown_bug_is_new(execute: Execute) -> None:
    answer = (await execute(MATCH, input={"report": traceback(1)}))[0]
    assert (answer["isNew"], answer["known"], answer["trackRecord"]["cases"]) == (True, None, 0)


async def test_a_pattern_is_resolved_in_a_version_and_comes_back(execute: Execute) -> None:
    pattern = (await known_bug(execute, 2))[0]["patternId"]
    fix = (await execute(SOLUTION, input={"pattern": pattern, "description": "Add the row", "onBehalfOf": "Ann"}))["solution"][
        "key"
    ]
    resolved = await execute(RESOLVE, p=pattern, v="1.2", s=fix)
    assert resolved["pattern"] == {"status": "RESOLVED", "resolvedVersion": "1.2", "resolvedProduct": "desk"}
    assert (await execute(SUBMIT, input=report(5)))["receipts"][0]["known"]["status"] == "RESOLVED"
    assert (await execute(SUBMIT, input=report(6, version="1.10")))["receipts"][0]["known"]["status"] == "REGRESSED"


async def test_a_wrong_match_moves_to_the_right_pattern(execute: Execute) -> None:
    first = (await known_bug(execute, 1))[0]
    other = (await execute(SUBMIT, input={"report": traceback(1), "id": "x"}))["receipts"][0]
    review = {"crash": other["crashId"], "onBehalfOf": "Ann", "isCorrect": False, "belongsTo": first["patternId"]}
    assert (await execute(VALIDATE, input=review))["errors"] == []
    answer = (await execute(MATCH, input={"report": traceback(1)}))[0]
    assert answer["patternId"] == first["patternId"]
    shown = await execute(SHOW, p=first["patternId"])
    assert shown["status"] == "OPEN"


async def test_revalidation_candidates_and_validations_are_listed(execute: Execute) -> None:
    stored = await known_bug(execute, 2)
    assert (await execute(DUE))["nodes"] == []
    await execute(VALIDATE, input={"crash": stored[0]["crashId"], "onBehalfOf": "Ann", "notes": "password=hunter2secret"})
    [due] = (await execute(DUE))["nodes"]
    assert due["pattern"]["key"] == stored[0]["patternId"]
    shown = await execute(SHOW, p=stored[0]["patternId"])
    reviewed = {"crash": {"key": stored[0]["crashId"]}, "pattern": {"key": stored[0]["patternId"]}}
    assert shown["validations"]["nodes"] == [{"by": "person:anonymous", "onBehalfOf": "Ann", "verdict": "CORRECT", **reviewed}]


@pytest.mark.parametrize(
    ("text", "given", "named"),
    [
        (VALIDATE, {"crash": "gone", "onBehalfOf": "Ann"}, "gone"),
        (VALIDATE, {"crash": "gone", "onBehalfOf": " "}, "onBehalfOf"),
        (VALIDATE, {"crash": "gone", "onBehalfOf": "Ann", "downtimeMinutes": -1}, "downtimeMinutes"),
        (SOLUTION, {"pattern": "gone", "description": "x", "onBehalfOf": "Ann"}, "gone"),
        (SOLUTION, {"pattern": "gone", "description": " ", "onBehalfOf": "Ann"}, "description"),
        (SOLUTION, {"pattern": "gone", "description": "x", "onBehalfOf": "Ann", "scope": ["colour=red"]}, "colour"),
        (USE, {"solution": "gone", "pattern": "gone", "onBehalfOf": "Ann", "worked": True}, "gone"),
        (USE, {"solution": "gone", "pattern": "gone", "onBehalfOf": "Ann", "worked": True, "confidence": 2}, "confidence"),
        (USE, {"solution": "gone", "pattern": "gone", "onBehalfOf": "Ann", "worked": True, "site": "Nowhere"}, "Nowhere"),
    ],
)
async def test_invalid_input_is_a_user_error(execute: Execute, text: str, given: dict[str, Any], named: str) -> None:
    errors = (await execute(text, input=given))["errors"]
    assert len(errors) == 1
    assert named in errors[0]["message"]
