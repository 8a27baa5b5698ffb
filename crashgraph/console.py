"""What commands show while they work: progress on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from graph.server import ServerProgress

errors = Console(stderr=True, highlight=False)


class ServerSteps:
    """Shows what the embedded server does: a bar while jars are fetched, a line for each other step."""

    def __init__(self) -> None:
        """Nothing is shown until something happens."""
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, step: ServerProgress) -> None:
        """Show one step."""
        if step.total and errors.is_terminal:
            self._draw(step)
            return
        if step.total and step.done and step.done < step.total:
            return
        self.close()
        errors.print(f"[dim]neo4j:[/dim] {step.message}", markup=True, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None

    def __enter__(self) -> Self:
        """Use as a context, so that the bar is gone when an error is shown."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take the bar away."""
        self.close()

    def _draw(self, step: ServerProgress) -> None:
        if self._bar is None:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=errors, transient=True)
            self._task = self._bar.add_task("", total=step.total)
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, description=step.message[:60], completed=step.done, total=step.total)


@contextmanager
def counted(what: str, total: int | None = None) -> Iterator[Progress]:
    """A progress bar over a number of things; nothing is drawn when standard error is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        bar.add_task(what, total=total)
        yield bar
