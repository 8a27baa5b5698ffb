"""When a child of ``crashgraph up`` is started again, and when it is given up."""

from __future__ import annotations

import pytest

from crashgraph.supervisor.restarts import Restarts
from graph.model.errors import StartError


class Clock:
    """Seconds that pass on request."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pauses_double_up_to_half_a_minute_and_start_again_after_a_stable_life() -> None:
    clock = Clock()
    restarts = Restarts("the worker", clock)
    pauses = []
    for _ in range(9):
        restarts.began()
        restarts.succeeded()
        clock.now += 1
        pauses.append(restarts.pause(""))
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    restarts.began()
    restarts.succeeded()
    clock.now += 61
    assert restarts.pause("") == 0.5


def test_a_first_start_that_fails_ends_at_once() -> None:
    restarts = Restarts("the service")
    restarts.began()
    with pytest.raises(StartError, match="the service did not start; no such key"):
        restarts.pause("no such key")


def test_a_first_start_that_was_killed_is_repeated() -> None:
    restarts = Restarts("the service")
    restarts.began()
    assert restarts.pause("", own_fault=False) == 0.5


def test_the_fifth_failure_in_a_row_is_a_crash_loop() -> None:
    restarts = Restarts("the worker")
    restarts.began()
    restarts.succeeded()
    restarts.pause("")
    for _ in range(4):
        restarts.began()
        restarts.pause("")
    restarts.began()
    with pytest.raises(StartError, match="failed at 5 starts in a row; out of memory"):
        restarts.pause("out of memory")


def test_a_success_ends_a_row_of_failures() -> None:
    restarts = Restarts("the worker")
    restarts.succeeded()
    for _ in range(20):
        restarts.began()
        restarts.works()
        restarts.pause("")
        for _ in range(4):
            restarts.began()
            restarts.pause("")
