"""A mutation about a node that is not there names the field of its input, whichever node it is."""

from __future__ import annotations

from typing import Any

import pytest
from reports import submission

from crashgraph.wiring import Container
from graph.access.users import create_user
from graph.knowledge.solutions import NewSolution, record_solution
from graph.model.actor import person
from schema.build import build_schema
from schema.context import Context

UNKNOWN: list[tuple[str, str, dict[str, Any], str]] = [
    ("validateCrash", "ValidationInput", {"crash": "gone"}, "crash"),
    ("validateCrash", "ValidationInput", {"crash": "crash", "belongsTo": "gone"}, "belongsTo"),
    ("recordSolution", "SolutionInput", {"pattern": "Pattern:gone", "description": "gone"}, "pattern"),
    ("recordUse", "UseInput", {"solution": "gone", "pattern": "known", "worked": True}, "solution"),
    ("recordUse", "UseInput", {"solution": "gone", "pattern": "gone", "worked": True}, "solution"),
    ("recordUse", "UseInput", {"solution": "fix", "pattern": "gone", "worked": True}, "pattern"),
    ("recordUse", "UseInput", {"solution": "fix", "pattern": "known", "worked": True, "site": "gone"}, "site"),
    ("recordUse", "UseInput", {"solution": "fix", "pattern": "known", "worked": True, "environment": "gone"}, "environment"),
    ("resolvePattern", "ResolvePatternInput", {"pattern": "gone"}, "pattern"),
    ("resolvePattern", "ResolvePatternInput", {"pattern": "known", "solution": "gone"}, "solution"),
    ("reopenPattern", "ReopenPatternInput", {"pattern": "gone", "reason": "gone"}, "pattern"),
    ("ignorePattern", "IgnorePatternInput", {"pattern": "gone"}, "pattern"),
    ("markSame", "MarkSameInput", {"a": "known", "b": "gone"}, "b"),
    ("markDifferent", "MarkDifferentInput", {"a": "gone", "b": "known"}, "a"),
    ("mergePatterns", "MergePatternsInput", {"patterns": ["known", "gone"]}, "patterns.1"),
    ("splitPattern", "SplitPatternInput", {"pattern": "known", "signatures": ["gone"]}, "signatures.0"),
    ("moveSignature", "MoveSignatureInput", {"signature": "gone", "pattern": "known"}, "signature"),
    ("markNotCausedBy", "MarkNotCausedByInput", {"effect": "known", "cause": "gone"}, "cause"),
    ("undoVerdict", "UndoVerdictInput", {"verdict": "Verdict:gone"}, "verdict"),
    ("requestJob", "RequestJobInput", {"name": "gone"}, "name"),
    ("cancelJob", "CancelJobInput", {"runId": "gone"}, "runId"),
    ("deleteCrashes", "DeleteCrashesInput", {"crashes": ["crash", "gone"]}, "crashes.1"),
    ("deleteCrashes", "DeleteCrashesInput", {"pattern": "gone"}, "pattern"),
    ("deleteCrashes", "DeleteCrashesInput", {"site": "gone"}, "site"),
    ("setUserRole", "SetUserRoleInput", {"user": "Gone", "role": "ADMIN"}, "user"),
    ("disableUser", "UserInput", {"user": "gone"}, "user"),
    ("revokeApiKey", "ApiKeyInput", {"apiKey": "gone"}, "apiKey"),
    ("revokeSession", "SessionInput", {"session": "gone"}, "session"),
]
"""Mutations with their input, where `known` and the like stand for ids that are there, and the field of the unknown one."""


async def test_the_field_of_what_is_unknown_is_named(container: Container) -> None:
    receipts = await container.receiver.receive([submission(0), submission(1, 1)])
    ids = {"known": receipts[0].pattern_id, "other": receipts[1].pattern_id, "crash": receipts[0].crash_id}
    solution = await record_solution(
        container.graph, NewSolution(pattern_id=str(ids["known"]), description="load it"), person("ann")
    )
    ids["fix"] = solution.solution_id
    await create_user(container.graph, person("owner"), "ann", "admin", "correct horse battery staple")

    def filled(value: Any) -> Any:
        return [filled(one) for one in value] if isinstance(value, list) else ids.get(value, value)

    wrong = []
    for mutation, kind, given, field in UNKNOWN:
        text = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code field message }} }} }}"
        context = Context(
            container.graph, container.matcher, container.receiver, actor=person("ann"), waiting=container.waiting
        )
        values = {name: filled(value) if value not in (True, False) else value for name, value in given.items()}
        result = await build_schema().execute(text, {"input": values}, context)
        assert result.errors is None, (mutation, given, result.errors)
        errors = (result.data or {})[mutation]["userErrors"]
        if [(error["code"], error["field"]) for error in errors] != [("NOT_FOUND", field)]:
            wrong.append((mutation, given, errors))
    assert wrong == []


@pytest.mark.parametrize("ordinal", [1, 3])
async def test_a_crash_of_many_is_named_with_its_place(container: Container, ordinal: int) -> None:
    crashes = [{"report": f"Error: {number}"} for number in range(5)]
    crashes[ordinal] = {"report": ""}
    text = "mutation($input: SubmitCrashesInput!) { submitCrashes(input: $input) { results { userErrors { field } } } }"
    context = Context(container.graph, container.matcher, container.receiver, actor=person("ann"), waiting=container.waiting)
    result = await build_schema().execute(text, {"input": {"crashes": crashes}}, context)
    named = [[error["field"] for error in one["userErrors"]] for one in (result.data or {})["submitCrashes"]["results"]]
    assert named == [[f"crashes.{ordinal}.report"] if number == ordinal else [] for number in range(5)]
