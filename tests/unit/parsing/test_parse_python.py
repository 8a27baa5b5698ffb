"""Python tracebacks found in practice: in logs, truncated, double-spaced, after prefixes; and look-alikes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model.errors import InvalidInputError
from graph.model.report import ParsedReport
from graph.parsing.read import FORMATS, PARSERS, read
from graph.parsing.text.python_modules import module_and_in_app, module_of

PLAIN = """Traceback (most recent call last):
  File "/srv/app/main.py", line 10, in <module>
    run()
  File "/srv/app/src/shop/cart.py", line 20, in run
    total(None)
    ~~~~~^^^^^^
  File "/usr/lib/python3.11/decimal.py", line 30, in total
    raise TypeError("no number")
TypeError: no number
"""


def only(text: str) -> ParsedReport:
    reports = read(text).reports
    assert len(reports) == 1
    return reports[0]


def functions(report: ParsedReport) -> list[str]:
    return [frame.function for frame in report.frames]


def test_frames_modules_and_culprit() -> None:
    report = only(PLAIN)
    assert [frame.qualified for frame in report.frames] == ["decimal.total", "shop.cart.run", "main.<module>"]
    assert [frame.in_app for frame in report.frames] == [False, True, True]
    assert report.culprit is not None
    assert report.culprit.qualified == "shop.cart.run"
    assert report.span == (0, len(PLAIN))


@pytest.mark.parametrize(
    "prefix",
    ["2024-05-01 10:00:00,123 ERROR worker: ", "web_1  | ", "    ", "\t", "[pid 41] ", "May  1 10:00:00 host app[12]: ", "> "],
)
def test_a_prefix_on_every_line_is_removed(prefix: str) -> None:
    report = only("".join(f"{prefix}{line}\n" for line in PLAIN.splitlines()))
    assert (report.error_type, report.message) == ("TypeError", "no number")
    assert functions(report) == ["total", "run", "<module>"]
    assert not report.truncated


def test_a_prefix_with_a_changing_time() -> None:
    lines = [f"2024-05-01 10:00:{second:02} ERROR {line}" for second, line in enumerate(PLAIN.splitlines())]
    report = only("\n".join([*lines, "2024-05-01 10:01:00 INFO  next"]))
    assert (report.error_type, report.message) == ("TypeError", "no number")


def test_a_prefix_before_the_header_only() -> None:
    report = only(f"ERROR 10:00 job failed: {PLAIN}2024-05-01 10:01:00 INFO next\n")
    assert (report.error_type, report.message, report.frame_count) == ("TypeError", "no number", 3)


GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/main.py", line 3, in run
  |     raise ExceptionGroup("both", errors)
  | ExceptionGroup: both (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/main.py", line 9, in left
    |     1 / 0
    | ZeroDivisionError: division by zero
    +---------------- 2 ----------------
    | KeyError: 'right'
    +------------------------------------
"""


@pytest.mark.parametrize("prefix", ["", "2024-05-01 10:00:00,123 ERROR worker: ", "web_1  | ", "\t"])
def test_a_group_after_a_prefix(prefix: str) -> None:
    report = only("".join(f"{prefix}{line}\n" for line in GROUP.splitlines()))
    assert (report.error_type, report.message, functions(report)) == ("ExceptionGroup", "both (2 sub-exceptions)", ["run"])
    assert [(cause.relation, cause.error_type) for cause in report.causes] == [
        ("member", "ZeroDivisionError"),
        ("member", "KeyError"),
    ]


def test_windows_line_ends_and_double_spacing() -> None:
    for text in (PLAIN.replace("\n", "\r\n"), PLAIN.replace("\n", "\n\n"), PLAIN.replace("\n", "\r\n\r\n")):
        report = only(text)
        assert (report.error_type, report.message, report.frame_count) == ("TypeError", "no number", 3)


def test_lost_indentation() -> None:
    report = only("\n".join(line.strip() for line in PLAIN.splitlines()))
    assert (report.error_type, report.message, report.frame_count) == ("TypeError", "no number", 3)


def test_truncated_at_the_start() -> None:
    report = only(PLAIN[PLAIN.index("    run()") :])
    assert (report.error_type, functions(report), report.truncated) == ("TypeError", ["total", "run"], True)


def test_truncated_at_the_end() -> None:
    report = only(PLAIN[: PLAIN.index("TypeError: no number")])
    assert (report.error_type, functions(report), report.truncated) == ("", ["total", "run", "<module>"], True)
    assert only(PLAIN[: PLAIN.index('decimal.py"')]).frame_count == 2


def test_truncated_within_a_chain() -> None:
    middle = "\nThe above exception was the direct cause of the following exception:\n\n"
    assert only(f"{PLAIN}{middle}").truncated
    report = only(f"{middle}{PLAIN}")
    assert (report.error_type, report.truncated) == ("TypeError", True)


