"""One question to the service over HTTP, with nothing but the standard library."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def ask(host: str, port: int, path: str, seconds: float, bearer: str = "") -> tuple[int, bytes] | None:
    """Status and body of a GET, with a bearer token if one is given; ``None`` without an answer within ``seconds``."""
    with suppress(OSError, TimeoutError, ValueError, IndexError):
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                # The service takes this name whatever address it listens on.
                shown = f"Authorization: Bearer {bearer}\r\n" if bearer else ""
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{shown}Connection: close\r\n\r\n".encode())
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            finally:
                writer.close()
            return int(head.split(maxsplit=2)[1]), body
    return None
