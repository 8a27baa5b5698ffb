"""How many queries run at once."""

from __future__ import annotations

import asyncio

import pytest

from graph.model.errors import BusyError
from schema.running import Running


async def hold(running: Running, go_on: asyncio.Event, held: list[int]) -> None:
    async with running.one_more():
        held.append(1)
        await go_on.wait()


async def test_so_many_run_and_others_wait_for_their_turn() -> None:
    running, go_on = Running(at_once=2), asyncio.Event()
    held: list[int] = []
    tasks = [asyncio.create_task(hold(running, go_on, held)) for _ in range(5)]
    await asyncio.sleep(0.05)
    assert (len(held), running.waiting) == (2, 3)
    go_on.set()
    await asyncio.gather(*tasks)
    assert (len(held), running.waiting) == (5, 0)


async def test_who_waits_too_long_or_comes_too_late_is_refused_and_leaves_no_trace() -> None:
    running, go_on = Running(at_once=1, waiting=1, wait_seconds=0.1), asyncio.Event()
    held: list[int] = []
    first = asyncio.create_task(hold(running, go_on, held))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(hold(running, go_on, held))
    await asyncio.sleep(0.01)
    with pytest.raises(BusyError, match="wait already"):
        await hold(running, go_on, held)
    with pytest.raises(BusyError, match=r"waited 0\.1 s"):
        await second
    go_on.set()
    await first
    await hold(running, go_on, held)
    assert (len(held), running.waiting) == (2, 0)
