"""No log line holds local variables: they are reports, headers and tokens."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from crashgraph.logs import configure_logging

ROOT = Path(__file__).parents[2]
ROOMS = ("crashgraph", "graph", "jobs", "resolvers", "schema", "viz")
SECRET = "planted-secret-77ab"


def fail() -> None:
    token = SECRET.upper().lower()
    raise ValueError(f"a token of {len(token)} characters")


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def log_with_structlog() -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger("jobs").exception("it failed", job="x")


def log_as_uvicorn_does() -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")


def log_as_asyncio_does() -> None:
    async def run() -> None:
        async def task() -> None:
            fail()

        failed = asyncio.ensure_future(task())
        await asyncio.wait([failed])
        asyncio.get_running_loop().call_exception_handler({"message": "never retrieved", "exception": failed.exception()})

    asyncio.run(run())


@pytest.mark.parametrize("level", ["debug", "info", "warning"])
@pytest.mark.parametrize("log", [log_with_structlog, log_as_uvicorn_does, log_as_asyncio_does])
def test_a_logged_exception_shows_no_local_variable(
    restored_logging: None, capsys: pytest.CaptureFixture[str], level: str, log: Callable[[], None]
) -> None:
    configure_logging(level)
    log()
    printed = capsys.readouterr()
    assert f"a token of {len(SECRET)} characters" in printed.err, "the exception itself is logged"
    assert SECRET not in printed.err + printed.out


def test_logging_is_configured_in_one_place() -> None:
    pattern = re.compile(r"structlog\.configure|basicConfig|show_locals|capture_locals|rich\.traceback|RichTraceback")
    places = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert places == {"crashgraph/logs.py"}
