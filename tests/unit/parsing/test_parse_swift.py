"""Swift: failed checks of old and new runtimes, crashes read by its backtracer, failed tests."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.parsing.read import read
from graph.parsing.swift.parser import SwiftParser

only = partial(only_report, "swift")


def test_failed_checks_without_a_stack() -> None:
    old = only("Fatal error: Index out of range: file Swift/Buffer.swift, line 444\nIllegal instruction: 4\n")
    new = only("Swift/ContiguousArrayBuffer.swift:600: Fatal error: Index out of range\nTrace/BPT trap: 5\n")
    assert (old.error_type, old.message) == (new.error_type, new.message) == ("Fatal error", "Index out of range")
    own = only("tide/Shore.swift:31: Precondition failed: no tide\n")
    assert (own.error_type, own.message, own.frames[0].line) == ("Precondition failed", "no tide", 31)
    assert own.frames[0].in_app
    thrown = only("Fatal error: Error raised at top level: tide.TideError.ebb: file Swift/ErrorType.swift, line 200\n")
    assert thrown.message == "Error raised at top level: tide.TideError.ebb"
    bare = only("2026-03-05 10:15:22 tide/Shore.swift:31: Fatal error\n")
    assert (bare.error_type, bare.message) == ("Fatal error", "")


def test_the_stack_of_an_older_runtime() -> None:
    report = only(
        "Fatal error: no tide: file /src/Sources/tide/Shore.swift, line 31\nCurrent stack trace:\n"
        "0    libswiftCore.so                    0x00007f1a7a11d000 _swift_stdlib_reportFatalErrorInFile + 135\n"
        "1    libswiftCore.so                    0x00007f1a79f00000 <unavailable> + 1442102\n"
        "2    tide                               0x000055d0f3a10000 Shore.rise(by:) + 310\n"
        "3    tide                               0x000055d0f3a11000 main + 40\n"
        "4    libc.so.6                          0x00007f1a78 __libc_start_main + 235\nIllegal instruction (core dumped)\n"
    )
    assert (report.message, blamed(report), report.frame_count) == ("no tide", "Shore.rise", 5)


def test_a_crash_read_by_the_backtracer() -> None:
    text = (
        "*** Signal 11: Backtracing from 0x55d0f3a1... done ***\n\n"
        "*** Program crashed: Bad pointer dereference at 0x0000000000000004 ***\n\n"
        "Platform: x86_64 Linux (Ubuntu 22.04.4 LTS)\n\n"
        'Thread 0 "tide" crashed:\n\n'
        "0 0x000055d0f3a1 Shore.rise(by:) + 32 in tide at /src/Sources/tide/Shore.swift:31:15\n\n"
        "    29│     func rise(by: Int) {\n    30│\n  * 31│         pointer.pointee = by\n      │                         ▲\n\n"
        "1 [ra] [inlined] 0x000055d0f402 closure #1 in Pool.drain() in tide at /src/Sources/tide/Pool.swift:12:9\n"
        "2 [ra] [system] 0x000055d0f402 static Tide.$main() in tide at /<compiler-generated>\n"
        "3 [ra] 0x00007f1a7a11 __libc_start_main + 128 in libc.so.6\n\n\n"
        "Registers:\n\nrax 0x0000000000000004  4\n\nImages (5 omitted):\n"
    )
    report = only(text)
    assert (report.error_type, report.message) == ("Bad pointer dereference", "Bad pointer dereference at 0x0000000000000004")
    assert [frame.qualified for frame in report.frames][:2] == ["Shore.rise", "Pool.drain"]
    assert (report.frames[1].inlined, blamed(report), report.extra["thread"]) == (True, "Shore.rise", "tide")
    checked = only("tide/Shore.swift:31: Fatal error: no tide\n\n" + text.partition("\n\n")[2].replace("***", "💣", 1))
    assert (checked.error_type, checked.message, blamed(checked)) == ("Fatal error", "no tide", "Shore.rise")


def test_failed_tests() -> None:
    reports = read(
        '/src/ShoreTests.swift:12: error: ShoreTests.testRise : XCTAssertEqual failed: ("1") is not equal to ("2") - \n'
        "/src/Tests/TideTests/ShoreTests.swift:20: error: -[TideTests.ShoreTests testFall] : failed - no tide\n"
    ).reports  # fmt: skip
    assert [report.error_type for report in reports] == ["XCTAssertEqual", "XCTFail"]
    assert reports[0].message.startswith('("1") is not equal to ("2")')


def test_fatal_errors_of_other_languages_are_left_to_them() -> None:
    text = "PHP Fatal error:  Uncaught Exception: x in /a.php:3\nStack trace:\n#0 {main}\n  thrown in /a.php on line 3\n"
    assert [report.format for report in read(text).reports] == ["php"]


@pytest.mark.parametrize(
    "unit",
    [
        "a.swift:3: Fatal error: x\n",
        "Fatal error: ",
        "Fatal error: x: file ",
        "*** Program crashed: x ***\n",
        "*** Program crashed: x ***\nThread 0 crashed:\n0 0x1234 a in b\n",
        "a.swift:3: Fatal error: x\nCurrent stack trace:\n0 a 0x1234 b + 1\n",
        "a.swift:3: error: a.b : XCTFail failed - x\n",
        "a.swift:",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    assert_linear(lambda text: list(SwiftParser().parse(text)), lambda count: unit * count, 4_000)


def test_a_failure_written_twice_is_one() -> None:
    line = "tide/Shore.swift:31: Fatal error: no tide\n"
    report = only(line + "2026-03-05 10:15:22.555555+0100 tide[311:9001] " + line)
    assert report.message == "no tide"
