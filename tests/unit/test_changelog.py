"""A commit with a change that users notice adds a line to CHANGELOG.md, or declares that it needs none."""

from __future__ import annotations

from tools.changelog import missing


def test_a_change_of_code_needs_a_line() -> None:
    assert missing(["viz/static/base.css", "tests/unit/test_x.py"], "Widen the rail") == ["viz/static/base.css"]


def test_a_line_a_trailer_or_a_merge_is_enough() -> None:
    assert missing(["jobs/runner.py", "CHANGELOG.md"], "Retry twice") == []
    assert missing(["jobs/runner.py"], "Rename a variable\n\nChangelog: none\n") == []
    assert missing(["jobs/runner.py"], "Merge branch 'x'") == []


def test_tests_docs_and_benchmarks_need_none() -> None:
    assert missing(["tests/unit/test_x.py", "docs/cli.md", "benchmarks/ingest.py", "Makefile"], "Tidy") == []