def test_several_tracebacks_are_several_reports() -> None:
    reports = read(f"starting\n{PLAIN}\nsome output\n{PLAIN.replace('TypeError', 'ValueError')}done\n").reports
    assert [report.error_type for report in reports] == ["TypeError", "ValueError"]
    assert reports[0].span[1] <= reports[1].span[0]


def test_exception_printed_above_the_header() -> None:
    body = "\n".join(PLAIN.splitlines()[:-1])
    report = only(
        f"INFO: seed 1\n === Uncaught Python exception: ===\nKeyError: (2, 1)\n{body}\n\n==12== ERROR: libFuzzer: died\n"
    )
    assert (report.error_type, report.message, report.truncated, report.frame_count) == ("KeyError", "(2, 1)", False, 3)


def test_empty_source_lines_of_templates() -> None:
    text = PLAIN.replace("    total(None)\n    ~~~~~^^^^^^\n", "    \n").replace("    run()\n", "\n")
    assert only(text).frame_count == 3


def test_repeated_line() -> None:
    text = PLAIN.replace("    run()\n", "    run()\n  [Previous line repeated 96 more times]\n")
    report = only(text)
    assert (report.frame_count, report.frames[-1].repeated) == (99, 97)


def test_messages_that_look_like_other_text() -> None:
    report = only(
        PLAIN.replace("TypeError: no number", "TypeError: no number\n[SQL: SELECT 1]\n(Background: https://x.example)")
    )
    assert report.message == "no number\n[SQL: SELECT 1]\n(Background: https://x.example)"
    report = only(PLAIN + "Exception ignored in: <function f>\n")
    assert report.error_type == "TypeError"


@pytest.mark.parametrize(
    ("file", "module", "in_app"),
    [
        ("/usr/lib/python3.11/json/decoder.py", "json.decoder", False),
        ("/home/u/.local/lib/python3.8/site-packages/ruamel/yaml/main.py", "ruamel.yaml.main", False),
        ("/usr/lib/python3/dist-packages/apt/cache.py", "apt.cache", False),
        ("/venv/lib/python3.11/site-packages/six.py", "six", False),
        ("/venv/lib/python3.11/site-packages/flask/__init__.py", "flask", False),
        ("C:\\Python311\\Lib\\asyncio\\base_events.py", "asyncio.base_events", False),
        ("C:\\app\\venv\\Lib\\site-packages\\django\\db\\models.py", "django.db.models", False),
        ("/srv/app/src/click/core.py", "click.core", True),
        ("/srv/app/shop/cart.py", "cart", True),
        ("/srv/app/shop/__init__.py", "shop", True),
        ("cart.py", "cart", True),
        ("<frozen importlib._bootstrap>", "importlib._bootstrap", False),
        ("<string>", "<string>", None),
        ("/usr/lib/python311.zip/zipfile.py", "zipfile", False),
        ("/x/site-packages/numpy/core/_multiarray.cpython-311-x86_64-linux-gnu.so", "numpy.core._multiarray", False),
        ("templates/page.html", "page.html", True),
    ],
)
def test_module_and_in_app(file: str, module: str, in_app: bool | None) -> None:
    assert module_and_in_app(file) == (module, in_app)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), (" \n\t\n", "empty"), ("\x00\x01\x02" * 50, "binary"), ("all is well", "no known format")],
)
def test_reasons(text: str, reason: str) -> None:
    reading = read(text)
    assert reading.reports == ()
    assert reading.reason is not None
    assert reason in reading.reason


def test_a_named_format() -> None:
    assert read(PLAIN, "python").reports
    assert "no wcr report" in (read(PLAIN, "wcr").reason or "")
    with pytest.raises(InvalidInputError, match=r"'cobol'.*auto.*wcr.*python"):
        read(PLAIN, "cobol")


def test_names_are_unique() -> None:
    assert len(set(FORMATS)) == len(FORMATS)


@pytest.mark.parametrize(
    "text",
    [
        'OCaml: File "a.ml", line 3, characters 4-5:',
        "Traceback",
        "the docs say: Traceback (most recent call last) means an error",
        "INFO: started\nWARNING: slow",
    ],
)
def test_other_texts_are_not_tracebacks(text: str) -> None:
    assert read(text).reports == ()


