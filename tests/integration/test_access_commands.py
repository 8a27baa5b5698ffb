"""``crashgraph user`` and ``crashgraph key``, each in its own process, on the graph of the test session."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from graph.access.principals import access_is_on, by_key
from graph.access.sessions import AccessControl, log_in
from graph.model.access import SessionKind
from graph.model.actor import Scope
from graph.model.errors import AccessError
from graph.store import Neo4jGraph
from resolvers.access import list_audit

PASSWORD = "correct horse battery"


def run(environment: dict[str, str], *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crashgraph", *arguments],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


@pytest.mark.timeout(900)
async def test_users_and_keys_are_made_shown_and_revoked(graph: Neo4jGraph, environment: dict[str, str]) -> None:
    refused = run(environment, "user", "add", "vera", "--role", "viewer", "--generate")
    assert (refused.returncode, "first user must be an admin" in refused.stderr) == (2, True)
    added = run(environment, "user", "add", "Ada", "--role", "admin", "--password-stdin", "--json", given=PASSWORD + "\n")
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["name"] == "ada"
    assert "hash" not in added.stdout
    secret = Path(environment["CRASHGRAPH_HOME"]) / "access.key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(secret.read_bytes()) >= 32
    assert await access_is_on(graph)
    control = AccessControl(secret=secret.read_bytes())
    opened = await log_in(graph, control, "ada", PASSWORD, kind=SessionKind.BROWSER)

    made = run(environment, "key", "create", "builds", "--user", "ada", "--scopes", "read, report", "--days", "30")
    token = made.stdout.strip()
    assert (await by_key(graph, token)).actor.scopes == {Scope.READ, Scope.REPORT}
    assert token not in made.stderr
    listed = run(environment, "key", "list", "--json")
    assert [(one["name"], one["user"]) for one in map(json.loads, listed.stdout.splitlines())] == [("builds", "ada")]
    assert "token_hash" not in listed.stdout
    assert run(environment, "key", "revoke", "builds").stdout == "revoked the key builds\n"
    with pytest.raises(AccessError, match="revoked"):
        await by_key(graph, token)

    generated = run(environment, "user", "password", "ada", "--generate", "--json")
    password = json.loads(generated.stdout)["password"]
    assert await log_in(graph, control, "ada", password, kind=SessionKind.BROWSER)
    shown = run(environment, "user", "sessions", "ada").stdout
    assert f"{opened.session.session_id}  browser  from unknown  ended" in shown
    assert shown.count("last used") == 1
    assert run(environment, "user", "revoke", "ada").stdout == "ended 1 session\n"
    assert "ada  admin  last login" in run(environment, "user", "list").stdout
    entries = (await list_audit(graph, 100)).items
    assert [entry.action for entry in reversed(entries) if entry.action != "log_in"] == [
        "create_user",
        "create_api_key",
        "revoke_api_key",
        "reset_password",
        "revoke_all_sessions",
    ]
    assert {entry.actor.partition(":")[0] for entry in entries} == {"person"}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("user", "add", "a b", "--role", "admin", "--generate"), "name: 'a b'"),
        (("user", "add", "ada", "--role", "king", "--generate"), "'king' is not one of"),
        (("user", "add", "ada", "--role", "admin"), "--password-stdin or --generate"),
        (("user", "add", "ada", "--role", "admin", "--password-stdin", "--generate"), "one of"),
        (("user", "add", "ada", "--role", "admin", "--password-stdin"), "at least 12"),
        (("user", "disable", "nobody"), "no user 'nobody'"),
        (("key", "create", "builds", "--user", "nobody", "--scopes", "read"), "no user 'nobody'"),
        (("key", "create", "builds", "--user", "nobody", "--scopes", "fly"), "'fly' is none of"),
        (("key", "revoke", "builds"), "no API key 'builds'"),
    ],
)
async def test_what_is_wrong_is_named(
    graph: Neo4jGraph, environment: dict[str, str], arguments: tuple[str, ...], named: str
) -> None:
    done = run(environment, *arguments, given="short\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert "Traceback" not in done.stderr
