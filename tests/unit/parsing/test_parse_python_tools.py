"""Tracebacks in the layouts of Python tools: faulthandler, IPython, Rich, loguru, pytest, JSON logs, printed warnings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.python.notebook import parse_frame
from graph.parsing.python.parser import PythonParser
from graph.parsing.python.warning import PythonWarningParser
from graph.parsing.read import read

# Output of CPython 3.11, IPython 9, Rich 14, loguru 0.7 and pytest 9, shortened.
FAULT = """Fatal Python error: Segmentation fault

Thread 0x00007f107838e6c0 (most recent call first):
  File "/srv/app/f.py", line 3 in bg
  File "/usr/lib/python3.11/threading.py", line 982 in run

Current thread 0x00007f1078e28b80 [worker] (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "/srv/app/f.py", line 5 in boom
  File "/srv/app/f.py", line 6 in rec
  File "/srv/app/f.py", line 6 in rec
  File "/srv/app/f.py", line 9 in <module>

Extension modules: numpy.core._multiarray_umath, numpy.linalg.lapack_lite, _cffi_backend (total: 3)
"""

TIMEOUT = """Timeout (0:00:00.500000)!
Thread 0x00007f65c3ef96c0 (most recent call first):
  File "/srv/app/f.py", line 3 in bg

Thread 0x00007f65c4a80b80 (most recent call first):
  File "/srv/app/f.py", line 8 in <module>
"""

START = """Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding
Python runtime state: core initialized
ModuleNotFoundError: No module named 'encodings'

Current thread 0x00007f6777dd1b80 (most recent call first):
  <no Python frame>
"""


def parsed(text: str) -> list[ParsedReport]:
    return list(PythonParser().parse(text))


def only(text: str) -> ParsedReport:
    assert PythonParser().sniff(text) > 0
    [report] = parsed(text)
    return report


def places(report: ParsedReport) -> list[str]:
    return [f"{frame.qualified} {frame.line}" for frame in report.frames]


def test_a_failed_interpreter() -> None:
    report = only(FAULT)
    assert (report.error_type, report.message, report.severity) == ("Segmentation fault", "", "critical")
    assert places(report) == ["ctypes.string_at 519", "f.boom 5", "f.rec 6", "f.<module> 9"]
    assert (report.frame_count, report.culprit) == (5, report.frames[1])
    assert report.extra == {"thread": "worker", "threads": "2", "extension_packages": "_cffi_backend, numpy"}
    assert report.span == (0, len(FAULT))


def test_a_failed_interpreter_in_a_log() -> None:
    text = "".join(f"2024-05-01T10:00:00.{number}Z stderr F {line}\n" for number, line in enumerate(FAULT.splitlines(), 7))
    report = only(text + "2024-05-01T10:00:00.30Z stdout F next\n")
    assert (report.error_type, report.frame_count) == ("Segmentation fault", 5)
    assert report.span == (0, len(text))


def test_a_hanging_program_is_reported_by_its_main_thread() -> None:
    report = only(TIMEOUT)
    assert (report.error_type, report.message) == ("Timeout", "Timeout (0:00:00.500000)!")
    assert places(report) == ["f.<module> 8"]
    assert parsed(TIMEOUT.split("\n", 1)[1]) == []


def test_an_interpreter_that_cannot_start() -> None:
    report = only(START)
    assert (report.error_type, report.frames) == ("Fatal Python error", ())
    assert [one.message for one in parsed("Fatal Python error: _Py_x: no memory\n" + FAULT)] == ["_Py_x: no memory", ""]
    assert report.message.splitlines() == [
        "init_fs_encoding: failed to get the Python codec of the filesystem encoding",
        "ModuleNotFoundError: No module named 'encodings'",
    ]


def test_windows_exceptions_and_truncated_dumps() -> None:
    text = FAULT.replace("Fatal Python error: Segmentation fault", "Windows fatal exception: access violation")
    assert only(text).error_type == "Access violation"
    assert only(FAULT[: FAULT.index(", line 6 in rec")]).frame_count == 2


NOTEBOOK = """In [2]: ---------------------------------------------------------------------------
KeyError                                  Traceback (most recent call last)
File /srv/app/prog.py:6, in mid(a)
      5 try:
----> 6     return low(a, 0)
      7 except KeyError as e:

File /srv/app/prog.py:3, in low(a, n)
      2 def low(a, n):
----> 3     return a["price"] / n

KeyError: 'price'

The above exception was the direct cause of the following exception:

ValueError                                Traceback (most recent call last)
Cell In[2], line 1
----> 1 prog.main()

File ~/.pyenv/versions/3.11.7/lib/python3.11/json/decoder.py:337, in JSONDecoder.decode(self, s, _w)
    332 def decode(self, s, _w=WHITESPACE.match):
--> 337     obj, end = self.raw_decode(s, idx=_w(s, 0).end())
   (...)    350

File /srv/app/prog.py:8, in mid(a)
      6     return low(a, 0)
----> 8     raise ValueError("bad cart\\nsecond line") from e

ValueError: bad cart
second line

In [3]: 1
"""


def test_a_notebook() -> None:
    report = only(NOTEBOOK)
    assert (report.error_type, report.message) == ("ValueError", "bad cart\nsecond line")
    assert places(report) == ["prog.mid 8", "json.decoder.JSONDecoder.decode 337", "__main__.<module> 1"]
    assert [frame.in_app for frame in report.frames] == [True, False, True]
    assert [(one.relation, one.error_type, len(one.frames)) for one in report.causes] == [("cause", "KeyError", 2)]
    assert NOTEBOOK[slice(*report.span)].endswith("second line\n")


def test_a_notebook_in_colour() -> None:
    coloured = NOTEBOOK.replace("KeyError ", "\x1b[31mKeyError\x1b[39m ").replace("File ", "\x1b[36mFile \x1b[39m\x1b[32m")
    plain, [report] = only(NOTEBOOK), read(coloured).reports
    assert (report.error_type, report.frames, report.causes) == (plain.error_type, plain.frames, plain.causes)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("Cell In[2], line 2, in f(a)", ("f", "In[2]", 2)),
        ("Input In [3], in <cell line: 1>()", ("<module>", "In[3]", None)),
        ("<ipython-input-3-1c2d> in <module>", ("<module>", "<ipython-input-3-1c2d>", None)),
        ("~/shop/cart.py in add(self, item)", ("add", "~/shop/cart.py", None)),
        ("C:\\shop\\cart.py in add(self)", ("add", "C:\\shop\\cart.py", None)),
        ("File ~/shop/cart.py:12, in Cart.add(self, item)", ("Cart.add", "~/shop/cart.py", 12)),
        ("File /srv/app/prog2.py:1", ("<module>", "/srv/app/prog2.py", 1)),
    ],
)
def test_frames_of_notebooks(line: str, place: tuple[str, str, int | None]) -> None:
    frame = parse_frame(line)
    assert frame is not None
    assert (frame.function, frame.file, frame.line) == place


def test_an_old_notebook_marks_the_line_with_an_arrow() -> None:
    report = only(
        f"{'-' * 75}\nZeroDivisionError                         Traceback (most recent call last)\n"
        "<ipython-input-1-9e1622b385b6> in <module>\n----> 1 1/0\n\nZeroDivisionError: division by zero\n"
    )
    assert (places(report), report.message) == (["__main__.<module> 1"], "division by zero")


def test_a_cell_that_fails_to_compile() -> None:
    report = only("  Cell In[4], line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n\n")
    assert (report.error_type, places(report)) == ("SyntaxError", ["__main__.<module> 1"])
    assert report.extra["error_line"] == "1"


BOX = """╭───────────────────── Traceback (most recent call last) ──────────────────────╮
│ /srv/app/prog.py:6 in mid                                                    │
│                                                                              │
│    5 │   try:                                                                │
│ ❱  6 │   │   return low(a, 0)                                                │
│                                                                              │
│ ╭─ locals ─╮                                                                 │
│ │ a = {}   │                                                                 │
│ ╰──────────╯                                                                 │
│                                                                              │
│ /srv/app/a/very/long/path/that/does/not/fit/into/one/line/of/the/box/so/it/i │
│ s/broken.py:3 in low                                                         │
│                                                                              │
│ ❱  3 │   return a["price"] / n                                               │
╰──────────────────────────────────────────────────────────────────────────────╯
KeyError: 'price'

The above exception was the direct cause of the following exception:

╭───────────────────── Traceback (most recent call last) ──────────────────────╮
│ /srv/app/r.py:4 in <module>                                                  │
│                                                                              │
│ ❱ 4 prog.main()                                                              │
╰──────────────────────────────────────────────────────────────────────────────╯
ValueError: bad cart
second line
"""


@pytest.mark.parametrize("margin", ["", "                    "])
def test_a_traceback_in_a_box(margin: str) -> None:
    report = only("".join(f"{margin}{line}\n" for line in BOX.splitlines()))
    assert (report.error_type, report.message.split()) == ("ValueError", ["bad", "cart", "second", "line"])
    assert places(report) == ["r.<module> 4"]
    [cause] = report.causes
    assert (cause.relation, cause.error_type, [frame.line for frame in cause.frames]) == ("cause", "KeyError", [3, 6])
    assert (cause.frames[0].file or "").endswith("/so/it/is/broken.py")


def test_a_truncated_box() -> None:
    report = only(BOX[:500])
    assert (report.truncated, places(report)) == (True, ["prog.mid 6"])


def test_loguru() -> None:
    report = only(
        "2026-11-21 11:35:45.502 | ERROR    | __main__:<module>:6 - An error has been caught:\n"
        'Traceback (most recent call last):\n\n  File "/srv/app/prog.py", line 3, in low\n    return a["price"] / n\n'
        "           │            └ 0\n           └ {}\n\nKeyError: 'price'\n\n\n"
        "The above exception was the direct cause of the following exception:\n\n\n"
        'Traceback (most recent call last):\n\n> File "/srv/app/l.py", line 6, in <module>\n    run()\n'
        '    └ <function run at 0x7f59479b5a80>\n\n  File "/srv/app/l.py", line 5, in run\n    prog.main()\n'
        "    │    └ <function main at 0x7f59479d2ca0>\n\nValueError: bad cart\nsecond line\n"
        "2026-11-21 11:35:45.513 | INFO     | __main__:<module>:7 - next\n"
    )
    assert (report.error_type, report.message) == ("ValueError", "bad cart\nsecond line")
    assert places(report) == ["l.run 5", "l.<module> 6"]
    assert [one.error_type for one in report.causes] == ["KeyError"]


PYTEST = """FFF.                                                                     [100%]
=================================== FAILURES ===================================
______________________________ TestCart.test_low _______________________________

a = {}

    def mid(a):
        try:
>           return low(a, 0)
                   ^^^^^^^^^

prog.py:6:\x20
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _\x20

a = {}, n = 0

    def low(a, n):
>       return a["price"] / n
E       KeyError: 'price'

prog.py:3: KeyError

The above exception was the direct cause of the following exception:

self = <test_p.TestCart object at 0x7fb26d2a90d0>

    def test_low(self):
>       prog.mid({})

test_p.py:4:\x20
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _\x20

    def mid(a):
        try:
            return low(a, 0)
        except KeyError as e:
>           raise ValueError("bad cart\\nsecond line") from e
E           ValueError: bad cart
E           second line

prog.py:8: ValueError
----------------------------- Captured stderr call -----------------------------
Traceback (most recent call last):
  File "/srv/app/other.py", line 1, in told_twice
KeyError: 1
_____________________________ TestCart.test_plain ______________________________

    def test_plain(self):
        a = [1]
>       assert a == [2]
E       assert [1] == [2]
E         At index 0 diff: 1 != 2

test_p.py:7: AssertionError
=========================== short test summary info ============================
FAILED test_p.py::TestCart::test_low - ValueError: bad cart
"""


def test_failed_tests() -> None:
    first, other, second = parsed(PYTEST)
    assert (first.error_type, first.message, places(first)) == (
        "ValueError",
        "bad cart\nsecond line",
        ["prog.mid 8", "test_p.test_low 4"],
    )
    assert [(one.relation, one.error_type, [frame.function for frame in one.frames]) for one in first.causes] == [
        ("cause", "KeyError", ["low", "mid"])
    ]
    assert first.extra == {"test": "TestCart.test_low"}
    assert other.frames[0].function == "told_twice"
    assert (second.error_type, second.message) == ("AssertionError", "assert [1] == [2]\n  At index 0 diff: 1 != 2")
    assert places(second) == ["test_p.test_plain 7"]


def test_failed_tests_in_short() -> None:
    report = only(
        "____ test_zero[1-2] ____\ntest_p.py:9: in test_zero\n    prog.low({}, 0)\nprog.py:3: in low\n"
        "    return 1 / n\n           ^^^^^\nE   ZeroDivisionError: division by zero\n==== short test summary info ====\n"
    )
    assert (report.error_type, places(report)) == ("ZeroDivisionError", ["prog.low 3", "test_p.test_zero 9"])
    assert report.extra == {"test": "test_zero[1-2]"}
    report = only("=== FAILURES ===\nE   ValueError: bad\n    second\n/srv/prog.py:8: ValueError: bad\n=== end ===\n")
    assert (report.error_type, report.message, places(report)) == ("ValueError", "bad", ["prog.? 8"])


def test_a_part_of_a_failed_test() -> None:
    report = only("    def test_x():\n>       f()\nE       shop.errors.CartError: 'x'\n\ntest_x.py:3: CartError\nmore\n")
    assert (report.error_type, report.message, places(report)) == ("shop.errors.CartError", "'x'", ["test_x.test_x 3"])


ESCAPED = (
    '{"level": "ERROR", "message": "order failed", "exc_info": "Traceback (most recent call last):\\n'
    '  File \\"/srv/app/cart.py\\", line 4, in add\\n    raise KeyError(\\"a\\\\nb\\")\\nKeyError: \'x\'", "pid": 4}\n'
)
JOINED = (
    'ERROR x Traceback (most recent call last): File "/srv/app/cart.py", line 4, in add raise KeyError(x) '
    "shop.errors.CartError: no 'x'\n"
)


@pytest.mark.parametrize(("text", "message"), [(ESCAPED, "'x'"), (JOINED, "no 'x'")])
def test_lost_or_escaped_line_ends_are_restored(text: str, message: str) -> None:
    report = only(f"before\n{text}after\n")
    assert (report.message, places(report)) == (message, ["cart.add 4"])
    assert f"before\n{text}after\n"[slice(*report.span)] == text


WARNED = "/srv/app/x.py:12: DeprecationWarning: old thing\n  foo()\n"


def test_printed_warnings() -> None:
    text = f"{WARNED}{WARNED}web_1 | C:\\a b\\y.py:3: UserWarning: u\nResults: 3\nsys:1: ResourceWarning: unclosed\n"
    first, second, third = PythonWarningParser().parse(text)
    assert (first.error_type, first.message, first.severity) == ("DeprecationWarning", "old thing", "low")
    assert text[slice(*first.span)] == WARNED
    assert [(frame.file, frame.line) for frame in second.frames] == [("C:\\a b\\y.py", 3)]
    assert (third.error_type, third.frames) == ("ResourceWarning", ())
    assert PythonWarningParser().sniff("foo.c:12:3: Warning: unused\nno Warning: here\n") == 0


def test_a_warning_is_read_only_without_anything_worse() -> None:
    assert [one.format for one in read(WARNED).reports] == ["pywarning"]
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n'
    assert [one.format for one in read(WARNED + trace).reports] == ["python"]


def test_a_warning_as_an_error() -> None:
    report = only('Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\nDeprecationWarning: old\n')
    assert (report.error_type, report.severity) == ("DeprecationWarning", "low")


HOSTILE = {
    "threads": lambda n: (
        "Fatal Python error: x\n\n" + 'Thread 0x1 (most recent call first):\n  File "a.py", line 1 in f\n' * (n // 2)
    ),
    "failures of the interpreter": lambda n: "Fatal Python error: x\n" * n + "(most recent call first)" * n,
    "failed tests": lambda n: "____ a ____\nE   x\na.py:1: E\n" * (n // 2),
    "locations": lambda n: "a.py:1: in f\n" * n + "E   x\n",
    "boxes": lambda n: "╭── Traceback (most recent call last) ──╮\n" * (n // 2) + "│ /a/b │\n" * (n // 2),
    "notebooks": lambda n: ("KeyError   Traceback (most recent call last)\n" + "x\n" * 50) * (n // 32),
    "cells": lambda n: "Cell In[1], line 1\n" * n,
    "escaped": lambda n: '"Traceback (most recent call last):\\n  File \\"a.py\\", line 1, in f\\n' * (n // 2),
    "quotes": lambda n: '\\"' * 10 * n + "Traceback (most recent call last):\\n" + '\\"' * 10 * n,
    "joined": lambda n: 'Traceback (most recent call last): File "a.py", line 1, in f ' + "x " * 10 * n,
    "warnings": lambda n: "Warning: " * 2 * n + "\n" + "a" * 20 * n + ":1: UserWarning: x",
}


def parse_all(text: str) -> None:
    for report in [*parsed(text), *PythonWarningParser().parse(text)]:
        assert 0 <= report.span[0] < report.span[1] <= len(text)


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 16_000)


def test_compiled_frames_are_of_the_installed_package_they_name() -> None:
    [report] = parsed(
        'Traceback (most recent call last):\n  File "/srv/app/fold.py", line 9, in fold\n    tree.find("x")\n'
        '  File "/opt/venv/lib/python3.11/site-packages/wrens/tree.py", line 40, in find\n    return self._tree.find(name)\n'
        "  File \"wrens/_tree.pyx\", line 76, in wrens._tree.Tree.find\nKeyError: 'x'\n"
    )
    assert report.culprit is not None
    assert report.culprit.qualified == "fold.fold"


def test_compiled_frames_of_the_program_are_its_own() -> None:
    [report] = parsed(
        'Traceback (most recent call last):\n  File "/srv/app/fold.py", line 9, in fold\n    find("x")\n'
        "  File \"nest/_tree.pyx\", line 76, in nest._tree.find\nKeyError: 'x'\n"
    )
    assert report.culprit == report.frames[0]
