"""Makes a sample set: runs the sample application at every station, and gathers its crashes and their truth."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from samples.faults import ACROSS_LINKS, FAULTS, LINEAGES
from samples.releases import PRODUCT, VERSIONS, forms, lay_out, marks
from samples.sites import SITES, Site, site_links
from samples.truth import Cause, Fault, Form, Lineage, Occurrence, Truth, save_truth

Progress = Callable[[int, int], None]
_DRIVE = Path(__file__).parent / "drive"


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
    version words differently. ``scale`` multiplies how much happens (some 1,900 crashes at 1). ``progress`` is called
    with the number of done and of all periods (one per station and version).

    Raises:
        OSError: the folder cannot be written.
        RuntimeError: the sample application could not be run; the message ends with what it said.
    """
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        for version in VERSIONS:
            lay_out(version, work / "releases" / f"{PRODUCT}-{version}")
        rows = _play_all(work, seed, scale, progress or (lambda _done, _all: None))
        return _write(folder, rows, seed, scale)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _play_all(work: Path, seed: int, scale: float, progress: Progress) -> list[dict[str, Any]]:
    """All crashes of all stations. A station begins when its partners are done, since it fetches what they publish."""
    total, done = sum(len(site.periods()) for site in SITES), 0

    def one_done() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    running: dict[str, Future[list[dict[str, Any]]]] = {}
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as workers:
        for site in SITES:  # partners come first in the list, so waiting for them inside a worker cannot block for ever
            partners = [running[name] for name in site.fetches_from]
            running[site.name] = workers.submit(_play_site, site, partners, work, seed, scale, one_done)
    return [row for site in SITES for row in running[site.name].result()]


def _play_site(
    site: Site, partners: list[Future[list[dict[str, Any]]]], work: Path, seed: int, scale: float, one_done: Callable[[], None]
) -> list[dict[str, Any]]:
    for partner in partners:
        partner.result()
    rows: list[dict[str, Any]] = []
    published: list[dict[str, Any]] = []
    for version, first, until in site.periods():
        period = _period(site, version, work) | {
            "seed": seed, "scale": scale, "first": first.isoformat(), "until": until.isoformat(),
        }  # fmt: skip
        _run(period)
        one_done()
        published += json.loads(Path(period["published"]).read_text("utf-8"))
        lines = Path(period["crashes"]).read_text("utf-8").splitlines()
        rows += [json.loads(line) | {"site": site.name, "version": version} for line in lines]
    (work / f"{site.name}.published.json").write_text(json.dumps(published), "utf-8")
    return rows


def _period(site: Site, version: str, work: Path) -> dict[str, Any]:
    """The parts of ``samples.drive.period.Period`` that do not depend on how much is asked for."""
    station = work / "sites" / site.name
    station.mkdir(parents=True, exist_ok=True)
    tree = station / f"{PRODUCT}-{version}"
    _install(work / "releases" / tree.name, tree)
    return {
        "site": asdict(site),
        "version": version,
        "folder": str(station / "data"),
        "tree": str(tree),
        "marks": {
            name: [[mark.form, mark.first, mark.last, mark.when] for mark in listed] for name, listed in marks(version).items()
        },
        "partners": {name: str(work / f"{name}.published.json") for name in site.fetches_from},
        "crashes": str(work / f"{site.name}-{version}.crashes.jsonl"),
        "published": str(work / f"{site.name}-{version}.published.json"),
    }


def _install(release: Path, tree: Path) -> None:
    """Give a station the release under a path of its own; a link shares the compiled files."""
    try:
        tree.symlink_to(release, target_is_directory=True)
    except OSError:
        shutil.copytree(release, tree)


def _run(period: dict[str, Any]) -> None:
    told = Path(period["crashes"]).with_suffix(".told.json")
    told.write_text(json.dumps(period), "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = kept | {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "PYTHON_COLORS": "0"}
    command = [sys.executable, "-S", str(_DRIVE), str(told)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    if ended.returncode:
        place = f"{period['site']['name']} with {PRODUCT} {period['version']}"
        raise RuntimeError(f"the sample application stopped at {place}:\n{ended.stderr[-2000:]}")


def _write(folder: Path, rows: list[dict[str, Any]], seed: int, scale: float) -> SampleSet:
    rows.sort(key=lambda row: (row["timestamp"], row["key"]))
    ids = {row["key"]: f"{PRODUCT}-{number:05d}" for number, row in enumerate(rows, 1)}
    sites = {site.name: site for site in SITES}
    reports, truth_path = folder / "reports.jsonl", folder / "truth.json"
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
