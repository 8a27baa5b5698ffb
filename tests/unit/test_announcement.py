"""A running service is found by the file it writes; what a killed one left is ignored."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from crashgraph.local_service.announcement import announced, find_announcement
from crashgraph.local_service.client import find_service
from crashgraph.settings import Settings


def test_a_service_is_found_while_it_runs(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert find_announcement(settings) is None
    with announced(settings, "127.0.0.1", 8321, "secret"):
        announcement = find_announcement(settings)
        assert announcement is not None
        assert (announcement.host, announcement.port, announcement.token) == ("127.0.0.1", 8321, "secret")
        assert announcement.batch_size == 2_000
    assert find_announcement(settings) is None
    assert list((tmp_path / "run").iterdir()) == []


def test_only_the_owner_can_read_the_token(tmp_path: Path) -> None:
    with announced(Settings(home=tmp_path), "127.0.0.1", 8321, "secret"):
        (path,) = (tmp_path / "run").iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("changed", [{"match_exact": 0.5}, {"neo4j_uri": "bolt://elsewhere:7687"}, {"match_model": False}])
def test_a_service_with_other_settings_is_not_asked(tmp_path: Path, changed: dict[str, object]) -> None:
    with announced(Settings(home=tmp_path), "127.0.0.1", 8321, "secret"):
        assert find_announcement(Settings(home=tmp_path, **changed)) is None  # type: ignore[arg-type]  # fields by name
        assert find_announcement(Settings(home=tmp_path, port=9000, log_level="debug")) is not None


@pytest.mark.parametrize("left", [{"pid": 2**22 + 1}, {"started": 1.0}, {"pid": -1}, {"pid": "many"}, {"unknown": 1}])
def test_remains_of_a_killed_service_are_ignored(tmp_path: Path, left: dict[str, object]) -> None:
    """Its process number is free or belongs to another process by now."""
    settings = Settings(home=tmp_path)
    with announced(settings, "127.0.0.1", 8321, "secret"):
        (path,) = (tmp_path / "run").iterdir()
        path.write_text(json.dumps({**json.loads(path.read_text()), **left}))
        assert find_announcement(settings) is None
    path.write_text("{")
    assert find_announcement(settings) is None


def test_a_service_that_does_not_answer_is_not_used(tmp_path: Path, unused_tcp_port: int) -> None:
    settings = Settings(home=tmp_path)
    with announced(settings, "127.0.0.1", unused_tcp_port, "secret"):
        assert find_announcement(settings) is not None
        assert find_announcement(settings).pid == os.getpid()  # type: ignore[union-attr]  # see above
        assert find_service(settings) is None
