"""Runs the sample application: one process per station, which goes through the versions that the station had."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from samples.releases import PRODUCT, VERSIONS, lay_out, marks
from samples.sites import SITES, Site

Progress = Callable[[int, int], None]
Rows = list[dict[str, Any]]
_DRIVE = Path(__file__).parent / "drive"


class Play:
    """One run of all stations in the folder ``work``."""

    def __init__(self, work: Path, seed: int, scale: float, progress: Progress) -> None:
        """Lay every version out; ``progress`` is called with the numbers of done and of all periods."""
        self._work = work
        self._seed = seed
        self._scale = scale
        self._progress = progress
        self._done = 0
        self._counting = Lock()
        for version in VERSIONS:
            lay_out(version, self._release(version))

    def all_sites(self) -> Rows:
        """All crashes. A station begins when its partners are done, since it fetches what they publish.

        Raises:
            RuntimeError: a station's process failed.
        """
        running: dict[str, Future[Rows]] = {}
        with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as workers:
            for site in SITES:  # partners come first in the list, so waiting for them in a worker cannot block for ever
                partners = [running[name] for name in site.fetches_from]
                running[site.name] = workers.submit(self._site, site, partners)
        return [row for site in SITES for row in running[site.name].result()]

    def _site(self, site: Site, partners: list[Future[Rows]]) -> Rows:
        for partner in partners:
            partner.result()
        periods = [self._period(site, *period) for period in site.periods()]
        told = self._work / f"{site.name}.told.json"
        told.write_text(json.dumps(periods), "utf-8")
        self._run(site, told)
        rows: Rows = []
        for period in periods:
            lines = Path(period["crashes"]).read_text("utf-8").splitlines()
            rows += [json.loads(line) | {"site": site.name, "version": period["version"]} for line in lines]
        return rows

    def _run(self, site: Site, told: Path) -> None:
        """Run a station's process; it prints a line for every period that it has played."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON") or name == "PYTHONHOME"}
        environment = kept | {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "PYTHON_COLORS": "0"}
        errors = told.with_suffix(".errors")
        with (
            errors.open("wb") as stderr,
            subprocess.Popen(
                [sys.executable, "-S", str(_DRIVE), str(told)], env=environment, stdout=subprocess.PIPE, stderr=stderr
            ) as process,
        ):
            for _ in process.stdout or ():
                self._one_done()
        if process.returncode:
            said = errors.read_text("utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"the sample application stopped at {site.name}:\n{said}")

    def _one_done(self) -> None:
        with self._counting:
            self._done += 1
            self._progress(self._done, sum(len(site.periods()) for site in SITES))

    def _period(self, site: Site, version: str, first: date, until: date) -> dict[str, Any]:
        """What ``samples.drive.period.Period`` is made of."""
        station = self._work / "sites" / site.name
        station.mkdir(parents=True, exist_ok=True)
        tree = station / f"{PRODUCT}-{version}"
        _install(self._release(version), tree)
        return {
            "seed": self._seed,
            "scale": self._scale,
            "site": asdict(site),
            "version": version,
            "first": first.isoformat(),
            "until": until.isoformat(),
            "folder": str(station / "data"),
            "tree": str(tree),
            "marks": {name: [[one.form, one.first, one.last, one.when] for one in of] for name, of in marks(version).items()},
            "partners": {name: str(self._work / f"{name}.published.jsonl") for name in site.fetches_from},
            "crashes": str(self._work / f"{site.name}-{version}.crashes.jsonl"),
            "published": str(self._work / f"{site.name}.published.jsonl"),
        }

    def _release(self, version: str) -> Path:
        return self._work / "releases" / f"{PRODUCT}-{version}"


def _install(release: Path, tree: Path) -> None:
    """Give a station the release under a path of its own; a link shares the compiled files."""
    try:
        tree.symlink_to(release, target_is_directory=True)
    except OSError:
        shutil.copytree(release, tree)
