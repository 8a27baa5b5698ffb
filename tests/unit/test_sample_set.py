"""The sample set: real crashes, and a truth that matches them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from samples import SampleSet, Truth, generate, load_truth
from samples.__main__ import main
from samples.faults import ACROSS_LINKS, CAUSES, FAULTS, LINEAGES
from samples.releases import VERSIONS, marks
from samples.sites import SITES, site_links
from samples.truth import save_truth

pytestmark = pytest.mark.slow

FRAME = re.compile(r'File ".*?/airdesk-[\d.]+/(airdesk/[^"]+)", line (\d+), in')


@dataclass(frozen=True)
class Made:
    """A whole sample set, made once."""

    folder: Path
    sample: SampleSet
    reports: dict[str, dict[str, Any]]
    truth: Truth
    progress: list[tuple[int, int]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("sample")
    progress: list[tuple[int, int]] = []
    sample = generate(folder, progress=lambda done, total: progress.append((done, total)))
    return Made(folder, sample, read_reports(sample.reports), load_truth(sample.truth), progress)


def read_reports(path: Path) -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {row["id"]: row for row in rows}


def comparable(reports: dict[str, dict[str, Any]], folder: Path) -> Iterator[tuple[Any, ...]]:
    for row in reports.values():
        text = re.sub(r"0x[0-9a-f]+", "0x", row["report"].replace(str(folder), ""))
        yield (text, *(row[name] for name in ("id", "timestamp", "site", "version", "user", "session", "severity")))


def test_there_is_enough_of_everything(made: Made) -> None:
    assert made.sample.crash_count == len(made.reports) == len(made.truth.occurrences) >= 1500
    assert made.sample.fault_count == len(FAULTS) >= 24
    assert (made.sample.site_count, made.sample.version_count) == (len(SITES), len(VERSIONS))
    assert Counter(row["site"] for row in made.reports.values()).keys() == set(made.truth.sites)
    assert Counter(row["version"] for row in made.reports.values()).keys() == set(made.truth.versions)


def test_reports_are_as_ingest_wants_them_and_in_order_of_time(made: Made) -> None:
    rows = list(made.reports.values())
    times = [datetime.fromisoformat(row["timestamp"]) for row in rows]
    assert times == sorted(times)
    assert all(time.utcoffset() == timedelta(0) for time in times)
    assert times[-1] - times[0] > timedelta(weeks=8)
    for row in rows:
        assert row.keys() == {
            "report", "id", "timestamp", "product", "version", "site", "user", "session", "severity", "environment",
        }  # fmt: skip
        assert row["severity"] in {"critical", "high", "medium", "low"}
        assert row["environment"].keys() == {"os", "runtime", "database", "memory_class"}
        assert "Traceback (most recent call last):" in row["report"]


def test_every_report_passes_through_the_statement_that_is_its_fault(made: Made) -> None:
    for occurrence in made.truth.occurrences:
        row = made.reports[occurrence.crash_id]
        found = {(file, int(line)) for file, line in FRAME.findall(row["report"])}
        own = [
            (file, range(mark.first, mark.last + 1))
            for file, listed in marks(row["version"]).items()
            for mark in listed
            if mark.form == occurrence.form
        ]
        assert any(file == at and line in lines for at, lines in own for file, line in found), row["report"]


def test_no_report_reveals_its_fault(made: Made) -> None:
    names = re.compile("|".join(sorted(FAULTS, key=len, reverse=True)))
    for row in made.reports.values():
        assert "defect" not in row["report"]
        assert not names.search(json.dumps({**row, "id": ""}))


def test_python_wrote_what_a_parser_must_cope_with(made: Made) -> None:
    text = "\n".join(row["report"] for row in made.reports.values())
    for phrase in (
        "Previous line repeated",
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
        "ExceptionGroup: unhandled errors in a TaskGroup (3 sub-exceptions)",
        "SyntaxError: expected ':'",
        "IndentationError:",
        "sqlite3.OperationalError: database is locked",
        "sqlite3.OperationalError: database or disk is full",
        "sqlite3.OperationalError: no such table: promo_slots",
        "Slot object at 0x",
        "<script>alert(1)</script>",
        "sftp://playout:",
        "@customer.example>",
        "/home/",
        "asyncio",
        "concurrent/futures",
    ):
        assert phrase in text, phrase
    types = {row["report"].strip().splitlines()[-1].partition(":")[0] for row in made.reports.values()}
    assert len(types) > 30


def test_one_fault_is_reached_by_several_ways_and_one_place_has_several_faults(made: Made) -> None:
    commands: dict[str, set[str]] = {}
    for crash_id, fault in made.truth.faults_by_crash().items():
        called = re.findall(r'commands\.py", line \d+, in (\w+)', made.reports[crash_id]["report"])
        commands.setdefault(fault, set()).update(called)
    assert commands["title-missing"] >= {"plan_day", "show_gaps", "print_guide", "plan_promo"}
    assert len(commands["database-locked"]) >= 3
    by_place = Counter((file, mark.first) for file, listed in marks("1.0").items() for mark in listed)
    assert max(by_place.values()) >= 3


def test_crashes_happen_only_in_versions_that_have_the_fault(made: Made) -> None:
    forms = {form.form_id: form for form in made.truth.forms}
    for occurrence in made.truth.occurrences:
        assert forms[occurrence.form].fault == occurrence.fault
        assert made.reports[occurrence.crash_id]["version"] in forms[occurrence.form].versions


def test_the_regression_is_away_for_two_versions(made: Made) -> None:
    seen = {made.reports[one.crash_id]["version"] for one in made.truth.occurrences if one.fault == "licence-date"}
    assert seen == {"1.0", "1.1", "2.1", "2.2"}
    fault = next(fault for fault in made.truth.faults if fault.fault_id == "licence-date")
    assert (fault.introduced, fault.fixed, len(fault.forms)) == ("1.0", None, 2)
    fixed = next(fault for fault in made.truth.faults if fault.fault_id == "series-cycle")
    assert fixed.fixed == "2.1"


def test_lineages_of_every_kind_lead_to_forms_that_come_later(made: Made) -> None:
    assert len(made.truth.lineages) == len(LINEAGES) >= 30
    kinds = Counter(line.kind for line in made.truth.lineages)
    assert kinds.keys() == {"moved", "renamed", "changed", "split", "merged", "re-introduced"}
    assert min(kinds.values()) >= 2
    versions = {form.form_id: [VERSIONS.index(version) for version in form.versions] for form in made.truth.forms}
    seen = {one.form for one in made.truth.occurrences}
    for line in made.truth.lineages:
        assert max(versions[line.source]) < min(versions[line.target]) == VERSIONS.index(line.version)
        assert (min(versions[line.target]) - max(versions[line.source]) > 1) == (line.kind == "re-introduced")
        assert {line.source, line.target} <= seen


def test_effects_follow_their_causes_within_minutes_at_the_same_or_a_linked_site(made: Made) -> None:
    links = set(site_links())
    by_id = {one.crash_id: one for one in made.truth.occurrences}
    for effect in by_id.values():
        if effect.caused_by is None:
            continue
        cause = by_id[effect.caused_by]
        before, after = made.reports[cause.crash_id], made.reports[effect.crash_id]
        lag = datetime.fromisoformat(after["timestamp"]) - datetime.fromisoformat(before["timestamp"])
        assert timedelta(seconds=20) < lag < timedelta(minutes=60)
        crosses = (cause.fault, effect.fault) in ACROSS_LINKS
        assert ((before["site"], after["site"]) in links) if crosses else before["site"] == after["site"]


def test_every_declared_cause_is_seen_and_no_other(made: Made) -> None:
    assert {(cause.cause, cause.effect) for cause in made.truth.causes} == set(CAUSES)
    assert [cause.cause for cause in made.truth.causes if cause.scope == "link"] == ["exchange-age"]
    tripped = {effect for _, effect in CAUSES} - {cause for cause, _ in CAUSES}
    assert all(one.caused_by for one in made.truth.occurrences if one.fault in tripped)


def test_a_chain_of_three_is_there_crash_by_crash(made: Made) -> None:
    by_id = {one.crash_id: one for one in made.truth.occurrences}
    chains = Counter(
        (by_id[middle.caused_by].fault, middle.fault, last.fault)
        for last in by_id.values()
        if last.caused_by and (middle := by_id[last.caused_by]).caused_by
    )
    assert chains["playlist-timecode", "playlist-resume", "asrun-current"] >= 5


def test_same_seed_same_crashes_and_another_seed_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, other = tmp_path / "new" / "first", tmp_path / "second", tmp_path / "other"
    assert main([str(first), "--scale", "0.05", "--seed", "7"]) == 0
    generate(second, seed=7, scale=0.05)
    generate(other, seed=8, scale=0.05)
    texts = [list(comparable(read_reports(folder / "reports.jsonl"), folder)) for folder in (first, second, other)]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]
    assert (first / "truth.json").read_bytes() == (second / "truth.json").read_bytes()
    assert capsys.readouterr().out.startswith(f"{len(texts[0])} crashes of ")


def test_progress_counts_every_period_and_nothing_else_is_left_behind(made: Made) -> None:
    total = sum(len(site.periods()) for site in SITES)
    assert made.progress == [(done, total) for done in range(1, total + 1)]
    assert sorted(path.name for path in made.folder.iterdir()) == ["reports.jsonl", "truth.json"]


def test_truth_comes_back_as_it_was_saved(made: Made, tmp_path: Path) -> None:
    changed = replace(made.truth, seed=5)
    save_truth(changed, tmp_path / "truth.json")
    assert load_truth(tmp_path / "truth.json") == changed
    assert made.truth.seed == 2026


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seed": 1, "scale": 1, "faults": [{}]}'])
def test_a_file_that_is_no_truth_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"not the truth of a sample set|Expecting value"):
        load_truth(tmp_path / "truth.json")


def test_a_page_describes_every_fault_and_cause() -> None:
    page = (Path(__file__).parents[2] / "samples" / "README.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == set(FAULTS)
    assert set(re.findall(r"^ +([a-z-]+) --+>(?:\|[^|]*\|)? ([a-z-]+)$", page, re.MULTILINE)) == set(CAUSES)
    lineages = re.findall(r"^\| `([a-z/0-9-]+)` \| `([a-z/0-9-]+)` \| ([a-z-]+) \|", page, re.MULTILINE)
    assert lineages == list(LINEAGES)
