"""Which process is recognised as the server of a home."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from polling import wait_until

from graph.server.layout import Layout
from graph.server.state import MAIN_CLASS, ServerState, find_server, home_argument, read_state, write_state


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    found = Layout(tmp_path)
    found.create()
    return found


@pytest.fixture
def lookalike(layout: Layout) -> Iterator[psutil.Process]:
    """A process with the command line of this home's server."""
    arguments = [sys.executable, "-c", "import sys; sys.stdin.read()", MAIN_CLASS, home_argument(layout)]
    child = subprocess.Popen(arguments, stdin=subprocess.PIPE)
    assert child.stdin
    process = psutil.Process(child.pid)
    # For an instant after the start the system shows no command line yet.
    wait_until(lambda: home_argument(layout) in process.cmdline(), "the process has its command line")
    yield process
    child.kill()
    child.stdin.close()
    child.wait()


def recorded(process: psutil.Process, create_time: float | None = None) -> ServerState:
    return ServerState(process.pid, create_time or process.create_time(), 1, 2, "transient", "test")


def test_no_server_runs_in_a_new_home(layout: Layout) -> None:
    assert find_server(layout) is None


def test_another_process_with_the_recorded_number_is_not_the_server(layout: Layout) -> None:
    write_state(layout.state, recorded(psutil.Process()))
    assert find_server(layout) is None


def test_a_server_started_at_another_time_is_not_the_recorded_one(layout: Layout, lookalike: psutil.Process) -> None:
    write_state(layout.state, recorded(lookalike, lookalike.create_time() - 100))
    found = find_server(layout)
    assert found == (lookalike, None)


def test_the_recorded_server_is_found_with_what_is_known(layout: Layout, lookalike: psutil.Process) -> None:
    state = recorded(lookalike)
    write_state(layout.state, state)
    assert find_server(layout) == (lookalike, state)


def test_an_unrecorded_server_is_found_by_its_home(layout: Layout, lookalike: psutil.Process, tmp_path: Path) -> None:
    assert find_server(layout) == (lookalike, None)
    assert find_server(Layout(tmp_path / "other")) is None


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"pid": 1, "unknown": 2}'])
def test_a_damaged_record_counts_as_none(layout: Layout, text: str) -> None:
    layout.state.write_text(text)
    assert read_state(layout.state) is None
