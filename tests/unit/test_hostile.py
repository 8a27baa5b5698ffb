"""Every format, and all together, on hostile text: nothing is raised, and time grows linearly with the length."""

from __future__ import annotations

import gc
import itertools
import json
import re
import time
from collections.abc import Callable

import pytest

from graph.fingerprint.compute import fingerprint
from graph.parsing.log.parser import NAME as LOG
from graph.parsing.protocol import Parser
from graph.parsing.python.warning import NAME as WARNING
from graph.parsing.read import PARSERS, read

pytestmark = pytest.mark.slow

every_parser = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)

GROWTH = 2.6
"""Upper bound of the time ratio for a text twice as long; 2 is linear, the rest allows for noise."""
LEAST = 0.05
"""Seconds below which a measurement is too short to show growth."""
TRIES = 4
CHARACTERS = 20_000
LONGEST = 300_000
"""Shortest and longest text measured, in characters."""


def seconds(work: Callable[[], object], runs: int = 1) -> float:
    """CPU time of the fastest run, which other processes disturb least; the garbage collector is off."""
    best = float("inf")
    gc.disable()
    try:
        for _ in range(runs):
            begin = time.process_time()
            work()
            best = min(best, time.process_time() - begin)
    finally:
        gc.enable()
    return best


def growth(work: Callable[[str], object], make: Callable[[int], str]) -> float:
    """Time ratio for a text twice as long, measured over two doublings; the smallest of a few attempts.

    Doubles the text until it takes long enough to measure; 0 if even the longest does not.
    """
    size = CHARACTERS
    text = make(size)
    while seconds(lambda: work(text)) < LEAST:  # noqa: B023  # called at once
        if size > LONGEST:
            return 0.0
        size *= 2
        text = make(size)
    shorter = make(size // 4)
    best = float("inf")
    for _ in range(TRIES):
        best = min(best, (seconds(lambda: work(text), 2) / max(seconds(lambda: work(shorter), 2), 1e-6)) ** 0.5)
        if best <= GROWTH:
            break
    return best


def drain(parser: Parser, text: str) -> None:
    """Run all steps of one format on a text."""
    parser.sniff(text)
    for report in parser.parse(text):
        assert 0 <= report.span[0] <= report.span[1] <= len(text)
        fingerprint(report)


def repeated(piece: str) -> Callable[[int], str]:
    return lambda size: (piece * (size // max(len(piece), 1) + 1))[:size]


def lines_of(parser: Parser) -> list[str]:
    return [line for line in parser.example.split("\n") if line.strip()]


@every_parser
def test_a_line_of_a_report_repeated(parser: Parser) -> None:
    lines = list(dict.fromkeys(lines_of(parser)))
    for line in lines[:: max(1, len(lines) // 6)]:
        found = growth(lambda text: drain(parser, text), repeated(f"{line}\n"))
        assert found <= GROWTH, f"{line!r} repeated: time grows {found:.1f} times when the text doubles"


@every_parser
def test_one_line_repeated_after_the_start_of_a_report(parser: Parser) -> None:
    lines = lines_of(parser)
    for place in sorted({1, len(lines) // 2, len(lines) - 1}):
        begin, line = "\n".join(lines[:place]) + "\n", lines[min(place, len(lines) - 1)] + "\n"
        found = growth(lambda text: drain(parser, text), lambda size: begin + repeated(line)(size))  # noqa: B023
        assert found <= GROWTH, f"{begin!r} and then {line!r}: time grows {found:.1f} times when the text doubles"


@every_parser
def test_words_of_a_report_repeated_on_one_line(parser: Parser) -> None:
    words = sorted({word for word in re.findall(r"\S+", parser.example) if len(word) > 3}, key=len, reverse=True)[:4]
    for word in [*words, parser.example.replace("\n", " "), lines_of(parser)[0]]:
        found = growth(lambda text: drain(parser, text), repeated(f"{word} "))
        assert found <= GROWTH, f"{word[:80]!r} repeated on one line: time grows {found:.1f} times when the text doubles"


BAIT = {
    "blanks": " ",
    "tabs": "\t",
    "line ends": "\n",
    "returns": "\r",
    "quotes": '"',
    "escaped quotes": '\\"',
    "apostrophes": "'",
    "backslashes": "\\",
    "slashes": "/",
    "braces": "{",
    "closing braces": "}",
    "brackets": "[",
    "brackets of both kinds": "[{",
    "parentheses": "(",
    "angles": "<",
    "pairs": "<>",
    "colons": ":",
    "dots": ".",
    "dotted": "a.",
    "double colons": "a::",
    "dollars": "a$",
    "at": "at ",
    "at lines": "\tat a.b(C.java:1)\n",
    "numbers": "0",
    "numbered": "#1 ",
    "hexadecimal": "0x0",
    "equals": "=",
    "dashes": "-",
    "stars": "*",
    "commas": "a,",
    "letters": "a",
    "capitals": "A",
    "escapes": "\x1b[",
    "titles": "\x1b]0;",
    "nulls": "a\x00",
    "bidi": "\u202ea\u2066b",
    "surrogates": "\ud800a",
    "wide": "漢",
    "blank lines": " \n",
    "keys": '"a":',
    "times": "2026-01-02 10:00:00 ",
    "levels": "ERROR ",
    "error lines": "ERROR: a\n",
    "causes": "Caused by: a.B: c\n",
    "processes": "==1==ERROR: ",
}


@pytest.mark.parametrize("bait", BAIT.values(), ids=BAIT.keys())
def test_bait_for_all_formats(bait: str) -> None:
    found = growth(read, repeated(bait))
    assert found <= GROWTH, f"{bait!r}: time grows {found:.1f} times when the text doubles"


@every_parser
def test_bait_after_the_start_of_a_report(parser: Parser) -> None:
    """Each bait directly after the first line and within a line, where the format is reading."""
    first = lines_of(parser)[0]
    middle = parser.example[: len(parser.example) * 2 // 3]
    for bait in (" ", '"', "a.", "(", "<", "\\", ":", "0", "a::", "{", "at ", "\n", "'"):
        for begin in (first, f"{first}\n", middle):
            # A single run shows whether it is fast; only slow cases are measured.
            if seconds(lambda: drain(parser, begin + bait * 20_000)) < LEAST:  # noqa: B023
                continue
            found = growth(lambda text: drain(parser, text), lambda size: begin + repeated(bait)(size))  # noqa: B023
            assert found <= GROWTH, f"{begin[-60:]!r} and then {bait!r}: time grows {found:.1f} times when the text doubles"


def test_one_line_of_ten_megabytes() -> None:
    for piece in ("a", "{", "word ", '{"a":"b"},', "at f (a.js:1:2) "):
        text = repeated(piece)(10 << 20)
        split = seconds(lambda: len(re.findall(r"\w++", text)))  # noqa: B023
        took = seconds(lambda: read(text))  # noqa: B023
        assert took < max(60 * split, 10.0), f"{piece!r}: {took / split:.0f} times as long as finding the words"


FRAMES = {
    "python": ("Traceback (most recent call last):\n", '  File "/srv/a{0}.py", line {0}, in f{0}\n    x()\n', "KeyError: 1\n"),
    "java": ("java.lang.Error: x\n", "\tat com.acme.A{0}.f(A.java:{0})\n", ""),
    "javascript": ("Error: x\n", "    at f{0} (/srv/a.js:{0}:1)\n", ""),
    "dotnet": ("Unhandled exception. System.Exception: x\n", "   at Acme.A{0}.F() in /srv/A.cs:line {0}\n", ""),
    "go": ("panic: x\n\ngoroutine 1 [running]:\n", "main.f{0}()\n\t/srv/a.go:{0} +0x1\n", ""),
    "sanitizer": ("==1==ERROR: AddressSanitizer: SEGV on unknown address 0x0\n", "    #{0} 0x1 in f{0} /srv/a.c:{0}:1\n", "\n"),
    "gdb": ("Program received signal SIGSEGV, Segmentation fault.\n", "#{0}  0x0000000000000001 in f{0} () at a.c:{0}\n", ""),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_hundred_thousand_frames(name: str) -> None:
    begin, frame, end = FRAMES[name]
    text = begin + "".join(frame.format(number) for number in range(100_000)) + end
    report = read(text).reports[0]
    assert report.format == name
    assert report.frame_count >= 1_000
    assert fingerprint(report).exact


def chained(name: str, count: int) -> str:
    """A report with ``count`` causes."""
    if name == "python":
        frame = 'Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\n    x()\nKeyError: 1\n'
        return "\nDuring handling of the above exception, another exception occurred:\n\n".join([frame] * count)
    if name == "java":
        cause = "Caused by: java.lang.Error: x{0}\n\tat com.acme.A.f(A.java:{0})\n\t... 1 more\n"
        return "java.lang.Error: y\n\tat com.acme.A.f(A.java:1)\n" + "".join(cause.format(at) for at in range(count))
    heads = "".join(f" ---> System.Exception: x{at}\n" for at in range(count))
    ends = "   at Acme.A.F() in /srv/A.cs:line 1\n   --- End of inner exception stack trace ---\n" * count
    return f"Unhandled exception. System.Exception: y\n{heads}{ends}   at Acme.A.G() in /srv/A.cs:line 2\n"


@pytest.mark.parametrize("name", ["python", "java", "dotnet"])
def test_ten_thousand_causes(name: str) -> None:
    report = read(chained(name, 10_000)).reports[0]
    assert report.format == name
    assert report.error_type or report.truncated
    parser = next(one for one in PARSERS if one.name == name)
    found = growth(lambda text: drain(parser, text), lambda size: chained(name, size // 60))
    assert found <= GROWTH


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 200_000,
        '[{"exception":' * 100_000,
        '{"exception":{"values":[' * 50_000,
        json.dumps({"stack_trace": "[" * 100_000}),
        '{"level":"error","msg":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"stacktrace":[{"frames":' * 30_000,
        '{"crash_info":{"a":' * 30_000,
    ],
    ids=lambda text: text[:24],
)
def test_deep_json_does_not_raise(text: str) -> None:
    assert read(text).reports == () or read(text).reason is None


ODD = {
    "empty": "",
    "blanks": " \t\r\n" * 100,
    "nulls": "\x00" * 1_000,
    "controls": "".join(map(chr, range(32))) * 40,
    "surrogates": "\ud800\udfff" * 500,
    "replacement": "\ufffd" * 500,
    "bidi": "\u202e\u2066\u2069\u200f" * 200,
}


@pytest.mark.parametrize("name", ODD)
def test_input_that_is_not_text_has_no_reports(name: str) -> None:
    reading = read(ODD[name])
    assert reading.reports == ()
    assert reading.reason


CODES = (0xD800, 0xDCFF, 0, 0x202E, 0xFEFF, 0x2028, 0x85, 0x0B, 0x1B, 0x10FFFF)


@every_parser
@pytest.mark.parametrize("code", CODES, ids=hex)
def test_odd_characters_anywhere_in_a_report_do_not_raise(parser: Parser, code: int) -> None:
    example, odd = parser.example, chr(code)
    for place in range(0, len(example), max(1, len(example) // 60)):
        for one in read(example[:place] + odd + example[place:]).reports:
            fingerprint(one)
    for one in read(odd.join(example)[:3_000]).reports:
        fingerprint(one)


@every_parser
def test_a_report_ends_before_the_next_one(parser: Parser) -> None:
    others = "\n\n".join(other.example for other in PARSERS if other.name != parser.name)
    found = next(iter(parser.parse(f"{parser.example}\n\n{others}")))
    assert found.span[1] <= len(parser.example) + 2


LAST = frozenset({LOG, WARNING})
"""Formats that are read only where no other format is found."""
ENDINGS = frozenset({"backtrace"})
"""Formats of what a program prints when it ends, which belongs to an error before it."""
NOISE = ("plain words\n", "2026-01-02 10:00:00 INFO [x] fine\n" * 2, "\n\n")


@pytest.mark.parametrize(
    ("first", "second"),
    list(itertools.permutations([parser for parser in PARSERS if parser.name not in LAST], 2)),
    ids=lambda parser: parser.name,
)
def test_reports_of_two_formats_in_one_text_are_both_found(first: Parser, second: Parser) -> None:
    """In any order, with or without text between them; a report of how the process ended may fold into the first."""
    for noise in NOISE:
        text = f"{noise}{first.example}\n\n{noise}{second.example}\n{noise}"
        found = [one.format for one in read(text).reports]
        if second.name in ENDINGS or next(iter(second.parse(second.example))).echo:
            assert found in ([first.name], [first.name, second.name])
        else:
            assert found == [first.name, second.name]


def test_all_formats_in_one_text() -> None:
    echoes = {parser.name for parser in PARSERS if next(iter(parser.parse(parser.example))).echo}
    aside = echoes | LAST | ENDINGS
    for parsers in (PARSERS, PARSERS[::-1], PARSERS[1::2] + PARSERS[::2]):
        text = "".join(f"plain words\n\n{parser.example}\n\n" for parser in parsers)
        found = [one.format for one in read(text).reports]
        assert [one for one in found if one not in aside] == [one.name for one in parsers if one.name not in aside]


@every_parser
def test_binary_data_around_a_report_does_not_raise(parser: Parser) -> None:
    noise = "".join(map(chr, range(1, 256))) * 3
    for text in (parser.example + noise, noise + "\n" + parser.example):
        for one in read(text).reports:
            fingerprint(one)
