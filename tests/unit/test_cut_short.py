"""Requests that are cancelled because the service ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from crashgraph.cut_short import CutShort


async def answered(*, begun: bool) -> list[dict[str, Any]]:
    """What is sent for a request that is cancelled before or after its answer began."""
    sent: list[dict[str, Any]] = []
    waiting = asyncio.Event()

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        waiting.set()
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing reads the request")

    task = asyncio.create_task(CutShort(slow)({"type": "http", "headers": []}, receive, send))
    await waiting.wait()
    task.cancel("the server stops")
    if begun:
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        await task
    return sent


async def test_a_request_without_an_answer_gets_one_with_a_code() -> None:
    start, body = await answered(begun=False)
    assert start["status"] == 503
    assert (b"retry-after", b"5") in start["headers"]
    assert b'"code":"UNAVAILABLE"' in body["body"]
    assert b'"errors":[{' in body["body"]


async def test_an_answer_that_has_begun_is_left_alone() -> None:
    assert [message["type"] for message in await answered(begun=True)] == ["http.response.start"]
