"""Mutations made at random, by every role, against a service: no fault of ours, no secret, nothing that is not recorded.

Each is one request to ``crashgraph serve``. Before and after it all nodes and relationships are compared: what was refused
changed nothing, what changed something is in the record, and what is sent again changes nothing. ``GENERATED_MUTATIONS=1000``
asks for more of them than the suite does, each with five queries, and prints the memory of the service; ``GENERATED_SEED``
makes others.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import pytest
from generated_mutations import PASSWORD, SECRET, Mutation, Mutations
from generated_queries import Queries
from planted_graph import EMPTY, fill, some_ids
from polling import wait_for_service
from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from crashgraph.wiring import Container
from graph.access.jwt import read
from graph.access.keys import create_api_key
from graph.access.principals import by_claims, by_key
from graph.access.roles import SCOPES
from graph.access.sessions import AccessControl, log_in
from graph.access.users import create_user, enable_user, set_role
from graph.model.access import SessionKind
from graph.model.actor import Role, Scope, person
from graph.model.errors import AccessError, InvalidInputError
from graph.model.permissions import Admission
from graph.model.statement import Statement
from graph.ports import Graph
from resolvers.access import set_password
from schema.app import build_schema
from schema.operations.roots import Mutation as MutationRoot
from schema.permissions import Guard

IS_LONG = "GENERATED_MUTATIONS" in os.environ
COUNT = int(os.environ.get("GENERATED_MUTATIONS", "12"))
"""Mutations of each caller."""
QUERIES_EACH = 5 if IS_LONG else 1
SEED = int(os.environ.get("GENERATED_SEED", "1"))
REFILL = 100
"""Rounds after which the graph is made again, so that it stays small."""
SECONDS = 150.0
"""A request that takes longer hangs."""
FAULT = re.compile(r"\[error|\[critical(?!.*finaliser)")
"""A line of the log about a fault of ours. graphql-core leaves fields beside a failed one to the collector, which complains."""
OWNER = person("owner")
CONTROL = AccessControl(secret=b"s" * 32)
UNRECORDED = {"refresh"}
"""What changes a session and leaves no entry: a program exchanges its token every quarter of an hour."""
FORGETFUL = {"login", "refresh"}
"""What returns the ``clientMutationId`` and keeps nothing."""
NEEDS = {
    to_camel_case(one.python_name): next(guard for guard in one.extensions if isinstance(guard, Guard)).required
    for one in get_object_definition(MutationRoot, strict=True).fields
}
REFUSED = {"ACCESS", "FORBIDDEN", "INVALID_QUERY", "INVALID_INPUT"}
MAY_ANSWER = {200, 400, 401, 403, 413, 429}
NODES = Statement(
    "MATCH (n) WHERE NOT n:AuditEvent AND NOT n:IdempotencyKey RETURN elementId(n) AS id, labels(n) AS labels, "
    "n {.*, embedding: null, report: null, last_used_at: null} AS properties ORDER BY id"
)
EDGES = Statement(
    "MATCH (a)-[r]->(b) WHERE NOT a:AuditEvent RETURN elementId(r) AS id, type(r) AS type, elementId(a) AS a, "
    "elementId(b) AS b, properties(r) AS properties ORDER BY id"
)
ENTRIES = Statement("MATCH (a:AuditEvent) WHERE a.at >= $since RETURN a {.*} AS entry")
KEPT = Statement("MATCH (n) WHERE n:AuditEvent OR n:IdempotencyKey RETURN properties(n) AS properties")


@dataclass(slots=True)
class Caller:
    """One who sends mutations: a person, a key with few scopes, or nobody."""

    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    is_key: bool = False
    token: str = ""
    keys: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """What the caller is called here."""
        return "key" if self.is_key else self.role.value if self.role else "nobody"

    @property
    def actor(self) -> str:
        """As it is recorded."""
        if self.is_key:
            return f"key:few-{self.keys}"
        return f"person:{self.name}" if self.role else "person:anonymous"

    def may(self, mutation: str) -> bool:
        """Whether it has the scope of a mutation."""
        needed = NEEDS[mutation]
        if isinstance(needed, Scope):
            return bool(self.scopes & {needed, Scope.ADMIN})
        return needed is Admission.EVERYONE or bool(self.scopes)

    async def renew(self, graph: Graph) -> bool:
        """Let it in again with its rights, whatever it or others did to them; whether that was needed."""
        if self.role is None or await self._is_let_in(graph):
            return False
        user = self.name
        try:
            await create_user(graph, OWNER, user, self.role, PASSWORD)
        except InvalidInputError:
            await enable_user(graph, OWNER, user)
            await set_role(graph, OWNER, user, self.role)
            await set_password(graph, OWNER, PASSWORD, user=user, delays=CONTROL.delays, address=None)
        if self.is_key:
            self.keys += 1
            made = await create_api_key(graph, person(user), f"few-{self.keys}", sorted(self.scopes))
            self.token = made.token
        else:
            opened = await log_in(graph, CONTROL, user, PASSWORD, kind=SessionKind.PROGRAM)
            assert opened.access_token is not None
            self.token = opened.access_token
        return True

    async def _is_let_in(self, graph: Graph) -> bool:
        if not self.token:
            return False
        try:
            found = await (by_key(graph, self.token) if self.is_key else by_claims(graph, read(CONTROL.secret, self.token)))
        except AccessError:
            return False
        return found.actor.scopes == self.scopes and found.expires_at > datetime.now(UTC) + timedelta(minutes=5)


def callers() -> list[Caller]:
    """The administrator first, as the first user must be one."""
    few = frozenset({Scope.READ, Scope.REPORT})
    return [*(Caller(role, SCOPES[role]) for role in reversed(Role)), Caller(Role.RESPONDER, few, is_key=True), Caller()]


class Service:
    """``crashgraph serve`` as a process."""

    def __init__(self, process: subprocess.Popen[bytes], base: str, log: Path) -> None:
        self.process = psutil.Process(process.pid)
        self.base = base
        self.log = log
        self.memory: list[float] = []
        self.slowest = 0.0

    def note_memory(self) -> None:
        """What is its own and its children's, in MiB."""
        all_of_it = [self.process, *self.process.children(recursive=True)]
        self.memory.append(sum(one.memory_full_info().uss for one in all_of_it) / (1 << 20))


