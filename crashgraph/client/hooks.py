"""Report uncaught exceptions: in the main thread, in other threads, in an asyncio loop."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any

from crashgraph.client.reporter import Reporter

if TYPE_CHECKING:
    import asyncio


def install_excepthook(url: str = "", *, reporter: Reporter | None = None, **options: Any) -> Reporter:
    """Report exceptions that end the program or one of its threads; what was done with them before is still done.

    ``options`` are those of :class:`Reporter`, unless one is given. Interruptions and exits are not reported.
    """
    reporter = reporter or Reporter(url, **options)
    _main_thread(reporter)
    _other_threads(reporter)
    return reporter


def watch_loop(reporter: Reporter, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Report exceptions that reach the handler of an asyncio loop, by default the running one."""
    import asyncio

    loop = loop or asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            reporter.report(error)
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    loop.set_exception_handler(told)


def _main_thread(reporter: Reporter) -> None:
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            reporter.report(error)
        before(kind, error, trace)

    sys.excepthook = hook


def _other_threads(reporter: Reporter) -> None:
    before = threading.excepthook

    def hook(what: threading.ExceptHookArgs) -> None:
        if isinstance(what.exc_value, Exception):
            reporter.report(what.exc_value)
        before(what)

    threading.excepthook = hook
