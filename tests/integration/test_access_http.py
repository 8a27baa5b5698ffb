"""Who may come in over HTTP: browsers with a cookie, programs with keys and tokens, no one from elsewhere."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from reports import traceback
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from crashgraph.access.first_link import FirstLink
from crashgraph.access.gate import Door, Gate
from crashgraph.app import AppDependencies, build_app
from crashgraph.page_routes import HtmlFirst
from crashgraph.wiring import Container, build_access, build_intake
from graph.access.keys import create_api_key, revoke_api_key
from graph.access.users import create_user, disable_user
from graph.model.actor import Scope, person
from graph.model.permissions import Admission
from graph.model.statement import Statement

OWNER = person("owner")
PASSWORD = "correct horse battery staple"
HTML = {"Accept": "text/html"}
QUERY = {"query": "{ patterns(first: 1) { nodes { key } } }"}
LINK = FirstLink("t" * 43)
STRANGE = (
    "{ __schema { types { name } } }",
    "{ __typename patterns(first: 1) { nodes { key } } }",
    "{ ...A } fragment A on Query { __schema { types { name } } }",
    "mutation { login(input: {name: 1}) }  query Q { jobs { name } }",
    "{ no such field }",
)
"""Documents that are not for strangers."""
SECRET = "A" * 43
WRONG = [
    "Basic YTpi", "Bearer", "Bearer x", f"Bearer cg_default_{SECRET}", f"Bearer default.{SECRET}", "Bearer a.b.c",
    "Bearer " + "x" * 9_000,
]  # fmt: skip
"""Credentials that are none."""


@pytest_asyncio.fixture
async def app(container: Container) -> AsyncIterator[Starlette]:
    async with build_intake(container) as intake:
        yield build_app(AppDependencies(container, intake, build_access(container), LINK))


@pytest_asyncio.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened


@pytest_asyncio.fixture
async def users(container: Container) -> None:
    """An administrator, a responder and a viewer."""
    for name, role in (("ann", "admin"), ("rob", "responder"), ("vera", "viewer")):
        await create_user(container.graph, OWNER, name, role, PASSWORD)


async def key_of(container: Container, name: str, *scopes: Scope) -> str:
    made = await create_api_key(
        container.graph, person(name), f"{name}-key", list(scopes), expires_at=datetime.now(UTC) + timedelta(days=1)
    )
    return made.token


async def sign_in(client: httpx.AsyncClient, name: str) -> None:
    response = await client.post("/auth/login", data={"name": name, "password": PASSWORD, "next": "/graphql"})
    assert (response.status_code, response.headers["location"]) == (303, "/graphql"), response.text


# -- every route ------------------------------------------------------------------------------------------------


def gates(app: Starlette) -> list[tuple[Route | WebSocketRoute, list[Gate]]]:
    found: list[tuple[Route | WebSocketRoute, list[Gate]]] = []
    for route in app.routes:
        assert isinstance(route, Route | WebSocketRoute), route
        asgi: Any = route.app
        endpoint = getattr(route, "endpoint", None)
        if isinstance(endpoint, HtmlFirst):
            found.append((route, list(endpoint.gates)))
        else:
            assert isinstance(asgi, Gate), f"{route.path} has no gate"
            found.append((route, [asgi]))
    return found


def test_every_route_says_what_it_needs(app: Starlette) -> None:
    """Whoever opens a route to everyone, or leaves the check to it, changes this list."""
    needs = {(route.path, gate.needs) for route, both in gates(app) for gate in both}
    free = {path for path, needed in needs if needed is Admission.EVERYONE}
    assert free == {
        "/healthz", "/readyz", "/static/{name:path}", "/auth/login", "/auth/logout", "/auth/refresh", "/auth/first/{token}",
    }  # fmt: skip
    assert {path for path, needed in needs if needed is Door.BY_FIELD} == {"/graphql"}
    assert all(path.startswith("/api/") for path, needed in needs if needed is Door.OWN_KEY)


@pytest.mark.usefixtures("users")
async def test_a_stranger_gets_nothing(app: Starlette, client: httpx.AsyncClient) -> None:
    for route, both in gates(app):
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        if isinstance(route, WebSocketRoute) or both[0].needs in {Admission.EVERYONE, Door.OWN_KEY}:
            continue
        for method in sorted((route.methods or set()) - {"OPTIONS"}):
            answer = await client.request(method, path, json=QUERY)
            assert answer.status_code == 401, (method, path, answer.text)
            page = await client.request(method, path, headers=HTML, json=QUERY)
            assert page.status_code in {303, 401}, (method, path)
            assert "crash" not in re.sub("crashgraph", "", page.text)
    for document in STRANGE:
        answer = await client.post("/graphql", json={"query": document})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "ACCESS"), document
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await client.post("/api/1/store/", json={})).status_code == 401


async def test_without_users_loopback_is_open(client: httpx.AsyncClient) -> None:
    assert (await client.post("/graphql", json=QUERY)).status_code == 200
    assert (await client.get("/", headers=HTML)).status_code == 200
    assert (await client.get("/auth/me")).json()["actor"] == "person:anonymous"
    client.cookies.set("crashgraph-session", f"default.{SECRET}")
    assert (await client.get("/", headers=HTML)).status_code == 200, "the session of a user from before a reset"


# -- browsers ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("users")
async def test_a_browser_signs_in_looks_around_and_signs_out(client: httpx.AsyncClient) -> None:
    asked = await client.get("/?focus=x", headers=HTML)
    assert (asked.status_code, asked.headers["location"]) == (303, "/auth/login?next=%2F%3Ffocus%3Dx")
    form = await client.get(asked.headers["location"], headers=HTML)
    assert 'name="next" value="/?focus=x"' in form.text
    await sign_in(client, "vera")
    (cookie,) = client.cookies.jar
    assert (cookie.name, cookie.has_nonstandard_attr("HttpOnly"), cookie.get_nonstandard_attr("SameSite")) == (
        "crashgraph-session", True, "lax",
    )  # fmt: skip
    page = await client.get("/", headers=HTML)
    assert page.status_code == 200
    assert "vera" in page.text
    assert "Sign out" in page.text
    me = (await client.get("/auth/me")).json()
    assert me == {
        "actor": "person:vera", "user": {"name": "vera", "role": "viewer"}, "organisation": "default", "scopes": ["read"],
    }  # fmt: skip
    token = cookie.value
    out = await client.post("/auth/logout", headers=HTML)
    assert (out.status_code, dict(client.cookies)) == (303, {})
    client.cookies.set("crashgraph-session", token or "")
    assert (await client.get("/auth/me")).status_code == 401, "the session is over, not only forgotten by the browser"


@pytest.mark.usefixtures("users")
async def test_a_wrong_password_says_no_more_than_that(client: httpx.AsyncClient) -> None:
    for name in ("vera", "nobody"):
        answer = await client.post("/auth/login", data={"name": name, "password": "<b>wrong password</b>"}, headers=HTML)
        assert answer.status_code == 401
        assert "wrong name or password" in answer.text
        assert "<b>" not in answer.text
        assert not client.cookies


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nX: y"]
)
@pytest.mark.usefixtures("users")
async def test_signing_in_leads_nowhere_else(client: httpx.AsyncClient, path: str) -> None:
    response = await client.post("/auth/login", data={"name": "vera", "password": PASSWORD, "next": path})
    assert (response.status_code, response.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:3000"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_pages_of_others_change_nothing(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Also without users, when no credentials are needed."""
    for path in ("/graphql", "/api/reports", "/auth/login", "/auth/logout"):
        answer = await client.post(path, json=QUERY, headers=headers)
        assert answer.status_code == 403, path
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1"}
    assert (await client.post("/graphql", json=QUERY, headers=own)).status_code == 200


