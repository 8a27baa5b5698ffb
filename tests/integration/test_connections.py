"""Connections that are held open, sent slowly or not read do not keep others out."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import psutil
import pytest
import pytest_asyncio
from test_disconnects import served

from crashgraph import connections
from crashgraph.logs import configure_logging
from crashgraph.wiring import Container

LIMIT = 50


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDLE_SECONDS", "BODY_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(connections, name, 1.0)


@pytest_asyncio.fixture
async def port(container: Container) -> AsyncIterator[int]:
    limited = container.settings.model_copy(update={"max_connections": LIMIT})
    async with served(replace(container, settings=limited)) as address:
        yield int(address.rpartition(":")[2].partition("/")[0])


@pytest.fixture
def opened(port: int) -> Iterator[list[socket.socket]]:
    """Three times as many connections as allowed, each with half a head."""
    with ExitStack() as stack:
        half_open = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(3 * LIMIT)]
        for each in half_open:
            each.sendall(b"POST /api/reports HTTP/1.1\r\nHost: localhost\r\n")
        yield half_open


def connections_of(port: int) -> list[object]:
    """The server's ends, in this process."""
    return [
        each
        for each in psutil.Process().net_connections("tcp")
        if each.laddr and each.laddr.port == port and each.status == psutil.CONN_ESTABLISHED
    ]


async def healthy(port: int) -> float:
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=5) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/healthz")).text == "ok\n"
    return time.monotonic() - began


async def exchange(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_half_open_connections_keep_nobody_out(port: int, opened: list[socket.socket]) -> None:
    assert await healthy(port) < 2
    assert len(connections_of(port)) <= LIMIT + 2
    await asyncio.sleep(1.5)
    assert not connections_of(port)


async def test_half_open_connections_do_not_end_one_that_is_in_use(port: int) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    assert (await reader.readuntil(b"ok\n")).startswith(b"HTTP/1.1 200")
    with ExitStack() as stack:
        for _ in range(3 * LIMIT):
            half_open = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            half_open.sendall(b"POST /api/reports HTTP/1.1\r\n")
        await asyncio.sleep(0.2)
        writer.write(request)
        assert (await reader.readuntil(b"ok\n")).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_a_slow_head_is_ended(port: int) -> None:
    began = time.monotonic()
    answer = await exchange(port, b"GET /healthz HTTP/1.1\r\n", *[b"X: y\r\n"] * 20, pause=0.1)
    assert answer.startswith(b"HTTP/1.1 408 ") or not answer
    assert time.monotonic() - began < 4


async def test_a_slow_body_is_answered_with_408(port: int) -> None:
    for path in (b"/api/reports", b"/graphql", b"/api/1/store/?sentry_key=x"):
        head = b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n"
        answer = await exchange(port, head, b"{", b'"')
        assert answer.startswith((b"HTTP/1.1 408 ", b"HTTP/1.1 403 ")), path


async def test_a_request_after_a_pause_is_answered(port: int) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = await exchange(
        port, request, request, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", pause=0.6
    )
    assert answer.count(b"HTTP/1.1 200 OK") == 3


async def test_a_connection_is_kept_for_the_whole_idle_time(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 8.0)
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    async with served(container) as address:
        port = int(address.rpartition(":")[2].partition("/")[0])
        answer = await exchange(port, request + b"\r\n", request + b"Connection: close\r\n\r\n", pause=6.0)
    assert answer.count(b"HTTP/1.1 200 OK") == 2


async def test_when_all_are_busy_only_health_is_answered(port: int) -> None:
    head = b"POST /api/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n"
    busy = [asyncio.create_task(exchange(port, head)) for _ in range(LIMIT)]
    await asyncio.sleep(0.4)
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/docs")
        assert (answer.status_code, answer.json()["code"]) == (503, "BUSY")
        assert answer.headers["Retry-After"]
    assert await healthy(port) < 2
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in await asyncio.gather(*busy))


async def test_descriptors_that_run_out_neither_spin_nor_flood(
    port: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_logging("info")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.socket()) for _ in range(40)]
        for each in clients:
            each.setblocking(False)
        used = max(each.fileno() for each in clients)
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 5, hard))
        try:
            for each in clients:
                each.connect_ex(("127.0.0.1", port))
            cpu = time.process_time()
            await asyncio.sleep(4)
            assert time.process_time() - cpu < 2
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(capsys.readouterr().err) < 500_000
    await asyncio.sleep(1.5)
    assert await healthy(port) < 5
