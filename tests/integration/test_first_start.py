"""A first start of ``crashgraph up`` that cannot work ends with the reason; a home is created for its owner only."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_up import RunningUp, databases, of_home

from graph.server import EmbeddedServer, ServerSettings
from graph.server.ports import free_port


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose Neo4j ran once."""
    home = tmp_path_factory.mktemp("used")
    with EmbeddedServer(ServerSettings(home=home, bolt_port=0, http_port=0)):
        pass
    return home


@pytest.fixture
def started(used_home: Path) -> Iterator[list[RunningUp]]:
    running: list[RunningUp] = []
    yield running
    for each in running:
        each.clean_up()


@pytest.mark.timeout(900)
def test_a_wrong_password_file_is_named(used_home: Path, started: list[RunningUp]) -> None:
    password = used_home / "password"
    right = password.read_text()
    password.write_text("0123456789\n")
    try:
        running = RunningUp(used_home, free_port())
        started.append(running)
        assert running.process.wait(400) == 1
    finally:
        password.write_text(right)
    assert "password" in running.log.read_text().splitlines()[-1]
    assert "Traceback" not in running.log.read_text()
    assert of_home(used_home) == []


@pytest.mark.timeout(900)
def test_a_store_that_cannot_be_mounted_is_named_with_its_log(used_home: Path, started: list[RunningUp]) -> None:
    store = used_home / "neo4j" / "data" / "databases" / "neo4j" / "neostore"
    intact = store.read_bytes()
    store.write_bytes(bytes(len(intact)))
    try:
        running = RunningUp(used_home, free_port())
        started.append(running)
        assert running.process.wait(400) == 1
    finally:
        store.write_bytes(intact)
    said = running.log.read_text()
    assert "its database is offline" in said
    assert str(used_home / "logs" / "debug.log") in said
    assert "Failed to" in said.rpartition("debug.log")[2], "the cause, from the log"
    assert databases(used_home) == []


@pytest.mark.timeout(500)
def test_a_wrong_setting_of_a_job_ends_it(tmp_path: Path, started: list[RunningUp]) -> None:
    running = RunningUp(tmp_path, free_port(), CRASHGRAPH_JOB_SIMILARITY_NOSUCH="1")
    started.append(running)
    assert running.process.wait(400) == 1
    assert "CRASHGRAPH_JOB_SIMILARITY_NOSUCH" in running.log.read_text()


def test_a_first_dsn_creates_the_home_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    subprocess.run(
        [sys.executable, "-m", "crashgraph", "dsn"],
        env={**os.environ, "CRASHGRAPH_HOME": str(home)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir() if path.suffix == ".key"} == {0o600}
