"""Which Java is accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.model.errors import StartError
from graph.server.java import find_java, major


def java_home(folder: Path, release: str | None) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch(mode=0o755)
    if release is not None:
        (folder / "release").write_text(release)
    return folder


def test_without_a_choice_it_is_the_one_that_comes_along() -> None:
    java = find_java(None)
    assert java.executable.is_file()
    assert major(java.version) >= 21


def test_a_folder_without_java_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="there is no bin/java in it; set it to the folder of a Java 21 or newer"):
        find_java(tmp_path)


def test_an_old_java_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"a Java 17\.0\.9, too old for Neo4j"):
        find_java(java_home(tmp_path, 'JAVA_VERSION="17.0.9"\n'))


def test_a_java_without_a_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="but its file 'release' has no version"):
        find_java(java_home(tmp_path, None))


def test_a_java_with_the_vector_module_is_known_as_such(tmp_path: Path) -> None:
    release = 'IMPLEMENTOR="x"\nJAVA_VERSION="25.0.1"\nMODULES="java.base jdk.incubator.vector"\n'
    assert find_java(java_home(tmp_path, release)).has_vector


@pytest.mark.parametrize(("version", "number"), [("25.0.2", 25), ("21", 21), ("1.8.0_292", 8), ("", 0), ("x", 0)])
def test_major_version(version: str, number: int) -> None:
    assert major(version) == number
