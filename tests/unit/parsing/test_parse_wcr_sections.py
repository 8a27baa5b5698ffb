"""Sections of a dump besides header and active process, files truncated anywhere, and other encodings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.wcr.memory import parse_memory
from graph.parsing.wcr.parser import WcrParser
from graph.sources.encoding import text_of

REPORT = """==2025/7/9==8:05:03==BEGIN RUNTIME DIAGNOSTIC DUMP

System Error Report
Whats'On User: planner
Whats'On Site: NORTH(WONTEST)
Whats'On Version: 2025r2.000.004b
Smalltalk Version: 'VisualWorks®, 9.1.1 of Mié 16 September 2021'

COMPUTERNAME=DESK-7
TimeZone offset=7200

Cause of Dump: Emergency: No Space Left.
Command Line: whatson.exe

------------------------------------------------------------
Active Process
Process named: 'WHATS''ON Launcher'
Process priority: 50
Context stack
[1] \tUndefinedObject(Object)>>doesNotUnderstand:
[2] \tMediaGeniX.Plan>>refresh
------------------------------------------------------------
Unhandled Exception:
\tclass: UnhandledException
\tcreator: GenericSignal
\terrorString: Emergency: No Space Left.
\tparameter: a LowSpaceInterrupt
------------------------------------------------------------
Initial Context Stack Arguments:
[1] UndefinedObject(Object)>>doesNotUnderstand:
\tReceiver: (id=1) nil
------------------------------------------------------------
Quiescent Processes
Process named: 'IdleLoopProcess'
Process priority: 10
Context stack
[1] \tSemaphore>>wait
Process named: 'Unnamed Process'
Process priority: 50
Context stack
[1] \tUnhandledException(GenericException)>>raiseSignal
[2] \tMediaGeniX.Import>>readAll
[3] \tMediaGeniX.Import>>readAll
------------------------------------------------------------
Suspended Processes
Process named: 'TimerProcess'
Process priority: 100
Context stack
[1] \tSemaphore>>wait
Process named: 'TimerProcess'
------------------------------------------------------------
Transcript:
Process named: 'not a process'
------------------------------------------------------------
External Database Connections (all instances):
------------------------------------------------------------
Memory Report
=============
Incremental garbage collector state: marking
Eden:\t\t65 KB\t\t4,37%
Old:\t\t378.364 KB\t\t82,56%
Total:\t\t401\u00a0018 KB
Config file memory limit:\t\tNA
Memory limit upper bound:\t\t3.072.000 KB
All objects
Array\t1068877\t38772164
ByteString\t704483\t32768059
Metaclass class\t29960\t119840000
==2025/7/9==8:05:03==END RUNTIME DIAGNOSTIC DUMP
"""


def parsed(text: str) -> list[ParsedReport]:
    return list(WcrParser().parse(text))


def only(text: str) -> ParsedReport:
    [report] = parsed(text)
    return report


def test_all_processes_are_counted_and_named() -> None:
    report = only(REPORT)
    assert report.extra["process"] == "WHATS'ON Launcher"
    assert report.extra["quiescent_processes"] == "2: IdleLoopProcess, Unnamed Process"
    assert report.extra["suspended_processes"] == "2: TimerProcess"
    assert [frame.function for frame in report.frames] == ["doesNotUnderstand:", "refresh"]


def test_a_process_that_raises_too_is_a_member() -> None:
    report = only(REPORT)
    [member] = report.causes
    assert (member.relation, member.error_type, member.message) == ("parallel", "LowSpaceInterrupt", "process Unnamed Process")
    assert [(frame.function, frame.repeated) for frame in member.frames] == [("raiseSignal", 1), ("readAll", 2)]


def test_a_wrapped_exception() -> None:
    report = only(REPORT)
    assert (report.error_type, report.severity) == ("LowSpaceInterrupt", "critical")
    assert (report.extra["exception_class"], report.extra["exception_creator"]) == ("UnhandledException", "GenericSignal")
    assert report.extra["parameter"] == "a LowSpaceInterrupt"


def test_the_memory_report() -> None:
    report = only(REPORT)
    assert report.environment["memory_class"] == "2-4 GiB"
    told = {name: value for name, value in report.extra.items() if "memory" in name or name == "collector_state"}
    assert told == {
        "collector_state": "marking",
        "memory_eden": "65 KB",
        "memory_old": "378364 KB",
        "memory_used": "401018 KB",
        "memory_limit": "3072000 KB",
    }
    assert (
        report.extra["largest_objects"]
        == "Metaclass class 117031 KB (29960), Array 37863 KB (1068877), ByteString 32000 KB (704483)"
    )


@pytest.mark.parametrize(
    ("number", "kilobytes"),
    [
        ("1.228.800", 1228800),
        ("1,228,800", 1228800),
        ("1 228 800", 1228800),
        ("1'228'800", 1228800),
        ("512", 512),
        ("NA", None),
    ],
)
def test_numbers_in_any_locale(number: str, kilobytes: int | None) -> None:
    assert parse_memory(["Memory Report", f"Total:\t\t{number} KB\t\t"]).kilobytes.get("Total") == kilobytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_encodings_and_line_ends(encoding: str, ends: str) -> None:
    text, problem = text_of(REPORT.replace("\n", ends).encode(encoding))
    report, plain = only(text), only(REPORT)
    assert problem is None
    assert (report.frames, report.environment, report.extra, report.site) == (
        plain.frames,
        plain.environment,
        plain.extra,
        plain.site,
    )
    assert report.environment["runtime"] == "VisualWorks 9.1.1"


def test_truncated_at_any_position_from_the_end() -> None:
    known = REPORT.index("Command Line")
    for end in range(len(REPORT)):
        reports = parsed(REPORT[:end])
        assert len(reports) <= 1
        if end > known:
            assert reports[0].severity == "critical"
            assert reports[0].truncated == (end < len(REPORT) - 1)


def test_truncated_at_any_position_from_the_start() -> None:
    active = REPORT.index("Context stack")
    for start in range(1, len(REPORT)):
        reports = parsed(REPORT[start:])
        assert len(reports) <= 1
        for report in reports:
            assert report.truncated
            functions = [frame.function for frame in report.frames]
            # The stack of another process must not be taken for the active one's.
            assert functions == (["doesNotUnderstand:", "refresh"] if start <= active else [])


def many_processes(n: int) -> str:
    return REPORT.replace("Suspended Processes\n", "Suspended Processes\n" + "Process named: 'x'\n[1] \tA>>raise\n" * n)


def long_frame(n: int) -> str:
    return REPORT.replace("[2] \tMediaGeniX.Plan>>refresh", "[2] \t" + "Error class" * n + ">" * n)


def many_sections(n: int) -> str:
    return "Memory Report\n" * n + REPORT * 20


def test_large_sections_are_read() -> None:
    assert only(many_processes(20_000)).extra["suspended_processes"].startswith("20002: ")
    assert only(long_frame(100_000)).frame_count == 2
    assert len(parsed(many_sections(50_000))) == 20


@pytest.mark.parametrize("text_of", [many_processes, long_frame, many_sections])
def test_time_grows_linearly_with_the_sections(text_of: Callable[[int], str]) -> None:
    assert_linear(parsed, text_of, 16_000)
