"""Fetching single jars with jgo, which knows the repository and needs neither Java nor Maven."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jgo.maven import MavenContext

    from graph.server.lockfile import Jar

ATTEMPTS = 3
TIMEOUT_S = 30


class ByteCount:
    """Bytes received on all threads, reported to a listener at most ten times a second."""

    def __init__(self, listener: Callable[[int, str], None]) -> None:
        """``listener`` takes the bytes so far and the file that the last ones belong to."""
        self._listener = listener
        self._lock = threading.Lock()
        self._bytes = 0
        self._told_at = 0.0

    def add(self, count: int, file: str) -> None:
        """Count what arrived."""
        with self._lock:
            self._bytes += count
            now = time.monotonic()
            if now - self._told_at >= 0.1:
                self._told_at = now
                self._listener(self._bytes, file)

    def reporter(self, file: str, _size: int) -> AbstractContextManager[Callable[[int], None]]:
        """What jgo calls once per file; it yields what jgo calls per chunk."""

        @contextmanager
        def scope() -> Iterator[Callable[[int], None]]:
            yield lambda count: self.add(count, file)

        return scope()


def open_repository(staging: Path, count: ByteCount | None = None) -> MavenContext:
    """Jgo's default repository, and before it those in the user's own jgo settings (a mirror, say).

    What is fetched is laid below ``staging``.
    """
    from jgo.config import GlobalSettings  # noqa: PLC0415 - a warm start never needs jgo
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

    default = MavenContext(repo_cache=staging)
    return MavenContext(
        resolver=PythonResolver(progress_callback=count.reporter if count else None),
        repo_cache=staging,
        remote_repos={**GlobalSettings.load().repositories, **default.remote_repos},
        timeout=TIMEOUT_S,
    )


def fetch_jar(repository: MavenContext, jar: Jar) -> Path:
    """The jar's file below the repository's staging folder, unverified.

    Raises whatever jgo and its HTTP client raise (OSError, RuntimeError) when the last attempt fails too.
    """
    artifact = repository.project(jar.group, jar.artifact).at_version(jar.version).artifact(jar.classifier, "jar")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return Path(artifact.resolve())
        except (OSError, RuntimeError):
            _drop_partial(artifact.cached_path)
            if attempt == ATTEMPTS:
                raise
            time.sleep(0.5 * attempt)
    raise AssertionError("unreachable")


def _drop_partial(path: Path | None) -> None:
    """Jgo takes a half-written file for a whole one, so it must go before the next attempt."""
    if path is not None:
        path.unlink(missing_ok=True)
