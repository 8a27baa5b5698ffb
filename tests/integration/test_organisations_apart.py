"""Two organisations on one service: whoever belongs to one sees nothing of the other, whichever way is asked.

The ways are walked, not listed: every root field of the schema and every route of the application.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from answers import REPORT
from polling import wait_until
from running_up import RunningUp, databases
from schema_walk import documents, names_something, root_fields
from starlette.routing import Route, WebSocketRoute
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from crashgraph.access.first_link import FirstLink
from crashgraph.app import AppDependencies, build_app
from crashgraph.openapi.described import ApiRoute
from crashgraph.settings import Settings
from crashgraph.wiring import build_access, build_container, build_intake
from graph.access.tokens import new_key, new_session_token
from graph.model import NODES
from graph.server import Endpoint
from graph.server.ports import free_port
from graph.store import Neo4jGraph
from schema.build import build_schema
from viz.pages.registry import declared_pages

pytestmark = [pytest.mark.timeout(1_200)]
WORDS = {"default": "zanzibarquux", "acme": "quokkaplum"}
"""What each plants wherever people and programs can write."""
PASSWORD = "correct horse battery staple"
HTML = {"Accept": "text/html"}
SMALL = {"CRASHGRAPH_HEAP_MB": "384", "CRASHGRAPH_PAGE_CACHE_MB": "64"}
MANY = {f"CRASHGRAPH_RATE_{use}": "1000000/minute" for use in ("QUERY", "MUTATION", "REPORT", "LOGIN")}
OWN_SESSION = frozenset({"logout", "setPassword", "revokeAllSessions", "revokeSession"})
"""Mutations that would end the session that asks."""
SCHEMA = build_schema()._schema
VOLATILE = {"date", "x-request-id", "content-length", "ratelimit-reset", "ratelimit-remaining", "content-security-policy"}
FROZEN = """
MATCH (n) WHERE n:Crash OR n:Solution OR n:Validation OR n:ApiKey
RETURN labels(n) AS labels, properties(n) AS properties ORDER BY elementId(n)
"""


def report(word: str, number: int) -> dict[str, Any]:
    """A crash with the word wherever a sender can put it."""
    text = REPORT.replace("in pay", f"in {word}_pay").replace("'total'", f"'{word} {number}'").replace("shop", f"{word}_shop")
    stated = {name: f"{word}-{name}" for name in ("product", "version", "site", "user", "session", "file_name")}
    return {"report": text, "id": f"{word}-{number}", "environment": {"os": f"{word}OS"}, **stated}


@dataclass
class Member:
    """One organisation, and its administrator ann with a key, a token and a session."""

    name: str
    up: RunningUp
    key: str = ""
    dsn: str = ""

    @property
    def word(self) -> str:
        return WORDS[self.name]

    def run(self, *command: str) -> str:
        """What a command of the owner of the home prints."""
        variables = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "CRASHGRAPH_HOME": str(self.up.home)}
        done = subprocess.run(
            [sys.executable, "-m", "crashgraph", *command, "--organisation", self.name],
            env=variables, capture_output=True, text=True, timeout=240, check=False, input=f"{PASSWORD}\n",
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def rows(self, cypher: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("db", "cypher", cypher, "--output", "jsonl").splitlines()]

    @cached_property
    def program(self) -> httpx.Client:
        """With the key."""
        return httpx.Client(base_url=self.up.base, headers={"Authorization": f"Bearer {self.key}"}, timeout=60)

    @cached_property
    def browser(self) -> httpx.Client:
        """With a session."""
        client = httpx.Client(base_url=self.up.base, timeout=60)
        given = {"name": "ann", "organisation": self.name, "password": PASSWORD}
        answer = client.post("/auth/login", data=given)
        assert answer.status_code == 303, answer.text
        return client

    def plant(self) -> None:
        """A user, a key, crashes by two ways, a solution, a use and a verdict, all with the word."""
        self.run("user", "add", "ann", "--role", "admin", "--password-stdin")
        self.run("user", "add", f"{self.word}-user", "--role", "viewer", "--generate")
        made = json.loads(self.run("key", "create", f"{self.word}-key", "--user", "ann", "--scopes", "admin", "--json"))
        self.key = made["token"]
        self.dsn = self.run("dsn", self.word).strip()
        sent = [report(self.word, number) for number in range(4)]
        receipts = self.program.post("/api/reports", json=sent).json()["receipts"]
        assert {one["status"] for one in receipts} <= {"matched", "queued"}, receipts
        assert self.send_by_sentry().status_code == 200
        # A busy machine stores later what is in the spool.
        wait_until(lambda: self.rows("MATCH (c:Crash) WITH count(c) AS stored WHERE stored = 5 RETURN stored"), "stored", 240)
        pattern = self.rows("MATCH (p:Pattern) RETURN p.pattern_id AS id ORDER BY p.occurrence_count DESC LIMIT 1")[0]["id"]
        self.run("solution", "add", pattern, f"{self.word} solves it")
        solved = self.rows("MATCH (s:Solution) RETURN s.solution_id AS id")[0]["id"]
        self.run("solution", "use", solved, pattern, "worked", "--site", f"{self.word}-site")

    def send_by_sentry(self, name: str = "sentry") -> httpx.Response:
        key, project = re.findall(r"//(\w+)@.*/(\w+)$", self.dsn)[0]
        value = {"type": "KeyError", "value": f"{self.word} {name}"}
        event = {"exception": {"values": [value]}, "platform": "python"}
        return httpx.post(f"{self.up.base}/api/{project}/store/", params={"sentry_key": key}, json=event, timeout=60)

    def ids(self) -> set[str]:
        """The keys of all nodes."""
        declared = {label: one.key for label, one in NODES.items()}
        parts = " UNION ".join(f"MATCH (n:{label}) RETURN toString(n.{key}) AS id" for label, key in declared.items())
        return {row["id"] for row in self.rows(parts) if len(row["id"] or "") > 7}

    def some_ids(self) -> list[str]:
        """A few keys of each label, and the same as global ids."""
        found = []
        for label, one in NODES.items():
            found += [(label, row["id"]) for row in self.rows(f"MATCH (n:{label}) RETURN toString(n.{one.key}) AS id LIMIT 1")]
        return [text for label, id in found for text in (id, f"{label}:{id}")]


@dataclass
class Two:
    """Both organisations, and what only acme has."""

    default: Member
    acme: Member
    ids: set[str] = field(default_factory=set)
    some: list[str] = field(default_factory=list)

    def leaks(self, text: str, asked: str = "") -> list[str]:
        """What of acme is in an answer, besides what was asked for."""
        lower = text.lower()
        if asked:
            lower = lower.replace(asked.lower(), "")
        words = [self.acme.word] if self.acme.word in lower and self.acme.word not in asked else []
        return words + [id for id in self.ids if id.lower() in lower and id.lower() not in asked.lower()]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    home = tmp_path_factory.mktemp("two")
    add = [sys.executable, "-m", "crashgraph", "organisation", "add", "acme"]
    up = RunningUp(home, free_port(), handed_in=None, **SMALL, **MANY)

    def anyone() -> int:
        return httpx.get(f"{up.base}/", headers={"Accept": "application/json"}, timeout=60).status_code

    try:
        up.wait()
        both = Two(Member("default", up), Member("acme", up))
        assert anyone() == 200
        subprocess.run(add, env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "CRASHGRAPH_HOME": str(home)}, check=True)
        # Beside another organisation, default without users is not open; no request fails meanwhile.
        wait_until(lambda: anyone() == 401, "acme is served", 240)
        for member in (both.default, both.acme):
            wait_until(lambda: _works(member), f"{member.name} works", 240)  # noqa: B023  # it is waited for here
            member.plant()
        both.ids = both.acme.ids() - both.default.ids()
        both.some = [id for id in both.acme.some_ids() if id.rpartition(":")[2] in both.ids]
        assert len(both.some) > 12, both.some
        yield both
        for member in (both.default, both.acme):
            for name in {"program", "browser"} & vars(member).keys():
                getattr(member, name).close()
    finally:
        up.clean_up()


def _works(member: Member) -> bool:
    """Whether its graph answers: then a wrong name is refused rather than put off."""
    given = {"name": f"{member.name}/nobody", "password": "x" * 12}
    return httpx.post(f"{member.up.base}/auth/login", json=given, timeout=30).status_code == 403


# -- GraphQL ----------------------------------------------------------------------------------------------------


def ask(client: httpx.Client, kind: str, name: str, value: str | None) -> tuple[str, Any, set[str]]:
    """The answer of a root field as text, its data, and the codes of its errors."""
    for document in documents(SCHEMA, kind, name, value):
        response = client.post("/graphql", json={"query": document})
        content = response.json()
        codes = {(one.get("extensions") or {}).get("code", one["message"]) for one in content.get("errors") or ()}
        if codes != {"LIMIT"}:
            break
    assert codes <= {"NOT_FOUND", "INVALID_INPUT", "LIMIT", "FORBIDDEN", "CONFLICT", "CONTRADICTION"}, (document, content)
    return response.text, content.get("data"), codes


def without(id: str, data: Any) -> str:
    """An answer without the id that was asked for, also where a secret of its form is redacted."""
    return re.sub(r"<\w+:[0-9a-f]+>", "ID", json.dumps(data).replace(id, "ID"))


def unlike(id: str) -> str:
    """Another id of the same form that nothing has."""
    label, colon, key = id.rpartition(":")
    turned = "".join(
        chr((ord(one) - base + 1) % size + base)
        if (base := 48 if one.isdigit() else 97 if one.isascii() and one.islower() else 0)
        and (size := 10 if one.isdigit() else 6 if one in "abcdef" else 26)
        else one
        for one in key
    )
    return f"{label}{colon}{turned}"


def test_no_root_field_shows_anything_of_another_organisation(two: Two) -> None:
    shown = set()
    for name in root_fields(SCHEMA, "query"):
        text, _, _ = ask(two.default.program, "query", name, None)
        assert two.leaks(text) == [], name
        own, _, _ = ask(two.acme.program, "query", name, None)
        if two.acme.word in own.lower():
            shown.add(name)
    assert {"crashes", "patterns", "users", "auditEvents"} <= shown, f"acme sees what it planted: {shown}"


def test_every_id_of_another_organisation_is_as_unknown_as_any(two: Two) -> None:
    found = set()
    for name, one in root_fields(SCHEMA, "query").items():
        if not names_something(one):
            continue
        for id in two.some:
            text, data, codes = ask(two.default.program, "query", name, id)
            assert two.leaks(text, id) == [], (name, id)
            _, other, other_codes = ask(two.default.program, "query", name, unlike(id))
            assert without(id, data) == without(unlike(id), other), (name, id)
            assert codes == other_codes, (name, id)
            if two.acme.word in ask(two.acme.program, "query", name, id)[0].lower():
                found.add(name)
    assert {"crash", "pattern", "node"} <= found, "acme finds them"
    for name in ("crash", "pattern"):
        crash = next(id for id in two.some if id.startswith(f"{name.capitalize()}:"))
        assert ask(two.default.program, "query", name, crash)[1:] == ({name: None}, {"NOT_FOUND"})


def subscribe(member: Member, document: str) -> ClientConnection:
    socket = connect(
        f"{member.up.base.replace('http', 'ws')}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")], legacy=True
    )
    first = {"type": "connection_init", "payload": {"Authorization": f"Bearer {member.key}"}}
    socket.send(json.dumps(first))
    assert json.loads(socket.recv(timeout=60))["type"] == "connection_ack"
    socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": document}}))
    return socket


def test_no_subscription_follows_another_organisation(two: Two) -> None:
    for name in root_fields(SCHEMA, "subscription"):
        value = next((id for id in two.some if id.startswith("JobRun:")), None)
        document = list(documents(SCHEMA, "subscription", name, value if "Run" in name or "Progress" in name else None))[-1]
        sockets = {member.name: subscribe(member, document) for member in (two.default, two.acme)}
        for member in (two.acme, two.default):
            assert member.send_by_sentry(f"event for {name}").status_code == 200
        received: dict[str, list[str]] = {"default": [], "acme": []}
        for organisation, socket in sockets.items():
            with socket:
                try:
                    while len(received[organisation]) < 5:
                        # An event of one's own has to come, however busy the machine is.
                        awaited = name in {"event", "events"} and not any('"next"' in one for one in received[organisation])
                        received[organisation].append(str(socket.recv(timeout=120 if awaited else 5)))
                except TimeoutError:
                    pass
        text = "\n".join(received["default"])
        assert two.leaks(text, value or "") == [], (name, text)
        if name in {"event", "events"}:
            assert any('"next"' in one for one in received["default"]), received
            assert any('"next"' in one for one in received["acme"]), received


# -- routes -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Route]]:
    """All routes of the application that is served."""
    graph = Neo4jGraph.open("bolt://127.0.0.1:1", "neo4j", "x")
    nowhere = Endpoint("bolt://127.0.0.1:1", "", "", "neo4j", "x")
    container = build_container(Settings(home=tmp_path_factory.mktemp("routes")), graph, nowhere)
    app = build_app(AppDependencies(container, build_intake(container), build_access(container), FirstLink.new(), "token"))
    assert all(isinstance(one, Route | WebSocketRoute) for one in app.routes)
    yield [one for one in app.routes if isinstance(one, Route)]
    asyncio.run(graph.close())


def requests_of(route: Route, ids: list[str]) -> Iterator[tuple[str, str]]:
    """Methods and paths with each id in each place, also as a query parameter."""
    names = {"focus", "id", "q", *(name for page in declared_pages() for name, _ in page.parameters)}
    if isinstance(route, ApiRoute) and route.path.startswith("/api/v1"):
        names = {one.name for one in route.described.parameters if one.place == "query" and one.schema == {"type": "string"}}
        names -= {"after"}
    pages = [page.name for page in declared_pages()]
    for method in sorted((route.methods or {"GET"}) - {"HEAD", "OPTIONS"}):
        for id in ids:
            for value in (id, *pages) if route.path == "/view/{name}" else (id,):
                path = re.sub(r"\{[^}]*\}", value.replace("/", "%2F"), route.path)
                yield method, path
                yield method, f"{path}?{'&'.join(f'{name}={id}' for name in sorted(names))}"


def test_no_route_shows_anything_of_another_organisation(two: Two, routes: list[Route]) -> None:
    assert len(routes) > 10
    some = [id for id in two.some if not id.startswith(("AuditEvent", "Event"))][:14]
    with httpx.Client(base_url=two.default.up.base, timeout=60) as stranger:
        _walk(two, routes, some, stranger)


def _walk(two: Two, routes: list[Route], some: list[str], stranger: httpx.Client) -> None:
    for route in routes:
        if route.path == "/auth/logout":
            continue
        for method, path in dict.fromkeys(requests_of(route, some)):
            asked = next((id for id in some if id in path), "")
            for client, headers in ((two.default.program, {}), (two.default.browser, HTML), (stranger, HTML)):
                answer = client.request(method, path, headers=headers, json={} if method == "POST" else None)
                assert answer.status_code < 500, (method, path, answer.text)
                assert two.leaks(answer.text, asked) == [], (method, path)
    own = two.acme.browser.get("/", headers=HTML)
    assert two.acme.word in own.text.lower(), "acme sees its own network"


def test_exports_and_views_hold_one_organisation(two: Two, tmp_path: Path) -> None:
    for member in (two.default, two.acme):
        for name, command in (("export.json", "export"), ("export.graphml", "export"), ("network.html", "view network")):
            member.run(*command.split(), "-o", str(tmp_path / name))
            text = (tmp_path / name).read_text("utf-8")
            assert (two.acme.word in text.lower()) is (member is two.acme), (member.name, name)
            if member is two.default:
                assert two.leaks(text) == [], name


def test_each_credential_leads_to_its_own_organisation(two: Two) -> None:
    for member in (two.default, two.acme):
        login = {"name": f"{member.name}/ann", "password": PASSWORD}
        tokens = httpx.post(f"{member.up.base}/auth/login", json=login).json()
        again = httpx.post(f"{member.up.base}/auth/refresh", json={"refreshToken": tokens["refreshToken"]}).json()
        mutation = f'mutation {{ login(input: {{name: "{member.name}/ann", password: "{PASSWORD}"}}) {{ accessToken }} }}'
        by_graphql = httpx.post(f"{member.up.base}/graphql", json={"query": mutation}).json()["data"]["login"]["accessToken"]
        for token in (member.key, tokens["accessToken"], again["accessToken"], by_graphql):
            me = httpx.get(f"{member.up.base}/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
            assert (me["organisation"], me["user"]["name"]) == (member.name, "ann")
        assert member.browser.get("/auth/me").json()["organisation"] == member.name


# -- what strangers learn ---------------------------------------------------------------------------------------


def test_an_unknown_organisation_is_refused_as_a_wrong_credential(two: Two) -> None:
    """Whoever tries names learns none: status, headers and text are the same for one that exists."""
    base = two.default.up.base
    secret, session = new_key("acme").removeprefix("cg_acme_"), new_session_token("acme", "0" * 32).partition(".")[2]

    def tried(name: str) -> Iterator[httpx.Response]:
        for bearer in (f"cg_{name}_{secret}", f"{name}.{secret}", f"{name}.{session}"):
            for method, path in (
                ("GET", "/"),
                ("POST", "/graphql"),
                ("GET", "/auth/me"),
                ("POST", "/api/reports"),
                ("GET", "/metrics"),
            ):
                yield httpx.request(method, f"{base}{path}", headers={"Authorization": f"Bearer {bearer}"})
        for headers in ({}, HTML):
            for path in ("/", "/auth/login", "/readyz", "/auth/me", "/nothing/here", "/static/nothing"):
                cookie = {"Cookie": f"crashgraph-session={name}.{secret}"}
                yield httpx.get(f"{base}{path}", headers={**headers, **cookie})
        yield httpx.post(f"{base}/auth/refresh", json={"refreshToken": f"{name}.{session}"})
        for user in ("ann", "none", "?"):
            given = {"name": user, "organisation": name, "password": "wrong password"}
            yield httpx.post(f"{base}/auth/login", json=given)
            yield httpx.post(f"{base}/auth/login", json={"name": f"{name}/{user}", "password": "wrong password"})
            yield httpx.post(f"{base}/auth/login", data=given, headers=HTML)
            login = f'login(input: {{name: "{name}/{user}", password: "wrong"}}) {{ userErrors {{ code message }} }}'
            mutation = f"mutation {{ {login} }}"
            yield httpx.post(f"{base}/graphql", json={"query": mutation})

    def seen(name: str) -> list[tuple[int, dict[str, str], str]]:
        nonce = re.compile(r'nonce="[^"]*"|nonce-[\w-]*')
        found = []
        for one in tried(name):
            headers = {key: value for key, value in one.headers.items() if key not in VOLATILE}
            found.append((one.status_code, headers, nonce.sub("", one.text).replace(name, "NAME")))
        return found

    assert {status for status, _, _ in seen("umbrella")} <= {200, 303, 401, 403, 404, 429}
    known, unknown = seen("acme"), seen("nope")
    for number, (one, other) in enumerate(zip(known, unknown, strict=True)):
        assert one == other, number


def test_health_and_metrics_name_no_other_organisation(two: Two) -> None:
    base = two.default.up.base
    for path in ("/healthz", "/readyz"):
        assert "acme" not in httpx.get(f"{base}{path}").text
    counted = {}
    for member in (two.default, two.acme):
        text = member.program.get("/metrics").text
        other = WORDS["acme" if member is two.default else "default"]
        assert "organisation" not in text
        assert other not in text
        assert "acme" not in text
        counted[member.name] = text
    before = _accepted(counted["default"]), _accepted(counted["acme"])
    assert two.acme.send_by_sentry("counted").status_code == 200
    after = _accepted(two.default.program.get("/metrics").text), _accepted(two.acme.program.get("/metrics").text)
    assert after == (before[0], before[1] + 1)


def _accepted(text: str) -> float:
    found = re.search(r'^crashgraph_reports_accepted_total\{way="sentry"\} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else 0.0


# -- last: the first one leaves ids of acme in the other graph, as texts of its own; the second one stops acme ----------


def test_no_mutation_reaches_another_organisation(two: Two) -> None:
    frozen = two.acme.rows(FROZEN)
    assert frozen
    for name in root_fields(SCHEMA, "mutation").keys() - OWN_SESSION:
        for id in two.some:
            text, _, _ = ask(two.default.browser, "mutation", name, id)
            assert two.leaks(text, id) == [], (name, id)
    unused = [{**row, "properties": {**row["properties"], "last_used_at": None}} for row in two.acme.rows(FROZEN)]
    assert unused == [{**row, "properties": {**row["properties"], "last_used_at": None}} for row in frozen]


def test_one_without_its_neo4j_disturbs_no_other(two: Two) -> None:
    query = {"query": "{ patterns(first: 1) { nodes { name } } }"}
    own = f"--home-dir={two.acme.up.home}/organisations/acme"
    [java] = [one for one in databases(two.acme.up.home) if own in one.cmdline()]
    java.suspend()
    java.kill()
    sent = two.acme.send_by_sentry("while it is away")
    assert sent.status_code == 200, "accepted into the spool"
    assert httpx.get(f"{two.default.up.base}/readyz").status_code == 200
    slowest = 0.0

    def comes_back() -> bool:
        nonlocal slowest
        answer = two.default.program.post("/graphql", json=query)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json()
        slowest = max(slowest, answer.elapsed.total_seconds())
        return sum(own in one.cmdline() for one in databases(two.acme.up.home)) == 1 and _works(two.acme)

    wait_until(comes_back, "acme's Neo4j is started again", 240)
    assert slowest < 5
    stored = "MATCH (c:Crash) WHERE c.report CONTAINS 'while it is away' RETURN c.crash_id AS id"
    wait_until(lambda: len(two.acme.rows(stored)) == 1, "what was sent meanwhile is stored", 240)
    assert two.default.rows(stored) == []
    assert two.acme.program.post("/graphql", json=query).status_code == 200
