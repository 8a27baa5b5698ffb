"""Checks of a home that need no Neo4j."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from crashgraph.doctor import Check
from crashgraph.settings import organisations_in
from crashgraph.spool import DISK_RESERVE, decode, opened
from graph.model.errors import InvalidInputError

PRIVATE = ("password", "redaction.key", "sentry.key", "access.key", "spool.db")


def check_home(home: Path) -> Iterator[Check]:
    """What can be said about a home without Neo4j. Nothing but ``home`` if it cannot be written."""
    if not home.exists():
        yield Check("home", ok=True, detail=f"{home} does not exist yet; the first command creates it")
        return
    if not os.access(home, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        advice = "make it writable for this user, or choose another with CRASHGRAPH_HOME"
        yield Check("home", ok=False, detail=f"{home} cannot be written; {advice}")
        return
    yield from check_modes(home)
    yield check_spool(home / "spool.db")
    yield check_disk(home)
    if organisations := organisations_in(home):
        detail = f"{', '.join(organisations)}; check each with --organisation NAME"
        yield Check("organisations", ok=True, detail=detail)


def check_modes(home: Path) -> Iterator[Check]:
    """Whether others may read the home or a file with a secret."""
    wrong = False
    for path, mode in ((home, 0o700), *((home / name, 0o600) for name in PRIVATE)):
        if path.exists() and path.stat().st_mode & 0o077:
            wrong = True
            yield Check(f"mode of {path.name}", ok=False, detail=f"others may read {path}; run: chmod {mode:o} {path}")
    if not wrong:
        yield Check("modes", ok=True, detail="only the owner may read the home and its keys")


def check_spool(path: Path) -> Check:
    """Whether what waits in the spool can be read."""
    if not path.exists():
        return Check("spool", ok=True, detail="nothing waits")
    advice = "stop the service and move the file away; `crashgraph db restore` brings back what waited at the last backup"
    try:
        with closing(opened(path)) as spool:
            [(damage,)] = spool.execute("PRAGMA quick_check(1)").fetchall()
            records = spool.execute("SELECT layout, reports, content FROM record")
            readable = [(decode(layout, content) is not None, reports) for layout, reports, content in records]
    except (InvalidInputError, sqlite3.Error) as error:
        return Check("spool", ok=False, detail=f"{path} is damaged: {error}; {advice}")
    if damage != "ok":
        return Check("spool", ok=False, detail=f"{path} is damaged: {damage}; {advice}")
    lost = sum(reports for ok, reports in readable if not ok)
    if lost:
        detail = (
            f"{lost:,} reports in {path} cannot be read by this version of crashgraph; if no newer one wrote them: {advice}"
        )
        return Check("spool", ok=False, detail=detail)
    return Check("spool", ok=True, detail=f"{sum(reports for _, reports in readable):,} reports wait to be stored")


def check_disk(home: Path) -> Check:
    """Whether the disk has room for new reports."""
    free = shutil.disk_usage(home).free
    detail = f"{free >> 20:,} MiB are free on the disk of {home}"
    if free < DISK_RESERVE:
        return Check(
            "disk", ok=False, detail=f"{detail}; below {DISK_RESERVE >> 20:,} MiB reports are refused: free space on it"
        )
    return Check("disk", ok=True, detail=detail)
