"""The jar cache: all pinned jars, verified and downloaded at most once per user.

A jar is trusted without reading it if its size and modification time are those recorded when its checksum was last
verified, so a warm start costs a few hundred ``stat`` calls and no network access. Others are verified; missing or damaged
ones are downloaded again. Downloads go to a staging folder and are renamed into place, so readers never see a partial jar;
``cache.lock`` allows one process to download at a time.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path

from graph.model.errors import DownloadError
from graph.server.fetch import ByteCount, fetch_jar, open_repository
from graph.server.files import write_atomic
from graph.server.lockfile import Jar
from graph.server.locks import FileLock
from graph.server.values import ProgressCallback, ServerProgress, ignore_progress

Stamp = tuple[int, int, str]
"""Size in bytes, modification time in nanoseconds, sha256."""

FETCHERS = 6
LOCK_TIMEOUT_S = 1800.0


class JarCache:
    """The pinned jars below ``cache_dir``."""

    def __init__(self, cache_dir: Path, jars: Iterable[Jar], progress: ProgressCallback = ignore_progress) -> None:
        """Reads nothing before ``ensure``."""
        self._root = cache_dir
        self._jars = tuple(jars)
        self._progress = progress
        self._stamp_path = cache_dir / "jars.stamps.json"

    def path(self, jar: Jar) -> Path:
        """The path of the jar, whether it exists or not."""
        return self._root / "jars" / jar.file

    def ensure(self) -> None:
        """Make sure that every jar is present and verified; DownloadError names the one that cannot be."""
        if not self._unverified():
            return
        lock = FileLock(self._root / "cache.lock")
        with lock.wait(LOCK_TIMEOUT_S, "fetching Neo4j", lambda text: self._progress(ServerProgress("wait", text))):
            self._repair(self._unverified())

    def _unverified(self) -> list[Jar]:
        """Jars that are missing or have changed since their checksum was verified."""
        stamps = self._read_stamps()
        return [jar for jar in self._jars if not self._matches(jar, stamps.get(jar.file))]

    def _matches(self, jar: Jar, stamp: Stamp | None) -> bool:
        try:
            status = self.path(jar).stat()
        except OSError:
            return False
        return stamp == (status.st_size, status.st_mtime_ns, jar.sha256)

    def _repair(self, unverified: list[Jar]) -> None:
        whole = [jar for jar in unverified if self._is_whole(jar)]
        bad = [jar for jar in unverified if jar not in whole]
        damaged = [jar.file for jar in bad if self.path(jar).exists()]
        for file in damaged:
            self._progress(ServerProgress("note", f"{file} in {self._root / 'jars'} is damaged; fetching it again"))
        missing = [jar.file for jar in bad if jar.file not in damaged]
        if missing and len(missing) < len(self._jars):
            self._progress(ServerProgress("note", f"{_listed(missing)} missing in {self._root / 'jars'}; fetching again"))
        try:
            if bad:
                self._fetch(bad, whole)
        finally:
            self._write_stamps(whole)

    def _is_whole(self, jar: Jar) -> bool:
        path = self.path(jar)
        if not path.is_file() or path.stat().st_size != jar.size:
            return False
        self._progress(ServerProgress("verify", f"checking {jar.file}"))
        return file_sha256(path) == jar.sha256

    def _fetch(self, jars: list[Jar], whole: list[Jar]) -> None:
        """Download jars in parallel; each verified one is added to ``whole``, even if a later one fails."""
        self._drop_old_staging()
        (self._root / "jars").mkdir(parents=True, exist_ok=True)
        total = sum(jar.size for jar in jars)
        what = f"{len(jars)} jars of Neo4j" if len(jars) > 1 else jars[0].file
        self._progress(ServerProgress("download", f"fetching {what}", 0, total))
        staging = Path(tempfile.mkdtemp(prefix="staging-", dir=self._root))
        count = ByteCount(lambda done, file: self._progress(ServerProgress("download", file, min(done, total), total)))
        repository = open_repository(staging, count)
        pool = ThreadPoolExecutor(FETCHERS, thread_name_prefix="fetch-jar")
        try:
            pending = {pool.submit(fetch_jar, repository, jar): jar for jar in jars}
            for future in as_completed(pending):
                self._accept(pending[future], future)
                whole.append(pending[future])
            self._progress(ServerProgress("download", f"fetched {what}", total, total))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            shutil.rmtree(staging, ignore_errors=True)

    def _accept(self, jar: Jar, fetched: Future[Path]) -> None:
        try:
            path = fetched.result()
        except (OSError, RuntimeError) as error:
            raise DownloadError(
                f"{jar.file} ({jar.coordinates}) could not be fetched: {_reason(error)}. Neo4j is fetched once per user, "
                f"at the first start; check the network and start again (complete jars are kept), or copy {self._root} "
                "from a machine that has it"
            ) from error
        if file_sha256(path) != jar.sha256:
            raise DownloadError(
                f"{jar.file} ({jar.coordinates}) does not have the pinned checksum, so it is not used; "
                "something between here and the repository changed it. Try another network"
            )
        path.replace(self.path(jar))

    def _drop_old_staging(self) -> None:
        """Delete what an interrupted download left behind; safe because the caller holds the cache lock."""
        for folder in self._root.glob("staging-*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _read_stamps(self) -> dict[str, Stamp]:
        with suppress(OSError, ValueError):
            raw = json.loads(self._stamp_path.read_text(encoding="utf-8"))
            return {file: (size, mtime, sha) for file, (size, mtime, sha) in raw.items()}
        return {}

    def _write_stamps(self, whole: list[Jar]) -> None:
        stamps = self._read_stamps()
        for jar in whole:
            with suppress(OSError):
                status = self.path(jar).stat()
                stamps[jar.file] = (status.st_size, status.st_mtime_ns, jar.sha256)
        # A read-only cache, such as an image layer, only makes checks slower.
        with suppress(OSError):
            write_atomic(self._stamp_path, json.dumps(stamps))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(files: list[str]) -> str:
    return ", ".join(files) if len(files) <= 3 else f"{len(files)} jars ({files[0]}, …)"


def _reason(error: BaseException) -> str:
    """The cause, without addresses: they do not help the reader and may contain credentials."""
    if isinstance(error, RuntimeError):
        return str(error).split(" in remote repositories", 1)[0]
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    name = type(error).__name__
    if "Timeout" in name:
        return "the repository did not answer in time"
    return "no connection to the repository" if name == "ConnectionError" else name
