"""Makes a sample set: runs the sample application at every station, and gathers its crashes and their truth."""

from __future__ import annotations

import json
import platform
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from samples.faults import ACROSS_LINKS, FAULTS, LINEAGES
from samples.releases import PRODUCT, VERSIONS, forms, marks
from samples.running import Play, Progress
from samples.sites import SITES, Site, site_links
from samples.truth import Cause, Fault, Form, Lineage, Occurrence, Truth, save_truth

REPORTS, TRUTH = "reports.jsonl", "truth.json"
"""Names of the two files that are made."""


@dataclass(frozen=True, slots=True)
class SampleSet:
    """What was made: crash reports as JSON lines in order of time, their truth, and how many there are."""

    reports: Path
    truth: Path
    crash_count: int
    fault_count: int
    site_count: int
    version_count: int


def generate(folder: Path, *, seed: int = 2026, scale: float = 1.0, progress: Progress | None = None) -> SampleSet:
    """Run the sample application for ten simulated weeks and write ``reports.jsonl`` and ``truth.json``.

    The same seed gives the same crashes, except for addresses of objects, this machine's paths, and what the Python
    version words differently. ``scale`` multiplies how much happens (some 2,000 crashes at 1). ``progress`` is called
    with the numbers of done and of all periods (one per station and version), one call at a time but from other threads.

    Raises:
        OSError: the folder cannot be written.
        RuntimeError: the sample application could not be run; the message ends with what it said.
    """
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        play = Play(work, seed, scale, progress or (lambda _done, _all: None))
        return _write(folder, play.all_sites(), seed, scale)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(folder: Path, rows: list[dict[str, Any]], seed: int, scale: float) -> SampleSet:
    rows.sort(key=lambda row: (row["timestamp"], row["key"]))
    ids = {row["key"]: f"{PRODUCT}-{number:05d}" for number, row in enumerate(rows, 1)}
    sites = {site.name: site for site in SITES}
    reports, truth_path = folder / REPORTS, folder / TRUTH
    with reports.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(_report(row, ids[row["key"]], sites[row["site"]]), ensure_ascii=False) + "\n")
    truth = _truth([_occurrence(row, ids) for row in rows], seed, scale)
    save_truth(truth, truth_path)
    seen = {occurrence.fault for occurrence in truth.occurrences}
    return SampleSet(reports, truth_path, len(rows), len(seen), len(SITES), len(VERSIONS))


def _report(row: dict[str, Any], crash_id: str, site: Site) -> dict[str, Any]:
    """One line of ``crashgraph ingest --jsonl``."""
    return {
        "report": row["report"],
        "id": crash_id,
        "timestamp": row["timestamp"],
        "product": PRODUCT,
        **{name: row[name] for name in ("version", "site", "user", "session", "severity")},
        "environment": {
            "os": site.os,
            "runtime": f"{platform.python_implementation()} {platform.python_version()}",
            "database": f"SQLite {sqlite3.sqlite_version}",
            "memory_class": site.memory_class,
        },
    }


def _occurrence(row: dict[str, Any], ids: dict[str, str]) -> Occurrence:
    cause = row["caused_by"]
    return Occurrence(ids[row["key"]], fault_of(row["form"]), row["form"], ids[cause] if cause else None)


def fault_of(form: str) -> str:
    """The fault that a form belongs to: ``licence-date/2`` is a form of ``licence-date``."""
    return form.partition("/")[0]


def _truth(occurrences: list[Occurrence], seed: int, scale: float) -> Truth:
    known = _forms()
    return Truth(
        seed=seed,
        scale=scale,
        faults=tuple(_fault(name, [form for form in known if form.fault == name]) for name in FAULTS),
        forms=tuple(known),
        causes=tuple(_causes(occurrences)),
        lineages=tuple(
            Lineage(source, target, kind, next(form.versions[0] for form in known if form.form_id == target))
            for source, target, kind in LINEAGES
        ),
        sites=tuple(site.name for site in SITES),
        site_links=tuple(site_links()),
        versions=VERSIONS,
        occurrences=tuple(occurrences),
    )


def _forms() -> list[Form]:
    names = sorted({form for version in VERSIONS for form in forms(version)})
    return [_form(name, tuple(version for version in VERSIONS if name in forms(version))) for name in names]


def _form(name: str, versions: tuple[str, ...]) -> Form:
    listed = marks(versions[0])
    places = [f"{file}:{mark.first}" for file in sorted(listed) for mark in listed[file] if mark.form == name]
    return Form(name, fault_of(name), versions, tuple(places))


def _fault(name: str, its_forms: list[Form]) -> Fault:
    have = sorted(VERSIONS.index(version) for form in its_forms for version in form.versions)
    fixed = VERSIONS[have[-1] + 1] if have[-1] + 1 < len(VERSIONS) else None
    known = FAULTS[name]
    ids = tuple(form.form_id for form in its_forms)
    return Fault(name, known.description, known.severity, VERSIONS[have[0]], fixed, ids)


def _causes(occurrences: Iterable[Occurrence]) -> list[Cause]:
    """Pairs that happened, with how often."""
    by_id = {occurrence.crash_id: occurrence for occurrence in occurrences}
    pairs = Counter((by_id[one.caused_by].fault, one.fault) for one in by_id.values() if one.caused_by)
    return [Cause(cause, effect, _scope(cause, effect), count) for (cause, effect), count in sorted(pairs.items())]


def _scope(cause: str, effect: str) -> Literal["site", "link"]:
    return "link" if (cause, effect) in ACROSS_LINKS else "site"
