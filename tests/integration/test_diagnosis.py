"""Diagnoses: stored with crash and pattern, shown by every interface, and only for unchanged reports."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from reports import submission, traceback

from crashgraph.match_text import render_answers
from crashgraph.wiring import Container
from graph.model.errors import IntegrityError
from graph.model.report import StackFrame
from graph.model.statement import Statement
from graph.sources.submission import Submission
from resolvers.crashes import reports
from schema.build import build_schema
from schema.context import Context

CRASH = """query($id: ID!) { crash(id: $id) { report diagnosis {
  errorCode clusterId family title severity difficulty hint confidence }
  pattern { diagnosis { errorCode clusterId confidence } } } }"""
REPORT_ALONE = "query($id: ID!) { crash(id: $id) { report } }"
PATTERNS = "query($filter: PatternFilterInput) { patterns(first: 10, filter: $filter) { nodes { taxonomyCode name } } }"
MATCH = """query($input: CrashInput!) { matchCrash(input: $input) { diagnosis { errorCode hint }
  components { part reported normalised contributes levels hints } } }"""

Execute = Callable[..., Any]


@pytest.fixture
def execute(container: Container) -> Execute:
    async def run(text: str, **variables: Any) -> Any:
        return await build_schema().execute(text, variables, Context(container.graph, container.matcher, container.receiver))

    return run


async def stored(container: Container, crash_id: str) -> dict[str, Any]:
    rows = await container.graph.read(Statement("MATCH (c:Crash {crash_id: $id}) RETURN c {.*} AS c", {"id": crash_id}))
    found: dict[str, Any] = rows[0]["c"]
    return found


async def test_a_crash_and_its_pattern_have_the_diagnosis(container: Container, execute: Execute) -> None:
    (receipt,) = await container.receiver.receive([submission(0)])
    answer = await execute(CRASH, id=receipt.crash_id)
    assert answer.errors is None
    diagnosis = answer.data["crash"]["diagnosis"]
    assert (diagnosis["errorCode"], diagnosis["clusterId"], diagnosis["family"]) == ("COL.KEY", "COL.KEY:tariff", "COL")
    assert diagnosis["severity"] in {"CRITICAL", "HIGH", "MEDIUM", "LOW"}
    assert 0 < diagnosis["difficulty"] < 1
    assert diagnosis["confidence"] == 0.9
    assert diagnosis["hint"].endswith(".")
    assert answer.data["crash"]["pattern"]["diagnosis"] == {
        "errorCode": "COL.KEY",
        "clusterId": "COL.KEY:tariff",
        "confidence": 0.9,
    }


async def test_an_error_without_a_matching_rule_has_no_diagnosis(container: Container, execute: Execute) -> None:
    (receipt,) = await container.receiver.receive([Submission(exception_type="Zzz", frames=(StackFrame("f"),))])
    (unparsed,) = await container.receiver.receive([Submission(report="all is well")])
    for crash_id in (receipt.crash_id, unparsed.crash_id):
        answer = await execute(CRASH, id=crash_id)
        assert answer.errors is None
        assert answer.data["crash"]["diagnosis"] is None


async def test_the_stored_hash_is_that_of_the_stored_report(container: Container) -> None:
    texts = [
        traceback(0),
        traceback(0).replace("\n", "\r\n"),
        traceback(0).replace("tariff", "tärïff 𝄞 \x00 \x1b[1m \u202e \ufffd"),
        "mail a.person@shop.example\n" + traceback(0),
        traceback(0) + "x" * 400_000,
        "not understood \x00",
        "not understood \ud800 either",
        traceback(0).replace("tariff", "tar\udcffiff"),
        '{"level": "error", "message": "half a character \\ud83d", "exception": {"type": "KeyError", "message": "\\udc00"}}',
        "",
    ]
    for number, text in enumerate(texts):
        (receipt, *_) = await container.receiver.receive([Submission(report=text, id=f"r{number}")])
        kept = await stored(container, receipt.crash_id)
        assert kept["stored_hash"] == hashlib.sha256(kept["report"].encode()).hexdigest(), number
        [report] = (await reports(container.graph, [receipt.crash_id])).values()
        assert report.checked() == kept["report"]


@pytest.mark.parametrize(
    "change", ["c.report = c.report + ' '", "c.report = ''", "c.stored_hash = 'ab'", "c.stored_hash = null"]
)
async def test_a_changed_report_is_refused_and_not_used(container: Container, execute: Execute, change: str) -> None:
    changed, other = await container.receiver.receive([submission(0), submission(1)])
    await container.graph.write(Statement(f"MATCH (c:Crash {{crash_id: $id}}) SET {change}", {"id": changed.crash_id}))

    answer = await execute(CRASH.replace("report diagnosis", "diagnosis"), id=changed.crash_id)
    assert answer.data["crash"]["diagnosis"] is None
    assert [error.extensions["code"] for error in answer.errors] == ["INTEGRITY"]
    assert changed.crash_id in answer.errors[0].message

    alone = await execute(REPORT_ALONE, id=changed.crash_id)
    assert alone.data == {"crash": {"report": None}}
    assert alone.errors[0].extensions["code"] == "INTEGRITY"
    [report] = (await reports(container.graph, [changed.crash_id])).values()
    with pytest.raises(IntegrityError):
        report.checked()

    listed = await execute("{ crashes(first: 10) { nodes { crashId diagnosis { errorCode } } } }")
    diagnoses = {node["crashId"]: node["diagnosis"] for node in listed.data["crashes"]["nodes"]}
    assert diagnoses == {changed.crash_id: None, other.crash_id: {"errorCode": "NUM.DIVIDE_BY_ZERO"}}


async def test_submitting_again_never_overwrites_a_report(container: Container) -> None:
    (receipt,) = await container.receiver.receive([submission(0)])
    before = await stored(container, receipt.crash_id)
    await container.graph.write(Statement("MATCH (c:Crash) SET c.report = 'changed'"))
    (again,) = await container.receiver.receive([submission(0)])
    assert again.crash_id == receipt.crash_id
    after = await stored(container, receipt.crash_id)
    assert after["report"] == "changed"
    assert after["stored_hash"] == before["stored_hash"]


async def test_patterns_are_found_by_category_and_family(container: Container, execute: Execute) -> None:
    await container.receiver.receive([submission(bug) for bug in range(4)])

    async def codes(**narrowed: Any) -> list[str]:
        answer = await execute(PATTERNS, filter=narrowed)
        assert answer.errors is None
        return sorted(node["taxonomyCode"] for node in answer.data["patterns"]["nodes"])

    everything = ["COL.KEY", "DAT.ENCODING", "NUL.NULL_REFERENCE", "NUM.DIVIDE_BY_ZERO"]
    assert await codes() == everything
    assert await codes(errorCode="COL.KEY") == ["COL.KEY"]
    assert await codes(errorCode="COL") == []
    assert await codes(family="NUM") == ["NUM.DIVIDE_BY_ZERO"]
    assert await codes(family="NU") == []
    assert await codes(family="COL", errorCode="DAT.ENCODING") == []
    assert await codes(errorCode="COL.KEY", search="KeyError") == ["COL.KEY"]
    assert await codes(family="DAT", search="KeyError") == []
    assert await codes(errorCode="COL.KEY", site="site-0") == ["COL.KEY"]
    assert await codes(errorCode="COL.KEY", product="another") == []
    assert await codes(errorCode="COL.KEY", severities=["LOW"]) == []


async def test_pages_of_a_category_follow_each_other(container: Container, execute: Execute) -> None:
    bugs = [traceback(0).replace("tariff", word).replace("tariff_of", f"{word}_of") for word in ("rate", "region", "colour")]
    await container.receiver.receive([Submission(report=text, id=text) for text in bugs])
    query = """query($after: String) { patterns(first: 1, after: $after, filter: {family: "COL"}) {
      nodes { patternId } pageInfo { endCursor hasNextPage } } }"""
    seen, after, more = [], None, True
    while more:
        page = (await execute(query, after=after)).data["patterns"]
        seen += [node["patternId"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    everything = await execute('{ patterns(first: 50, filter: {family: "COL"}) { nodes { patternId } } }')
    assert seen == [node["patternId"] for node in everything.data["patterns"]["nodes"]]


async def test_the_taxonomy_can_be_queried(execute: Execute) -> None:
    answer = await execute("{ taxonomy { code title categories { code title severity difficulty hint } } }")
    assert answer.errors is None
    families = {family["code"]: family for family in answer.data["taxonomy"]}
    assert len(families) >= 12
    assert "RES.NAME_ERROR" in {category["code"] for category in families["RES"]["categories"]}


async def test_the_answer_has_diagnosis_and_components(container: Container, execute: Execute) -> None:
    answer = await execute(MATCH, input={"report": traceback(0)})
    assert answer.errors is None
    (match,) = answer.data["matchCrash"]
    assert match["diagnosis"]["errorCode"] == "COL.KEY"
    components = {one["part"]: one for one in match["components"]}
    assert components["type"]["normalised"] == "KeyError"
    assert components["frame 0"]["levels"] == ["exact", "structural", "text"]
    assert components["frame 3"]["hints"] == ["beyond the third frame from the culprit"]


async def test_the_command_prints_diagnosis_hint_and_components(container: Container) -> None:
    given = Submission(report=traceback(0))
    (answer,) = await container.matcher.match(given, 5)
    short, long = (render_answers(given, [answer], explain=explain, jsonl=False).decode() for explain in (False, True))
    assert "COL.KEY:tariff" in short
    assert answer.diagnosis is not None
    assert f"hint: {answer.diagnosis.hint}" in short
    assert "contributing parts" not in short
    assert "frame 0 [exact, structural, text] pricing.tariff_of (culprit)" in long
