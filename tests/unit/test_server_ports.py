"""Choosing ports."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from graph.model.errors import PortTakenError
from graph.server.ports import HOST, choose_port, free_port, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(1)
        yield int(listener.getsockname()[1])


def test_a_taken_port_that_was_asked_for_is_refused_and_its_owner_named(taken: int) -> None:
    with pytest.raises(PortTakenError, match=rf"port {taken}, requested for Bolt, is used by process {os.getpid()} \("):
        choose_port(taken, 7687, "Bolt", lambda _: None)


def test_a_taken_default_port_is_replaced_by_a_free_one_and_reported(taken: int) -> None:
    notes: list[str] = []
    port = choose_port(None, taken, "Bolt", notes.append)
    assert port != taken
    assert is_free(port)
    assert notes == [f"port {taken} is used by process {os.getpid()} ({_own_name()}); Bolt takes {port} instead"]


def test_a_free_default_port_is_used_without_a_warning() -> None:
    notes: list[str] = []
    default = free_port()
    assert choose_port(None, default, "Bolt", notes.append) == default
    assert notes == []


def test_zero_means_any_free_port_and_never_one_already_given() -> None:
    first = choose_port(0, 7687, "Bolt", lambda _: None)
    assert is_free(first)
    with pytest.raises(PortTakenError):
        choose_port(first, 7474, "HTTP", lambda _: None, used={first})


def _own_name() -> str:
    import psutil

    return psutil.Process().name()
