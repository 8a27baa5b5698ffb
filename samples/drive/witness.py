"""Observes every logged error and finds, in the live traceback, the marked statement that raised it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from samples.marks import Mark

SEVERITIES = {logging.CRITICAL: "critical", logging.ERROR: "high", logging.WARNING: "medium", logging.INFO: "low"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One logged error: its text as Python prints it, and the form of the fault that raised it."""

    report: str
    severity: str
    form: str


class Witness(logging.Handler):
    """A log handler that passes on what it saw."""

    def __init__(self, tree: Path, marks: dict[str, list[Mark]], tell: Callable[[Seen], None]) -> None:
        """``marks`` by file in ``tree``; ``tell`` is called with each error seen."""
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self.in_batch = False
        self.seconds = 0.0
        self._marks = {str(tree / name): listed for name, listed in marks.items()}
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Batch jobs report their log line and the traceback, people at a desk the traceback alone."""
        if not record.exc_info or record.exc_info[1] is None:
            return
        record.created, record.msecs = self.seconds, 0.0
        text = self.format(record) if self.in_batch else logging.Formatter().formatException(record.exc_info)
        form = next(self._forms(record.exc_info[1]), None)
        if form is None:
            raise LookupError(f"a crash that no mark explains:\n{text}")
        self._tell(Seen(text + "\n", SEVERITIES[record.levelno], form))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - overrides logging's name
        """Let errors of the witness itself through: a crash without a truth must not pass."""
        raise  # noqa: PLE0704 - logging calls this while the error is being handled

    def _forms(self, error: BaseException) -> Iterator[str]:
        """Forms that the error was raised by, root causes and innermost frames first."""
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is not None:
            yield from self._forms(before)
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from self._forms(member)
        what = f"{type(error).__name__}: {error}"
        for file, line in reversed(list(_places(error.__traceback__))):
            for mark in self._marks.get(file, ()):
                if mark.first <= line <= mark.last and mark.when in what:
                    yield mark.form


def _places(traceback: TracebackType | None) -> Iterator[tuple[str, int]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next