async def test_passwords_are_not_taken_over_plain_http_from_elsewhere(container: Container) -> None:
    settings = container.settings.model_copy(update={"allowed_hosts": "crashes.example"})
    from dataclasses import replace

    there = replace(container, settings=settings)
    async with build_intake(there) as intake:
        app = build_app(AppDependencies(there, intake, build_access(there), LINK))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://crashes.example") as client:
            assert (await client.get("/auth/login", headers=HTML)).status_code == 403
        await create_user(container.graph, OWNER, "ann", "admin", PASSWORD)
        async with httpx.AsyncClient(transport=transport, base_url="https://crashes.example") as client:
            await sign_in(client, "ann")
            (cookie,) = client.cookies.jar
            assert (cookie.name, cookie.secure, cookie.path, cookie.domain_specified) == ("__Host-crashgraph", True, "/", False)


# -- the first administrator ------------------------------------------------------------------------------------


async def test_the_link_makes_the_first_administrator_once(client: httpx.AsyncClient) -> None:
    assert (await client.get("/auth/first/wrong", headers=HTML)).status_code == 403
    assert "administrator" in (await client.get(LINK.path, headers=HTML)).text
    fields = {"name": "ann", "password": PASSWORD, "again": PASSWORD}
    for wrong in (
        {**fields, "again": "other words here"},
        {**fields, "password": "short", "again": "short"},
        {**fields, "name": "A B"},
    ):
        answer = await client.post(LINK.path, data=wrong)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
        assert PASSWORD not in answer.text
    both = await asyncio.gather(*(client.post(LINK.path, data={**fields, "name": name}) for name in ("ann", "eve")))
    assert sorted(answer.status_code for answer in both) == [303, 403]
    me = (await client.get("/auth/me")).json()
    assert me["user"]["role"] == "admin"
    client.cookies.clear()
    assert (await client.get(LINK.path, headers=HTML)).status_code == 403
    assert (await client.post("/graphql", json=QUERY)).status_code == 401, "access control is on from then"


