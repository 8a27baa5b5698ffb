"""Configuration and memory of the server."""

from __future__ import annotations

from pathlib import Path

from graph.server.config import render_config
from graph.server.layout import Layout
from graph.server.memory import heap_mb, page_cache_mb


def settings(home: Path, *commands: str) -> dict[str, str]:
    text = render_config(Layout(home), 7001, 7002, 256, commands)
    return dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))


def test_it_listens_on_the_loopback_address_only_and_advertises_the_same(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found["server.default_listen_address"] == "127.0.0.1"
    assert found["server.bolt.listen_address"] == found["server.bolt.advertised_address"] == "127.0.0.1:7001"
    assert found["server.http.listen_address"] == found["server.http.advertised_address"] == "127.0.0.1:7002"


def test_it_makes_no_outside_calls(tmp_path: Path) -> None:
    found = settings(tmp_path)
    calls = ("dbms.usage_report.enabled", "client.allow_telemetry", "server.fleet_discovery.enabled")
    assert [found[name] for name in calls] == ["false"] * 3


def test_folders_are_named_relative_to_the_home_since_neo4j_misreads_other_letters(tmp_path: Path) -> None:
    found = settings(tmp_path / "größe")
    folders = {name: value for name, value in found.items() if name.startswith("server.directories.")}
    assert folders["server.directories.data"] == "neo4j/data"
    assert all(value.isascii() and not value.startswith("/") for value in folders.values())


def test_the_browser_loads_a_guide_only_from_this_machine(tmp_path: Path) -> None:
    assert "browser.post_connect_cmd" not in settings(tmp_path)
    found = settings(tmp_path, "style http://127.0.0.1:1/s", "guide http://127.0.0.1:1/g")
    assert found["browser.post_connect_cmd"] == "style http://127.0.0.1:1/s; guide http://127.0.0.1:1/g"
    assert found["browser.remote_content_hostname_whitelist"] == "localhost,127.0.0.1"


def test_memory_follows_the_machine_within_bounds() -> None:
    assert [heap_mb(machine) for machine in (2_000, 16_000, 64_000)] == [512, 2_000, 4096]
    assert [page_cache_mb(machine) for machine in (512, 16_000, 64_000)] == [128, 2_000, 4096]


def test_transaction_logs_are_bounded(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found["db.tx_log.rotation.size"] == "32m"
    assert found["db.tx_log.rotation.retention_policy"] == "1 days 128m"
