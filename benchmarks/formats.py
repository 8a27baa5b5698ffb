"""How much of real reports is understood, against truth, and how fast, per format, in seconds of one processor.

No database is asked.

``python benchmarks/formats.py --data FOLDER`` reads the labelled sets (``FOLDER/reports/*.jsonl.gz`` and ``FOLDER/wcr``);
``--wrong SET`` lists the reports of a set that are not understood as the truth has them. Without ``--data`` only speed is
measured, on the examples that the formats carry.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from _bench import report as print_report

from graph.fingerprint.compute import fingerprint
from graph.model.report import ParsedReport, StackFrame
from graph.parsing.read import PARSERS, read
from graph.sources.encoding import text_of

SETS = ("defects4j", "pymut", "casr", "clusterfuzz", "syzkaller")
STATE_LENGTH = 80
"""Characters to which the clusterfuzz truth shortens a function or message."""
KINDS = frozenset({"uncaught exception", "security exception", "wycheproof error", "kernel failure"})
"""What the clusterfuzz truth calls every exception of a language or report of a kernel, whatever its class."""
CORRUPTED = "corrupted"
"""Placeholder of the syzkaller truth for logs without a function."""


@dataclass(frozen=True, slots=True)
class FormatCase:
    """One report and what is known about it."""

    id: str
    text: str
    truth: Mapping[str, object]


def cases(data: Path, name: str) -> list[FormatCase]:
    with gzip.open(data / "reports" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = (json.loads(line) for line in lines)
        return [FormatCase(one["id"], one["report"], one["truth"]) for one in found]


Judge = Callable[[ParsedReport, Mapping[str, object]], dict[str, bool]]


def by_fields(report: ParsedReport, truth: Mapping[str, object]) -> dict[str, bool]:
    """Type, innermost frame and number of frames, which the truth counts over all exceptions of a chain."""
    printed = report.frame_count + sum(frame.repeated for cause in report.causes for frame in cause.frames)
    found = {"type": report.error_type == truth["type"], "frames": printed == truth["frames"]}
    top = report.frames[0] if report.frames else None
    return {**found, "top frame": top is not None and truth["top"] in {top.function, top.qualified}}


def texts(listed: object) -> list[str]:
    """The entries of a list in the truth."""
    assert isinstance(listed, list), listed
    return [str(entry) for entry in listed]


CRASH_LINE = re.compile(r"(.+?):(\d+)(?::\d+)?")


def by_crash_line(report: ParsedReport, truth: Mapping[str, object]) -> dict[str, bool]:
    """Number of frames, and the place to blame as file and line."""
    found = {}
    if truth["frames"]:
        found["frames"] = report.frame_count == truth["frames"]
    if truth["crash_line"]:
        place = CRASH_LINE.fullmatch(str(truth["crash_line"]))
        at = report.culprit
        found["culprit"] = place is not None and at is not None and (at.file, at.line) == (place[1], int(place[2]))
    return found


NO_FUNCTIONS = (".cc", ".h", ".tq", "fuzzer")
TARGETS = ("timeout", "out-of-memory", "overwrites-const-input")
"""Where the clusterfuzz truth names the fuzz target instead of a function."""
TARGET = "LLVMFuzzerTestOneInput"
ANONYMOUS = re.compile(r"\(anonymous namespace\)::|`anonymous namespace'::")


SYNONYMS = {"assert": ("panic",)}
"""What the developers of a language call an error that the clusterfuzz truth names as C does."""


def deferred(report: ParsedReport) -> set[str]:
    """Functions that only ran because a panic of Go was on its way, as the truth spells them; it takes them for its origin."""
    names = [frame.qualified for frame in report.frames] if report.format == "go" else []
    above = names[: len(names) - names[::-1].index("panic")] if "panic" in names else []
    return {name.rpartition("/")[2] for name in above}


def by_state(report: ParsedReport, truth: Mapping[str, object]) -> dict[str, bool]:
    """The crash type, and the function to blame: the first entry of the state that is not the text of a failed check."""
    state = texts(truth["state"])
    kind = str(truth["type"]).split("\n")[0].lower()
    found = {} if kind in {"", *KINDS} else {"type": report.error_type.lower() in {kind, *(SYNONYMS.get(kind, ()))}}
    message = " ".join(report.message.split())
    unwinding = deferred(report)
    functions = [
        one
        for one in state
        if not one.startswith("Bad-cast to ")
        and one not in unwinding
        and (" ".join(one.split())[:20] not in message or one in (f.function for f in report.frames))
    ]
    if functions and functions[0] not in {"", "NULL"} and not functions[0].endswith(NO_FUNCTIONS) and kind not in TARGETS:
        # The truth names the fuzz target's file where its function would stand.
        is_target = functions[0] not in {name for frame in report.frames for name in (frame.function, frame.qualified)}
        at = report.culprit
        if report.format == "go" and at is not None and at.module == "main":
            # The truth never names a function of Go's package main.
            return found
        found["culprit"] = at is not None and (blames(at, functions[0]) or (is_target and at.function == TARGET))
    return found


def blames(at: StackFrame, function: str) -> bool:
    """Whether a frame is the one that the clusterfuzz truth names, which leaves some words of a function out and adds some."""
    if function.startswith("/") and at.function.startswith("+0x"):
        # The truth has the path of the library there, cut.
        return True
    names = {at.function, at.qualified, f"{at.function}({at.module})", ANONYMOUS.sub("", at.function)}
    typed = function.partition(" ")[2] or function
    return any(
        name[:STATE_LENGTH] == function or name.endswith(f"/{function}") or (name.startswith(typed) and typed != function)
        for name in names
    )


def by_title(report: ParsedReport, truth: Mapping[str, object]) -> dict[str, bool]:
    """The error and the culprit, from the one-line title."""
    titles = [str(truth["title"]), *texts(truth["alt"])]
    parts = [one.rpartition(" in ") for one in titles]
    found = {"type": report.error_type in {before or after for before, _, after in parts}}
    if parts[0][1] and CORRUPTED not in parts[0][2]:
        at = report.culprit
        places = {_place(one) for _, _, after in parts for one in after.split("/")}
        found["culprit"] = at is not None and at.function in places
    return found


def _place(told: str) -> str:
    """The function in a title, after ``in``."""
    return told.strip().removesuffix(" at addr ADDR").removesuffix(".part.NUM")


JUDGES: dict[str, Judge] = {
    "defects4j": by_fields,
    "pymut": by_fields,
    "casr": by_crash_line,
    "clusterfuzz": by_state,
    "syzkaller": by_title,
}
COLUMNS = ("type", "top frame", "frames", "culprit")


def judged(name: str, found: Sequence[FormatCase]) -> Iterator[tuple[FormatCase, tuple[ParsedReport, ...], dict[str, bool]]]:
    """Each case with its reports and what is right about the first of them; a fact that the truth does not know is absent.

    A log with an empty true title has no crash; finding none is correct.
    """
    for case in found:
        reports = read(case.text).reports
        crashes = 0 if case.truth.get("title") == "" else 1
        right = JUDGES[name](reports[0], case.truth) if reports and crashes else {}
        yield case, reports, {"parsed": bool(reports) == bool(crashes), "one": len(reports) == crashes, **right}


def accuracy(data: Path) -> list[dict[str, object]]:
    rows = []
    for name in SETS:
        results = [right for _, _, right in judged(name, cases(data, name))]
        row: dict[str, object] = {"set": name, "reports": len(results)}
        for column in ("parsed", "one", *COLUMNS):
            known = [right[column] for right in results if column in right]
            row[column] = f"{sum(known) / len(known):.3f} of {len(known)}" if known else "-"
        rows.append(row)
    return rows


def environments(data: Path) -> list[dict[str, object]]:
    """How complete the environments of the crash reports in ``wcr`` are."""
    rows = []
    for path in sorted((data / "wcr").iterdir()):
        [found] = read(text_of(path.read_bytes())[0]).reports
        facts = {
            "site": found.site,
            "version": found.version,
            "user": found.user,
            "time": found.occurred_at,
            **found.environment,
        }
        rows.append(
            {"file": path.name, "frames": found.frame_count, "facts": ", ".join(sorted(k for k, v in facts.items() if v))}
        )
    return rows


def speed(name: str, texts: Sequence[str], rounds: int) -> dict[str, object]:
    """Parsing and fingerprinting, the fingerprints of all reports; the baseline only splits the same texts into lines."""
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    work, base = [], []
    for _ in range(rounds):
        begin = time.process_time()
        count = sum(1 for text in texts for one in read(text).reports if fingerprint(one).exact)
        work.append(time.process_time() - begin)
        begin = time.process_time()
        lines = sum(len(text.split("\n")) for text in texts)
        base.append(time.process_time() - begin)
    seconds = median(work)
    return {
        "texts": name,
        "reports": count,
        "lines": lines,
        "reports/s": count / seconds,
        "MB/s": size / seconds / 1e6,
        "× splitting": seconds / max(median(base), 1e-9),
    }


def growth(rounds: int) -> list[dict[str, object]]:
    """Each format's example many times over in one text; seconds per MB should not grow."""
    rows = []
    for parser in PARSERS:
        row: dict[str, object] = {"format": parser.name}
        for size in (10, 100, 1_000):
            row[f"MB/s at {size}"] = speed(parser.name, [(parser.example.rstrip("\n") + "\n\n\n") * size], rounds)["MB/s"]
        row["growth"] = float(str(row["MB/s at 100"])) / float(str(row["MB/s at 1000"]))
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the labelled sets")
    parser.add_argument("--wrong", choices=SETS, help="list what is wrong in one set, and measure nothing")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if args.wrong:
        for case, reports, right in judged(args.wrong, cases(args.data, args.wrong)):
            if not all(right.values()):
                wrong = [name for name, is_right in right.items() if not is_right]
                said = [(one.format, one.error_type, one.culprit.qualified if one.culprit else None) for one in reports[:3]]
                print(f"{case.id} {wrong} truth {dict(case.truth)} said {said}")
        return
    if args.data:
        print_report("formats against truth", accuracy(args.data))
        print_report("environments", environments(args.data))
        sets = {name: [case.text for case in cases(args.data, name)] for name in SETS}
        print_report("speed on real reports", [speed(name, texts, args.rounds) for name, texts in sets.items()])
    print_report("speed on examples", [speed(one.name, [one.example] * 500, args.rounds) for one in PARSERS])
    print_report("growth with the size of a text", growth(args.rounds))


if __name__ == "__main__":
    main()
