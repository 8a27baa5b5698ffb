"""Every expression that reads a report takes time linear in the text, however the text baits it."""

from __future__ import annotations

import re
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from expression_uses import ways
from expressions import Expression, baits, expressions

pytestmark = pytest.mark.slow

CHARACTERS = 4_000
SUSPECT = 2.5e-7
"""Seconds a character; beyond it longer texts show the growth. What is quadratic takes longer if a step takes 0.1 ns."""
LONGEST = 32_000
PATIENCE = 0.4
"""Seconds of processor time for the longest text, after which an expression is cut off: linear, but 12 s for a megabyte."""
GROWTH = 8
"""Upper bound of the time for a text four times as long; linear time grows by 4, quadratic time by 16."""
RESOLUTION = 0.005
"""Seconds of processor time that a system counts at least."""
ATTEMPTS = 5
BOUNDED = {
    "graph.algorithms.version_order:": 1_000,
    "graph.diagnosis.": 2_000,
    "graph.fingerprint.": 2_000,
    "graph.rules": 2_000,
}
"""Modules that read names and the beginning of messages, with the characters that they read at most."""
BEARABLE = 1e-4
"""Seconds a character for such a short text, however it grows."""
SHARES = 64
"""The expressions are baited in so many tests, which run beside each other."""


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


def check(work: Callable[[str], object], begin: str, piece: str, end: str, bound: int | None = None) -> None:
    """Fail if ``piece`` again and again costs more than linear time, or too much for a text of at most ``bound`` characters."""

    def text_of(count: int) -> str:
        return begin + piece * (count // len(piece) + 1) + end

    if seconds(work, text_of(CHARACTERS)) <= SUSPECT * CHARACTERS:
        return
    if bound:
        short = text_of(bound)
        if any(seconds(work, short) <= bound * BEARABLE for _ in range(3)):
            return
    shorter, longest = text_of(LONGEST // 4), text_of(LONGEST)
    if all(seconds(work, longest) > PATIENCE for _ in range(2)):
        pytest.fail("takes too long")
    quickest = least = float("inf")
    for _ in range(ATTEMPTS):
        least = min(least, max(seconds(work, shorter), RESOLUTION))
        quickest = min(quickest, seconds(work, longest))
        if quickest <= GROWTH * least:
            return
    pytest.fail(f"{len(shorter)} characters take {least:.4f} s, {len(longest)} take {quickest:.4f} s")


def applied(pattern: re.Pattern[str], way: str) -> Callable[[str], object]:
    """What applies an expression that way; all matches of a search are looked for, one after the other."""
    if way == "finditer":
        return lambda text: deque(pattern.finditer(text), maxlen=0)
    method: Callable[[str], object] = getattr(pattern, way)
    return method


def faults(pattern: re.Pattern[str], used: list[str], bound: int | None = None) -> Iterator[str]:
    """The first bait that takes too long, for each way of use."""
    texts = baits(pattern)
    for way in used:
        for begin, piece, end in texts:
            try:
                check(applied(pattern, way), begin, piece, end, bound)
            except (AssertionError, pytest.fail.Exception) as error:
                yield f"{way} of {begin!r}, then {piece!r} again and again, then {end!r}: {error}"
                break


@cache
def every_expression() -> dict[str, Expression]:
    return expressions()


@pytest.mark.parametrize(
    ("expression", "way"),
    [
        (r"\$?(\w+?)\$lambda.*|(\w+)\$(?:\w+\$)*(?:COROUTINE|\d).*", "fullmatch"),
        (r"[ \t]+x", "search"),
        (r"\s*$", "finditer"),
        (r"(?:a+)+$", "match"),
        (r"(\S+) \((\S+)\):(.*) at (.*)$", "search"),
        (r"(?:.{0,400}: )?.{0,400}=", "search"),
        (r"[\w:]{0,8000}!", "search"),
    ],
)
@pytest.mark.usefixtures("cut_off")
def test_an_expression_that_takes_too_long_is_found(expression: str, way: str) -> None:
    pattern = re.compile(expression)
    assert list(faults(pattern, [way]))


@pytest.mark.parametrize(
    ("expression", "way"),
    [
        (r"\$?(\w+?)\$lambda.*", "fullmatch"),
        (r"(?<![ \t])[ \t]++x", "finditer"),
        (r"(?>a+)+$", "match"),
        (r"[\w:]{0,200}!", "search"),
    ],
)
@pytest.mark.usefixtures("cut_off")
def test_a_linear_expression_is_accepted(expression: str, way: str) -> None:
    pattern = re.compile(expression, re.DOTALL)
    assert not list(faults(pattern, [way]))


def test_the_ways_of_use_are_read_from_the_code() -> None:
    assert ways(["graph.parsing.r.frames:NAME"]) == ["match"]
    assert ways(["graph.parsing.ruby.header:FORMS[0]"]) == ["match"]
    assert ways(["graph.parsing.kernel.frames:CALLER"]) == ["search"]
    assert ways(["graph.parsing.javascript.frames:BUILD"]) == ["finditer"]
    assert ways(["graph.parsing.native.kotlin_symbols:GENERATED"]) == ["fullmatch"]
    assert ways(["graph.parsing.lua.frames:STANDARD", "graph.parsing.lua.frames:LAYOUTS[0]"]) == ["match"]
    assert set(ways(["graph.no_module:NAME"])) == {"finditer", "fullmatch"}


@pytest.mark.timeout(900)  # the names to skip in native stacks alone take 90 s
@pytest.mark.usefixtures("cut_off")
@pytest.mark.parametrize("share", range(SHARES))
def test_every_bait_of_every_expression(share: int) -> None:
    found = []
    for name, one in list(every_expression().items())[share::SHARES]:
        bound = next((most for room, most in BOUNDED.items() if all(path.startswith(room) for path in one.paths)), None)
        found += [f"{name} {fault}" for fault in faults(one.pattern, ways(one.paths), bound)]
    assert not found, "\n".join(found)
