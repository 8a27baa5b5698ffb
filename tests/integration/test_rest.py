"""`/api/v1` over HTTP: what it answers, refuses and asks for, and that the description says the same."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from reports import submission, traceback
from starlette.applications import Starlette
from starlette.routing import Route

from crashgraph.access.first_link import FirstLink
from crashgraph.access.gate import Gate
from crashgraph.app import AppDependencies, build_app
from crashgraph.openapi.described import ApiRoute
from crashgraph.page_routes import HtmlFirst
from crashgraph.pages import pages
from crashgraph.wiring import Container, build_access, build_intake
from graph.access.keys import create_api_key
from graph.access.users import create_user
from graph.model.actor import Scope, person
from graph.model.statement import Statement

V1 = "/api/v1"
PASSWORD = "correct horse battery staple"
FILES = {"/static/{name:path}", "/view/{name}"}
"""Scripts, styles and pages as files."""


@pytest_asyncio.fixture
async def app(container: Container) -> AsyncIterator[Starlette]:
    async with build_intake(container) as intake:
        yield build_app(AppDependencies(container, intake, build_access(container), FirstLink("t" * 43), local_token="x" * 20))


@pytest_asyncio.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened


@pytest_asyncio.fixture
async def described(client: httpx.AsyncClient) -> dict[str, Any]:
    content: dict[str, Any] = (await client.get("/openapi.json")).json()
    return content


async def key_of(container: Container, name: str, *scopes: Scope) -> dict[str, str]:
    until = datetime.now(UTC) + timedelta(days=1)
    made = await create_api_key(container.graph, person(name), f"{name}-{secrets.token_hex(4)}", list(scopes), expires_at=until)
    return {"Authorization": f"Bearer {made.token}"}


def check(described: dict[str, Any], path: str, answer: httpx.Response) -> Any:
    """The JSON of an answer, which is as the description has it."""
    operation = described["paths"][V1 + path][answer.request.method.lower()]
    response = operation["responses"].get(str(answer.status_code)) or operation["responses"]["4XX"]
    if "$ref" in response:
        response = described["components"]["responses"]["Refused"]
    schema = response["content"]["application/json"]["schema"]
    content = answer.json()
    Draft202012Validator({**schema, "components": described["components"]}).validate(content)
    return content


# -- the description ---------------------------------------------------------------------------------------------


async def test_the_description_is_valid_and_has_every_route(app: Starlette, described: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(described).validate()
    listed = {(method.upper(), path) for path, item in described["paths"].items() for method in item}
    served = set()
    for route in app.routes:
        if not isinstance(route, Route) or route.path in FILES or route.path.startswith("/api/local"):
            continue
        if isinstance(route.endpoint, HtmlFirst):
            served |= {("GET", route.path), ("POST", route.path)}
        elif route.path not in {page.path for page in pages().values()}:
            served |= {(method, route.path) for method in (route.methods or set()) - {"HEAD", "OPTIONS"}}
    assert served == listed
    assert len(listed) > 40


async def test_each_operation_names_the_scope_of_its_gate(app: Starlette, described: dict[str, Any]) -> None:
    seen = 0
    for route in app.routes:
        if isinstance(route, ApiRoute):
            operation = described["paths"][route.path][route.method.lower()]
            gate: Any = route.app
            assert isinstance(gate, Gate)
            if isinstance(gate.needs, Scope):
                seen += 1
                assert f"scope `{gate.needs.value}`" in operation["description"]
                assert {"bearer": [gate.needs.value]} in operation["security"]
    assert seen > 30


async def test_names_and_links_of_the_description_are_sound(described: dict[str, Any]) -> None:
    names = [one["operationId"] for item in described["paths"].values() for one in item.values()]
    assert len(names) == len(set(names))
    for item in described["paths"].values():
        for one in item.values():
            assert one["summary"]
            assert one["description"]
            for parameter in one.get("parameters", ()):
                assert parameter.get("description") or parameter["in"] != "query" or "graphql" in one["tags"], (
                    one,
                    parameter,
                )


# -- answers -----------------------------------------------------------------------------------------------------


async def test_a_report_goes_in_and_its_receipt_crash_and_pattern_come_out(
    client: httpx.AsyncClient, described: dict[str, Any]
) -> None:
    sent = await client.post(
        f"{V1}/reports?site=north&product=shop", content=traceback(0), headers={"Content-Type": "text/plain"}
    )
    (receipt,) = check(described, "/reports", sent)["receipts"]
    outcome = check(described, "/receipts/{id}", await client.get(f"{V1}/receipts/{receipt['crash_id']}"))
    assert (outcome["status"], outcome["pattern"]["patternId"]) == ("MATCHED", receipt["pattern_id"])
    crash = check(described, "/crashes/{id}", await client.get(f"{V1}/crashes/{receipt['crash_id']}"))
    assert (crash["site"], crash["report"][:9]) == ("north", "Traceback")
    pattern = check(described, "/patterns/{id}", await client.get(f"{V1}/patterns/{receipt['pattern_id']}"))
    assert (pattern["name"], pattern["occurrenceCount"]) == ("KeyError in pricing.tariff_of", 1)
    state = check(described, "/state", await client.get(f"{V1}/state"))
    assert state["status"] == "ready"


async def test_a_listing_is_read_page_by_page_with_the_header_link(
    client: httpx.AsyncClient, container: Container, described: dict[str, Any]
) -> None:
    await container.receiver.receive([submission(number) for number in range(4)])
    address, names = f"{V1}/crashes?first=3&order=RECEIVED&statuses=MATCHED&statuses=UNPARSED", []
    while address:
        answer = await client.get(address)
        names += [one["crashId"] for one in check(described, "/crashes", answer)["nodes"]]
        address = answer.links["next"]["url"] if "next" in answer.links else ""
        assert not address or ("statuses=MATCHED&statuses=UNPARSED" in address and address.startswith("/api/v1/"))
    assert len(names) == len(set(names)) == 4


async def test_every_listing_answers_as_described(
    client: httpx.AsyncClient, container: Container, described: dict[str, Any]
) -> None:
    await container.receiver.receive([submission(number) for number in range(3)])
    asked = 0
    for path, item in described["paths"].items():
        if path.startswith(f"{V1}/") and "get" in item and "{" not in path:
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            content = check(described, path.removeprefix(V1), answer)
            assert path != f"{V1}/patterns" or content["nodes"]
            asked += 1
    assert asked > 10


async def test_a_report_is_matched_as_text_and_as_json(
    client: httpx.AsyncClient, container: Container, described: dict[str, Any]
) -> None:
    await container.receiver.receive([submission(0)])
    as_text = await client.post(f"{V1}/match?candidates=1", content=traceback(0), headers={"Content-Type": "text/plain"})
    (answer,) = check(described, "/match", as_text)
    assert (answer["strategy"], len(answer["candidates"])) == ("EXACT", 1)
    as_json = await client.post(f"{V1}/match", json={"report": traceback(0)})
    assert check(described, "/match", as_json)[0]["patternId"] == answer["patternId"]
    (row,) = await container.graph.read(Statement("MATCH (c:Crash) RETURN count(c) AS crashes"))
    assert row == {"crashes": 1}


async def test_what_people_teach_is_stored_once_with_a_key(
    client: httpx.AsyncClient, container: Container, described: dict[str, Any]
) -> None:
    await container.receiver.receive([submission(0)])
    pattern = (await client.get(f"{V1}/patterns")).json()["nodes"][0]["patternId"]
    given = {"pattern": pattern, "description": "roll back", "kind": "CONFIGURATION"}
    mark = {"Idempotency-Key": "one"}
    first, again = [await client.post(f"{V1}/solutions", json=given, headers=mark) for _ in range(2)]
    solution = check(described, "/solutions", first)
    assert first.status_code == 200, first.text
    assert again.json() == solution
    other = await client.post(f"{V1}/solutions", json={**given, "description": "restart"}, headers=mark)
    assert (other.status_code, check(described, "/solutions", other)["code"]) == (409, "CONFLICT")
    use = {"solution": solution["solutionId"], "pattern": pattern, "worked": True}
    used = check(described, "/solution-uses", await client.post(f"{V1}/solution-uses", json=use))
    assert (used["worked"], used["solution"]["successCount"]) == (1, 1)
    known = await client.get(f"{V1}/patterns/{pattern}/solutions")
    (edge,) = check(described, "/patterns/{id}/solutions", known)["edges"]
    assert edge["node"]["solutionId"] == solution["solutionId"]
    resolved = await client.post(f"{V1}/patterns/{pattern}/resolve", json={"reason": "rolled back"})
    assert check(described, "/patterns/{pattern}/resolve", resolved)["status"] == "RESOLVED"
    reopened = await client.post(f"{V1}/patterns/{pattern}/reopen")
    assert check(described, "/patterns/{pattern}/reopen", reopened)["status"] == "OPEN"


async def test_a_job_is_requested_followed_and_cancelled(client: httpx.AsyncClient, described: dict[str, Any]) -> None:
    asked = await client.post(f"{V1}/jobs/co_occurrence/runs", json={})
    run = check(described, "/jobs/{name}/runs", asked)
    assert (asked.status_code, run["state"]) == (202, "REQUESTED")
    shown = check(described, "/job-runs/{id}", await client.get(f"{V1}/job-runs/{run['runId']}"))
    assert shown["job"] == "co_occurrence"
    ended = await client.post(f"{V1}/job-runs/{run['runId']}/cancel")
    assert check(described, "/job-runs/{id}/cancel", ended)["state"] == "CANCELLED"


# -- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "quoted"),
    [
        ("GET", "/patterns/nothing", None, 404, "NOT_FOUND", "nothing"),
        ("GET", "/patterns?first=0", None, 400, "INVALID_INPUT", "first"),
        ("GET", "/patterns?first=101", None, 400, "LIMIT", "first"),
        ("GET", "/patterns?first=many", None, 400, "INVALID_INPUT", "many"),
        ("GET", "/patterns?first=1&first=2", None, 400, "INVALID_INPUT", "first"),
        ("GET", "/patterns?frist=1", None, 400, "INVALID_INPUT", "frist"),
        ("GET", "/patterns?statuses=ABSENT", None, 400, "INVALID_INPUT", "ABSENT"),
        ("GET", "/patterns?after=zzz", None, 400, "INVALID_INPUT", "after"),
        ("GET", "/verdicts?active=yes", None, 400, "INVALID_INPUT", "active"),
        ("POST", "/solutions", {"pattern": "p"}, 400, "INVALID_INPUT", "description"),
        ("POST", "/solutions", {"pattern": "p", "description": "d"}, 404, "NOT_FOUND", "p"),
        ("POST", "/solutions", {"clientMutationId": "x"}, 400, "INVALID_INPUT", "Idempotency-Key"),
        ("POST", "/solutions", [], 400, "INVALID_INPUT", "object"),
        ("POST", "/patterns/none/resolve", {"verion": "1"}, 400, "INVALID_INPUT", "verion"),
        ("POST", "/patterns/none/resolve", {"version": 5}, 400, "INVALID_INPUT", "version"),
        ("POST", "/patterns/none/resolve", {}, 404, "NOT_FOUND", "none"),
        ("POST", "/jobs/none/runs", {}, 404, "NOT_FOUND", "none"),
        ("POST", "/match", {}, 400, "INVALID_INPUT", "report"),
        ("POST", "/match?candidates=51", {"report": "x"}, 400, "LIMIT", "candidates"),
    ],
)
async def test_a_wrong_request_is_refused_with_a_code(
    client: httpx.AsyncClient, method: str, path: str, body: object, status: int, code: str, quoted: str
) -> None:
    answer = await (client.get(V1 + path) if method == "GET" else client.post(V1 + path, json=body))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert quoted in answer.json()["message"]


async def test_an_unknown_path_or_method_of_the_api_is_refused_as_json(client: httpx.AsyncClient) -> None:
    absent, wrong = await client.get(f"{V1}/nothing"), await client.delete(f"{V1}/patterns")
    assert (absent.status_code, absent.json()["code"]) == (404, "NOT_FOUND")
    assert (wrong.status_code, wrong.json()["code"], set(wrong.headers["Allow"].split(", "))) == (
        405,
        "METHOD_NOT_ALLOWED",
        {"GET", "HEAD"},
    )


async def test_a_secret_in_a_request_is_not_repeated(client: httpx.AsyncClient) -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    for answer in (
        await client.get(f"{V1}/patterns/{secret}"),
        await client.get(f"{V1}/patterns?statuses={secret}"),
        await client.post(f"{V1}/patterns/{secret}/resolve", json={secret: 1}),
    ):
        assert answer.status_code in {400, 404}
        assert secret not in answer.text


async def test_each_route_needs_its_scope(container: Container, client: httpx.AsyncClient, app: Starlette) -> None:
    await create_user(container.graph, person("owner"), "ann", "admin", PASSWORD)
    refused = 0
    for route in app.routes:
        gate: Any = getattr(route, "app", None)
        if not isinstance(route, ApiRoute) or not isinstance(gate.needs, Scope):
            continue
        path = route.path.replace("{", "").replace("}", "")
        stranger = await client.request(route.method, path, json={})
        assert (stranger.status_code, stranger.json()["code"]) == (401, "ACCESS"), path
        held = await key_of(container, "ann", Scope.REPORT if gate.needs is not Scope.REPORT else Scope.READ)
        answer = await client.request(route.method, path, json={}, headers=held)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), path
        refused += 1
    assert refused > 30
    (row,) = await container.graph.read(Statement("MATCH (a:AuditEvent {outcome: 'denied'}) RETURN count(a) AS denied"))
    assert row["denied"] > 0


async def test_changes_and_reads_are_counted_apart(container: Container) -> None:
    await create_user(container.graph, person("owner"), "ann", "admin", PASSWORD)
    rates = {"rate_query": "3/minute", "rate_mutation": "1/minute"}
    slow = replace(container, settings=container.settings.model_copy(update=rates))
    async with build_intake(slow) as intake:
        app = build_app(AppDependencies(slow, intake, build_access(slow)))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            key = await key_of(container, "ann", Scope.READ, Scope.TEACH)
            reads = [await client.get(f"{V1}/patterns", headers=key) for _ in range(4)]
            assert [one.status_code for one in reads] == [200, 200, 200, 429]
            assert reads[0].headers["RateLimit-Remaining"] == "2", "counted once"
            assert (reads[3].json()["code"], int(reads[3].headers["Retry-After"]) >= 1) == ("RATE_LIMITED", True)
            changes = [await client.post(f"{V1}/patterns/none/reopen", headers=key) for _ in range(2)]
            assert [one.status_code for one in changes] == [404, 429]
