"""Waiting for a condition, with a deadline; how long it takes depends on the machine."""

from __future__ import annotations

import asyncio
import subprocess
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path

SECONDS = 90


async def until(condition: Callable[[], Awaitable[object]], what: str = "the condition", seconds: float = SECONDS) -> None:
    """Wait for an asynchronous condition; on failure the message names ``what`` was expected."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


def wait_until(condition: Callable[[], object], what: str = "the condition", seconds: float = SECONDS) -> None:
    """:func:`until` for tests without an event loop."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def wait_for_service(process: subprocess.Popen[bytes], base: str, log: Path, seconds: float = 150) -> None:
    """Wait until a started service is ready; fails with its log if it ends or takes longer."""
    end = time.monotonic() + seconds
    while not _answers(f"{base}/readyz"):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False
