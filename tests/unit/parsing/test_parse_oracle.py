"""Errors of Oracle's alert log, and error stacks of PL/SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.parsing.read import read

only = partial(only_report, "oracle")


ALERT = """2026-03-05T10:15:22.123456+01:00
Errors in file /u01/app/oracle/diag/rdbms/wren/wren/trace/wren_ora_2211.trc  (incident=12345):
ORA-00600: internal error code, arguments: [15160], [], [], [], [], [], [], []
Incident details in: /u01/app/oracle/diag/rdbms/wren/wren/incident/incdir_12345/wren_ora_2211_i12345.trc
2026-03-05T10:15:40.000001+01:00
Thread 1 advanced to log sequence 4711 (LGWR switch)
2026-03-05T10:16:01.000001+01:00
Errors in file /u01/app/oracle/diag/rdbms/wren/wren/trace/wren_j000_2212.trc:
ORA-12012: error on auto execute of job "WREN"."SONGJOB"
ORA-01653: unable to extend table WREN.SONG by 128 in tablespace USERS
ORA-06512: at "WREN.SONG_PKG", line 31
ORA-1543 signalled during: create tablespace song...
"""


def test_entries_of_an_alert_log() -> None:
    internal, job = read(ALERT).reports
    assert (internal.error_type, internal.message[:19], internal.severity) == ("ORA-00600", "internal error code", "critical")
    assert (internal.extra, internal.frames) == ({"incident": "12345", "pid": "2211"}, ())
    assert internal.occurred_at == datetime(2026, 3, 5, 9, 15, 22, 123456, tzinfo=UTC)
    assert ALERT[slice(*internal.span)].startswith("2026-03-05T10:15:22")
    assert [job.error_type, *(cause.error_type for cause in job.causes)] == ["ORA-12012", "ORA-01653"]
    assert job.inner_fault is not None


def test_an_alert_log_of_an_older_version() -> None:
    text = (
        "Thu Mar 05 10:15:22 2026\nErrors in file /u01/admin/wren/udump/wren_ora_2211.trc:\n"
        "ORA-07445: exception encountered: core dump [kkqudpds()+121] [SIGSEGV] [Address not mapped to object] [] []\n"
        "Thu Mar 05 10:17:22 2026\nORA-1543 signalled during: create tablespace song...\n"
    )
    fault, statement = read(text).reports
    assert (fault.error_type, fault.occurred_at, fault.span[0]) == ("ORA-07445", None, 0)
    assert (statement.error_type, text[slice(*statement.span)][:3]) == ("ORA-01543", "Thu")


@pytest.mark.parametrize(
    ("at", "line"), [("at {}, line {}", "at line {}"), ("in {}, Zeile {}", "in Zeile {}"), ("à {}, ligne {}", "à ligne {}")]
)
def test_an_error_stack_of_pl_sql(at: str, line: str) -> None:
    programs = ['"WREN.RAISE_ERROR"', '"WREN.SONG_PKG.VERSE"', '"SYS.DBMS_SQL"']
    raised, passed, inner = (f"ORA-06512: {at.format(program, 3)}\n" for program in programs)
    errors = ["ORA-20001: no song\n", "ORA-01403: no data found\n"]
    report = only(f"ERROR at line 1:\n{errors[0]}{raised}{passed}{errors[1]}{inner}ORA-06512: {line.format(1)}\n")
    assert (report.error_type, report.message, report.span[0]) == ("ORA-20001", "no song", 0)
    assert [(frame.qualified, frame.line, frame.in_app) for frame in report.frames] == [
        ("WREN.RAISE_ERROR", 3, True),
        ("WREN.SONG_PKG.VERSE", 3, True),
    ]
    [cause] = report.causes
    assert (cause.error_type, [frame.in_app for frame in cause.frames]) == ("ORA-01403", [False, True])


def test_an_error_of_the_network() -> None:
    report = only("SQL> connect x\nERROR:\nORA-12154: TNS:could not resolve the connect identifier specified\n")
    assert (report.error_type, report.frames) == ("ORA-12154", ())


def test_the_errors_of_a_database_in_an_exception_of_its_client_belong_to_it() -> None:
    stack = 'ORA-20001: no song\nORA-06512: at "WREN.SONG_PKG", line 12\nORA-06512: at line 1\n'
    java = (
        f"java.sql.SQLException: {stack}\n\tat oracle.jdbc.Driver.a(Driver.java:509)\n\tat org.wren.Song.sing(Song.java:31)\n"
    )
    assert [report.format for report in read(java).reports] == ["java"]


@pytest.mark.parametrize("line", ["the manual of ORA-00600: see below\n", "grep ORA-01403 alert.log\n", "ORA-\n"])
def test_numbers_in_text_are_no_errors(line: str) -> None:
    assert read(line).reports == ()


@pytest.mark.parametrize("line", ["ORA-1: a\n", "ORA-06512: at line 1\n", "Errors in file a.trc:\n", "ORA-1: a\nb\n"])
def test_growth_is_linear(line: str) -> None:
    assert_linear(lambda text: read(text, "oracle"), lambda count: line * count, 8_000)
