"""Locks between real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.model.errors import AlreadyRunningError, ServerError
from graph.server import HomeLock
from graph.server.locks import FileLock

HOLD_HOME = """
import sys; from pathlib import Path; from graph.server import HomeLock
lock = HomeLock(Path(sys.argv[1]), "up"); lock.acquire(); lock.announce("http://127.0.0.1:9")
print("ready", flush=True); sys.stdin.read()
"""
HOLD_LEASE = """
import sys; from pathlib import Path; from graph.server.locks import FileLock
assert FileLock(Path(sys.argv[1])).try_lock(shared=True)
lock = FileLock(Path(sys.argv[1])); lock.try_lock(shared=True)
print("ready", flush=True); sys.stdin.read()
"""


@contextmanager
def holder(program: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdin
    try:
        assert process.stdout.readline().strip() == "ready"
        yield process
    finally:
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.wait()


def test_a_second_command_on_one_home_names_the_first(tmp_path: Path) -> None:
    with holder(HOLD_HOME, tmp_path) as first, pytest.raises(AlreadyRunningError) as raised:
        HomeLock(tmp_path, "up").acquire()
    assert f"(process {first.pid}) at http://127.0.0.1:9" in str(raised.value)
    assert str(tmp_path) in str(raised.value)


def test_a_killed_command_leaves_its_home_free(tmp_path: Path) -> None:
    with holder(HOLD_HOME, tmp_path) as first:
        first.kill()
        first.wait()
        with HomeLock(tmp_path, "up"):
            pass


def test_commands_of_different_kinds_do_not_exclude_each_other(tmp_path: Path) -> None:
    with HomeLock(tmp_path, "up"), HomeLock(tmp_path, "worker"):
        pass


def test_a_home_is_closed_to_other_users(tmp_path: Path) -> None:
    home = tmp_path / "new"
    with HomeLock(home, "up"):
        assert home.stat().st_mode & 0o077 == 0


def test_a_lease_may_be_shared_but_not_overridden(tmp_path: Path) -> None:
    path = tmp_path / "lease.lock"
    with holder(HOLD_LEASE, path) as first:
        shared = FileLock(path)
        assert shared.try_lock(shared=True)
        shared.unlock()
        assert not FileLock(path).try_lock()
        first.kill()
        first.wait()
        alone = FileLock(path)
        assert alone.try_lock()
        alone.unlock()


def test_waiting_for_a_lock_times_out_and_names_it(tmp_path: Path) -> None:
    notices: list[str] = []
    first, second = FileLock(tmp_path / "start.lock"), FileLock(tmp_path / "start.lock")
    with (
        first.wait(1, "sleeping"),
        pytest.raises(ServerError, match=r"another crashgraph \(process \d+\) has been sleeping for 0 s"),
        second.wait(0.2, "sleeping", notices.append),
    ):
        pass
    assert len(notices) == 1
    with second.wait(1, "sleeping"):
        assert second.held
