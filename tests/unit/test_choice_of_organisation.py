"""Which organisation's application answers a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from crashgraph.access.choice import LONGEST_LOGIN, Choice
from crashgraph.current_organisation import ORGANISATION
from graph.access import jwt
from graph.access.principals import utc_now
from graph.access.tokens import new_key, new_session_token
from graph.model.errors import AccessError

PROBE = "p" * 43
LOGIN = "mutation($i: LoginInput!) { login(input: $i) { accessToken } }"


def token_of(organisation: str) -> str:
    signed, _ = jwt.sign(b"s" * 48, user_id="u", organisation=organisation, session_id="s", version=0, now=utc_now())
    return signed


class Named:
    """An application that answers with its name, and the size of the body that reached it."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert ORGANISATION.get() == self.name
        if scope["type"] == "http":
            body = await Request(scope, receive).body()
            await PlainTextResponse(f"{self.name} {len(body)}")(scope, receive, send)
            return
        socket = WebSocket(scope, receive, send)
        await socket.accept("graphql-transport-ws")
        message = await socket.receive_text()
        await socket.send_text(f"{self.name} {message}")
        await socket.close()


async def states() -> Mapping[str, object]:
    return {"default": None, "acme": {"cause": "starting", "reason": "it starts"}}


@pytest.fixture
def choice() -> Choice:
    made = Choice(["acme", "other"], PROBE, states)
    for name in ("default", "acme"):
        made.serve(name, Named(name))
    return made


@pytest.fixture
def client(choice: Choice) -> TestClient:
    return TestClient(choice, base_url="http://127.0.0.1")


def chosen(response: Any) -> str:
    """The name of the application that answered."""
    name, _, size = str(response.text).partition(" ")
    sent = response.request.content
    assert int(size) == len(sent), "the body reaches the application whole"
    return name


@pytest.mark.parametrize("credential", [new_key, new_session_token, lambda name: new_session_token(name, "0" * 32), token_of])
def test_a_credential_names_its_organisation(client: TestClient, credential: Any) -> None:
    for name in ("default", "acme"):
        header = {"Authorization": f"Bearer {credential(name)}"}
        assert chosen(client.get("/", headers=header)) == name
        assert chosen(client.post("/api/reports", headers=header, content=b"x" * 100_000)) == name
    assert chosen(client.get("/", headers={"Authorization": f"Bearer {credential('unknown')}"})) == "default"


def test_a_header_goes_before_a_cookie(client: TestClient) -> None:
    client.cookies.set("crashgraph-session", new_session_token("acme"))
    assert chosen(client.get("/")) == "acme"
    assert chosen(client.get("/", headers={"Authorization": f"Bearer {new_key('default')}"})) == "default"
    assert chosen(client.get("/", headers={"Authorization": "Basic YTpi"})) == "default"


def test_without_credentials_it_is_the_default_one(client: TestClient) -> None:
    for path in ("/", "/auth/login", "/graphql", "/readyz", "/metrics"):
        assert chosen(client.get(path)) == "default"


@pytest.mark.parametrize("fields", [{"name": "acme/ann"}, {"name": "ann", "organisation": "acme"}])
def test_a_login_names_its_organisation(client: TestClient, fields: dict[str, str]) -> None:
    given = {**fields, "password": "x"}
    client.cookies.set("crashgraph-session", new_session_token("default"))
    assert chosen(client.post("/auth/login", data=given)) == "acme"
    assert chosen(client.post("/auth/login", json=given)) == "acme"
    assert chosen(client.post("/auth/login", data={"name": "ann", "password": "x"})) == "default"
    assert chosen(client.post("/auth/login", data={"name": "unknown/ann", "password": "x"})) == "default"


def test_a_refresh_token_names_its_organisation(client: TestClient) -> None:
    token = new_session_token("acme", "0" * 32)
    assert chosen(client.post("/auth/refresh", json={"refreshToken": token})) == "acme"
    asked = f'mutation {{ refresh(input: {{refreshToken: "{token}"}}) {{ accessToken }} }}'
    assert chosen(client.post("/graphql", json={"query": asked})) == "acme"


