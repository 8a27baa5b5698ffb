"""Retries: only of temporary failures, a limited number of times; the last failure is raised."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from graph.model.errors import ConflictError, GraphError, QueryError, UnavailableError
from graph.retry import RECORD_ATTEMPTS, REMINDER_SECONDS, Outage, retry_conflicts, retry_record


def failing(times: int, error: GraphError, calls: list[int]):
    async def work() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return work


async def test_a_conflict_is_retried() -> None:
    calls: list[int] = []
    assert await retry_conflicts(failing(2, ConflictError("first"), calls)) == "done"
    assert len(calls) == 3


async def test_a_callable_that_returns_an_awaitable_is_awaited() -> None:
    work = failing(1, ConflictError("first"), [])
    assert await retry_conflicts(lambda: work()) == "done"  # noqa: PLW0108  # the lambda is the point


async def test_conflicts_end_with_the_last_one() -> None:
    calls: list[int] = []
    with pytest.raises(ConflictError, match="first"):
        await retry_conflicts(failing(9, ConflictError("first"), calls), attempts=4)
    assert len(calls) == 4


async def test_other_errors_are_not_taken_for_conflicts() -> None:
    calls: list[int] = []
    with pytest.raises(QueryError):
        await retry_conflicts(failing(9, QueryError("wrong"), calls))
    assert len(calls) == 1


async def test_a_record_is_retried_while_the_graph_is_unavailable() -> None:
    calls: list[int] = []
    assert await retry_record(failing(RECORD_ATTEMPTS - 1, UnavailableError("away"), calls), 0.001) == "done"
    with pytest.raises(UnavailableError):
        await retry_record(failing(9, UnavailableError("away"), []), 0.001)


def test_an_outage_is_logged_at_its_begin_every_few_minutes_and_at_its_end() -> None:
    now = 0.0
    outage = Outage("reports wait", clock=lambda: now)
    with capture_logs() as lines:
        outage.over(reports=0)
        for _ in range(100):
            outage.failed(UnavailableError("away"))
            now += REMINDER_SECONDS / 40
        outage.over(reports=7)
        outage.over(reports=0)
        outage.failed(UnavailableError("away"))
    assert [line["event"] for line in lines] == [
        "reports wait",
        "reports wait, still",
        "reports wait, still",
        "reports wait: over",
        "reports wait",
    ]
    assert (lines[0]["error"], lines[3]["attempts"], lines[3]["seconds"], lines[3]["reports"]) == ("away", 100, 750, 7)
