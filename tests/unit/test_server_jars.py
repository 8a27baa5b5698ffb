"""The jar cache, with a repository on this machine."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from graph.model.errors import DownloadError
from graph.server import jars as jars_module
from graph.server.jars import JarCache
from graph.server.lockfile import Jar
from graph.server.values import ServerProgress


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Repository:
    """Jars served as a mirror, as a user would name one in the jgo settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []

    def add(self, artifact: str, content: bytes) -> Jar:
        file = f"{artifact}-1.jar"
        target = self.folder / "org" / "example" / artifact / "1" / file
        target.parent.mkdir(parents=True)
        target.write_bytes(content)
        return Jar("org.example", artifact, "1", "", file, hashlib.sha256(content).hexdigest(), len(content), "server")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    served = Repository(tmp_path / "repository")
    served.folder.mkdir()

    class Handler(Quiet):
        def do_GET(self) -> None:
            if self.path.endswith(".jar"):
                served.asked.append(self.path.rpartition("/")[2])
            super().do_GET()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(served.folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings = tmp_path / "jgo.conf"
        settings.write_text(f"[repositories]\nlocal = http://127.0.0.1:{server.server_port}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
        yield served
        server.shutdown()
        thread.join()


@pytest.fixture
def pinned(repository: Repository) -> list[Jar]:
    return [repository.add(name, name.encode() * 1000) for name in ("one", "two", "three")]


def test_jars_are_fetched_once_and_shown_as_bytes(repository: Repository, pinned: list[Jar], tmp_path: Path) -> None:
    heard: list[ServerProgress] = []
    JarCache(tmp_path / "cache", pinned, heard.append).ensure()
    total = sum(jar.size for jar in pinned)
    shown = [step for step in heard if step.stage == "download"]
    assert (shown[0].done, shown[-1].done, {step.total for step in shown}) == (0, total, {total})
    heard.clear()
    JarCache(tmp_path / "cache", pinned, heard.append).ensure()
    assert heard == []
    assert sorted(repository.asked) == ["one-1.jar", "three-1.jar", "two-1.jar"]


def test_a_warm_cache_needs_neither_the_network_nor_reading(
    repository: Repository, pinned: list[Jar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    JarCache(tmp_path / "cache", pinned).ensure()

    def refuse(*_: object) -> None:
        raise AssertionError("a warm start must not come here")

    monkeypatch.setattr(jars_module, "open_repository", refuse)
    monkeypatch.setattr(jars_module, "file_sha256", refuse)
    JarCache(tmp_path / "cache", pinned).ensure()


@pytest.mark.parametrize("damage", ["content", "size", "gone"])
def test_one_damaged_jar_is_named_and_fetched_again_alone(
    damage: str, repository: Repository, pinned: list[Jar], tmp_path: Path
) -> None:
    JarCache(tmp_path / "cache", pinned).ensure()
    repository.asked.clear()
    victim = tmp_path / "cache" / "jars" / "two-1.jar"
    whole = victim.read_bytes()
    victim.unlink()
    if damage != "gone":
        victim.write_bytes(whole[:-1] + (b"?" if damage == "content" else b""))
    heard: list[ServerProgress] = []
    JarCache(tmp_path / "cache", pinned, heard.append).ensure()
    assert victim.read_bytes() == whole
    assert repository.asked == ["two-1.jar"]
    notes = [step.message for step in heard if step.stage == "note"]
    assert len(notes) == 1
    assert notes[0].startswith("two-1.jar")
    assert ("missing" if damage == "gone" else "damaged") in notes[0]


def test_a_touched_but_whole_jar_is_read_and_kept(repository: Repository, pinned: list[Jar], tmp_path: Path) -> None:
    JarCache(tmp_path / "cache", pinned).ensure()
    repository.asked.clear()
    (tmp_path / "cache" / "jars" / "one-1.jar").touch()
    JarCache(tmp_path / "cache", pinned).ensure()
    assert repository.asked == []


def test_a_jar_with_another_sum_is_never_used(repository: Repository, pinned: list[Jar], tmp_path: Path) -> None:
    forged = repository.folder / "org" / "example" / "two" / "1" / "two-1.jar"
    forged.write_bytes(b"evil" * 750)
    with pytest.raises(DownloadError, match=r"two-1\.jar \(org\.example:two:1\) does not have the pinned checksum"):
        JarCache(tmp_path / "cache", pinned).ensure()
    assert not (tmp_path / "cache" / "jars" / "two-1.jar").exists()
    assert not list((tmp_path / "cache").glob("staging-*"))


def test_without_a_network_the_message_names_the_jar_and_what_to_do(
    pinned: list[Jar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unplugged(*_: object) -> Path:
        raise ConnectionError

    monkeypatch.setattr(jars_module, "fetch_jar", unplugged)
    with pytest.raises(DownloadError) as raised:
        JarCache(tmp_path / "cache", pinned[:1]).ensure()
    message = str(raised.value)
    assert "one-1.jar (org.example:one:1) could not be fetched: no connection to the repository" in message
    assert "check the network" in message
    assert "http" not in message


def test_two_first_starts_at_once_fetch_each_jar_once(repository: Repository, pinned: list[Jar], tmp_path: Path) -> None:
    starts = [threading.Thread(target=JarCache(tmp_path / "cache", pinned).ensure) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert sorted(repository.asked) == ["one-1.jar", "three-1.jar", "two-1.jar"]
    assert not list((tmp_path / "cache").glob("staging-*"))
