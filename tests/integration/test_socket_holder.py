"""The listening socket outlives a killed service, and only a killed one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crashgraph.socket_holder import socket_path, take_over
from crashgraph.socket_holder.client import AVAILABLE

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="this system has no Unix sockets")

SERVICE = """
import signal, socket, sys, time
from pathlib import Path
from crashgraph.socket_holder import hold_socket, socket_path, take_over
home, port = Path(sys.argv[1]), int(sys.argv[2])
left = take_over(socket_path(home, port))
taken = left is not None
listening = left.listening if left else socket.create_server(("127.0.0.1", port))
stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
with hold_socket(listening, socket_path(home, port)) as holder:
    numbers = [holder.remember(b"%d" % number * 1000) for number in range(200)]
    for number in numbers[3:]:
        holder.forget(number)
    while not holder.flush():
        time.sleep(0.01)
    print("taken" if taken else "new", len(left.unanswered) if left else 0, flush=True)
    listening.settimeout(0.05)
    while not stopped:
        try:
            client, _ = listening.accept()
        except TimeoutError:
            continue
        client.settimeout(5)
        client.send(b"hello " + client.recv(10))
        client.close()
    listening.close()
"""


def start(home: Path, port: int, how: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", SERVICE, str(home), str(port)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == f"{how}\n"
    return process


def connected(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.send(b"me")
    return client


def end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    process.send_signal(number)
    process.wait(20)
    assert process.stdout is not None
    process.stdout.close()


def test_clients_of_a_killed_service_wait_for_the_next_one(tmp_path: Path, unused_tcp_port: int) -> None:
    first = start(tmp_path, unused_tcp_port, "new 0")
    with connected(unused_tcp_port) as client:
        assert client.recv(20) == b"hello me"
    for _ in range(2):
        end(first, signal.SIGKILL)
        waiting = [connected(unused_tcp_port) for _ in range(20)]
        first = start(tmp_path, unused_tcp_port, "taken 3")
        for client in waiting:
            assert client.recv(20) == b"hello me"
            client.close()
    end(first, signal.SIGTERM)
    with pytest.raises(ConnectionRefusedError):
        connected(unused_tcp_port)
    assert not socket_path(tmp_path, unused_tcp_port).exists()
    assert take_over(socket_path(tmp_path, unused_tcp_port)) is None


def test_a_running_service_keeps_its_socket(tmp_path: Path, unused_tcp_port: int) -> None:
    service = start(tmp_path, unused_tcp_port, "new 0")
    began = time.monotonic()
    assert take_over(socket_path(tmp_path, unused_tcp_port)) is None
    assert time.monotonic() - began < 10
    # A request that came too early does not keep the next one from the socket.
    end(service, signal.SIGKILL)
    again = start(tmp_path, unused_tcp_port, "taken 3")
    with connected(unused_tcp_port) as client:
        assert client.recv(20) == b"hello me"
    end(again, signal.SIGTERM)


def test_no_socket_holder_for_a_path_that_is_too_long(tmp_path: Path, unused_tcp_port: int) -> None:
    home = tmp_path / ("x" * 120)
    service = start(home, unused_tcp_port, "new 0")
    end(service, signal.SIGKILL)
    with pytest.raises(ConnectionRefusedError):
        connected(unused_tcp_port)


def test_the_socket_holder_is_not_a_child_of_the_service(tmp_path: Path, unused_tcp_port: int) -> None:
    """A reader of the service's output must reach its end although the holder goes on."""
    service = start(tmp_path, unused_tcp_port, "new 0")
    os.kill(service.pid, signal.SIGKILL)
    assert service.stdout is not None
    assert service.stdout.read() == ""
    service.wait(20)
    service.stdout.close()
    left = take_over(socket_path(tmp_path, unused_tcp_port))
    assert left is not None
    assert left.unanswered == (b"0" * 1_000, b"1" * 1_000, b"2" * 1_000)
    left.listening.close()
