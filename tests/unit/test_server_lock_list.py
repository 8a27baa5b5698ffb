"""The committed list of jars."""

from __future__ import annotations

import re

from graph.server.lockfile import LOCK_PATH, parse_lock, read_lock
from graph.server.relock import PINS, render


def test_the_list_names_no_address() -> None:
    assert "://" not in LOCK_PATH.read_text(encoding="utf-8")


def test_every_jar_has_a_sum_a_size_and_a_file_of_its_own() -> None:
    jars = read_lock().jars
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) and jar.size > 0 for jar in jars)
    assert len({jar.file for jar in jars}) == len(jars)
    assert all(jar.file.startswith(f"{jar.artifact}-{jar.version}") for jar in jars)


def test_only_the_jars_with_procedures_are_scanned() -> None:
    plugins = [jar for jar in read_lock().jars if jar.role == "plugin"]
    assert len(plugins) == 12
    assert {jar.group for jar in plugins} == {"org.neo4j.gds"}


def test_the_versions_are_those_that_were_asked_for() -> None:
    lock = read_lock()
    assert {"neo4j": lock.neo4j_version, "browser": lock.browser_version, "gds": lock.gds_version} == PINS
    versions = {jar.artifact: jar.version for jar in lock.jars}
    assert (versions["neo4j"], versions["neo4j-browser"], versions["proc"]) == tuple(PINS.values())


def test_writing_the_list_again_changes_nothing() -> None:
    assert parse_lock(render(read_lock().jars)) == read_lock()
    assert render(read_lock().jars) == LOCK_PATH.read_text(encoding="utf-8")
