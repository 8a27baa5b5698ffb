"""The least client of GraphQL over HTTP: one connection, kept alive."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import orjson


class Client:
    """One connection to a server."""

    def __init__(self, port: int, path: str) -> None:
        """Of this machine."""
        self._port = port
        self._head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._connect()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self._writer.close()

    async def ask(self, document: str) -> bytes:
        """The body of the answer."""
        try:
            return await self._ask(document)
        except (asyncio.IncompleteReadError, ConnectionError):
            # The server closes what was idle for some seconds.
            await self._connect()
            return await self._ask(document)

    async def _connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def _ask(self, document: str) -> bytes:
        body = orjson.dumps({"query": document})
        self._writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(line.partition(":")[2] for line in head.splitlines() if line.startswith("content-length"))
        return await self._reader.readexactly(int(length))


def data_of(body: bytes) -> dict[str, Any]:
    """The data of an answer without errors."""
    answer = orjson.loads(body)
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data
