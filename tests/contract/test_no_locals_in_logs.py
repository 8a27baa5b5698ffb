"""No log line holds local variables: they are reports, headers and tokens."""

from __future__ import annotations

import asyncio
import logging
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from crashgraph.logs import PERIOD_SECONDS, REPEATS, RepeatFilter, configure_logging

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
    logging.captureWarnings(capture=False)
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


SECRETS = {
    "a password": ("password=Hunter2zzQ9", "Hunter2zzQ9"),
    "a key": ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzzQ9zzQ9zzQ9", "wJalrXUtnFEMI"),
    "an address": ("mail to ada.lovelace@mill.example", "ada.lovelace@"),
}


def _log_raised(text: str) -> None:
    try:
        int(text)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")


WAYS: dict[str, Callable[[str], None]] = {
    "message": lambda text: logging.getLogger("anything").error("failed: %s", text),
    "field": lambda text: structlog.get_logger("jobs").error("failed", detail=text),
    "exception": _log_raised,
    "warning": lambda text: warnings.warn(text, stacklevel=1),
    "argument that does not fit": lambda text: logging.getLogger("anything").error("failed: %d", text),
}


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_entry_holds_a_secret(
    restored_logging: None, capsys: pytest.CaptureFixture[str], way: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, kept = SECRETS[secret]
    configure_logging("info")
    WAYS[way](text)
    printed = capsys.readouterr()
    assert printed.err, "it is logged"
    assert kept not in printed.err + printed.out


@pytest.mark.parametrize("failing", ["raise ValueError(text)", "threading.Thread(target=lambda: int(text)).start()"])
def test_an_error_that_ends_a_process_or_thread_is_redacted(failing: str) -> None:
    code = (
        "import threading\nfrom crashgraph.logs import configure_logging, log_uncaught_errors\n"
        f"configure_logging('info'); log_uncaught_errors()\ntext = 'password=' + 'Hunter2' + 'zzQ9'\n{failing}\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "unexpected error" in ended.stderr
    assert "ValueError" in ended.stderr
    assert "Hunter2zzQ9" not in ended.stderr


def test_a_secret_is_not_cut_in_two_and_an_entry_is_bounded(restored_logging: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    for padding in range(7_000, 8_400, 50):
        logging.getLogger("anything").error("%s password=%s %s", "x " * (padding // 2), "Hunter2zzQ9" * 20, "y " * 500_000)
    for line in capsys.readouterr().err.split("[error"):
        assert "zzQ9" not in line
        assert len(line) < 17_000


def test_terminal_escapes_are_shown_and_not_sent(restored_logging: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    logging.getLogger("anything").error("a\x1b[2Jb\x9bc")
    structlog.get_logger("jobs").error("d", key="\x1b]0;e\x07")
    printed = capsys.readouterr().err
    assert "a\\x1b[2Jb\\x9bc" in printed
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", printed)


def test_entries_that_repeat_are_left_out_and_counted(restored_logging: None, capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    configure_logging("info")
    [handler] = logging.getLogger().handlers
    handler.filters[:] = [RepeatFilter(lambda: now[0])]
    noisy = logging.getLogger("noisy")
    for number in range(1_000):
        noisy.warning("refused connection %d", number)
        structlog.get_logger("calm").info("every hundredth") if number % 100 == 0 else None
    printed = capsys.readouterr().err
    assert printed.count("refused") == REPEATS
    assert printed.count("every hundredth") == 10
    now[0] += PERIOD_SECONDS
    noisy.warning("refused again")
    printed = capsys.readouterr().err
    assert "left out 980 entries of noisy" in printed
    assert "refused again" in printed


def test_logging_is_configured_in_one_place() -> None:
    pattern = re.compile(r"structlog\.configure|basicConfig|show_locals|capture_locals|rich\.traceback|RichTraceback")
    places = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert places == {"crashgraph/logs.py"}
