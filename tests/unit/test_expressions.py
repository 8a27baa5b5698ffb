"""Every expression that reads a report takes time linear in the text, however the text baits it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator

import pytest
from expressions import WRONG, baits, expressions, is_fully_matched
from growth import assert_linear

EXPRESSIONS = expressions()
CHARACTERS = 3_000
PATIENCE = 0.15
"""Seconds of processor time after which an expression is cut off: a quadratic one needs less for so few characters."""
SUSPECT = 2e-6
"""Seconds a character; beyond it the text is doubled, which shows whether the time is more than doubled."""
LONGEST = 64_000


class TookTooLongError(Exception):
    """The time for one text is over."""


@pytest.fixture
def cut_off() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TookTooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.signal(signal.SIGVTALRM, before)


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time; infinite when it was cut off. An engine of expressions looks for signals now and then."""
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    begin = time.process_time()
    try:
        work(text)
    except TookTooLongError:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - begin


def check(work: Callable[[str], object], begin: str, piece: str, end: str, what: str) -> None:
    """Fail if ``piece`` again and again costs more than linear time."""

    def text_of(count: int) -> str:
        return begin + piece * (count // len(piece) + 1) + end

    text = text_of(CHARACTERS)
    took = seconds(work, text)
    if took <= SUSPECT * len(text):
        return
    took = min(seconds(work, text) for _ in range(3))
    assert took < PATIENCE, f"{what}: {begin!r}, then {piece!r} again and again, then {end!r} takes too long"
    assert_linear(work, text_of, LONGEST)


def at_start(name: str) -> Callable[[str], object]:
    pattern = EXPRESSIONS[name]
    return pattern.fullmatch if is_fully_matched(name) else pattern.match


@pytest.mark.usefixtures("cut_off")
def test_a_repetition_that_ends_wrongly() -> None:
    """The small form: each repetition as long as can be, with an end that does not belong there."""
    for name, pattern in EXPRESSIONS.items():
        for begin, piece, end in baits(pattern):
            if end == WRONG and piece.strip("\n") and not begin.endswith(piece):
                check(at_start(name), begin, piece, end, name)


@pytest.mark.slow
@pytest.mark.usefixtures("cut_off")
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_every_bait_of_an_expression(name: str) -> None:
    for begin, piece, end in baits(EXPRESSIONS[name]):
        check(at_start(name), begin, piece, end, name)
