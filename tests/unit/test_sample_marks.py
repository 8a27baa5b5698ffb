"""Marks in the sample application's sources."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from samples.faults import CAUSES, FAULTS, LINEAGES
from samples.marks import Mark, take_marks
from samples.releases import VERSIONS, forms, lay_out, marks, sources
from samples.sites import SITES, site_links

MARKED = """\
def read(text):
    # defect: one
    # defect: two when KeyError: 'a
    value = [
        int(text),
    ]
    # defect: three
    for part in text:
        print(part)
    return value
"""


def test_marks_are_taken_by_several_threads() -> None:
    source = "value = [" + "-1, " * 300 + "]\n"
    with collecting_often(), ThreadPoolExecutor(4) as workers:
        assert all(marks == [] for _, marks in workers.map(take_marks, [source] * 60))


@contextmanager
def collecting_often() -> Iterator[None]:
    """Another thread may run whenever the collector does, as where something counts its runs."""

    def let_others_run(*_: object) -> None:
        time.sleep(0)

    before = gc.get_threshold()
    gc.callbacks.append(let_others_run)
    gc.set_threshold(50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(let_others_run)


def test_a_mark_covers_the_statement_below_and_only_the_head_of_a_block() -> None:
    _, found = take_marks(MARKED)
    assert found == [Mark("one", 4, 6), Mark("two", 4, 6, "KeyError: 'a"), Mark("three", 8, 8)]


def test_taking_marks_out_keeps_every_other_line_where_it_was() -> None:
    source, _ = take_marks(MARKED)
    assert "defect" not in source
    assert [line for line in source.splitlines() if line] == [line for line in MARKED.splitlines() if "defect" not in line]
    assert source.splitlines()[3] == "    value = ["


def test_a_mark_above_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no statement below the mark 'lost'"):
        take_marks("value = 1\n# defect: lost\n")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_a_whole_tree_without_marks(version: str, tmp_path: Path) -> None:
    lay_out(version, tmp_path)
    laid = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py"))
    assert laid == sorted(sources(version))
    for name in laid:
        text = (tmp_path / name).read_text("utf-8")
        compile(text, name, "exec")
        assert "# defect" not in text
        for wanted in re.findall(r"^from (airdesk[\w.]*) import", text, re.MULTILINE):
            module = wanted.replace(".", "/")
            assert f"{module}.py" in laid or f"{module}/__init__.py" in laid
    assert f'__version__ = "{version}"' in (tmp_path / "airdesk/__init__.py").read_text("utf-8")


def test_what_is_declared_and_what_is_marked_are_the_same() -> None:
    marked = {form for version in VERSIONS for form in forms(version)}
    assert {form.partition("/")[0] for form in marked} == set(FAULTS)
    assert {name for pair in CAUSES for name in pair} <= set(FAULTS)
    assert {name for source, target, _ in LINEAGES for name in (source, target)} <= marked
    later = {form for form in marked if "/" in form}
    assert later <= {target for _, target, _ in LINEAGES}, "a later form of a fault comes from an earlier one"


def test_a_form_follows_the_one_it_came_from() -> None:
    for source, target, kind in LINEAGES:
        first = next(index for index, version in enumerate(VERSIONS) if target in forms(version))
        assert source not in forms(VERSIONS[first])
        last = max(index for index, version in enumerate(VERSIONS) if source in forms(version))
        if kind == "re-introduced":
            assert last < first - 1, "it was away for a version at least"
        else:
            assert last == first - 1


def test_files_that_a_release_removes_are_gone() -> None:
    assert "airdesk/traffic/bookings.py" in sources("1.2")
    assert "airdesk/traffic/bookings.py" not in sources("2.0")
    assert "airdesk/traffic/orders.py" in sources("2.2")
    assert marks("2.2")["airdesk/traffic/orders.py"]


def test_partners_are_listed_before_those_who_fetch_from_them() -> None:
    names = [site.name for site in SITES]
    assert all(names.index(partner) < names.index(name) for partner, name in site_links())


def test_periods_of_a_site_follow_each_other_without_a_gap() -> None:
    for site in SITES:
        periods = site.periods()
        assert all(until == first for (_, _, until), (_, first, _) in pairwise(periods))
        assert all(first < until for _, first, until in periods)
