"""Progress of commands on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
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

from crashgraph.terminal import harmless
from graph.server import ServerProgress

errors = Console(stderr=True, highlight=False)


class ServerSteps:
    """Shows the steps of the embedded server: a bar for downloads, a line for each other step."""

    def __init__(self) -> None:
        """Show nothing until the first step."""
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
        errors.print(f"[dim]neo4j:[/dim] {escape(harmless(step.message))}", markup=True, soft_wrap=True)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None

    def __enter__(self) -> Self:
        """Use as a context, so that the bar is removed before an error is printed."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Remove the bar."""
        self.close()

    def _draw(self, step: ServerProgress) -> None:
        if self._bar is None:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=errors, transient=True)
            self._task = self._bar.add_task("", total=step.total)
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, description=escape(harmless(step.message[:60])), completed=step.done, total=step.total)


@contextmanager
def counted(description: str, total: int | None = None) -> Iterator[Progress]:
    """A progress bar over ``total`` items; invisible unless standard error is a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        bar.add_task(description, total=total)
        yield bar
