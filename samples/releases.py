"""Releases of the sample application: a whole tree for the first, and what changed for each later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from samples.marks import Mark, take_marks

PRODUCT = "airdesk"
_ROOT = Path(__file__).parent / PRODUCT


@dataclass(frozen=True, slots=True)
class Release:
    """One version, and the day on which sites could first have it."""

    version: str
    day: date

    @property
    def folder(self) -> Path:
        """Where its changes lie."""
        return _ROOT / f"v{self.version}"


RELEASES = (
    Release("1.0", date(2026, 1, 5)),
    Release("1.1", date(2026, 1, 15)),
    Release("1.2", date(2026, 1, 27)),
    Release("2.0", date(2026, 2, 9)),
    Release("2.1", date(2026, 2, 21)),
    Release("2.2", date(2026, 3, 4)),
)
LAST_DAY = date(2026, 3, 15)
VERSIONS = tuple(release.version for release in RELEASES)


@cache
def sources(version: str) -> dict[str, Path]:
    """Files of a version: path in the tree to the file that has its text.

    Each release replaces files of the one before, adds new ones, and leaves out those its ``REMOVED`` lists.
    """
    index = VERSIONS.index(version)
    folder = RELEASES[index].folder
    files = dict(sources(VERSIONS[index - 1])) if index else {}
    files |= {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.py"))}
    removed = folder / "REMOVED"
    for name in removed.read_text("utf-8").split() if removed.exists() else ():
        del files[name]
    return files


@cache
def marks(version: str) -> dict[str, tuple[Mark, ...]]:
    """Marks of a version by file, only files that have any."""
    found = {name: take_marks(path.read_text("utf-8"))[1] for name, path in sources(version).items()}
    return {name: tuple(listed) for name, listed in found.items() if listed}


@cache
def forms(version: str) -> frozenset[str]:
    """Forms of faults that a version has."""
    return frozenset(mark.form for listed in marks(version).values() for mark in listed)


def lay_out(version: str, folder: Path) -> None:
    """Write a version's whole tree, without marks."""
    for name, path in sources(version).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(take_marks(path.read_text("utf-8"))[0], encoding="utf-8")
