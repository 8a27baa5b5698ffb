"""``EmbeddedServer``: the one Neo4j of a home, shared by every crashgraph process that uses that home.

Every change happens under ``start.lock``; whoever uses the server holds ``lease.lock`` shared
(see ``locks``). The last one to leave stops a transient server. A process that is killed leaves its lease to
the kernel and its server to the next process, which takes it over when it answers and ends it when not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psutil

from graph.model.errors import ServerError, StartError
from graph.server import memory
from graph.server.backup import Archive
from graph.server.bolt import bolt_answers
from graph.server.command import Toolbox
from graph.server.config import render_config
from graph.server.files import write_atomic
from graph.server.jars import JarCache
from graph.server.java import find_java
from graph.server.layout import Layout, link_plugins
from graph.server.lockfile import read_lock
from graph.server.locks import FileLock
from graph.server.ports import DEFAULT_BOLT_PORT, DEFAULT_HTTP_PORT, HOST, choose_port
from graph.server.process import await_ready, end, log_since, log_size, spawn, started_by
from graph.server.state import ServerState, find_server, write_state
from graph.server.values import (
    Endpoint,
    Mode,
    Progress,
    ProgressCallback,
    ServerSettings,
    ServerStatus,
    Stage,
    ignore_progress,
)

USER = "neo4j"
STOP_GRACE_S = 60.0
# A server that does not answer Bolt has nothing left to say.
HUNG_GRACE_S = 10.0
PORT_ATTEMPTS = 3
PORT_CLASH = "Address already in use"


class EmbeddedServer:
    """One process's hold on the server of ``settings.home``.

    ``acquire()`` starts the server or joins the running one, ``release()`` lets go of it; as a context
    manager both happen. ``progress`` is called from the calling thread and, while jars are fetched, from
    others too (one at a time).
    """

    def __init__(self, settings: ServerSettings, progress: ProgressCallback | None = None) -> None:
        """Nothing is touched before the first call."""
        self.settings = settings
        self._progress = progress or ignore_progress
        self._layout = Layout(settings.home.expanduser().absolute())
        self._start_lock = FileLock(self._layout.run / "start.lock")
        self._lease = FileLock(self._layout.run / "lease.lock")

    # -- using it ---------------------------------------------------------------------------------------

    def acquire(self, mode: Mode = "transient") -> Endpoint:
        """Have a running server and keep it running until ``release()``.

        ``persistent`` makes it outlive its users from now on. Raises StartError, PortTakenError,
        DownloadError, or ServerError when another process keeps starting or stopping it for too long.
        """
        self._fetch_unless_running()
        with self._changing():
            state = self._attach() or self._start(mode)
            if mode == "persistent" and state.mode != mode:
                state = state.with_mode(mode)
                write_state(self._layout.state, state)
            if not self._lease.try_lock(shared=True):
                raise ServerError(
                    f"the lease {self._lease.path} is locked by something that is not crashgraph; find and end it"
                )
            return self._endpoint(state)

    def release(self) -> None:
        """Let go; stops a transient server that nobody else uses. Does nothing when not acquired."""
        if not self._lease.held:
            return
        with self._changing():
            self._lease.unlock()
            found = find_server(self._layout)
            if found and found[1] and found[1].mode == "transient" and not self._used_by_others():
                self._end(*found)

    def start_persistent(self) -> Endpoint:
        """Have a server that runs until ``stop()``, without keeping a hold on it."""
        endpoint = self.acquire("persistent")
        self._lease.unlock()
        return endpoint

    def stop(self) -> bool:
        """Stop the server, whoever uses it. False when none ran."""
        if not self._layout.home.exists():
            return False
        with self._changing():
            self._lease.unlock()
            found = find_server(self._layout)
            if found:
                self._end(*found)
            return found is not None

    def status(self) -> ServerStatus:
        """What runs now; starts and changes nothing."""
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
        """Write the graph to one file, replacing it. The server rests meanwhile; see ``_resting``."""
        with self._resting("back up") as archive:
            archive.dump(path.absolute())

    def restore(self, path: Path) -> None:
        """Replace the graph by the one in a backup; until that is loaded whole, the present one is kept."""
        with self._resting("restore") as archive:
            archive.load(path.absolute())

    def reset(self) -> None:
        """Delete the graph. Password, logs and jars stay."""
        with self._resting("reset") as archive:
            archive.delete()

    @contextmanager
    def _resting(self, what: str) -> Iterator[Archive]:
        """The server stopped, and started again afterwards if it is persistent or this object uses it.

        Raises ServerError when another process uses it.
        """
        self._fetch()
        with self._changing():
            held = self._lease.held
            self._lease.unlock()
            found = find_server(self._layout)
            try:
                if found and self._used_by_others():
                    raise ServerError(
                        f"cannot {what} while another crashgraph uses the graph of {self._layout.home}; "
                        "stop it (crashgraph up, serve, worker) and try again"
                    )
                if found:
                    self._end(*found)
                self._layout.create()
                toolbox = self._toolbox()
                archive = Archive(toolbox, self._say)
                archive.recover()
                self._prepare(toolbox)
                try:
                    yield archive
                finally:
                    self._restart(found[1] if found else None, held)
            finally:
                if held:
                    self._lease.try_lock(shared=True)

    def _restart(self, state: ServerState | None, held: bool) -> None:
        if state and (held or state.mode == "persistent"):
            self._start(state.mode, ports=(state.bolt_port, state.http_port))

    # -- under the start lock ----------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self._layout.create()
        timeout = self.settings.start_timeout + STOP_GRACE_S + HUNG_GRACE_S
        what = f"starting, stopping or backing up the graph of {self._layout.home}"
        with self._start_lock.wait(timeout, what, lambda text: self._say("wait", text)):
            yield

    def _attach(self) -> ServerState | None:
        """The running server when it answers or comes to answer; one that does not is ended first."""
        found = find_server(self._layout)
        if found is None:
            return None
        process, state = found
        if state is not None and state.stopping:
            self._end(process, state)
            return None
        if state is not None:
            patience = max(5.0, process.create_time() + self.settings.start_timeout - time.time())
            try:
                await_ready(process, state.bolt_port, state.http_port, patience, self._layout.log)
            except StartError:
                pass
            else:
                self._say_other_ports(state)
                return state
        self._say("note", f"the Neo4j left behind as process {process.pid} does not answer; ending it")
        self._end(process, state, HUNG_GRACE_S)
        return None

    def _say_other_ports(self, state: ServerState) -> None:
        for asked, has in ((self.settings.bolt_port, state.bolt_port), (self.settings.http_port, state.http_port)):
            if asked and asked != has:
                self._say("note", f"Neo4j already runs on port {has}; port {asked} counts from its next start")

    def _start(self, mode: Mode, ports: tuple[int, int] | None = None) -> ServerState:
        toolbox = self._toolbox()
        Archive(toolbox, self._say).recover()
        self._prepare(toolbox)
        for attempt in range(1, PORT_ATTEMPTS + 1):
            bolt_port, http_port = ports or self._choose_ports()
            log_start = log_size(self._layout.log)
            try:
                return self._launch(toolbox, mode, bolt_port, http_port)
            except StartError:
                # Somebody took a port between our look and Java's.
                clash = PORT_CLASH in log_since(self._layout.log, log_start)
                if not clash or attempt == PORT_ATTEMPTS:
                    raise
                ports = None
        raise AssertionError("unreachable")

    def _prepare(self, toolbox: Toolbox) -> None:
        cache = JarCache(self.settings.cache_dir, read_lock().jars)
        link_plugins(
            self._layout.plugins, (cache.path(jar) for jar in read_lock().jars if jar.role == "plugin"), self.settings.cache_dir
        )
        # The administration tool reads it to find the data; the ports are chosen at the launch.
        self._write_config(DEFAULT_BOLT_PORT, DEFAULT_HTTP_PORT)
        password = self._layout.read_password()
        if self._layout.is_new:
            self._say("prepare", "setting the graph's password")
            toolbox.set_password(password)

    def _launch(self, toolbox: Toolbox, mode: Mode, bolt_port: int, http_port: int) -> ServerState:
        self._write_config(bolt_port, http_port)
        self._say("start", f"starting Neo4j {read_lock().neo4j_version}")
        log_start = log_size(self._layout.log)
        heap = self.settings.heap_mb or memory.heap_mb(memory.machine_mb())
        process = spawn(toolbox.server_command(heap), self._layout.log, self._layout.neo4j)
        state = None
        try:
            state = ServerState(process.pid, process.create_time(), bolt_port, http_port, mode, started_by())
            write_state(self._layout.state, state)
            await_ready(process, bolt_port, http_port, self.settings.start_timeout, self._layout.log, log_start)
        except BaseException:
            self._end(process, state, HUNG_GRACE_S)
            raise
        return state

    def _choose_ports(self) -> tuple[int, int]:
        def note(text: str) -> None:
            self._say("note", text)

        bolt_port = choose_port(self.settings.bolt_port, DEFAULT_BOLT_PORT, "Neo4j's Bolt", note)
        http_port = choose_port(self.settings.http_port, DEFAULT_HTTP_PORT, "the Neo4j Browser", note, used={bolt_port})
        return bolt_port, http_port

    def _write_config(self, bolt_port: int, http_port: int) -> None:
        page_cache = self.settings.page_cache_mb or memory.page_cache_mb(memory.machine_mb())
        commands = []
        if self.settings.browser_style_url:
            commands.append(f"style {self.settings.browser_style_url}")
        if self.settings.browser_guide_url:
            commands.append(f"guide {self.settings.browser_guide_url}")
        text = render_config(self._layout, bolt_port, http_port, page_cache, commands)
        write_atomic(self._layout.conf / "neo4j.conf", text)

    def _end(self, process: psutil.Process, state: ServerState | None, grace: float = STOP_GRACE_S) -> None:
        self._say("stop", "stopping Neo4j")
        if state:
            write_state(self._layout.state, replace(state, stopping=True))
        end(process, grace)
        self._layout.state.unlink(missing_ok=True)

    def _used_by_others(self) -> bool:
        """Whether another lease is held; only under the start lock, with the own lease given back."""
        probe = FileLock(self._lease.path)
        if not probe.try_lock():
            return True
        probe.unlock()
        return False

    # -- what it is made of ------------------------------------------------------------------------------

    def _fetch_unless_running(self) -> None:
        if find_server(self._layout) is None:
            self._fetch()

    def _fetch(self) -> None:
        """Before the start lock is taken, since it may take minutes."""
        JarCache(self.settings.cache_dir, read_lock().jars, self._progress).ensure()

    def _toolbox(self) -> Toolbox:
        cache = JarCache(self.settings.cache_dir, read_lock().jars)
        class_path = tuple(cache.path(jar) for jar in read_lock().jars)
        return Toolbox(find_java(self.settings.java_home), class_path, self._layout)

    def _endpoint(self, state: ServerState) -> Endpoint:
        bolt = f"bolt://{HOST}:{state.bolt_port}"
        http = f"http://{HOST}:{state.http_port}"
        browser = f"{http}/browser/?connectURL={quote(bolt, safe='')}"
        return Endpoint(bolt, http, browser, USER, self._layout.read_password())

    def _say(self, stage: Stage, text: str) -> None:
        self._progress(Progress(stage, text))


def _with_process(status: ServerStatus, process: psutil.Process) -> ServerStatus:
    try:
        resident = process.memory_info().rss // 2**20
        uptime = time.time() - process.create_time()
    except psutil.Error:
        # It ended just now.
        return status
    return replace(status, running=True, pid=process.pid, uptime_s=uptime, resident_mb=resident)
