"""Starts, joins and ends the Java process of one home. Callers hold ``start.lock``."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import psutil

from graph.model.errors import StartError
from graph.server import memory
from graph.server.backup import Archive
from graph.server.command import Toolbox
from graph.server.config import render_config
from graph.server.files import write_atomic
from graph.server.http_query import USER
from graph.server.jars import JarCache
from graph.server.java import find_java
from graph.server.layout import Layout, link_plugins
from graph.server.lockfile import read_lock
from graph.server.ports import DEFAULT_BOLT_PORT, DEFAULT_HTTP_PORT, HOST, choose_port, is_free, keep_ports, kept_ports
from graph.server.process import await_ready, log_since, log_size, spawn, started_by
from graph.server.process import end as end_process
from graph.server.startup import StartupCache
from graph.server.state import ServerState, find_server, write_state
from graph.server.values import Endpoint, Mode, ProgressCallback, ServerProgress, ServerSettings, Stage

STOP_GRACE_S = 60.0
# Grace period for a server that does not answer Bolt.
HUNG_GRACE_S = 5.0
# A server that has answered before may pause for garbage collection, but not longer than this.
READY_PATIENCE_S = 10.0
PORT_ATTEMPTS = 3
PORT_CLASH = "Address already in use"


class Launcher:
    """The server process of one home, with the given settings."""

    def __init__(
        self,
        settings: ServerSettings,
        layout: Layout,
        progress: ProgressCallback,
        launched: Callable[[Endpoint], object] | None = None,
    ) -> None:
        """``progress`` is called at each step, ``launched`` when its process is there and its answer is awaited."""
        self.settings = settings
        self._launched = launched or (lambda _: None)
        self._layout = layout
        self._progress = progress
        self._cache_dir = settings.cache_dir.expanduser().absolute()

    def attach(self) -> ServerState | None:
        """The running server, once it answers; ``None`` if it was ended, since it did not, or was left by a killed restore."""
        found = find_server(self._layout)
        if found is None:
            return None
        process, state = found
        if self._layout.aside.exists():
            # Its graph is half restored. What would be stored there is lost when the next start puts back the one set aside.
            self.report("note", "a restore did not end; the graph from before it is put back")
            self.end(process, state)
            return None
        if state is not None and state.phase == "stopping":
            self.end(process, state)
            return None
        if state is not None:
            left = process.create_time() + self.settings.start_timeout - time.time()
            self._launched(self.endpoint(state))
            patience = READY_PATIENCE_S if state.phase == "ready" else max(READY_PATIENCE_S, left)
            try:
                await_ready(process, state.bolt_port, state.http_port, patience, self._layout.log)
            except StartError:
                pass
            else:
                self._note_other_ports(state)
                return self._note_ready(state)
        self.report("note", f"the Neo4j left behind as process {process.pid} does not answer; ending it")
        self.end(process, state, HUNG_GRACE_S)
        return None

    def _note_other_ports(self, state: ServerState) -> None:
        for asked, has in ((self.settings.bolt_port, state.bolt_port), (self.settings.http_port, state.http_port)):
            if asked and asked != has:
                self.report("note", f"Neo4j is already running on port {has}; port {asked} applies from its next start")

    def start(self, mode: Mode, ports: tuple[int, int] | None = None, *, keep_aside: bool = False) -> ServerState:
        """Start a server on the given ports, or on those chosen by the settings if another program has taken one.

        A graph that an interrupted restore set aside is put back first, unless ``keep_aside``.
        """
        self.fetch()
        toolbox = self.toolbox()
        if not keep_aside:
            Archive(toolbox, self.report).recover()
        self.prepare(toolbox)
        for attempt in range(1, PORT_ATTEMPTS + 1):
            bolt_port, http_port = ports if ports and all(map(is_free, ports)) else self._choose_ports()
            log_start = log_size(self._layout.log)
            try:
                return self._launch(toolbox, mode, bolt_port, http_port)
            except StartError:
                # Another process took a port between our check and Java's.
                clash = PORT_CLASH in log_since(self._layout.log, log_start)
                if not clash or attempt == PORT_ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def recover(self) -> None:
        """Start and stop once, so that Neo4j repairs the data of a killed server."""
        self.report("start", "Neo4j was not shut down cleanly; starting it once to repair the graph")
        state = self.start("transient")
        self.end(psutil.Process(state.pid), state)

    def prepare(self, toolbox: Toolbox) -> None:
        """Set up plugins, configuration and, on empty data, the password, for the server and the tool."""
        cache = JarCache(self._cache_dir, read_lock().jars)
        link_plugins(
            self._layout.plugins, (cache.path(jar) for jar in read_lock().jars if jar.role == "plugin"), self._cache_dir
        )
        # The administration tool needs the configuration to find the data; ports are chosen at launch.
        self.write_config(DEFAULT_BOLT_PORT, DEFAULT_HTTP_PORT)
        if self._layout.is_new:
            self.report("prepare", "setting the graph's password")
            toolbox.set_password(self._layout.make_password())
        self._layout.read_password()

    def _launch(self, toolbox: Toolbox, mode: Mode, bolt_port: int, http_port: int) -> ServerState:
        self.write_config(bolt_port, http_port)
        self.report("start", f"starting Neo4j {read_lock().neo4j_version}")
        log_start = log_size(self._layout.log)
        heap = self.settings.heap_mb or memory.heap_mb(memory.machine_mb() // self.settings.share)
        process = spawn(toolbox.server_command(heap), self._layout.log, self._layout.neo4j)
        state = None
        try:
            state = ServerState(process.pid, process.create_time(), bolt_port, http_port, mode, started_by())
            write_state(self._layout.state, state)
            self._launched(self.endpoint(state))
            await_ready(process, bolt_port, http_port, self.settings.start_timeout, self._layout.log, log_start)
        except BaseException:
            self.end(process, state, HUNG_GRACE_S)
            raise
        return self._note_ready(state)

    def _note_ready(self, state: ServerState) -> ServerState:
        ready = replace(state, phase="ready")
        if ready != state:
            write_state(self._layout.state, ready)
        if self.settings.keeps_ports:
            keep_ports(self._layout.ports, (state.bolt_port, state.http_port))
        return ready

    def _choose_ports(self) -> tuple[int, int]:
        if self.settings.keeps_ports:
            return kept_ports(self._layout.ports)

        def note(text: str) -> None:
            self.report("note", text)

        bolt_port = choose_port(self.settings.bolt_port, DEFAULT_BOLT_PORT, "Neo4j's Bolt", note)
        http_port = choose_port(self.settings.http_port, DEFAULT_HTTP_PORT, "the Neo4j Browser", note, used={bolt_port})
        return bolt_port, http_port

    def write_config(self, bolt_port: int, http_port: int) -> None:
        """Write ``neo4j.conf``."""
        page_cache = self.settings.page_cache_mb or memory.page_cache_mb(memory.machine_mb() // self.settings.share)
        commands = []
        if self.settings.browser_style_url:
            commands.append(f"style {self.settings.browser_style_url}")
        if self.settings.browser_guide_url:
            commands.append(f"guide {self.settings.browser_guide_url}")
        text = render_config(self._layout, bolt_port, http_port, page_cache, commands)
        write_atomic(self._layout.conf / "neo4j.conf", text)

    def end(self, process: psutil.Process, state: ServerState | None, grace: float = STOP_GRACE_S) -> None:
        """Stop the process within ``grace`` seconds or kill it, and delete its state."""
        self.report("stop", "stopping Neo4j")
        if state:
            write_state(self._layout.state, replace(state, phase="stopping"))
        end_process(process, grace)
        self._layout.state.unlink(missing_ok=True)

    def fetch(self) -> None:
        """Make sure that all jars are present; takes milliseconds if they are."""
        JarCache(self._cache_dir, read_lock().jars, self._progress).ensure()

    def toolbox(self) -> Toolbox:
        """Java with its class path; raises StartError if that Java is unusable."""
        cache = JarCache(self._cache_dir, read_lock().jars)
        class_path = tuple(cache.path(jar) for jar in read_lock().jars)
        java = find_java(self.settings.java_home)
        return Toolbox(java, class_path, self._layout, StartupCache(self._cache_dir, java, class_path).flags())

    def endpoint(self, state: ServerState) -> Endpoint:
        """Addresses and credentials of a running server."""
        bolt = f"bolt://{HOST}:{state.bolt_port}"
        http = f"http://{HOST}:{state.http_port}"
        browser = f"{http}/browser/?connectURL={quote(bolt, safe='')}"
        return Endpoint(bolt, http, browser, USER, self._layout.read_password())

    def report(self, stage: Stage, text: str) -> None:
        """Call the progress callback."""
        self._progress(ServerProgress(stage, text))
