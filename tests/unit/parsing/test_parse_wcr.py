"""WHATS'ON crash reports and dumps of other VisualWorks programs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph.model.report import ParsedReport
from graph.parsing.read import read
from graph.parsing.text.smalltalk_frames import parse_frame

REPORT = """
==2025/7/9==8:05:03==BEGIN RUNTIME DIAGNOSTIC DUMP

System Error Report
Whats'On User: planner
Whats'On Site: NORTH(WONTEST)
Whats'On Version: 2025r2.000.004b
Whats'On Minor Version:\x20
Whats'On Build: 2025r2.000[NORTH].004b.7
Whats'On DB Hash: 0123
Whats'On Version on database: 2025r2.000.004
Whats'On Connector Version: 2025r2.000
Smalltalk Version: 'VisualWorks®, 9.1.1 of Mié 16 September 2021'

COMPUTERNAME=DESK-7
USERNAME=pl
TimeZone offset=7200

Frame rate mode: Single frame rate mode
Frame rate: 25 fps

Oracle Server Version:\x20
Oracle Database 19c Enterprise Edition Release 19.0.0.0.0 - Production

Oracle Client Version: 19.13.0.0.0
Database encoding: AL32UTF8
Session encoding: utf_8

Cause of Dump: Unhandled exception: Message not understood: #startOfDay
Command Line: whatson.exe

------------------------------------------------------------
Active Process
Process named: 'WHATS''ON Launcher'
Process priority: 50
Process identity hash: 12
Context stack
[1] \tUndefinedObject(Object)>>doesNotUnderstand:
[2] \t[] in OrderedCollection(Collection)>>detect:ifNone:
[3] \toptimized [] in [] in MediaGeniX.DaySheet class(MediaGeniX.Sheet class)>>rowsFor:with:
[4] \tMediaGeniX.Plan(MediaGeniX.Sheet)>>refresh
[5] \tMediaGeniX.Plan(MediaGeniX.Sheet)>>refresh
[6] \tMediaGeniX.Plan>>,
[7] \toptimized [] in Process class>>forBlock:priority:

------------------------------------------------------------
Unhandled Exception:
\tclass: MessageNotUnderstood
\tcreator: MessageNotUnderstood
\terrorString: Message not understood: #startOfDay
\tparameter: a Message with selector: #startOfDay and arguments: #()
------------------------------------------------------------
Initial Context Stack Arguments:
[1] UndefinedObject(Object)>>doesNotUnderstand:
\tReceiver: (id=1) nil
Suspended Processes
Process named: 'TimerProcess'
Context stack
[1] \tSemaphore>>wait
------------------------------------------------------------
Transcript:
------------------------------------------------------------
Memory Report
=============
Old:\t\t488 762 KB\t\t99,07%
Total:\t\t511.607 KB
Config file memory limit:\t\tNA
Memory limit upper bound:\t\t3.072.000 KB
==2025/7/9==8:05:03==END RUNTIME DIAGNOSTIC DUMP
"""

PLAIN = """==2024/2/13==18:42:18==BEGIN RUNTIME DIAGNOSTIC DUMP
Note: this file stored in VisualWorks #source (UTF-8) encoding

Cause of Dump: Unhandled exception: No such file or directory
Smalltalk Version: 'VisualWorks®, 8.3.2 of November 16, 2018'
Object Memory versionId: #[172 72 76]
Class creating this dump: ErrorDumper
------------------------------------------------------------
Active Process
Process named: 'Unnamed Process'
Process priority: 50
Context Stack:
[1] \toptimized [] in OSErrorHolder class>>initializeErrorActions
[2] \tSystemError>>handleErrorFor:
[3] \tFilename class>>setCurrentDirectory:
[4] \tEditor class>>startup

------------------------------------------------------------
Unhandled Exception:
\tclass: UnhandledException
\tcreator: UnhandledException
\terrorString: Unhandled exception: No such file or directory
\tparameter: an OsInaccessibleError

