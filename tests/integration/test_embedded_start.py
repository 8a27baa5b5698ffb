"""Starting the server: ports, messages of failures, and a warm start without a network."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from neo4j import GraphDatabase

from graph.model.errors import PortTakenError, StartError
from graph.server import EmbeddedServer, Endpoint, ServerProgress, ServerSettings, jars
from graph.server.process import await_ready


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        yield int(listener.getsockname()[1])


def test_a_chosen_port_is_used_or_rejected(tmp_path: Path, taken: int) -> None:
    server = EmbeddedServer(ServerSettings(tmp_path / "home", bolt_port=taken, http_port=0))
    with pytest.raises(PortTakenError, match=rf"port {taken}, requested for Neo4j's Bolt, is used by process \d+"):
        server.acquire()
    assert not server.status().running


def test_another_homes_server_on_the_same_ports_is_not_used(endpoint: Endpoint, tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    ports = [urlsplit(address).port or 0 for address in (endpoint.bolt_uri, endpoint.http_uri)]
    try:
        with pytest.raises(StartError, match="did not answer within 2 s"):
            await_ready(psutil.Process(other.pid), ports[0], ports[1], 2, tmp_path / "log")
    finally:
        other.kill()
        other.wait()


def test_a_server_that_is_killed_while_it_starts_is_started_once_more(tmp_path: Path) -> None:
    starts: list[Endpoint] = []

    def kill_the_first(endpoint: Endpoint) -> None:
        starts.append(endpoint)
        if len(starts) == 1:
            servers = [child for child in psutil.Process().children() if child.name() == "java"]
            max(servers, key=psutil.Process.create_time).kill()

    settings = ServerSettings(tmp_path / "home", bolt_port=0, http_port=0, heap_mb=256)
    server = EmbeddedServer(settings, launched=kill_the_first)
    endpoint = server.acquire()
    try:
        assert len(starts) == 2
        with GraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password)) as driver:
            driver.verify_connectivity()
    finally:
        server.release()


def test_a_failed_start_shows_the_end_of_neo4js_log(tmp_path: Path) -> None:
    home = tmp_path / "home"
    server = EmbeddedServer(ServerSettings(home, bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=10**9))
    with pytest.raises(StartError) as raised:
        server.acquire()
    message = str(raised.value)
    assert str(home / "logs" / "neo4j.log") in message
    assert re.search(r"memory|page ?cache", message, re.IGNORECASE)
    assert "\tat " not in message
    assert len(message.splitlines()) <= 16
    assert not server.status().running


def test_a_warm_start_needs_no_network_in_a_home_with_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jars.JarCache(ServerSettings(tmp_path).cache_dir, jars_of_the_list()).ensure()

    def no_repository(*_: object) -> None:
        raise AssertionError("a warm start asked for a repository")

    connect = socket.socket.connect

    def only_here(self: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] == "127.0.0.1", f"a warm start reached for {address}"
        connect(self, address)

    monkeypatch.setattr(jars, "open_repository", no_repository)
    monkeypatch.setattr(socket.socket, "connect", only_here)
    heard: list[ServerProgress] = []
    settings = ServerSettings(tmp_path / "ein größeres Zuhause", bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128)
    with EmbeddedServer(settings, heard.append) as endpoint:
        assert {step.stage for step in heard} == {"prepare", "start"}
        with urllib.request.urlopen(endpoint.browser_url) as page:
            assert page.status == 200
            assert b"Neo4j Browser" in page.read()
        with GraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password)) as driver:
            records, _, _ = driver.execute_query("RETURN gds.version() AS version")
            assert records[0]["version"] == EmbeddedServer(settings).status().gds_version
        assert endpoint.password not in repr(endpoint)


def jars_of_the_list() -> tuple[jars.Jar, ...]:
    from graph.server.lockfile import read_lock

    return read_lock().jars
