"""Exceptions raised by a real Python process, parsed from its output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graph.model.report import ParsedReport
from graph.parsing.read import read


def raised(tmp_path: Path, code: str, name: str = "program.py") -> str:
    script = tmp_path / name
    script.write_text(code, encoding="utf-8")
    command = [sys.executable, "-X", "utf8", str(script)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60).stderr


def only(text: str) -> ParsedReport:
    reading = read(text)
    assert reading.reason is None
    assert len(reading.reports) == 1, text
    report = reading.reports[0]
    start, end = report.span
    assert 0 <= start < end <= len(text)
    return report


def test_plain(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "def outer():\n    inner({})\n\ndef inner(d):\n    d['missing']\n\nouter()\n"))
    assert (report.format, report.error_type, report.message) == ("python", "KeyError", "'missing'")
    assert [frame.function for frame in report.frames] == ["inner", "outer", "<module>"]
    assert [frame.line for frame in report.frames] == [5, 2, 7]
    assert {frame.module for frame in report.frames} == {"program"}
    assert all(frame.in_app for frame in report.frames)
    assert report.culprit == report.frames[0]
    assert not report.causes
    assert not report.truncated


def test_message_missing_multi_line_and_unicode(tmp_path: Path) -> None:
    assert only(raised(tmp_path, "raise ValueError")).message == ""
    assert only(raised(tmp_path, "raise ValueError('one\\ntwo\\n  three')")).message == "one\ntwo\n  three"
    report = only(raised(tmp_path, "class Größe(Exception): pass\nraise Größe('naïve ✓')"))
    assert (report.error_type, report.message) == ("Größe", "naïve ✓")


def test_message_that_begins_with_an_empty_line(tmp_path: Path) -> None:
    assert only(raised(tmp_path, "raise AssertionError('\\nexpected: 1\\nfound: 2')")).message == "expected: 1\nfound: 2"


def test_qualified_and_local_exception_names(tmp_path: Path) -> None:
    assert only(raised(tmp_path, "import json\njson.loads('{')")).error_type == "json.decoder.JSONDecodeError"
    code = "def make():\n    class Local(Exception): pass\n    return Local\n\nraise make()('x')"
    assert only(raised(tmp_path, code)).error_type == "make.<locals>.Local"


def test_library_frames_are_not_in_app(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "import json\n\ndef load():\n    json.loads('{')\n\nload()"))
    assert report.frames[0].module == "json.decoder"
    assert report.frames[0].in_app is False
    assert report.culprit is not None
    assert report.culprit.qualified == "program.load"


def test_cause(tmp_path: Path) -> None:
    code = "def a():\n    1 / 0\n\ntry:\n    a()\nexcept ZeroDivisionError as e:\n    raise RuntimeError('wrapped') from e"
    report = only(raised(tmp_path, code))
    assert (report.error_type, report.message) == ("RuntimeError", "wrapped")
    assert [(c.relation, c.error_type, c.message) for c in report.causes] == [
        ("cause", "ZeroDivisionError", "division by zero")
    ]
    assert [frame.function for frame in report.causes[0].frames] == ["a", "<module>"]


def test_context_and_three_links(tmp_path: Path) -> None:
    code = (
        "try:\n    try:\n        int('x')\n    except ValueError as e:\n        raise KeyError('k') from e\n"
        "except KeyError:\n    raise OSError('last')"
    )
    report = only(raised(tmp_path, code))
    assert report.error_type == "OSError"
    assert [(c.relation, c.error_type) for c in report.causes] == [("context", "KeyError"), ("cause", "ValueError")]


def test_cause_that_was_never_raised(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "raise RuntimeError('x') from ValueError('never\\nraised')"))
    assert report.error_type == "RuntimeError"
    assert [(c.relation, c.error_type, c.message, c.frames) for c in report.causes] == [
        ("cause", "ValueError", "never\nraised", ())
    ]


def test_cause_with_blank_lines_in_its_message(tmp_path: Path) -> None:
    code = "try:\n    raise ValueError('a\\n\\nb')\nexcept ValueError:\n    raise KeyError(1)"
    report = only(raised(tmp_path, code))
    assert report.error_type == "KeyError"
    assert [c.error_type for c in report.causes] == ["ValueError"]


def test_group(tmp_path: Path) -> None:
    code = "def f():\n    raise ExceptionGroup('several', [ValueError('a\\nb'), TypeError('c')])\n\nf()"
    report = only(raised(tmp_path, code))
    assert (report.error_type, report.message) == ("ExceptionGroup", "several (2 sub-exceptions)")
    assert [frame.function for frame in report.frames] == ["f", "<module>"]
    assert [(c.relation, c.error_type, c.message) for c in report.causes] == [
        ("member", "ValueError", "a\nb"),
        ("member", "TypeError", "c"),
    ]


def test_nested_group_with_tracebacks_and_causes(tmp_path: Path) -> None:
    code = """
def boom(kind):
    raise kind('boom')

def caught(kind, cause=None):
    try:
        try:
            boom(kind)
        except Exception as error:
            if cause is None:
                raise
            raise cause('outer') from error
    except Exception as error:
        return error

try:
    raise ExceptionGroup('inner', [caught(KeyError), caught(IndexError, OSError)])