==2024/2/13==18:42:18==END RUNTIME DIAGNOSTIC DUMP
"""


def only(text: str) -> ParsedReport:
    reports = read(text).reports
    assert len(reports) == 1
    return reports[0]


def test_header() -> None:
    report = only(REPORT)
    assert (report.format, report.error_type, report.message) == (
        "wcr",
        "MessageNotUnderstood",
        "Message not understood: #startOfDay",
    )
    assert report.occurred_at == datetime(2025, 7, 9, 6, 5, 3, tzinfo=UTC)
    assert (report.product, report.version, report.site, report.user) == ("WHATS'ON", "2025r2.000.004b", "NORTH", "planner")
    assert report.environment == {
        "build": "2025r2.000[NORTH].004b.7",
        "database": "Oracle Database 19c Enterprise Edition Release 19.0.0.0.0 - Production",
        "database_client": "Oracle 19.13.0.0.0",
        "database_name": "WONTEST",
        "database_version": "2025r2.000.004",
        "host": "DESK-7",
        "memory_class": "2-4 GiB",
        "runtime": "VisualWorks 9.1.1",
    }
    assert (report.extra["process"], report.extra["receiver"]) == ("WHATS'ON Launcher", "UndefinedObject")
    assert "minor_version" not in report.extra
    assert not report.truncated


def test_frames() -> None:
    report = only(REPORT)
    assert [frame.qualified for frame in report.frames] == [
        "Object.doesNotUnderstand:",
        "Collection.detect:ifNone:",
        "MediaGeniX.Sheet class.rowsFor:with:",
        "MediaGeniX.Sheet.refresh",
        "MediaGeniX.Plan.,",
        "Process class.forBlock:priority:",
    ]
    assert report.frame_count == 7
    assert [frame.in_app for frame in report.frames] == [False, False, True, True, True, False]
    assert report.culprit is not None
    assert report.culprit.qualified == "MediaGeniX.Sheet class.rowsFor:with:"


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("\n", "\n\n"), ("\n", "\r\n\r\n")])
def test_line_ends_and_spacing_do_not_matter(change: tuple[str, str]) -> None:
    first, second = only(REPORT), only(REPORT.replace(*change))
    for name in ("error_type", "message", "frames", "environment", "site", "user", "occurred_at", "truncated"):
        assert getattr(first, name) == getattr(second, name)


def test_several_dumps_in_one_file() -> None:
    text = f"log\n{PLAIN}\nbetween\n{REPORT}\n{PLAIN}"
    reports = read(text).reports
    assert [report.error_type for report in reports] == ["OsInaccessibleError", "MessageNotUnderstood", "OsInaccessibleError"]
    for report in reports:
        assert text[slice(*report.span)].startswith("==2")
        assert text[slice(*report.span)].rstrip().endswith("END RUNTIME DIAGNOSTIC DUMP")


def test_another_visualworks_program() -> None:
    report = only(PLAIN)
    assert (report.product, report.site, report.user, report.version) == (None, None, None, None)
    assert (report.error_type, report.message) == ("OsInaccessibleError", "No such file or directory")
    assert report.environment == {"runtime": "VisualWorks 8.3.2"}
    assert report.culprit is not None
    assert report.culprit.qualified == "Editor class.startup"


def test_program_name_from_the_command_line() -> None:
    assert only(PLAIN.replace("ErrorDumper\n", 'ErrorDumper\nCommand Line: "C:\\Apps\\planner.exe" -x\n')).product == "planner"


@pytest.mark.parametrize("share", [0.35, 0.45, 0.6, 0.8])
def test_truncated_at_the_end(share: float) -> None:
    report = only(REPORT[: int(len(REPORT) * share)])
    assert report.truncated
    assert (report.error_type, report.site, report.version) == ("MessageNotUnderstood", "NORTH", "2025r2.000.004b")


def test_truncated_at_the_start() -> None:
    report = only(REPORT[REPORT.index("Whats'On Version:") :])
    assert (report.error_type, report.truncated, report.frame_count) == ("MessageNotUnderstood", True, 7)
    assert report.occurred_at == datetime(2025, 7, 9, 6, 5, 3, tzinfo=UTC)
    assert only(REPORT[REPORT.index("Context stack") :]).frame_count == 7


@pytest.mark.parametrize(
    ("cause", "error_type", "severity"),
    [
        ("Emergency: No Space Left.", "Emergency", "critical"),
        ("Unhandled exception: Message not understood: #x", "MessageNotUnderstood", "high"),
        ("Unhandled exception: Subscript out of bounds: 3", "SubscriptOutOfBounds", "medium"),
    ],
)
def test_the_error_type_from_the_cause(cause: str, error_type: str, severity: str) -> None:
    text = REPORT.replace("Unhandled exception: Message not understood: #startOfDay", cause)
    report = only(text[: text.index("Unhandled Exception:")])
    assert (report.error_type, report.severity) == (error_type, severity)


def test_a_multi_line_cause() -> None:
    text = REPORT.replace("understood: #startOfDay\nCommand", "understood: #startOfDay\nORA-01555: snapshot too old\nCommand")
    assert only(text).message == "Message not understood: #startOfDay\nORA-01555: snapshot too old"


def test_postgresql_and_no_connection() -> None:
    oracle = REPORT[REPORT.index("Oracle Server") : REPORT.index("Database encoding")]
    report = only(
        REPORT.replace(oracle, "PostgreSQL Server Version:\nPostgreSQL 13.4 on x86_64\nPostgreSQL Client Version: 14.1\n")
    )
    assert report.environment["database"] == "PostgreSQL 13.4 on x86_64"
    assert report.environment["database_client"] == "PostgreSQL 14.1"
    gone = "WHATS'ON version on database not available: not connected to the database"
    report = only(
        REPORT.replace(oracle, "").replace("on database: 2025r2.000.004", f"on database: {gone}").replace("AL32UTF8", "???")
    )
    assert not {"database", "database_version", "database_client"} & set(report.environment)
    assert report.environment["database_name"] == "WONTEST"
    assert "database_encoding" not in report.extra


def test_the_operating_systems_user_without_one_of_the_program() -> None:
    assert only(REPORT.replace("User: planner", "User: ")).user == "pl"


@pytest.mark.parametrize(
    ("text", "module", "function"),
    [
        ("A.B>>c", "A.B", "c"),
        ("A.B(C.D)>>e:f:", "C.D", "e:f:"),
        ("B class(Object class)>>new", "Object class", "new"),
        ("optimized [] in [] in [] in A.B>>c", "A.B", "c"),
        ("[] in IdentitySet(Collection)>>detect:ifNone:", "Collection", "detect:ifNone:"),
        ("A.B(C)>>>>", "C", ">>"),
        ("A.B>><=", "A.B", "<="),
        ("half a na", "", "half a na"),
        ("", "", ""),
    ],
)
def test_frame(text: str, module: str, function: str) -> None:
    frame = parse_frame(text)
    assert (frame.module, frame.function) == (module, function)


def test_both_formats_in_one_text() -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n'
    reports = read(f"{trace}\n{REPORT}\n{trace}").reports
    assert [report.format for report in reports] == ["python", "wcr", "python"]


def test_a_traceback_in_a_transcript_belongs_to_its_dump() -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n'
    assert [report.format for report in read(REPORT.replace("Transcript:\n", f"Transcript:\n{trace}")).reports] == ["wcr"]


def test_impossible_times_are_ignored() -> None:
    assert only(REPORT.replace("==2025/7/9==8:05:03", "==2025/17/39==8:05:03")).occurred_at is None
    assert only(REPORT.replace("offset=7200", "offset=9999999")).occurred_at == datetime(2025, 7, 9, 8, 5, 3, tzinfo=UTC)
