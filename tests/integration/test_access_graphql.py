"""Logins, users, keys and the record of who did what over GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from graph.access.jwt import read
from graph.access.principals import Principal, by_claims, by_key
from graph.access.sessions import STRANGER, AccessControl
from graph.access.users import create_user
from graph.model.actor import Actor, Role, Scope, person
from graph.model.errors import CrashgraphError
from graph.ports import Graph
from resolvers.access import list_audit
from schema.build import build_schema
from schema.context import Context

PASSWORD = "correct horse battery"
LOGIN = """mutation($input: LoginInput!) { login(input: $input) {
  accessToken refreshToken expiresAt me { actor scopes user { name role } credential organisation }
  userErrors { code field message } clientMutationId } }"""
ERRORS = "userErrors { code field message }"


@pytest.fixture
def control() -> AccessControl:
    return AccessControl(secret=b"s" * 32)


@pytest.fixture
async def admin(graph: Graph) -> Actor:
    await create_user(graph, person("owner"), "ada", Role.ADMIN, PASSWORD)
    return person("ada")


class Caller:
    """One who sends documents, with its own context for each."""

    def __init__(self, graph: Graph, control: AccessControl, principal: Principal | None = None) -> None:
        self.graph, self.control, self.principal = graph, control, principal
        self.refused: list[CrashgraphError] = []

    async def send(self, text: str, **variables: Any) -> Any:
        context = Context(
            graph=self.graph,
            matcher=None,  # type: ignore[arg-type]  # these documents hand nothing in
            receiver=None,  # type: ignore[arg-type]  # as above
            actor=self.principal.actor if self.principal else STRANGER,
            principal=self.principal,
            control=self.control,
            address="10.0.0.1",
            refuse=self.refused.append,
        )
        result: Any = await build_schema().execute(text, variables, context)
        return result

    async def ask(self, text: str, **variables: Any) -> Any:
        result = await self.send(text, **variables)
        assert not result.errors, result.errors
        [answer] = result.data.values()
        return answer

    async def change(self, field: str, fields: str = "", **given: Any) -> Any:
        kind = "UserInput" if field in {"disableUser", "enableUser"} else f"{field[0].upper()}{field[1:]}Input"
        kind = {"RevokeApiKeyInput": "ApiKeyInput", "RevokeSessionInput": "SessionInput"}.get(kind, kind)
        return await self.ask(f"mutation($input: {kind}!) {{ {field}(input: $input) {{ {fields} {ERRORS} }} }}", input=given)

    async def logged_in(self, name: str = "ada", password: str = PASSWORD) -> Caller:
        tokens = await self.ask(LOGIN, input={"name": name, "password": password})
        assert tokens["userErrors"] == []
        principal = await by_claims(self.graph, read(self.control.secret, tokens["accessToken"]))
        return Caller(self.graph, self.control, principal)


@pytest.fixture
def stranger(graph: Graph, control: AccessControl, admin: Actor) -> Caller:
    return Caller(graph, control)


async def test_a_login_gives_tokens_and_who_it_is(stranger: Caller) -> None:
    done = await stranger.ask(LOGIN, input={"name": "Ada", "password": PASSWORD, "clientMutationId": "m-1"})
    assert done["clientMutationId"] == "m-1"
    assert done["me"] == {
        "actor": "person:ada",
        "scopes": sorted(scope.name for scope in Scope),
        "user": {"name": "ada", "role": "ADMIN"},
        "credential": "TOKEN",
        "organisation": "default",
    }
    refreshed = await stranger.ask(
        "mutation($t: String!) { refresh(input: {refreshToken: $t}) { accessToken refreshToken userErrors { code } } }",
        t=done["refreshToken"],
    )
    assert refreshed["userErrors"] == []
    assert refreshed["refreshToken"] != done["refreshToken"]
    again = await stranger.ask(
        "mutation($t: String!) { refresh(input: {refreshToken: $t}) { accessToken userErrors { code } } }",
        t=done["refreshToken"],
    )
    assert again == {"accessToken": None, "userErrors": [{"code": "ACCESS"}]}


async def test_a_wrong_login_says_no_more_than_that_and_several_are_delayed(stranger: Caller) -> None:
    codes = []
    for _ in range(7):
        done = await stranger.ask(LOGIN, input={"name": "ada", "password": "another horse battery"})
        codes.append(done["userErrors"][0]["code"])
        assert done["accessToken"] is None
    assert codes == ["ACCESS"] * 5 + ["BUSY"] * 2
    assert stranger.refused
    done = await stranger.ask(LOGIN, input={"name": "ada", "password": "x" * 2_000})
    assert done["userErrors"][0]["code"] == "BUSY"


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { queryType { name } } }",
        "{ taxonomy { code } }",
        "{ me { actor } }",
        "{ nosuch }",
        'mutation { login(input: {name: "a", password: "x"}) { __typename } enableUser(input: {user: "a"}) { __typename } }',
        'mutation { login(input: {name: "a", password: "b"}) { __typename } } query Q { taxonomy { code } }',
        "query { ...F } fragment F on Query { ...F taxonomy { code } }",
        "{ ... on Query { taxonomy { code } } }",
    ],
)
async def test_a_stranger_gets_nothing_else(stranger: Caller, text: str) -> None:
    result = await stranger.send(text)
    assert result.data is None
    assert [error.extensions["code"] for error in result.errors] == ["ACCESS"]
    assert "taxonomy" not in result.errors[0].message


async def test_a_stranger_learns_that_it_is_no_subscriber(stranger: Caller) -> None:
    context = Context(graph=stranger.graph, matcher=None, receiver=None, actor=STRANGER)  # type: ignore[arg-type]  # as above
    stream: Any = await build_schema().stream("subscription { events { kind } }", {}, context)
    results = [one async for one in stream]
    assert [error.extensions["code"] for one in results for error in one.errors or ()] == ["ACCESS"]


async def test_an_administrator_manages_users_and_keys(stranger: Caller) -> None:
    ada = await stranger.logged_in()
    made = await ada.change("createUser", "user { id name role }", name="Bob", role="RESPONDER", password=PASSWORD)
    bob_id = made["user"]["id"]
    assert made == {"user": {"id": bob_id, "name": "bob", "role": "RESPONDER"}, "userErrors": []}
    again = await ada.change("createUser", "user { id }", name="bob", role="VIEWER", password=PASSWORD)
    assert [(one["code"], one["field"]) for one in again["userErrors"]] == [("INVALID_INPUT", "name")]
    short = await ada.change("createUser", "user { id }", name="eve", role="VIEWER", password="hunter2")
    assert [(one["field"], "hunter2" in one["message"]) for one in short["userErrors"]] == [("password", False)]

    bob = await stranger.logged_in("bob")
    key = await bob.change("createApiKey", "token apiKey { id name scopes }", name="builds", scopes=["READ", "REPORT"])
    principal = await by_key(ada.graph, key["token"])
    assert principal.actor.scopes == {Scope.READ, Scope.REPORT}
    more = await bob.change("createApiKey", "token", name="all", scopes=["ADMIN"])
    assert (more["token"], more["userErrors"][0]["code"], more["userErrors"][0]["field"]) == (None, "FORBIDDEN", "scopes")
    mine = await bob.ask("{ apiKeys(first: 10) { nodes { name scopes } } }")
    assert mine["nodes"] == [{"name": "builds", "scopes": ["READ", "REPORT"]}]
    assert (await ada.change("setUserRole", "user { role }", user=bob_id, role="VIEWER"))["user"]["role"] == "VIEWER"
    assert (await by_key(ada.graph, key["token"])).actor.scopes == {Scope.READ}
    assert (await bob.change("revokeApiKey", "apiKey { revokedBy }", apiKey=key["apiKey"]["id"]))["apiKey"] == {
        "revokedBy": "person:bob"
    }
    assert (await ada.change("disableUser", "user { disabled }", user="bob"))["user"]["disabled"]
    assert not (await ada.change("enableUser", "user { disabled }", user="bob"))["user"]["disabled"]
    sessions = await ada.ask('{ sessions(first: 10, user: "bob") { nodes { revokedBecause } } }')
    assert sessions["nodes"] == [{"revokedBecause": "user disabled"}]
    last = await ada.change("disableUser", "user { disabled }", user="ada")
    assert "last active administrator" in last["userErrors"][0]["message"]
    names = await ada.ask("{ users(first: 10) { nodes { name } pageInfo { hasNextPage } } }")
    assert names == {"nodes": [{"name": "bob"}, {"name": "ada"}], "pageInfo": {"hasNextPage": False}}


async def test_the_own_password_needs_the_old_one_and_logging_out_ends_the_session(stranger: Caller) -> None:
    ada = await stranger.logged_in()
    for given in ({}, {"oldPassword": "another horse battery"}):
        done = await ada.change("setPassword", "user { name }", newPassword="yet another battery", **given)
        assert [one["field"] for one in done["userErrors"]] == ["oldPassword"]
    done = await ada.change("setPassword", "user { name }", newPassword="yet another battery", oldPassword=PASSWORD)
    assert done["user"] == {"name": "ada"}
    ada = await stranger.logged_in(password="yet another battery")
    out = await ada.change("logout", "session { revokedBecause }")
    assert out["session"] == {"revokedBecause": "logged out"}
    ended = await (await stranger.logged_in(password="yet another battery")).change("revokeAllSessions", "ended")
    assert ended["ended"] == 1


async def test_what_is_refused_is_recorded_and_only_administrators_read_it(stranger: Caller) -> None:
    await create_user(stranger.graph, person("ada"), "vera", Role.VIEWER, PASSWORD)
    vera = await stranger.logged_in("vera")
    me = await vera.ask("{ me { actor scopes } }")
    assert me == {"actor": "person:vera", "scopes": ["READ"]}
    users = [f"User:{(await by_claims_user(vera))}"]
    for text in (
        "{ alias: auditEvents(first: 5) { nodes { action } } }",
        "{ users(first: 5) { nodes { name } } }",
        f'{{ node(id: "{users[0]}") {{ id }} }}',
        '{ sessions(first: 5, user: "ada") { nodes { id } } }',
        'mutation { disableUser(input: {user: "ada"}) { userErrors { code } } }',
    ):
        result = await vera.send(text)
        assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"], text
    entries = (await list_audit(vera.graph, 100)).items
    denied = {entry.action for entry in entries if entry.outcome == "denied" and entry.actor == "person:vera"}
    assert denied == {
        "graphql.auditEvents",
        "graphql.users",
        "graphql.node",
        "graphql.sessions",
        "graphql.disableUser",
    }
    ada = await stranger.logged_in()
    page = await ada.ask('{ auditEvents(first: 2, filter: {actor: "person:vera", outcome: DENIED}) { nodes { action } } }')
    assert len(page["nodes"]) == 2


async def by_claims_user(caller: Caller) -> str:
    assert caller.principal is not None
    return caller.principal.user.user_id


async def test_no_field_shows_a_hash(stranger: Caller) -> None:
    ada = await stranger.logged_in()
    for label in ("User", "Session", "ApiKey"):
        fields = await ada.ask(f'{{ __type(name: "{label}") {{ fields {{ name }} }} }}')
        assert not [one["name"] for one in fields["fields"] if "hash" in one["name"].lower()]


async def test_the_first_user_is_not_made_over_the_network(graph: Graph, control: AccessControl) -> None:
    context = Context(graph=graph, matcher=None, receiver=None, control=control)  # type: ignore[arg-type]  # as above
    text = (
        'mutation { createUser(input: {name: "eve", role: ADMIN, password: "correct horse battery"}) { userErrors { code } } }'
    )
    result: Any = await build_schema().execute(text, {}, context)
    assert result.data == {"createUser": {"userErrors": [{"code": "INVALID_INPUT"}]}}


@pytest.mark.parametrize(
    "text",
    [
        'mutation { recordSolution(input: {pattern: "password=Sesame77zq", description: "y"}) { errors { message } } }',
        'mutation { requestJob(input: {name: "password=Sesame77zq"}) { errors { message } } }',
        'mutation { disableUser(input: {user: "password=Sesame77zq"}) { userErrors { message } } }',
    ],
)
async def test_user_errors_echo_no_secret(stranger: Caller, text: str) -> None:
    result = await (await stranger.logged_in()).send(text)
    assert not result.errors
    assert "password=" in str(result.data)
    assert "Sesame77zq" not in str(result.data)
