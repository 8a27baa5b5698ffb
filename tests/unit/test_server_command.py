"""Command lines, and the message of a failed start."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.server.command import Toolbox, java_environment, short_log
from graph.server.java import Java
from graph.server.layout import Layout


def test_a_failure_shows_messages_and_no_stack_frames() -> None:
    log = ["INFO Starting...", "", "ERROR Failed", "\tat org.neo4j.A.b(A.java:1)", "Caused by: port in use", "\t... 12 more"]
    assert short_log(log, 2) == "\n  ERROR Failed\n  Caused by: port in use"


def test_java_gets_no_stray_flags_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JAVA_TOOL_OPTIONS", "CLASSPATH", "NEO4J_CONF", "CRASHGRAPH_NEO4J_PASSWORD"):
        monkeypatch.setenv(name, "x")
    environment = java_environment()
    assert "x" not in environment.values()
    assert "PATH" in environment


def test_the_command_names_its_home_and_keeps_spaces_together(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "a home")
    layout.create()
    toolbox = Toolbox(Java(Path("/j/bin/java"), "25.0.2", has_vector=True), (tmp_path / "c d" / "x.jar",), layout)
    command = toolbox.server_command(700)
    assert f"--home-dir={layout.home}" in command
    flags = (layout.run / "server.args").read_text(encoding="utf-8").splitlines()
    assert f'"{tmp_path / "c d" / "x.jar"}"' in flags
    assert {'"-Xmx700m"', '"--add-modules=jdk.incubator.vector"'} <= set(flags)
