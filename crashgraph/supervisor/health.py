"""One question to the service over HTTP, with nothing but the standard library."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def ask(host: str, port: int, path: str, seconds: float) -> tuple[int, bytes] | None:
    """Status and body of a GET; ``None`` without an answer within ``seconds``."""
    with suppress(OSError, TimeoutError, ValueError, IndexError):
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                # The service takes this name whatever address it listens on.
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            finally:
                writer.close()
            return int(head.split(maxsplit=2)[1]), body
    return None
