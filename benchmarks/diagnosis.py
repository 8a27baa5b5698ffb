"""How many real reports get a diagnosis, how sure it is, and what diagnosing and fingerprinting cost. No database is asked.

``python benchmarks/diagnosis.py --data FOLDER`` reads the labelled sets. Where the truth names the kind of error, its
diagnosis is compared with that of the report; ``--sample N`` prints distinct errors to be judged by hand.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from _bench import report as print_report
from formats import SETS, Case, cases

from graph.diagnosis.diagnose import Diagnosis, diagnose
from graph.diagnosis.taxonomy import taxonomy
from graph.fingerprint.compute import fingerprint
from graph.fingerprint.explain import explain
from graph.model.report import ParsedReport
from graph.parsing.read import read

SURE = 0.5
"""Below it the rule knows only that an error was raised."""
FAILED_TEST = "CHK.TEST"


def first_reports(found: Sequence[Case]) -> list[tuple[Case, ParsedReport]]:
    """Each case with the first report that is read from it; those that are not read are left out."""
    read_ones = ((case, read(case.text).reports) for case in found)
    return [(case, reports[0]) for case, reports in read_ones if reports]


def kind_of(case: Case) -> str:
    """The true kind of error; empty if the truth names none."""
    if "title" in case.truth:
        title = str(case.truth["title"])
        return title.rpartition(" in ")[0] or title
    return str(case.truth["type"] or "").split("\n", 1)[0] if "state" in case.truth else ""


def shares(name: str, pairs: Sequence[tuple[Case, ParsedReport]]) -> dict[str, object]:
    told = [diagnose(report) for _, report in pairs]
    sure = [one for one in told if one is not None and one.confidence >= SURE]
    compared = [
        (expected.error_code, mine.error_code if mine else "")
        for (case, _), mine in zip(pairs, told, strict=True)
        if kind_of(case) and (expected := diagnose(ParsedReport("", kind_of(case), ""))) is not None
    ]
    agreeing = sum(expected == mine for expected, mine in compared)
    return {
        "set": name,
        "reports": len(pairs),
        "diagnosed": sum(one is not None for one in told),
        "sure": len(sure),
        "categories": len({one.error_code for one in sure}),
        "clusters": len({one.cluster_id for one in sure}),
        "as the truth's kind": f"{agreeing} of {len(compared)}" if compared else "-",
    }


def cost(name: str, reports: Sequence[ParsedReport], rounds: int) -> dict[str, object]:
    """Microseconds of the processor per report; a fingerprint made again finds the names remembered."""
    fresh = _microseconds(reports, fingerprint, 1)
    return {
        "set": name,
        "frames": sum(len(one.frames) for one in reports) / max(len(reports), 1),
        "fingerprint, new, µs": fresh,
        "again, µs": _microseconds(reports, fingerprint, rounds),
        "diagnose, µs": _microseconds(reports, diagnose, rounds),
        "explain, µs": _microseconds(reports, explain, rounds),
    }


def _microseconds(reports: Sequence[ParsedReport], work: Callable[[ParsedReport], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        begin = time.process_time()
        for one in reports:
            work(one)
        taken.append(time.process_time() - begin)
    return median(taken) / max(len(reports), 1) * 1e6


def sample(pairs: Sequence[tuple[Case, ParsedReport]], count: int, seed: int) -> None:
    """Distinct errors other than failed tests, with their diagnosis."""
    distinct: dict[tuple[str, str], tuple[ParsedReport, Diagnosis | None]] = {}
    for _, report in pairs:
        found = diagnose(report)
        if found is None or found.error_code != FAILED_TEST:
            distinct.setdefault((report.error_type, report.message[:20]), (report, found))
    chosen = random.Random(seed).sample(sorted(distinct), min(count, len(distinct)))
    for key in chosen:
        report, found = distinct[key]
        line = " ".join(report.message.split())[:90]
        print(f"{found.cluster_id if found else '-'} | {report.error_type} | {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets")
    parser.add_argument("--sample", type=int, default=0, help="print so many distinct errors, and measure nothing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    begin = time.process_time()
    known = taxonomy()
    loaded = time.process_time() - begin
    sets = {name: first_reports(cases(args.data, name)) for name in SETS}
    if args.sample:
        sample([pair for pairs in sets.values() for pair in pairs], args.sample, args.seed)
        return
    size = {"families": len(known.families), "categories": len(known.categories), "load, ms": loaded * 1e3}
    print_report("taxonomy", [{**size, "rules": sum(len(one.rules) for one in known.categories.values())}])
    print_report("cost", [cost(name, [report for _, report in pairs], args.rounds) for name, pairs in sets.items()])
    print_report("share diagnosed", [shares(name, pairs) for name, pairs in sets.items()])


if __name__ == "__main__":
    main()
