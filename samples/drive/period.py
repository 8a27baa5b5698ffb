"""One station's days with one version: makes its folder ready, plans what happens, and plays it."""

from __future__ import annotations

import json
import math
import random
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from samples.drive.acts import ACTS, left_behind
from samples.drive.acts.exchange import fetch
from samples.drive.scene import Person, Scene
from samples.drive.witness import Witness
from samples.marks import Mark

FOLDERS = ("inbox", "outbox", "rules", "channels", "labels", "clips", "reports", "guide")
OPENS_AT, HOURS_OPEN = 6, 16


@dataclass(frozen=True)
class Period:
    """Arguments of the subprocess; days are ISO dates, ``until`` is the day after the last."""

    seed: int
    scale: float
    site: dict[str, Any]
    version: str
    first: str
    until: str
    folder: str
    tree: str
    marks: dict[str, list[list[Any]]]
    partners: dict[str, str]
    """Partner station to the file that lists what it published."""
    crashes: str
    published: str


def make_ready(folder: Path, site: dict[str, Any], rng: random.Random) -> None:
    """Furnish a station that has just bought the program."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    settings = {"playout": {"gateway": _gateway(site)}, "traffic": {"vat": "0.20"}, "station": {"name": site["name"]}}
    for lacking in site["lacks"]:
        section, _, name = lacking.partition(".")
        del settings[section][name]
    (folder / "airdesk.json").write_text(json.dumps(settings, indent=1), "utf-8")
    for channel in ("one", "two", "regional"):
        text = json.dumps({"channel": channel, "rate": 25, "logo": f"{channel}.png"}, indent=1)
        (folder / "channels" / f"{channel}.json").write_text(text, "utf-8")
        (folder / "labels" / f"{channel}.bin").write_bytes(b"LABL\x07\x80\x00\x04Info")
    (folder / "invoices.count").write_text(str(rng.randint(100, 900)), "utf-8")
    (folder / "playlist.json").write_text('[{"house_id": "H1000", "frames": 1500}]', "utf-8")
    (folder / "reports" / "latest.txt").write_text("", "utf-8")


def _gateway(site: dict[str, Any]) -> str:
    return f"sftp://playout:{site['name'].title()}-Tr0ub4dor@gateway.{site['name']}.example:2022/in"


def stock_up(path: Path) -> None:
    """Titles, series (S8 and S9 are each other's parent) and customers."""
    connection = sqlite3.connect(path)
    titles = [(f"H{1000 + number}", f"Title {number}", 30 + number % 60, "en") for number in range(51)]
    parents = {"S1": None, "S2": "S1", "S3": "S1", "S8": "S9", "S9": "S8"}
    series = [(number, f"Series {number}", parent) for number, parent in parents.items()]
    customers = [(f"C-{number:04d}", f"media{number}@customer.example") for number in range(100, 120)]
    connection.executemany("INSERT OR IGNORE INTO titles VALUES (?, ?, ?, ?)", titles)
    connection.executemany("INSERT OR IGNORE INTO series VALUES (?, ?, ?)", series)
    connection.executemany("INSERT OR IGNORE INTO customers VALUES (?, ?)", customers)
    connection.commit()
    connection.close()


def moments(rng: random.Random, per_week: float, day: date) -> Iterator[datetime]:
    """Times of one day at which something with that rate happens (a Poisson process while the station is open)."""
    at = 0.0
    while per_week > 0:
        at += -math.log(1.0 - rng.random()) * 7 / per_week
        if at >= 1:
            return
        start = datetime.combine(day, time(OPENS_AT), UTC)
        yield start + timedelta(seconds=int(at * HOURS_OPEN * 3600))


def install(tree: Path) -> None:
    """Have ``import airdesk`` mean this version, whatever it meant before."""
    sys.path[:] = [str(tree), *(entry for entry in sys.path if Path(entry).parent != tree.parent)]
    for name in [name for name in sys.modules if name.partition(".")[0] == tree.name.partition("-")[0]]:
        del sys.modules[name]


def run(period: Period) -> None:
    """Play a period; write its crashes, and add what was published to what was before."""
    install(Path(period.tree))
    rng = random.Random(f"{period.seed}/{period.site['name']}/{period.version}")
    folder = Path(period.folder)
    if not (folder / "airdesk.json").exists():
        make_ready(folder, period.site, rng)
    with Path(period.crashes).open("w", encoding="utf-8") as out:
        scene = Scene(folder, period.site, period.version, rng, out, left_behind)
        stock_up(folder / "airdesk.sqlite")
        marks = {name: [Mark(*mark) for mark in listed] for name, listed in period.marks.items()}
        scene.watch(Witness(Path(period.tree), marks, scene.note))
        _plan(scene, period)
        scene.play()
        scene.desk.close()
    with Path(period.published).open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(item) + "\n" for item in scene.published)


def _plan(scene: Scene, period: Period) -> None:
    rng, day, until = scene.rng, date.fromisoformat(period.first), date.fromisoformat(period.until)
    pace = period.scale * period.site["pace"]
    while day < until:
        people = [Person(user, f"{rng.getrandbits(48):012x}") for user in period.site["users"]]
        for act in ACTS:
            for moment in moments(rng, act.per_week * pace, day):
                scene.at(moment, act.do, Person("scheduler", f"batch-{day:%m%d}") if act.batch else rng.choice(people))
        day += timedelta(days=1)
    for partner, file in period.partners.items():
        for item in map(json.loads, Path(file).read_text("utf-8").splitlines()):
            when = datetime.fromisoformat(item["at"]) + timedelta(seconds=int(60 * rng.uniform(2, 35)))
            if period.first <= when.date().isoformat() < period.until and rng.random() < 0.85:
                scene.at(when, fetch(partner, Path(item["path"]), item["crash"]), Person("scheduler", f"batch-{when:%m%d}"))
