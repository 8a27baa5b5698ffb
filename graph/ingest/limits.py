"""How long a report may be read, and what becomes of one that takes longer."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from graph.ingest.preparer import LONG
from graph.sources.submission import Submission

T = TypeVar("T")

KEEPING_SECONDS = 5.0
"""Time to redact a text that could not be read."""
LAST_SECONDS = 0.2
"""Time of the processor that a function still has after Ctrl-C: nearly all end by themselves within it."""
REPEAT_SECONDS = 0.5
"""A signal comes again after this time, lest the first came where errors are caught."""


NO_MEMORY = "reading it needed more memory than there is, or ended the process"


def within(seconds: float, function: Callable[..., T], *arguments: Any) -> T:
    """Call a function in the main thread; ``TimeoutError`` once it has used so much time of the processor.

    Ctrl-C is left to its handler after a function that ends at once, and interrupts another. Without timers of the processor
    (Windows) there is no limit.
    """
    if not hasattr(signal, "setitimer"):
        return function(*arguments)
    with _interruptible():
        signal.signal(signal.SIGPROF, _time_is_over)
        signal.setitimer(signal.ITIMER_PROF, seconds, REPEAT_SECONDS)
        try:
            return function(*arguments)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _interruptible() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        yield
        return
    came = False

    def interrupt(*_: object) -> None:
        nonlocal came
        came = True
        signal.signal(signal.SIGPROF, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_PROF, LAST_SECONDS, REPEAT_SECONDS)

    signal.signal(signal.SIGINT, interrupt)
    interrupted = False
    try:
        yield
    except KeyboardInterrupt:
        interrupted = True
        raise
    finally:
        signal.signal(signal.SIGINT, handler)
        if came and not interrupted:
            signal.raise_signal(signal.SIGINT)


def _time_is_over(*_: object) -> None:
    raise TimeoutError


def length(submission: Submission) -> int:
    """Characters to read."""
    frames = sum(len(frame.qualified) + len(frame.file or "") for frame in submission.frames)
    return len(submission.report or submission.exception_message or "") + frames


def limit(submission: Submission, seconds: float) -> float:
    """Seconds for a submission, if a text of up to :data:`LONG` characters has ``seconds``."""
    return seconds * max(1.0, length(submission) / LONG)


def reason(error: Exception, seconds: float) -> str:
    """Why a report with so much time could not be read."""
    if isinstance(error, TimeoutError):
        return f"reading it took longer than {seconds:.0f} s"
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return f"{type(error).__name__} while it was read"


def without_text(read: str, redacted: str) -> str:
    """The reason of a report that could be neither read nor redacted, for these reasons."""
    return f"{read}; its text is not stored: to redact it, {redacted}"
