"""Downloads single jars with jgo, which needs neither Java nor Maven."""

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
    """Bytes received on all threads; calls a listener at most ten times a second."""

    def __init__(self, listener: Callable[[int, str], None]) -> None:
        """``listener`` takes the bytes so far and the file received last."""
        self._listener = listener
        self._lock = threading.Lock()
        self._bytes = 0
        self._reported_at = 0.0

    def add(self, count: int, file: str) -> None:
        """Count received bytes."""
        with self._lock:
            self._bytes += count
            now = time.monotonic()
            if now - self._reported_at >= 0.1:
                self._reported_at = now
                self._listener(self._bytes, file)

    def reporter(self, file: str, _size: int) -> AbstractContextManager[Callable[[int], None]]:
        """The callback for jgo, called once per file; yields the one called per chunk."""

        @contextmanager
        def scope() -> Iterator[Callable[[int], None]]:
            yield lambda count: self.add(count, file)

        return scope()


def open_repository(staging: Path, count: ByteCount | None = None) -> MavenContext:
    """Repositories of the user's jgo settings, such as a mirror, then jgo's default.

    Downloads go to ``staging``.
    """
    from jgo.config import GlobalSettings  # noqa: PLC0415 - not needed for a warm start
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

    default = MavenContext(repo_cache=staging)
    return MavenContext(
        resolver=PythonResolver(progress_callback=count.reporter if count else None),
        repo_cache=staging,
        remote_repos={**GlobalSettings.load().repositories, **default.remote_repos},
        timeout=TIMEOUT_S,
    )


def fetch_jar(repository: MavenContext, jar: Jar) -> Path:
    """Download a jar to the repository's staging folder, unverified.

    Raises the error of jgo or its HTTP client (OSError, RuntimeError) if the last attempt fails.
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
    """Delete a partial download, which jgo would take for a complete one at the next attempt."""
    if path is not None:
        path.unlink(missing_ok=True)