@pytest.mark.parametrize(
    "body",
    [
        {"query": 'mutation { login(input: {name: "acme/ann", password: "x"}) { accessToken } }'},
        {"query": LOGIN, "variables": {"i": {"name": "acme/ann", "password": "x"}}},
        {"query": "mutation($n: String!) { l: login(input: {name: $n, password: 1}) { a } }", "variables": {"n": "acme/ann"}},
        {"query": 'mutation { ...A } fragment A on Mutation { login(input: {name: "acme/ann", password: "x"}) { a } }'},
    ],
)
def test_a_login_by_graphql_names_its_organisation(client: TestClient, body: dict[str, Any]) -> None:
    assert chosen(client.post("/graphql", json=body)) == "acme"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"[" * 50_000, b'{"query": 1}', b'{"query": "{"}', b"\xff\xfe",
        b'{"query": "' + b"{a" * 20_000 + b'"}', json.dumps({"query": LOGIN, "variables": {"i": 1}}).encode(),
        b"x" * (LONGEST_LOGIN + 1), b"x" * (4 * LONGEST_LOGIN),
    ],
)  # fmt: skip
def test_a_body_that_names_nothing_reaches_the_default_one_whole(client: TestClient, body: bytes) -> None:
    for path in ("/graphql", "/auth/login", "/auth/refresh"):
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            assert chosen(client.post(path, content=body, headers={"Content-Type": kind})) == "default"


def test_one_that_is_not_served_yet_is_told_from_an_unknown_one_by_no_more_than_its_outage(
    choice: Choice, client: TestClient
) -> None:
    header = {"Authorization": f"Bearer {new_key('other')}"}
    answer = client.get("/", headers=header)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    asked = client.post("/graphql", headers=header, json={"query": "{ me { actor } }"})
    assert (asked.status_code, asked.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/graphql", headers=header):
        pass
    choice.serve("other", Named("other"))
    assert chosen(client.get("/", headers=header)) == "other"
    choice.withdraw("other")
    assert client.get("/", headers=header).status_code == 503


def test_readiness_of_all_is_for_the_parent_only(client: TestClient) -> None:
    shown = client.get("/readyz", headers={"Authorization": f"Bearer {PROBE}"})
    assert shown.json() == {"default": None, "acme": {"cause": "starting", "reason": "it starts"}}
    for wrong in ("Bearer x", f"Basic {PROBE}", "", f"Bearer {PROBE}x"):
        assert "acme" not in client.get("/readyz", headers={"Authorization": wrong}).text
    assert "acme" not in client.get("/", headers={"Authorization": f"Bearer {PROBE}"}).text


@pytest.mark.parametrize("stated", ["authorization", "Authorization"])
def test_a_socket_names_its_organisation_in_its_first_message(client: TestClient, stated: str) -> None:
    first = json.dumps({"type": "connection_init", "payload": {stated: f"Bearer {new_key('acme')}"}})
    client.cookies.set("crashgraph-session", new_session_token("default"))
    with client.websocket_connect("/graphql", ["graphql-transport-ws"]) as socket:
        opened: Any = socket
        assert opened.accepted_subprotocol == "graphql-transport-ws"
        socket.send_text(first)
        assert socket.receive_text() == f"acme {first}"


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"payload": {"authorization": 1}}', '{"payload": []}'])
def test_a_socket_that_states_nothing_has_its_cookie_or_is_of_the_default_one(client: TestClient, text: str) -> None:
    for organisation, name in (("acme", "acme"), ("unknown", "default")):
        client.cookies.set("crashgraph-session", new_session_token(organisation))
        with client.websocket_connect("/graphql", ["graphql-transport-ws"]) as socket:
            socket.send_text(text)
            assert socket.receive_text() == f"{name} {text}"


def test_an_unverified_claim_grants_nothing() -> None:
    with pytest.raises(AccessError):
        jwt.read(b"t" * 48, token_of("acme"))
