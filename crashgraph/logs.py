"""Log lines on standard error, in one format for crashgraph and its libraries.

Every entry is redacted, whatever wrote it, and one that repeats is left out after a while and counted: what clients send
must neither show up in the log nor fill the disk with it.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TextIO

import structlog

from crashgraph.current_organisation import ORGANISATION
from graph.access.tokens import DEFAULT_ORGANISATION

QUIET = ("apscheduler", "asyncio", "httpx", "neo4j", "sentence_transformers", "transformers", "uvicorn", "websockets")
"""Libraries that log warnings only, whatever the level: some would log every query with its parameters."""
ENTRY_LIMIT = 16_384
"""Characters of one entry with its traceback; the middle of a longer one is left out."""
REDACTED_LIMIT = 8 * ENTRY_LIMIT
"""Characters that are redacted before the rest is left out, so that no secret is cut in two and kept."""
REPEATS = 20
"""Entries from one line of code that are written in a period."""
PERIOD_SECONDS = 60.0
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

log = logging.getLogger(__name__)


def configure_logging(level: str) -> None:
    """Configure structlog and the standard library. Standard output stays free for results.

    Tracebacks never show local variables, which hold reports, headers and tokens.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        _name_organisation,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _Handler(sys.stderr)
    # Without colours: their codes would stand between the name of a secret and its value.
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    handler.setFormatter(RedactingFormatter(processor=renderer, foreign_pre_chain=shared))
    handler.addFilter(RepeatFilter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
    # While Neo4j is away these warn of each retry of each request, and of each poll that is skipped,
    for library in ("neo4j.session", "apscheduler.scheduler"):
        logging.getLogger(library).setLevel(logging.ERROR)
    # and this has an error for each lost connection, which is raised as well.
    logging.getLogger("neo4j.io").setLevel(logging.CRITICAL)


def _name_organisation(_logger: object, _method: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Name the organisation, unless it is the default one."""
    if (organisation := ORGANISATION.get()) != DEFAULT_ORGANISATION:
        entry["organisation"] = organisation
    return entry


def log_uncaught_errors() -> None:
    """Log what would otherwise be printed as it is: errors that end the process or a thread."""
    sys.excepthook = _log_uncaught
    sys.unraisablehook = lambda failed: _log_failure("in a finaliser", failed.exc_value)
    threading.excepthook = lambda failed: _log_failure("in a thread", failed.exc_value)


def ensure_logging(level: str) -> None:
    """Configure logging unless that has been done."""
    if not structlog.is_configured():
        configure_logging(level)


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # as the base has it
        """Say only where an entry that cannot be formatted comes from; the base prints its arguments."""
        with suppress(OSError, ValueError):
            self.stream.write(f"an entry of {record.name} (line {record.lineno}) cannot be written\n")


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Redacts the finished entry, and escapes what a terminal would act on."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry."""
        from graph.model.quoting import without_middle
        from graph.redaction.redactor import redact_passing

        text = without_middle(super().format(record), REDACTED_LIMIT)
        return CONTROL.sub(_escaped, without_middle(redact_passing(text), ENTRY_LIMIT))


class RepeatFilter(logging.Filter):
    """Lets ``REPEATS`` entries of one line of code pass in each period, and writes how many more there were."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds."""
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str, int], int] = {}
        self._ends = clock() + PERIOD_SECONDS

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the entry."""
        left_out: list[tuple[str, int, int]] = []
        with self._lock:
            if self._clock() >= self._ends:
                left_out = [(name, line, n - REPEATS) for (name, _, line), n in self._counts.items() if n > REPEATS]
                self._counts.clear()
                self._ends = self._clock() + PERIOD_SECONDS
            place = (record.name, record.pathname, record.lineno)
            count = self._counts[place] = self._counts.get(place, 0) + 1
        for name, line, number in left_out:
            log.warning("left out %d entries of %s (line %d), which repeated", number, name, line)
        return count <= REPEATS


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _log_failure("and the process ends", error)


def _log_failure(where: str, error: BaseException | None) -> None:
    log.critical("unexpected error %s", where, exc_info=error)


def _escaped(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}"
