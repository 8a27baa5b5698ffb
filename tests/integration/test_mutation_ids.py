"""A mutation that is sent again with the same ``clientMutationId`` acts once and answers the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from reports import traceback

from crashgraph.wiring import Container
from graph.knowledge.idempotency import KeptAnswer, MarkedCall, act_once, submit_again
from graph.model.actor import Actor, ActorKind, Scope, person
from graph.model.errors import ConflictError, InvalidInputError
from graph.model.statement import Statement
from graph.ports import Graph
from graph.server import Endpoint
from graph.store import Neo4jGraph
from jobs.runner import run_now
from schema.build import build_schema
from schema.context import Context
from schema.inputs.access import SetPasswordInput
from schema.once import input_text

Execute = Callable[..., Any]
ANN, BOB = person("ann"), person("bob")
ID = "6f0c9e0e-3a52-4f0f-9d0e-2f1f6a7d0b11"
ERRORS = "userErrors { code field message } clientMutationId"
SUBMIT = f"mutation($input: SubmitCrashInput!) {{ submitCrash(input: $input) {{ receipts {{ crashId patternId }} {ERRORS} }} }}"
MANY = f"""mutation($input: SubmitCrashesInput!) {{ submitCrashes(input: $input) {{
  results {{ receipts {{ crashId }} }} {ERRORS} }} }}"""
SOLUTION = f"mutation($input: SolutionInput!) {{ recordSolution(input: $input) {{ solution {{ key }} {ERRORS} }} }}"
USE = f"mutation($input: UseInput!) {{ recordUse(input: $input) {{ solution {{ key successCount }} worked failed {ERRORS} }} }}"
VALIDATE = f"""mutation($input: ValidationInput!) {{ validateCrash(input: $input) {{
  validation {{ key }} pattern {{ key name }} {ERRORS} }} }}"""
STATUS = f"mutation($input: IgnorePatternInput!) {{ ignorePattern(input: $input) {{ pattern {{ key status }} {ERRORS} }} }}"
REOPEN = f"mutation($input: ReopenPatternInput!) {{ reopenPattern(input: $input) {{ pattern {{ key status }} {ERRORS} }} }}"
MERGE = f"""mutation($input: MergePatternsInput!) {{ mergePatterns(input: $input) {{
  verdict {{ key kind }} pattern {{ key }} patterns {{ key }} {ERRORS} }} }}"""
DIFFERENT = f"mutation($input: MarkDifferentInput!) {{ markDifferent(input: $input) {{ {ERRORS} }} }}"
DELETE = f"mutation($input: DeleteCrashesInput!) {{ deleteCrashes(input: $input) {{ dryRun crashes patterns {ERRORS} }} }}"
JOB = f"mutation($input: RequestJobInput!) {{ requestJob(input: $input) {{ run {{ key state }} {ERRORS} }} }}"
CANCEL = f"mutation($input: CancelJobInput!) {{ cancelJob(input: $input) {{ run {{ key state }} {ERRORS} }} }}"


@pytest.fixture
def execute(container: Container) -> Execute:
    """Runs a mutation, each time with a context of its own, as a request has."""

    async def run(text: str, actor: Actor = ANN, graph: Graph | None = None, **input: Any) -> Any:
        context = Context(
            graph or container.graph, container.matcher, container.receiver, actor=actor, waiting=container.waiting
        )
        result = await build_schema().execute(text, {"input": input}, context)
        assert result.errors is None, result.errors
        [answer] = (result.data or {}).values()
        return answer

    return run


async def bug(execute: Execute, number: int = 0) -> dict[str, str]:
    [receipt] = (await execute(SUBMIT, report=traceback(number), id=str(number)))["receipts"]
    return {"crash": receipt["crashId"], "pattern": receipt["patternId"]}


async def fix(execute: Execute) -> dict[str, Any]:
    known = await bug(execute)
    solution = (await execute(SOLUTION, pattern=known["pattern"], description="Restart"))["solution"]["key"]
    return {"solution": solution, "pattern": known["pattern"], "worked": True}


async def kept(graph: Graph) -> list[dict[str, Any]]:
    rows = await graph.read(Statement("MATCH (k:IdempotencyKey) RETURN k {.*} AS kept ORDER BY k.at"))
    return [row["kept"] for row in rows]


async def count(graph: Graph, label: str) -> int:
    [row] = await graph.read(Statement(f"MATCH (n:{label}) RETURN count(n) AS n"))
    return int(row["n"])


async def test_a_use_that_is_sent_twice_counts_once_also_after_a_restart(execute: Execute, endpoint: Endpoint) -> None:
    use = await fix(execute)
    first = await execute(USE, **use, clientMutationId=ID)
    assert (first["worked"], first["userErrors"], first["clientMutationId"]) == (1, [], ID)
    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) as other:
        assert await execute(USE, graph=other, **use, clientMutationId=ID) == first
    assert (await execute(USE, **use, clientMutationId="another"))["worked"] == 2
    assert (await execute(USE, **use))["worked"] == 3


async def test_concurrent_requests_with_one_id_act_once(execute: Execute, endpoint: Endpoint, container: Container) -> None:
    use = await fix(execute)
    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) as other:
        sent = [execute(USE, graph=graph, **use, clientMutationId=ID) for graph in [container.graph, other] * 5]
        answers = await asyncio.gather(*sent)
    assert [answer["worked"] for answer in answers] == [1] * 10
    assert {answer["solution"]["successCount"] for answer in answers} == {1}
    assert len(await kept(container.graph)) == 1


async def test_an_id_with_another_input_is_a_conflict(execute: Execute, container: Container) -> None:
    use = await fix(execute)
    await execute(USE, **use, clientMutationId=ID)
    refused = await execute(USE, **use | {"worked": False}, clientMutationId=ID)
    assert (refused["solution"], refused["worked"], refused["clientMutationId"]) == (None, None, ID)
    [error] = refused["userErrors"]
    assert (error["code"], error["field"]) == ("CONFLICT", "clientMutationId")
    assert (await execute(USE, **use))["failed"] == 0


async def test_an_id_is_that_of_one_actor_and_one_mutation(execute: Execute, container: Container) -> None:
    use = await fix(execute)
    for actor in (ANN, BOB):
        await execute(USE, actor=actor, **use, clientMutationId=ID)
    assert (await execute(USE, **use))["worked"] == 3
    assert (await execute(STATUS, pattern=use["pattern"], clientMutationId=ID))["pattern"]["status"] == "IGNORED"
    assert {(one["actor"], one["mutation"]) for one in await kept(container.graph)} == {
        ("person:ann", "recordUse"),
        ("person:bob", "recordUse"),
        ("person:ann", "ignorePattern"),
    }


async def test_what_was_refused_is_not_kept(execute: Execute, container: Container) -> None:
    use = await fix(execute)
    wrong = await execute(USE, **use | {"solution": "none"}, clientMutationId=ID)
    assert wrong["userErrors"][0]["code"] == "NOT_FOUND"
    assert (await execute(USE, **use, clientMutationId=ID))["worked"] == 1
    blank = await execute(USE, **use, clientMutationId=" ")
    assert (blank["userErrors"][0]["code"], blank["userErrors"][0]["field"]) == ("INVALID_INPUT", "clientMutationId")
    assert len(await kept(container.graph)) == 1


@pytest.mark.parametrize("marked", [{"clientMutationId": ID}, {}], ids=["with an id", "without"])
async def test_a_change_in_two_steps_is_stored_whole_or_not_at_all(
    execute: Execute, container: Container, marked: dict[str, str]
) -> None:
    one, other = await bug(execute), await bug(execute, 1)
    await execute(DIFFERENT, a=one["pattern"], b=other["pattern"])
    review = {"crash": one["crash"], "isCorrect": False, "belongsTo": other["pattern"], "severity": "LOW"}
    before = await everything(container.graph)
    refused = await execute(VALIDATE, **review, **marked)
    assert refused["userErrors"][0]["code"] == "CONTRADICTION"
    assert await everything(container.graph) == before


async def everything(graph: Graph) -> list[dict[str, Any]]:
    return await graph.read(Statement("MATCH (n) RETURN n {.*, embedding: null} AS node ORDER BY elementId(n)"))


async def test_moving_a_crash_by_a_validation_acts_once(execute: Execute, container: Container) -> None:
    one, other = await bug(execute), await bug(execute, 1)
    review = {"crash": one["crash"], "isCorrect": False, "belongsTo": other["pattern"], "notes": "see the tariff"}
    first = await execute(VALIDATE, **review, clientMutationId=ID)
    assert (first["userErrors"], first["validation"] is not None) == ([], True)
    again = await execute(VALIDATE, **review, clientMutationId=ID)
    assert (again["validation"], again["pattern"]["key"]) == (first["validation"], first["pattern"]["key"])
    assert (await count(container.graph, "Validation"), await count(container.graph, "Verdict")) == (1, 1)


async def test_what_only_people_may_do_is_refused_and_recorded(execute: Execute, container: Container) -> None:
    patterns = [(await bug(execute, number))["pattern"] for number in range(2)]
    key = Actor(ActorKind.KEY, "builds", frozenset(Scope))
    refused = await execute(MERGE, actor=key, patterns=patterns, clientMutationId=ID)
    assert (refused["verdict"], refused["userErrors"][0]["code"]) == (None, "FORBIDDEN")
    [entry] = await container.graph.read(Statement("MATCH (a:AuditEvent {outcome: 'denied'}) RETURN a {.*} AS entry"))
    assert (entry["entry"]["actor"], entry["entry"]["action"]) == ("key:builds", "graphql.mergePatterns")
    assert await kept(container.graph) == []


async def test_an_error_names_the_field_of_the_input(execute: Execute) -> None:
    known = await bug(execute)
    for text, field, given in (
        (MERGE, "patterns", {"patterns": [known["pattern"]]}),
        (STATUS, "pattern", {"pattern": f"Crash:{known['crash']}"}),
        (VALIDATE, "quality", {"crash": known["crash"], "quality": 2}),
        (VALIDATE, "affectedFeatures", {"crash": known["crash"], "affectedFeatures": ["export"] * 101}),
        (VALIDATE, "affectedFeatures", {"crash": known["crash"], "affectedFeatures": ["x" * 301]}),
        (VALIDATE, "onBehalfOf", {"crash": known["crash"], "onBehalfOf": " "}),
        (VALIDATE, "onBehalfOf", {"crash": known["crash"], "onBehalfOf": "ann, password=Sesame77zq"}),
    ):
        [error] = (await execute(text, **given))["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", field), error


async def test_a_verdict_is_given_once(execute: Execute, container: Container) -> None:
    patterns = [(await bug(execute, number))["pattern"] for number in range(2)]
    first = await execute(MERGE, patterns=patterns, reason="one cause", clientMutationId=ID)
    assert (first["userErrors"], first["verdict"]["kind"]) == ([], "MERGE")
    assert await execute(MERGE, patterns=patterns, reason="one cause", clientMutationId=ID) == first
    assert await count(container.graph, "Verdict") == 1


async def test_the_node_is_read_again_as_it_is_now(execute: Execute) -> None:
    pattern = (await bug(execute))["pattern"]
    assert (await execute(STATUS, pattern=pattern, clientMutationId=ID))["pattern"]["status"] == "IGNORED"
    await execute(REOPEN, pattern=pattern)
    again = await execute(STATUS, pattern=pattern, clientMutationId=ID)
    assert again["pattern"] == {"key": pattern, "status": "OPEN"}


async def test_a_run_is_requested_and_cancelled_once(execute: Execute, container: Container) -> None:
    first = await execute(JOB, name="co_occurrence", clientMutationId=ID)
    await execute(CANCEL, runId=first["run"]["key"], clientMutationId=ID)
    again = await execute(JOB, name="co_occurrence", clientMutationId=ID)
    assert again["run"] == {"key": first["run"]["key"], "state": "CANCELLED"}
    assert await count(container.graph, "JobRun") == 1


async def test_a_deletion_counts_the_same_and_is_forgotten_in_answers(execute: Execute, container: Container) -> None:
    known = await bug(execute)
    await execute(STATUS, pattern=known["pattern"], clientMutationId=ID)
    first = await execute(DELETE, crashes=[known["crash"]], clientMutationId=ID)
    assert (first["dryRun"], first["crashes"], first["patterns"], first["userErrors"]) == (False, 1, 1, [])
    assert await execute(DELETE, crashes=[known["crash"]], clientMutationId=ID) == first
    assert known["pattern"] not in json.dumps(await kept(container.graph), default=str)
    gone = await execute(STATUS, pattern=known["pattern"], clientMutationId=ID)
    assert (gone["pattern"], gone["userErrors"]) == (None, [])


async def test_a_submission_is_one_crash_and_its_id_one_input(execute: Execute, container: Container) -> None:
    first = await execute(SUBMIT, report=traceback(0), clientMutationId=ID)
    again = await execute(SUBMIT, report=traceback(0), clientMutationId=ID)
    assert (again["receipts"], again["userErrors"]) == (first["receipts"], [])
    assert (await execute(SUBMIT, report=traceback(0)))["receipts"] != first["receipts"]
    other = await execute(SUBMIT, report=traceback(1), clientMutationId=ID)
    assert (other["receipts"], other["userErrors"][0]["code"]) == ([], "CONFLICT")
    assert await count(container.graph, "Crash") == 2


async def test_crashes_that_are_sent_together_again_are_the_same(execute: Execute, container: Container) -> None:
    crashes = [{"report": traceback(0)}, {}, {"report": traceback(0)}]
    answers = [await execute(MANY, crashes=crashes, clientMutationId=ID) for _ in range(2)]
    assert answers[0] == answers[1]
    assert [len(one["receipts"]) for one in answers[0]["results"]] == [1, 0, 1]
    assert await count(container.graph, "Crash") == 2


async def test_a_submission_is_taken_while_the_graph_is_away(endpoint: Endpoint) -> None:
    async with Neo4jGraph.open(endpoint.bolt_uri, endpoint.user, endpoint.password) as away:
        away.held_back = "another server listens there"

        async def work(_: Graph) -> str:
            return "taken"

        call = MarkedCall("submitCrash", "key:builds", ID, "{}")
        assert await submit_again(away, call, work, lambda _: KeptAnswer((), {})) == "taken"


async def test_work_that_fails_after_its_write_leaves_nothing(graph: Graph) -> None:
    async def work(inside: Graph) -> str:
        await inside.write(Statement("CREATE (:Site {name: 'Ghent'})"))
        raise InvalidInputError("no")

    call = MarkedCall("x", "person:ann", ID, "{}")
    with pytest.raises(InvalidInputError):
        await act_once(graph, call, work, lambda _: KeptAnswer((), {}))
    assert (await count(graph, "Site"), await kept(graph)) == (0, [])


async def test_no_text_of_the_input_is_kept_and_no_password_in_its_digest(execute: Execute, container: Container) -> None:
    known = await bug(execute)
    note = "password=Sesame77zq in the notes of ann"
    await execute(VALIDATE, crash=known["crash"], notes=note, clientMutationId="password=Sesame88zq")
    [stored] = await kept(container.graph)
    assert "Sesame" not in json.dumps(stored, default=str)
    assert set(stored) == {"key_id", "at", "actor", "mutation", "digest", "objects", "answer"}
    texts = {
        input_text(SetPasswordInput(user="ann", old_password=None, new_password=new, client_mutation_id=id))
        for new, id in (("one", "1"), ("two", "2"))
    }
    assert texts == {'{"user": "ann"}'}


async def test_two_inputs_have_two_digests() -> None:
    first, second = (MarkedCall("x", "person:ann", ID, text) for text in ("{}", "[]"))
    assert (first.key == second.key, first.digest == second.digest) == (True, False)
    assert first.digest != MarkedCall("x", "person:ann", "other", "{}").digest
    with pytest.raises(InvalidInputError, match="clientMutationId"):
        MarkedCall("x", "person:ann", "x" * 201, "{}")


async def test_ids_are_pruned_after_their_time(graph: Graph) -> None:
    text = """UNWIND [1, 29, 31] AS days
    CREATE (:IdempotencyKey {key_id: 'k' + days, at: datetime() - duration({days: days}), actor: 'person:ann', mutation: 'x',
      digest: 'd', objects: [], answer: '{}'})"""
    await graph.write(Statement(text))
    done = await run_now(graph, "prune_events")
    assert done.state == "succeeded", done.error
    assert {one["key_id"] for one in await kept(graph)} == {"k1", "k29"}


async def test_a_conflict_of_the_digest_is_not_tried_again(graph: Graph) -> None:
    calls = [MarkedCall("x", "person:ann", ID, text) for text in ("{}", "[]")]
    ran: list[str] = []

    async def work(_: Graph) -> str:
        ran.append("once")
        return "done"

    await act_once(graph, calls[0], work, lambda _: KeptAnswer((), {}))
    with pytest.raises(ConflictError, match="another input"):
        await act_once(graph, calls[1], work, lambda _: KeptAnswer((), {}))
    assert ran == ["once"]
