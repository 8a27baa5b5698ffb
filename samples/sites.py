"""The stations that run the sample application: their people, machines, settings and neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from samples.releases import LAST_DAY, RELEASES


@dataclass(frozen=True, slots=True)
class Site:
    """One station. ``pace`` scales how much goes on there; ``delay`` is how many days after a release it has it."""

    name: str
    users: tuple[str, ...]
    os: str
    memory_class: str
    pace: float = 1.0
    delay: int = 0
    skips: tuple[str, ...] = ()
    fetches_from: tuple[str, ...] = ()
    lacks: tuple[str, ...] = field(default=())
    """Settings that somebody forgot there, as ``section.name``."""

    def periods(self) -> list[tuple[str, date, date]]:
        """Version, first day and the day after the last, in order."""
        had = [release for release in RELEASES if release.version not in self.skips]
        starts = [release.day + timedelta(days=self.delay if index else 0) for index, release in enumerate(had)]
        ends = [*starts[1:], LAST_DAY + timedelta(days=1)]
        return [(release.version, start, end) for release, start, end in zip(had, starts, ends, strict=True)]


SITES = (
    Site("oslo", ("ida.berg", "jonas.lie", "maja.dahl"), "Debian 12", "8-16 GiB", pace=1.3),
    Site("gent", ("lotte.maes", "wout.claes"), "Ubuntu 24.04", "4-8 GiB", delay=1),
    Site("lyon", ("chloe.roux", "hugo.petit", "lea.blanc"), "RHEL 9", "16-32 GiB", pace=1.2, delay=2),
    Site("graz", ("anna.gruber", "paul.huber"), "Debian 12", "4-8 GiB", delay=3, pace=0.8, lacks=("traffic.vat",)),
    Site("turku", ("aino.salo", "eero.laine"), "Debian 13", "8-16 GiB", delay=1, fetches_from=("oslo",)),
    Site("leeds", ("amy.shaw", "tom.hughes"), "Ubuntu 22.04", "4-8 GiB", delay=4, skips=("1.2",), fetches_from=("gent",),
         lacks=("traffic.vat",)),
    Site("porto", ("ines.rocha", "rui.matos"), "RHEL 9", "8-16 GiB", delay=2, fetches_from=("lyon", "graz"),
         lacks=("playout.gateway",)),
    Site("zadar", ("mia.babic", "luka.juric"), "Ubuntu 24.04", "2-4 GiB", pace=0.7, delay=5, fetches_from=("graz",),
         lacks=("playout.gateway",)),
)  # fmt: skip


def site_links() -> list[tuple[str, str]]:
    """Linked stations: failures of the publisher can reach the fetcher."""
    return [(partner, site.name) for site in SITES for partner in site.fetches_from]