except ExceptionGroup as group:
    inner = group
try:
    raise ExceptionGroup('outer', [inner, caught(ValueError)])
except ExceptionGroup as group:
    raise RuntimeError('all failed') from group
"""
    report = only(raised(tmp_path, code))
    assert report.error_type == "RuntimeError"
    assert [(c.relation, c.error_type) for c in report.causes] == [
        ("cause", "ExceptionGroup"),
        ("member", "ExceptionGroup"),
        ("member", "KeyError"),
        ("member", "OSError"),
        ("cause", "IndexError"),
        ("member", "ValueError"),
    ]
    assert report.causes[2].frames[0].function == "boom"
    assert report.causes[0].message == "outer (2 sub-exceptions)"


def test_group_that_is_raised_from_an_error(tmp_path: Path) -> None:
    code = "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise ExceptionGroup('g', [ValueError(1)]) from e"
    report = only(raised(tmp_path, code))
    assert report.error_type == "ExceptionGroup"
    assert [(c.relation, c.error_type) for c in report.causes] == [("member", "ValueError"), ("cause", "ZeroDivisionError")]


def test_group_with_many_members(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "raise ExceptionGroup('g', [ValueError(i) for i in range(40)])"))
    assert report.error_type == "ExceptionGroup"
    assert len(report.causes) == 15


@pytest.mark.parametrize("depth", [3, 30])
def test_deep_groups(tmp_path: Path, depth: int) -> None:
    code = f"e = ValueError('deep')\nfor i in range({depth}):\n    e = ExceptionGroup(str(i), [e])\nraise e"
    assert only(raised(tmp_path, code)).error_type == "ExceptionGroup"


def test_syntax_error_in_the_program_itself(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "x = = 1\n", "broken.py"))
    assert (report.error_type, report.message) == ("SyntaxError", "invalid syntax")
    assert (report.frames[0].module, report.frames[0].line) == ("broken", 1)
    assert report.extra["error_line"] == "1"
    assert not report.truncated


def test_syntax_error_in_an_imported_module(tmp_path: Path) -> None:
    (tmp_path / "bad_module.py").write_text("def f(:\n    pass\n")
    report = only(raised(tmp_path, "def load():\n    import bad_module\n\nload()"))
    assert report.error_type == "SyntaxError"
    assert report.frames[0].function == "load"
    assert report.extra["error_file"].endswith("bad_module.py")


def test_recursion(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "def down(n):\n    return down(n + 1)\n\ndown(0)"))
    assert report.error_type == "RecursionError"
    assert [frame.function for frame in report.frames] == ["down", "<module>"]
    assert report.frame_count > 900
    assert report.frames[0].repeated == report.frame_count - 1


def test_notes(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "e = ValueError('x')\ne.add_note('while reading')\ne.add_note('line 4')\nraise e"))
    assert report.message == "x\nwhile reading\nline 4"


def test_carets_and_long_expressions(tmp_path: Path) -> None:
    code = "def f():\n    a = {'x': {'y': None}}\n    return (a['x']['y']['z']\n            + 1)\n\nf()"
    report = only(raised(tmp_path, code))
    assert report.error_type == "TypeError"
    assert [frame.function for frame in report.frames] == ["f", "<module>"]


def test_lambda_comprehension_and_exec(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "exec('(lambda: [1/x for x in [0]])()')"))
    assert report.error_type == "ZeroDivisionError"
    assert "<lambda>" in [frame.function for frame in report.frames]
    assert report.frames[0].module == "<string>"


def test_process_pool(tmp_path: Path) -> None:
    code = (
        "from concurrent.futures import ProcessPoolExecutor\n\ndef work(x):\n    return 1 / x\n\n"
        "if __name__ == '__main__':\n    with ProcessPoolExecutor(1) as pool:\n        pool.submit(work, 0).result()\n"
    )
    report = only(raised(tmp_path, code))
    assert (report.error_type, report.message) == ("ZeroDivisionError", "division by zero")
    assert report.culprit is not None
    assert report.causes[0].error_type == "ZeroDivisionError"
    assert report.causes[0].frames[0].function == "work"


def test_logged_exceptions_are_several_reports(tmp_path: Path) -> None:
    code = """
import logging
logging.basicConfig(format='%(asctime)s %(levelname)s %(name)s: %(message)s')
for key in ('a', 'b', 'c'):
    try:
        {}[key]
    except KeyError:
        logging.exception('could not read %s', key)
    logging.warning('going on')
"""
    reports = read(raised(tmp_path, code)).reports
    assert [(report.error_type, report.message) for report in reports] == [
        ("KeyError", "'a'"),
        ("KeyError", "'b'"),
        ("KeyError", "'c'"),
    ]
    assert all(not report.causes for report in reports)


def test_thread(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "import threading\nt = threading.Thread(target=lambda: 1/0)\nt.start()\nt.join()"))
    assert report.error_type == "ZeroDivisionError"
    assert report.culprit is not None
    assert report.culprit.function == "<lambda>"


def test_system_exit_and_interrupt(tmp_path: Path) -> None:
    report = only(raised(tmp_path, "raise KeyboardInterrupt"))
    assert (report.error_type, report.severity) == ("KeyboardInterrupt", "low")
