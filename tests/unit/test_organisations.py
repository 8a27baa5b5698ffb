"""Organisations as folders of the home: adding, choosing, listing and removing them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crashgraph.cli import cli
from crashgraph.local_service.announcement import announced
from crashgraph.settings import for_organisation, load_installation
from crashgraph.wiring import server_settings
from graph.model.errors import AlreadyRunningError, ConflictError, CrashgraphError, InvalidInputError, NotFoundError
from graph.server.locks import HomeLock
from graph.server.ports import is_free, keep_ports, kept_ports


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the installation."""
    home = tmp_path / "home"
    monkeypatch.setenv("CRASHGRAPH_HOME", str(home))
    for name in ("CRASHGRAPH_NEO4J_URI", "CRASHGRAPH_ORGANISATION", "CRASHGRAPH_SENTRY_KEYS"):
        monkeypatch.delenv(name, raising=False)
    return home


def run(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=input)


def done(*arguments: str, input: str | None = None) -> str:
    result = run(*arguments, input=input)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def refused(*arguments: str, input: str | None = None) -> CrashgraphError:
    error = run(*arguments, input=input).exception
    assert isinstance(error, CrashgraphError), arguments
    return error


def test_an_organisation_is_a_home_for_its_owner_only(home: Path) -> None:
    [made] = map(json.loads, done("organisation", "add", "acme", "--json").splitlines())
    own = home / "organisations" / "acme"
    assert (made["name"], made["home"], made["neo4j"]) == ("acme", str(own), "embedded")
    assert [path.stat().st_mode & 0o777 for path in (own.parent, own, own / "organisation.json")] == [0o700, 0o700, 0o600]
    listed = [json.loads(line) for line in done("organisation", "list", "--json").splitlines()]
    assert [(one["name"], one["home"]) for one in listed] == [("default", str(home)), ("acme", str(own))]


@pytest.mark.parametrize("name", ["Acme", "1st", "a" * 32, "a_b", "../up", "", "a/b", "ä", "default"])
def test_a_name_that_cannot_be_one_is_refused(home: Path, name: str) -> None:
    assert isinstance(refused("organisation", "add", "--", name), InvalidInputError)
    assert not (home / "organisations").exists()


def test_a_name_is_given_once() -> None:
    done("organisation", "add", "acme")
    assert "already" in str(refused("organisation", "add", "acme"))


def test_whoever_adds_one_learns_that_default_needs_a_user(home: Path) -> None:
    assert "organisation default has no user" in run("organisation", "add", "acme").stderr
    (home / "access.key").write_text("x" * 48)
    assert run("organisation", "add", "other").stderr == ""


def test_every_command_takes_the_option_before_and_after_and_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    done("organisation", "add", "acme")
    default, acme = done("dsn"), done("dsn", "--organisation", "acme")
    assert default != acme
    assert done("--organisation", "acme", "dsn") == acme
    assert done("dsn") == default, "the choice of a command ends with it"
    assert done("--organisation", "other", "dsn", "--organisation", "acme") == acme
    monkeypatch.setenv("CRASHGRAPH_ORGANISATION", "acme")
    assert done("dsn") == acme
    assert done("dsn", "--organisation", "default") == default
    assert isinstance(refused("dsn", "--organisation", "nope"), NotFoundError)


def test_settings_of_one_share_no_key_or_port(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SENTRY_KEYS", "abc"), ("BOLT_PORT", "7000"), ("HTTP_PORT", "7001"), ("HEAP_MB", "300")):
        monkeypatch.setenv(f"CRASHGRAPH_{name}", value)
    done("organisation", "add", "acme")
    own = for_organisation(load_installation(), "acme")
    assert (own.sentry_keys, own.bolt_port, own.http_port, own.heap_mb) == (None, None, None, 300)
    assert server_settings(own).keeps_ports
    assert [server_settings(one).share for one in (own, load_installation())] == [2, 2]


def test_ports_are_kept_while_they_are_free(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    first = kept_ports(path)
    assert len({*first}) == 2
    assert all(map(is_free, first))
    keep_ports(path, first)
    assert kept_ports(path) == first
    path.write_text("no ports")
    assert len(kept_ports(path)) == 2


def test_a_neo4j_of_others_is_used_by_one_organisation_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "password-stdin" in str(refused("organisation", "add", "acme", "--neo4j-uri", "bolt://db:7687"))
    given = ["--neo4j-uri", "bolt://db:7687", "--neo4j-password-stdin"]
    done("organisation", "add", "acme", *given, input="secret word\n")
    own = for_organisation(load_installation(), "acme")
    assert own.neo4j_password is not None
    assert (own.neo4j_uri, own.neo4j_password.get_secret_value()) == ("bolt://db:7687", "secret word")
    assert "secret word" not in done("organisation", "list", "--json") + done("organisation", "list")
    assert isinstance(refused("organisation", "add", "other", *given, input="secret word\n"), ConflictError)
    assert isinstance(refused("organisation", "add", "other", "--neo4j-database", "other"), InvalidInputError)
    monkeypatch.setenv("CRASHGRAPH_NEO4J_URI", "bolt://all:7687")
    monkeypatch.setenv("CRASHGRAPH_NEO4J_PASSWORD", "y")
    assert "needs a database of its own" in str(refused("organisation", "add", "other"))
    assert isinstance(refused("organisation", "add", "other", "--neo4j-database", "neo4j"), ConflictError)
    done("organisation", "add", "other", "--neo4j-database", "other")
    assert for_organisation(load_installation(), "other").neo4j_database == "other"


def test_removing_one_leaves_nothing_and_asks_first(home: Path) -> None:
    done("organisation", "add", "acme")
    own = home / "organisations" / "acme"
    (own / "spool.db").write_text("x")
    assert run("organisation", "remove", "acme", input="n\n").exit_code == 1
    assert own.exists()
    [gone] = map(json.loads, done("organisation", "remove", "acme", "--yes", "--json").splitlines())
    assert gone == {"name": "acme", "removed": True}
    assert list(own.parent.iterdir()) == []
    assert isinstance(refused("organisation", "remove", "acme", "--yes"), NotFoundError)
    assert isinstance(refused("organisation", "remove", "default", "--yes"), InvalidInputError)


def test_one_that_is_served_is_not_removed(home: Path) -> None:
    done("organisation", "add", "acme")
    own = for_organisation(load_installation(), "acme")
    with HomeLock(own.home, "up"):
        assert isinstance(refused("organisation", "remove", "acme", "--yes"), AlreadyRunningError)
    with announced(own, "127.0.0.1", 1, "token"):
        assert isinstance(refused("organisation", "remove", "acme", "--yes"), AlreadyRunningError)
    assert own.home.exists()


@pytest.mark.parametrize("command", ["up", "serve"])
def test_what_serves_all_takes_no_organisation(command: str) -> None:
    done("organisation", "add", "acme")
    assert "serves all organisations" in str(refused(command, "--organisation", "acme"))


def test_log_entries_name_the_organisation_unless_it_is_the_default_one() -> None:
    code = (
        "import logging; from crashgraph.logs import configure_logging; configure_logging('info');"
        "from crashgraph.current_organisation import ORGANISATION; logging.getLogger('a').info('first');"
        "ORGANISATION.set('acme'); logging.getLogger('a').info('second')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = done.stderr.splitlines()
    assert ("organisation" in first, "organisation=acme" in second) == (False, True)