@pytest.fixture
def service(environment: dict[str, str], tmp_path: Path, unused_tcp_port: int) -> Iterator[Service]:
    log_path, home = tmp_path / "serve.log", tmp_path / "home"
    home.mkdir()
    rates = {f"CRASHGRAPH_RATE_{use}": "1000000/second" for use in ("QUERY", "MUTATION", "REPORT", "LOGIN")}
    variables = {"CRASHGRAPH_HOME": str(home), "CRASHGRAPH_PORT": str(unused_tcp_port), "CRASHGRAPH_SECRET": "s" * 32, **rates}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "crashgraph", "serve"], env={**environment, **variables}, stdout=log, stderr=log
        )
    try:
        base = f"http://127.0.0.1:{unused_tcp_port}"
        wait_for_service(process, base, log_path, 400)
        yield Service(process, base, log_path)
    finally:
        process.terminate()
        process.wait(60)


class Attack:
    """Sends documents, and looks at what became of each."""

    def __init__(self, client: httpx.AsyncClient, graph: Graph, service: Service) -> None:
        self.client = client
        self.graph = graph
        self.service = service
        self.faults: list[str] = []
        self.leaks: set[str] = set()
        self.recorded: dict[str, dict[str, Any]] = {}
        """Entries of the record, without what they are about: a deletion takes what it removed out of them."""
        self.now: str | None = None
        """The digest after the last request, unless something was changed here since."""

    def expect(self, holds: object, what: str, shown: str) -> None:
        """Note a fault unless it holds."""
        if not holds:
            self.faults.append(f"{what}: {shown}")

    async def send(self, caller: Caller, body: str, what: str) -> tuple[int, Any, set[str]]:
        """Status, answer and codes; a fault of ours, a secret or an error without a code fails."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {caller.token}"} if caller.token else {})
        began = time.monotonic()
        response = await self.client.post("/graphql", content=body.encode(), headers=headers)
        self.service.slowest = max(self.service.slowest, time.monotonic() - began)
        shown = f"{caller.name}: {what}: {body[:3_000]} -> {response.status_code} {response.text[:3_000]}"
        self.expect(response.status_code in MAY_ANSWER, "status", shown)
        self.expect(SECRET not in response.text, "the secret", shown)
        answer = response.json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        self.expect(not codes & {"INTERNAL", "QUERY"}, "a fault of ours", shown)
        for payload in (answer.get("data") or {}).values():
            codes |= {error["code"] for error in (payload or {}).get("userErrors", ())} if isinstance(payload, dict) else set()
        return response.status_code, answer, codes

    async def mutate(self, caller: Caller, mutation: Mutation) -> set[str]:
        """Send it once, and compare the graph and the record before and after; codes."""
        since = datetime.now(UTC) - timedelta(seconds=5)
        before, seen = await self.before(), await self.entries(since)
        status, answer, codes = await self.send(caller, mutation.body, mutation.name)
        self.now = await self.digest()
        changed = self.now != before
        added = [entry for id, entry in (await self.entries(since)).items() if id not in seen]
        shown = f"{caller.name}: {mutation.body[:3_000]} -> {status} {str(answer)[:3_000]}, {added}"
        done = [entry for entry in added if entry["outcome"] == "done"]
        self.expect(not (codes and changed), "an error, and a change", shown)
        self.expect(not (codes and done), "an error, and an entry of a change", shown)
        self.expect(caller.may(mutation.name) or codes & REFUSED, "not refused", shown)
        self.expect(done or not changed or mutation.name in UNRECORDED, "a change that is not recorded", shown)
        self.recorded.update({entry["audit_id"]: {**entry, "subjects": None} for entry in added})
        for entry in added:
            self.expect(entry["actor"] == caller.actor or mutation.name in FORGETFUL, "the actor", shown)
            self.expect(entry.get("address") == "127.0.0.1" and entry.get("request_id"), "the origin", shown)
        caller.answers.update(codes or {"changed" if changed else "accepted"})
        return codes

    async def send_again(self, caller: Caller, mutation: Mutation, mutations: Mutations) -> None:
        """What was carried out with an id changes nothing a second time, nor with another input."""
        for again in (mutation, mutations.next(mutation.name, mutation.id)):
            before = await self.before()
            _, answer, codes = await self.send(caller, again.body, f"{mutation.name} again")
            shown = f"{caller.name}: {mutation.body[:3_000]}, {again.body[:3_000]} -> {answer}"
            self.now = await self.digest()
            self.expect(self.now == before, "a change when sent again", shown)
            caller.answers.update(f"again {code}" for code in codes or {"accepted"})

    async def before(self) -> str:
        """The digest as it is now."""
        return self.now or await self.digest()

    async def renew(self, caller: Caller) -> None:
        """Let a caller in again."""
        if await caller.renew(self.graph):
            self.now = None

    async def check_record(self) -> None:
        """No entry is gone or another one than it was."""
        kept = await self.entries(datetime(2000, 1, 1, tzinfo=UTC))
        for id, entry in self.recorded.items():
            self.expect({**kept.get(id, {}), "subjects": None} == entry, "the record was changed", str(entry))
        self.recorded.clear()

    async def digest(self) -> str:
        """Of all nodes and relationships but the record; a text with the planted secret is a fault."""
        found = hashlib.sha256()
        for statement in (NODES, EDGES):
            for row in await self.graph.read(statement):
                text = orjson.dumps(row, default=str)
                found.update(text)
                if SECRET.encode() in text and row["id"] not in self.leaks:
                    self.leaks.add(row["id"])
                    self.faults.append(f"stored: {text.decode()}")
        return found.hexdigest()

    async def entries(self, since: datetime) -> dict[str, dict[str, Any]]:
        """Entries of the record from then on, by their id."""
        rows = await self.graph.read(Statement(ENTRIES.text, {"since": since}))
        return {row["entry"]["audit_id"]: row["entry"] for row in rows}


def show(line: str) -> None:
    """A line that pytest shows if the test fails, or with ``-s``."""
    sys.stdout.write(f"{line}\n")


@pytest.mark.timeout(6 * 3600 if IS_LONG else 600)
async def test_random_mutations_of_every_role_are_refused_or_recorded(container: Container, service: Service) -> None:
    show(f"GENERATED_SEED={SEED}")
    graph, schema = container.graph, build_schema()._schema
    mutations, queries, everyone = Mutations(schema, SEED), Queries(schema, [], SEED), callers()
    async with httpx.AsyncClient(base_url=service.base, timeout=SECONDS) as client:
        attack = Attack(client, graph, service)
        for number in range(COUNT):
            if number % REFILL == 0:
                await attack.check_record()
                await container.graph.run_implicit(EMPTY)
                ids = await fill(container, SECRET)
            for caller in everyone:
                await attack.renew(caller)
                if number % 10 == 0:
                    mutations.know(await some_ids(graph, 10))
                mutation = mutations.next()
                codes = await attack.mutate(caller, mutation)
                if not codes and isinstance(mutation.id, str) and mutation.name not in FORGETFUL:
                    await attack.send_again(caller, mutation, mutations)
                queries.know(ids)
                for _ in range(QUERIES_EACH):
                    await attack.renew(caller)
                    await attack.send(caller, orjson.dumps({"query": queries.next()}).decode(), "a query")
            if number in {COUNT // 10, COUNT // 2, COUNT - 1}:
                service.note_memory()
    await attack.check_record()
    kept = orjson.dumps(await graph.read(KEPT), default=str)
    log = service.log.read_text(errors="replace")
    show(str({caller.name: dict(caller.answers) for caller in everyone}))
    show(f"slowest {service.slowest:.1f} s; MiB at a tenth, the half and the end: {[round(each) for each in service.memory]}")
    assert not attack.faults, "\n".join([f"{len(attack.faults)} faults", *attack.faults[:50]])
    assert SECRET.encode() not in kept
    assert SECRET not in log
    assert [line for line in log.splitlines() if FAULT.search(line)] == []
    for caller in everyone:
        if caller.role is not None:
            assert caller.answers["changed"] > 0, caller
    assert service.memory[-1] < service.memory[0] * 1.15 + 64, service.memory
