"""Connections of a killed service are resumed by the next one."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashgraph.socket_holder.client import AVAILABLE

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="this system has no Unix sockets")

SERVICE = """
import asyncio, socket, sys
from functools import partial
from pathlib import Path
import uvicorn
from crashgraph.socket_holder import mirrored_protocol, resume_connections
from crashgraph.socket_holder import hold_socket, socket_path, take_over
from crashgraph.serving import _new_protocol

home, port, name = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

async def app(scope, receive, send):
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if len(body) == 2_000_000:
            print("much", flush=True)
        if not message["more_body"]:
            break
    print("read", len(body), flush=True)
    if body == b"hang" * 4:
        await asyncio.sleep(0 if name == "second" else 1000)
    answer = f"{name} {len(body)}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(answer))]})
    if body == b"begin":
        await send({"type": "http.response.body", "body": answer[:3], "more_body": True})
        print("begun", flush=True)
        await asyncio.sleep(1000)
    await send({"type": "http.response.body", "body": answer})

async def main():
    left = take_over(socket_path(home, port))
    listening = left.listening if left else socket.create_server(("127.0.0.1", port))
    with hold_socket(listening, socket_path(home, port)) as holder:
        config = uvicorn.Config(app, http=mirrored_protocol(holder), lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        resumed = await resume_connections(partial(_new_protocol, config, server), left.connections if left else ())
        print("ready", resumed, flush=True)
        await running

asyncio.run(main())
"""


class Service:
    """A service that is killed and started again."""

    def __init__(self, home: Path, port: int) -> None:
        """At a port of its own."""
        self.home = home
        self.port = port
        self.clients: list[Client] = []
        self.process = self.start("first", 0)

    def start(self, name: str, resumed: int) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVICE, str(self.home), str(self.port), name], stdout=subprocess.PIPE, text=True
        )
        lines = [self.line()]
        while not lines[-1].startswith("ready"):
            lines.append(self.line())
        assert lines[-1] == f"ready {resumed}"
        return self.process

    def client(self) -> Client:
        self.clients.append(Client(self.port))
        return self.clients[-1]

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def service(tmp_path: Path, unused_tcp_port: int) -> Iterator[Service]:
    service = Service(tmp_path, unused_tcp_port)
    yield service
    for client in service.clients:
        client.socket.close()
    service.end(signal.SIGTERM)


class Client:
    """A client with one connection."""

    def __init__(self, port: int) -> None:
        """Connected."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def send(self, path: str, body: bytes) -> None:
        head = f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body)}\r\n\r\n"
        self.socket.sendall(head.encode() + body)

    def answer(self) -> str:
        """The last line of the answer; empty when the connection broke."""
        found = b""
        while b"\r\n\r\n" not in found or not found.rsplit(b"\r\n\r\n", 1)[1]:
            try:
                part = self.socket.recv(4096)
            except ConnectionError:
                return ""
            if not part:
                return ""
            found += part
        return found.rsplit(b"\r\n\r\n", 1)[1].decode()


def test_clients_get_their_answers_from_the_next_service(service: Service) -> None:
    idle, asking, late, cut = (service.client() for _ in range(4))
    idle.send("/anything", b"word")
    assert idle.answer() == "first 4"
    asking.send("/api/1/envelope/", b"hang" * 4)
    cut.socket.sendall(b"POST /api/1/store/ HTTP/1.1\r\nHost: here\r\nContent-Len")
    assert [service.line(), service.line()] == ["read 4", "read 16"]
    # The one in between hangs as well.
    for name, body in (("between", b"xxx"), ("second", b"xxxxx")):
        service.end(signal.SIGKILL)
        late.send("/anything", body)
        service.start(name, 4)
        assert late.answer() == f"{name} {len(body)}"
    assert asking.answer() == "second 16"
    cut.socket.sendall(b"gth: 2\r\n\r\nab")
    assert cut.answer() == "second 2"
    idle.send("/anything", b"words")
    assert idle.answer() == "second 5"


@pytest.mark.parametrize(
    ("path", "body"), [("/graphql", b"hang" * 4), ("/api/1/envelope/", b"begin"), ("/api/1/store/", b"hang" * 500_000)]
)
def test_requests_that_cannot_be_repeated_fail_at_once(service: Service, path: str, body: bytes) -> None:
    client = service.client()
    if len(body) > 100:
        client.socket.sendall(b"POST /api/1/store/ HTTP/1.1\r\nHost: here\r\nContent-Length: 9999999\r\n\r\n" + body)
        assert service.line() == "much"
    else:
        client.send(path, body)
        assert service.line() == f"read {len(body)}"
        if body == b"begin":
            assert service.line() == "begun"
    service.end(signal.SIGKILL)
    client.socket.settimeout(5)
    assert client.answer() in {"", "fir"}
    service.start("second", 0)


def test_a_closed_connection_is_closed_for_the_client(service: Service) -> None:
    client = service.client()
    client.socket.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    assert client.answer() == "first 0"
    client.socket.settimeout(2)
    assert client.socket.recv(10) == b""
