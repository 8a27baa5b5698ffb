"""Hooks for uncaught exceptions: in the main thread, in other threads, in an asyncio loop."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any

from crashgraph.client.reporter import Reporter

if TYPE_CHECKING:
    import asyncio


def install_excepthook(url: str = "", *, reporter: Reporter | None = None, **options: Any) -> Reporter:
    """Report exceptions that end the program or one of its threads, then call the previous hook.

    Without ``reporter``, one is created with ``options``. KeyboardInterrupt and SystemExit are not reported.
    """
    reporter = reporter or Reporter(url, **options)
    _main_thread(reporter)
    _other_threads(reporter)
    return reporter


def watch_loop(reporter: Reporter, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Report unhandled exceptions of an asyncio loop, by default the running one."""
    import asyncio

    loop = loop or asyncio.get_running_loop()
    previous = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            reporter.report(error)
        if previous is None:
            loop.default_exception_handler(context)
        else:
            previous(loop, context)

    loop.set_exception_handler(handle)


def _main_thread(reporter: Reporter) -> None:
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            reporter.report(error)
        previous(kind, error, trace)

    sys.excepthook = hook


def _other_threads(reporter: Reporter) -> None:
    previous = threading.excepthook

    def hook(arguments: threading.ExceptHookArgs) -> None:
        if isinstance(arguments.exc_value, Exception):
            reporter.report(arguments.exc_value)
        previous(arguments)

    threading.excepthook = hook
