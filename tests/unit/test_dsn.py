"""Keys and projects of Sentry's protocol, and the DSN made of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crashgraph.http_ingest.keys import Keys, Projects, Receiver, Receivers, dsn
from crashgraph.settings import Settings
from graph.model.errors import AccessError, InvalidInputError


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    first = Keys(Settings(home=tmp_path))
    again = Keys(Settings(home=tmp_path))
    assert first.first == again.first
    assert len(first.first) == 32
    assert (tmp_path / "sentry.key").stat().st_mode & 0o077 == 0
    receiver = Receiver("default", again, Projects(tmp_path))
    receivers = Receivers([receiver])
    assert receivers.of(first.first) is receiver
    for wrong in ("", "x", first.first[:-1], first.first + "0", "ü"):
        with pytest.raises(AccessError) as refused:
            receivers.of(wrong)
        assert not refused.value.missing
        assert first.first not in str(refused.value)
    with pytest.raises(AccessError) as refused:
        receivers.of(None)
    assert refused.value.missing


def test_keys_can_be_given(tmp_path: Path) -> None:
    keys = Keys(Settings(home=tmp_path, sentry_keys="one, two"))
    assert all(map(keys.has, ("one", "two")))
    assert not keys.has("three")
    assert keys.first == "one"
    assert not (tmp_path / "sentry.key").exists()


def test_a_key_belongs_to_one_organisation(tmp_path: Path) -> None:
    homes = {name: tmp_path / name for name in ("default", "acme")}
    made = {name: Receiver(name, Keys(Settings(home=home)), Projects(home)) for name, home in homes.items()}
    receivers = Receivers(made.values())
    assert {name: receivers.of(one.keys.first).organisation for name, one in made.items()} == {name: name for name in homes}


def test_projects_have_numbers_and_keep_them(tmp_path: Path) -> None:
    projects, other = Projects(tmp_path), Projects(tmp_path)
    assert (projects.product("1"), projects.product("shop")) == ("project-1", "shop")
    assert [projects.number(name) for name in ("shop", "desk", "shop", "1", "12")] == ["2", "3", "2", "1", "12"]
    # Other processes see it, including one that has read before.
    assert (other.product("2"), other.product("3"), other.number("desk")) == ("shop", "desk", "3")
    assert projects.number("till") == "4"
    assert other.product("4") == "till"
    for wrong in ("", "a b", "a/b", "x" * 65):
        with pytest.raises(InvalidInputError):
            projects.number(wrong)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("http://127.0.0.1:8321", "http://k@127.0.0.1:8321/2"),
        ("http://[::1]:8321/", "http://k@[::1]:8321/2"),
        ("https://x.example.org/crashes", "https://k@x.example.org/crashes/2"),
    ],
)
def test_a_dsn_is_written(address: str, written: str) -> None:
    assert dsn(address, "k", "2") == written


def test_the_command_prints_one(tmp_path: Path) -> None:
    environment = {**os.environ, "CRASHGRAPH_HOME": str(tmp_path), "CRASHGRAPH_PORT": "9123", "CRASHGRAPH_SENTRY_KEYS": "abc"}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "crashgraph", "dsn", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout

    assert run() == "http://abc@127.0.0.1:9123/1\n"
    assert run("shop", "--address", "https://x.example.org") == "https://abc@x.example.org/2\n"


def test_the_first_key_or_project_creates_a_home_for_its_owner_only(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        Keys(Settings(home=tmp_path / "keys"))
        Projects(tmp_path / "projects").number("shop")
    finally:
        os.umask(mask)
    for home in ("keys", "projects"):
        assert (tmp_path / home).stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "sentry.key").stat().st_mode & 0o777 == 0o600
