"""Keeps a claim alive while its work runs; the end of either ends both."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def while_beating(work: Coroutine[Any, Any, T], beats: Coroutine[Any, Any, None]) -> T:
    """Return the result of ``work``. ``beats`` runs beside it and ends it by raising, for example ``LostClaimError``."""
    task, beating = asyncio.ensure_future(work), asyncio.ensure_future(beats)
    try:
        await asyncio.wait([task, beating], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            beating.result()
        return task.result()
    finally:
        for each in (task, beating):
            each.cancel()
        await asyncio.gather(task, beating, return_exceptions=True)