PIECES = [
    "Traceback (most recent call last):",
    "  + Exception Group Traceback (most recent call last):",
    '  |   File "a.py", line 1, in f',
    "  +-+---------------- 1 ----------------",
    "    +------------------------------------",
    '  File "a.py", line 1, in f',
    '  File "a.py", line 1',
    '  File "a.py", li',
    "    source()",
    "    ^^^^",
    "ValueError: x",
    "ValueError",
    "  [Previous line repeated 3 more times]",
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
    "",
    "\r",
    "2024-01-01 10:00:00 INFO x",
    "==2024/1/2==3:4:5==BEGIN RUNTIME DIAGNOSTIC DUMP",
    "==2024/1/2==3:4:5==END RUNTIME DIAGNOSTIC DUMP",
    "Cause of Dump: Unhandled exception: Message not understood: #x",
    "Active Process",
    "Context stack",
    "[1] \tUndefinedObject(Object)>>doesNotUnderstand:",
    "[2] \toptimized [] in [] in A.B class>>c:",
    "Memory Report",
    "Total: 1.024 KB",
    "Whats'On Site: A(B)",
    " === Uncaught Python exception: ===",
]


def check(text: str) -> None:
    last = 0
    reading = read(text)
    assert (reading.reason is None) == bool(reading.reports)
    for report in reading.reports:
        start, end = report.span
        assert last <= start < end <= len(text)
        last = end
        assert report.frame_count >= len(report.frames)
        assert all(frame.repeated >= 1 for frame in report.frames)
        frames = {*report.frames, *(frame for cause in report.causes for frame in cause.frames)}
        assert (report.culprit in frames) if report.frames else report.culprit is None or report.culprit in frames
        assert report.severity in {"critical", "high", "medium", "low"}
        assert report.occurred_at is None or report.occurred_at.tzinfo is not None


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=40), st.sampled_from(["", "x | ", "  ", "a: "])
)
def test_no_mixture_raises(lines: list[str], prefix: str) -> None:
    check("\n".join(prefix + line for line in lines))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=2000))
def test_no_text_raises(text: str) -> None:
    check(text)
    for parser in PARSERS:
        assert 0 <= parser.sniff(text) <= 1
        list(parser.parse(text))


@given(st.text(max_size=200))
def test_any_path_has_a_module(file: str) -> None:
    assert isinstance(module_of(file), str)
    module_and_in_app(file)


HOSTILE = {
    "one long line": lambda n: "Traceback (most recent call last): " * (n // 35),
    "frames in one line": lambda n: '  File "a", line 1, in f' * (n // 24),
    "quotes": lambda n: 'File "' * (n // 6),
    "headers": lambda n: "Traceback (most recent call last):\n" * (n // 35),
    "headless frames": lambda n: '  File "a.py", line 1, in f\n\n' * (n // 29),
    "frames": lambda n: (
        "Traceback (most recent call last):\n" + '  File "a.py", line 1, in f\n  File "b.py", line 2, in g\n' * (n // 56)
    ),
    "chain": lambda n: (PLAIN + "\nThe above exception was the direct cause of the following exception:\n\n") * (n // 380),
    "chain sentences": lambda n: "The above exception was the direct cause of the following exception:\n" * (n // 69),
    "names": lambda n: 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n' + "a." * (n // 2),
    "locals": lambda n: 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n' + "a<locals>" * (n // 9) + "!",
    "spaces": lambda n: 'Traceback (most recent call last):\n  File "a.py", line 1' + " " * n + "x",
    "message": lambda n: PLAIN.rstrip() + "\n" + "word\n" * (n // 5),
    "groups": lambda n: "  + Exception Group Traceback (most recent call last):\n" * (n // 55),
    "deep group": lambda n: (
        "  + Exception Group Traceback (most recent call last):\n"
        + "".join(
            " " * (depth % 500) + "  | ValueError: x\n  +-+---------------- 1 ----------------\n" for depth in range(n // 300)
        )
    ),
    "group margins": lambda n: "  + Exception Group Traceback (most recent call last):\n" + "  | x\ny\n" * (n // 8),
    "dashes": lambda n: "  + Exception Group Traceback (most recent call last):\n  +" + "-" * n + "x",
    "slashes": lambda n: f'Traceback (most recent call last):\n  File "{"/" * n}", line 1, in f\nE: x',
    "begins": lambda n: "==2024/1/2==3:4:5==BEGIN RUNTIME DIAGNOSTIC DUMP\n" * (n // 49),
    "blocks": lambda n: "==2024/1/2==3:4:5==BEGIN RUNTIME DIAGNOSTIC DUMP\nCause of Dump: x\n[1] " + "[] in " * (n // 6),
    "dump frames": lambda n: (
        "==2024/1/2==3:4:5==BEGIN RUNTIME DIAGNOSTIC DUMP\nCause of Dump: x\nContext stack\n" + "[1] A>>b\n" * (n // 9)
    ),
    "equals": lambda n: "BEGIN RUNTIME DIAGNOSTIC DUMP" + "=" * n,
    "causes": lambda n: "Cause of Dump: a\nContext stack\n" * (n // 31),
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(read, text_of, 400_000)