# -- programs ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("users")
async def test_a_program_logs_in_and_refreshes_its_token(client: httpx.AsyncClient) -> None:
    first = (await client.post("/auth/login", json={"name": "rob", "password": PASSWORD})).json()
    assert not client.cookies
    bearer = {"Authorization": f"Bearer {first['accessToken']}"}
    assert (await client.get("/auth/me", headers=bearer)).json()["scopes"] == [
        "approve:low", "read", "report", "run:low", "teach",
    ]  # fmt: skip
    second = (await client.post("/auth/refresh", json={"refreshToken": first["refreshToken"]})).json()
    assert second["refreshToken"] != first["refreshToken"]
    again = await client.post("/auth/refresh", json={"refreshToken": first["refreshToken"]})
    assert again.status_code in {401, 403}
    for answer in (first, second):
        bearer = {"Authorization": f"Bearer {answer['accessToken']}"}
        assert (await client.get("/auth/me", headers=bearer)).status_code == 401, "a stolen token ends the session"


@pytest.mark.usefixtures("users")
async def test_a_key_does_what_its_scopes_say_until_it_is_revoked(client: httpx.AsyncClient, container: Container) -> None:
    reporter = {"Authorization": f"Bearer {await key_of(container, 'rob', Scope.REPORT)}"}
    sent = await client.post("/api/reports", content=traceback(0), headers={**reporter, "Content-Type": "text/plain"})
    assert sent.status_code == 200, sent.text
    refused = await client.get("/metrics", headers=reporter)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    answer = (await client.post("/graphql", json=QUERY, headers=reporter)).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    reader = await key_of(container, "vera", Scope.READ)
    assert (await client.post("/graphql", json=QUERY, headers={"Authorization": f"Bearer {reader}"})).status_code == 200
    (row,) = await container.graph.read(Statement("MATCH (k:ApiKey {name: 'vera-key'}) RETURN k.key_id AS id"))
    await revoke_api_key(container.graph, OWNER, row["id"])
    assert (await client.post("/graphql", json=QUERY, headers={"Authorization": f"Bearer {reader}"})).status_code == 401


@pytest.mark.usefixtures("users")
async def test_a_disabled_user_is_out_at_the_next_request(client: httpx.AsyncClient, container: Container) -> None:
    key = {"Authorization": f"Bearer {await key_of(container, 'rob', Scope.READ)}"}
    await sign_in(client, "rob")
    await disable_user(container.graph, OWNER, "rob")
    assert (await client.post("/graphql", json=QUERY)).status_code == 401
    client.cookies.clear()
    assert (await client.post("/graphql", json=QUERY, headers=key)).status_code == 401


@pytest.mark.parametrize("stated", WRONG)
@pytest.mark.usefixtures("users")
async def test_wrong_credentials_are_refused_not_ignored(client: httpx.AsyncClient, stated: str) -> None:
    answer = await client.post("/graphql", json=QUERY, headers={"Authorization": stated})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "ACCESS"


@pytest.mark.usefixtures("users")
async def test_rates_are_limited_per_principal(container: Container) -> None:
    from dataclasses import replace

    slow = replace(container, settings=container.settings.model_copy(update={"rate_query": "3/minute"}))
    async with build_intake(slow) as intake:
        transport = httpx.ASGITransport(
            build_app(AppDependencies(slow, intake, build_access(slow))), raise_app_exceptions=False
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            keys = [{"Authorization": f"Bearer {await key_of(container, name, Scope.READ)}"} for name in ("ann", "vera")]
            answers = [await client.post("/graphql", json=QUERY, headers=keys[0]) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
            assert answers[0].headers["RateLimit-Limit"] == "3"
            assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
            assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
            assert answers[3].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
            assert (await client.post("/graphql", json=QUERY, headers=keys[1])).status_code == 200


@pytest.mark.usefixtures("users")
async def test_the_record_says_who_did_what_and_what_was_refused(client: httpx.AsyncClient, container: Container) -> None:
    await sign_in(client, "vera")
    mutation = 'mutation { resolvePattern(input: {pattern: "x"}) { errors { code } } }'
    refused = (await client.post("/graphql", json={"query": mutation})).json()
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    rows = await container.graph.read(Statement("MATCH (a:AuditEvent) RETURN a {.*} AS entry ORDER BY a.at"))
    entries = [row["entry"] for row in rows]
    assert ("person:vera", "log_in", "done") in [(e["actor"], e["action"], e["outcome"]) for e in entries]
    (denied,) = [entry for entry in entries if entry["outcome"] == "denied"]
    assert (denied["actor"], denied["action"], denied["address"]) == ("person:vera", "graphql.resolvePattern", "127.0.0.1")
    assert PASSWORD not in json.dumps(entries, default=str)
