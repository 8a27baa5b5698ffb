"""``EmbeddedServer``: the Neo4j of a home, shared by all crashgraph processes of that home.

Every change of state happens under ``start.lock``; each user of the server holds a shared ``lease.lock`` (see ``locks``).
The last user stops a transient server. If a process is killed, the kernel drops its lease, and the next process takes the
server over if it answers, or else ends it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import psutil

from graph.model.errors import ServerError, StartError, UncleanStopError
from graph.server.backup import Archive
from graph.server.bolt import bolt_answers
from graph.server.launch import HUNG_GRACE_S, STOP_GRACE_S, Launcher
from graph.server.layout import Layout
from graph.server.lockfile import read_lock
from graph.server.locks import FileLock
from graph.server.mount import check_mounted
from graph.server.state import ServerState, find_server, write_state
from graph.server.values import (
    Endpoint,
    Mode,
    ProgressCallback,
    ServerSettings,
    ServerStatus,
    ignore_progress,
)

log = logging.getLogger(__name__)


class EmbeddedServer:
    """One process's lease on the server of ``settings.home``.

    ``acquire()`` starts the server or joins a running one, ``release()`` gives it up; the context manager does both.
    ``progress`` is called from the calling thread and, during downloads, from others (one at a time).
    """

    def __init__(
        self,
        settings: ServerSettings,
        progress: ProgressCallback | None = None,
        launched: Callable[[Endpoint], object] | None = None,
    ) -> None:
        """Has no effect before the first call.

        ``launched`` is called, from the calling thread, with the address of a process that does not answer yet; again if it
        has to be started on other ports.
        """
        self.settings = settings
        self._layout = Layout(settings.home.expanduser().absolute())
        self._launcher = Launcher(settings, self._layout, progress or ignore_progress, launched)
        self._state: ServerState | None = None
        self._start_lock = FileLock(self._layout.run / "start.lock")
        self._lease = FileLock(self._layout.run / "lease.lock")

    @property
    def password_path(self) -> Path:
        """The file with the password."""
        return self._layout.password

    @property
    def log_path(self) -> Path:
        """The output of the process."""
        return self._layout.log

    # -- using it ---------------------------------------------------------------------------------------

    def acquire(self, mode: Mode = "transient") -> Endpoint:
        """Start or join the server, and keep it running until ``release()``.

        ``persistent`` makes it outlive its users from now on. Raises StartError, PortTakenError, DownloadError, or
        ServerError if another process is starting or stopping it for too long.
        """
        if find_server(self._layout) is None:
            # Before the start lock, since it may take minutes.
            self._launcher.fetch()
        with self._changing():
            state = self._launcher.attach() or self._start_again_if_killed(mode)
            if mode == "persistent" and state.mode != mode:
                state = replace(state, mode=mode)
                write_state(self._layout.state, state)
            if not self._lease.try_lock(shared=True):
                raise ServerError(f"the lease {self._lease.path} is locked by another program; find and end it")
            self._state = state
            return self._launcher.endpoint(state)

    def _start_again_if_killed(self, mode: Mode) -> ServerState:
        """Start it; once more if it was killed while it started, which says nothing against the graph."""
        try:
            return self._launcher.start(mode)
        except StartError as error:
            if not error.killed:
                raise
            log.warning("Neo4j was killed while it started; starting it again")
            return self._launcher.start(mode)

    @property
    def runs(self) -> bool:
        """Whether the process is there; it need not answer."""
        return find_server(self._layout) is not None

    def restart(self, *, hung: bool = False) -> Endpoint:
        """Replace the acquired server, which has ended or is ``hung``, by one on the same ports.

        One that another process has started meanwhile is joined. Raises as :meth:`acquire`.
        """
        with self._changing():
            found = find_server(self._layout)
            if found and hung:
                self._launcher.end(*found, HUNG_GRACE_S)
            last = self._state
            assert last is not None, "acquire it first"
            self._state = self._launcher.attach() or self._launcher.start(last.mode, (last.bolt_port, last.http_port))
            return self._launcher.endpoint(self._state)

    def check(self) -> bool:
        """Whether the acquired server answers.

        Raises StartError if it can never be used as it is: the password file is wrong, or its store cannot be mounted.
        """
        return self._state is not None and check_mounted(self._state.http_port, self._layout)

    def release(self) -> None:
        """Give up the lease; stops a transient server without other users. No effect if not acquired."""
        if not self._lease.held:
            return
        with self._changing():
            self._lease.unlock()
            found = find_server(self._layout)
            if found and found[1] and found[1].mode == "transient" and not self._used_by_others():
                self._launcher.end(*found)

    def start_persistent(self) -> Endpoint:
        """Start a server that runs until ``stop()``, without keeping a lease."""
        held = self._lease.held
        endpoint = self.acquire("persistent")
        if not held:
            self._lease.unlock()
        return endpoint

    def stop(self) -> bool:
        """Stop the server even if it is in use. False if none was running."""
        if not self._layout.home.exists():
            return False
        with self._changing():
            self._lease.unlock()
            found = find_server(self._layout)
            if found:
                self._launcher.end(*found)
            return found is not None

    def status(self) -> ServerStatus:
        """The current state; has no side effects."""
        lock = read_lock()
        found = find_server(self._layout)
        state = found[1] if found else None
        status = ServerStatus(
            running=False,
            answering=False,
            home=self._layout.home,
            log_path=self._layout.log,
            home_bytes=self._layout.size(),
            neo4j_version=lock.neo4j_version,
            browser_version=lock.browser_version,
            gds_version=lock.gds_version,
        )
        if state:
            status = replace(
                status,
                answering=bolt_answers(state.bolt_port),
                mode=state.mode,
                started_by=state.started_by,
                bolt_port=state.bolt_port,
                http_port=state.http_port,
            )
        return _with_process(status, found[0]) if found else status

    def __enter__(self) -> Endpoint:
        """``acquire()``."""
        return self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """``release()``."""
        self.release()

    # -- the data ---------------------------------------------------------------------------------------

    def backup(self, path: Path) -> None:
        """Write the graph to one file, replacing it. The server is stopped meanwhile; see ``_stopped``."""
        with self._stopped("back up") as archive:
            self._launcher.prepare(archive.toolbox)
            try:
                archive.dump(path.absolute())
            except UncleanStopError:
                self._launcher.recover()
                archive.dump(path.absolute())

    def restore(self, path: Path) -> None:
        """Replace the graph with a backup; the present one is kept until that is loaded completely."""
        self._launcher.fetch()
        self._layout.create()
        Archive(self._launcher.toolbox(), self._launcher.report).verify(path.absolute())
        with self._stopped("restore") as archive:
            self._launcher.prepare(archive.toolbox)
            archive.load(path.absolute())

    def replace(self, fill: Callable[[Endpoint], object]) -> None:
        """Replace the graph with an empty one and fill it; if that fails, the present graph is put back."""
        with self._stopped("restore") as archive, archive.replaced():
            state = self._launcher.start("transient", keep_aside=True)
            try:
                fill(self._launcher.endpoint(state))
            finally:
                self._launcher.end(psutil.Process(state.pid), state)

    def check_files(self) -> str | None:
        """Neo4j's own check of the files of a graph that no server uses: what is inconsistent, or ``None``.

        Raises UncleanStopError if its server was killed, and ServerError if it is in use or too damaged to be checked.
        """
        self._launcher.fetch()
        with self._changing():
            if find_server(self._layout):
                raise ServerError("the files cannot be checked while Neo4j runs")
            toolbox = self._launcher.toolbox()
            self._launcher.prepare(toolbox)
            return Archive(toolbox, self._launcher.report).check()

    @property
    def data_path(self) -> Path:
        """The folder of the graph."""
        return self._layout.data

    @property
    def is_new(self) -> bool:
        """Whether the home has no graph yet."""
        return self._layout.is_new

    @property
    def restore_was_interrupted(self) -> bool:
        """Whether the graph is set aside for a restore that did not end; the next start puts it back."""
        return self._layout.aside.exists()

    def reset(self) -> None:
        """Delete the graph. Password, logs and jars are kept."""
        with self._stopped("reset") as archive:
            archive.delete()

    @contextmanager
    def _stopped(self, action: str) -> Iterator[Archive]:
        """Stop the server; start it again afterwards if it is persistent or this object holds a lease.

        Raises ServerError if another process uses it.
        """
        self._launcher.fetch()
        with self._changing():
            held = self._lease.held
            self._lease.unlock()
            found = find_server(self._layout)
            try:
                if found and self._used_by_others():
                    raise ServerError(
                        f"cannot {action} while another crashgraph uses the graph of {self._layout.home}; "
                        "stop it (crashgraph up, serve, worker) and try again"
                    )
                if found:
                    self._launcher.end(*found)
                self._layout.create()
                archive = Archive(self._launcher.toolbox(), self._launcher.report)
                archive.recover()
                try:
                    yield archive
                finally:
                    self._restart(found[1] if found else None, held)
            finally:
                if held:
                    self._lease.try_lock(shared=True)

    def _restart(self, state: ServerState | None, held: bool) -> None:
        if state and (held or state.mode == "persistent"):
            self._launcher.start(state.mode, ports=(state.bolt_port, state.http_port))

    # -- under the start lock ----------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self._layout.create()
        timeout = self.settings.start_timeout + STOP_GRACE_S + HUNG_GRACE_S
        activity = f"starting, stopping or backing up the graph of {self._layout.home}"
        with self._start_lock.wait(timeout, activity, lambda text: self._launcher.report("wait", text)):
            yield

    def _used_by_others(self) -> bool:
        """Whether another lease is held. Call under the start lock, without a lease of one's own."""
        probe = FileLock(self._lease.path)
        if not probe.try_lock():
            return True
        probe.unlock()
        return False


def _with_process(status: ServerStatus, process: psutil.Process) -> ServerStatus:
    try:
        resident = process.memory_info().rss // 2**20
        uptime = time.time() - process.create_time()
    except psutil.Error:
        # It has just ended.
        return status
    return replace(status, running=True, pid=process.pid, uptime_s=uptime, resident_mb=resident)
