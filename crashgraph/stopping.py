"""Waiting for the signal to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

ECHO_SECONDS = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def until_stopped(at_second: Callable[[], None] | None = None) -> str:
    """Wait for SIGINT or SIGTERM; returns the signal's name.

    A later signal calls ``at_second``; by default it ends the process at once. One within a second of the first is an echo:
    a terminal signals the whole process group, and some parents forward the signal as well.
    """
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[str] = loop.create_future()

    def stop(number: signal.Signals) -> None:
        if not stopped.done():
            stopped.set_result(number.name)
            loop.call_later(ECHO_SECONDS, expect_second)

    def expect_second() -> None:
        for each in STOP_SIGNALS:
            if at_second is None:
                loop.remove_signal_handler(each)
            else:
                loop.add_signal_handler(each, at_second)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop, number)
    return await stopped
