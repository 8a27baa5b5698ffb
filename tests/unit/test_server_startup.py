"""When Java's startup cache is used."""

from __future__ import annotations

import os
from pathlib import Path

from graph.server.java import Java
from graph.server.startup import StartupCache

JAVA = Java(Path("/java/bin/java"), "25.0.2", has_vector=False)


def jar(folder: Path) -> Path:
    path = folder / "a.jar"
    path.write_text("jar")
    return path


def test_the_archive_is_used_once_made(tmp_path: Path) -> None:
    cache = StartupCache(tmp_path, JAVA, (jar(tmp_path),))
    assert cache.flags() == ()
    made = tmp_path / "made"
    made.write_text("cache")
    cache.accept(made)
    assert f"-XX:AOTCache={cache.path}" in cache.flags()


def test_other_jars_or_another_java_need_another_one_and_the_old_one_goes(tmp_path: Path) -> None:
    path = jar(tmp_path)
    first = StartupCache(tmp_path, JAVA, (path,))
    first.path.write_text("cache")
    os.utime(path, (1, 1))
    second = StartupCache(tmp_path, JAVA, (path,))
    assert second.flags() == ()
    assert StartupCache(tmp_path, Java(JAVA.executable, "26.0.1", has_vector=False), (path,)).path != second.path
    made = tmp_path / "made"
    made.write_text("cache")
    second.accept(made)
    assert [file.name for file in tmp_path.glob("*.aot")] == [second.path.name]


def test_an_older_java_makes_no_archive(tmp_path: Path) -> None:
    old = StartupCache(tmp_path, Java(JAVA.executable, "21.0.4", has_vector=False), (jar(tmp_path),))
    assert not old.supported
    assert old.flags() == ()
