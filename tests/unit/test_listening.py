"""The listening socket: a new one, one that was handed in, and one whose port is not free yet."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from crashgraph.listening import at_socket, inherited_socket, listening_socket, service_url
from crashgraph.settings import Settings, handed_in_sockets
from graph.model.errors import InvalidInputError, PortTakenError
from graph.server.ports import free_port

TAKE = """
import sys
from crashgraph.listening import listening_socket
from crashgraph.settings import Settings
print(listening_socket(Settings(), print).getsockname()[1])
"""


def test_sockets_are_handed_in_to_the_named_process_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert handed_in_sockets() == 0
    monkeypatch.setenv("LISTEN_FDS", "1")
    assert handed_in_sockets() == 0
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    assert handed_in_sockets() == 0
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    assert handed_in_sockets() == 1


@pytest.mark.parametrize(
    ("kind", "listens", "words"),
    [(socket.SOCK_STREAM, True, ""), (socket.SOCK_STREAM, False, "listening TCP"), (socket.SOCK_DGRAM, False, "listening TCP")],
)
def test_a_socket_of_another_kind_is_refused(kind: int, listens: bool, words: str) -> None:
    with socket.socket(socket.AF_INET, kind) as opened:
        opened.bind(("127.0.0.1", 0))
        if listens:
            opened.listen()
        # As systemd does: the socket is descriptor 3, and the variables name the process that gets it.
        start = f'exec 3<&{opened.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" -c "$1"'
        taken = subprocess.run(
            ["bash", "-c", start, sys.executable, TAKE], pass_fds=[opened.fileno()], capture_output=True, text=True, check=False
        )
        if words:
            assert words in taken.stderr
        else:
            assert taken.stdout == f"{opened.getsockname()[1]}\n", taken.stderr


def test_several_sockets_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDS", "2")
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    with pytest.raises(InvalidInputError, match="2 sockets"):
        listening_socket(Settings(), print)


def test_a_configured_port_that_is_taken_is_an_error_that_names_its_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"process {os.getpid()}"):
            listening_socket(Settings(port=port), print)


def test_the_port_of_a_killed_predecessor_is_waited_for() -> None:
    port = free_port()
    predecessor = socket.create_server(("127.0.0.1", port))
    began = time.monotonic()
    threading.Timer(0.5, predecessor.close).start()
    with listening_socket(Settings(port=port), print, left_behind=service_url("127.0.0.1", port)) as listening:
        assert listening.getsockname()[1] == port
        assert time.monotonic() - began > 0.4


def test_an_inherited_socket_sets_the_host_and_is_not_passed_on() -> None:
    with socket.create_server(("127.0.0.2", 0)) as opened:
        descriptor = os.dup(opened.fileno())
        os.set_inheritable(descriptor, True)
        with inherited_socket(descriptor) as inherited:
            assert not inherited.get_inheritable()
            # Otherwise asyncio leaves Nagle's algorithm on.
            assert inherited.proto == socket.IPPROTO_TCP
            assert at_socket(Settings(), inherited).host == "127.0.0.2"
