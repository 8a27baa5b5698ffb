"""The truth about a sample set: which fault made which crash, what causes what, and how faults changed.

A *fault* is what a person would call one bug. It can have several *forms*: what it looked like before and after it was
moved, renamed or otherwise changed. A *lineage* leads from one form to the next; where a fault is split or merged, the
forms at its two ends belong to different faults.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["moved", "renamed", "changed", "split", "merged", "re-introduced"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One bug. ``introduced`` is the first version that has it, ``fixed`` the first after the last that has it, if any.

    ``severity`` is one of ``critical``, ``high``, ``medium``, ``low``: how bad it is, whatever its crashes were logged as.
    """

    fault_id: str
    description: str
    severity: str
    introduced: str
    fixed: str | None
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What a fault looked like in some versions."""

    form_id: str
    fault: str
    versions: tuple[str, ...]
    places: tuple[str, ...]
    """``file:line`` in the first of its versions; a fault can be reached in several places."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Crashes of ``cause`` make crashes of ``effect``; ``scope`` is ``site`` or, for a neighbour's, ``link``."""

    cause: str
    effect: str
    scope: Literal["site", "link"]
    count: int
    """Crashes of ``effect`` in this set that a crash of ``cause`` made."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """A form turned into another at ``version``."""

    source: str
    target: str
    kind: Kind
    version: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One crash: its fault and form, and the crash that caused it, if any."""

    crash_id: str
    fault: str
    form: str
    caused_by: str | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known about one sample set."""

    seed: int
    scale: float
    faults: tuple[Fault, ...]
    forms: tuple[Form, ...]
    causes: tuple[Cause, ...]
    lineages: tuple[Lineage, ...]
    sites: tuple[str, ...]
    site_links: tuple[tuple[str, str], ...]
    versions: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]

    def faults_by_crash(self) -> Mapping[str, str]:
        """Crash id to fault id."""
        return {occurrence.crash_id: occurrence.fault for occurrence in self.occurrences}

    def forms_by_crash(self) -> Mapping[str, str]:
        """Crash id to form id: the finer truth, which separates a fault from its earlier form."""
        return {occurrence.crash_id: occurrence.form for occurrence in self.occurrences}


def save_truth(truth: Truth, path: Path) -> None:
    """Write it as JSON."""
    path.write_text(json.dumps(asdict(truth), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_truth(path: Path) -> Truth:
    """Read what :func:`save_truth` wrote.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not such a file.
    """
    data = json.loads(path.read_text("utf-8"))
    try:
        return Truth(
            seed=data["seed"],
            scale=data["scale"],
            faults=tuple(Fault(**{**item, "forms": tuple(item["forms"])}) for item in data["faults"]),
            forms=tuple(
                Form(item["form_id"], item["fault"], tuple(item["versions"]), tuple(item["places"])) for item in data["forms"]
            ),
            causes=tuple(Cause(**item) for item in data["causes"]),
            lineages=tuple(Lineage(**item) for item in data["lineages"]),
            sites=tuple(data["sites"]),
            site_links=tuple((first, second) for first, second in data["site_links"]),
            versions=tuple(data["versions"]),
            occurrences=tuple(Occurrence(**item) for item in data["occurrences"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not the truth of a sample set: {error}") from error
