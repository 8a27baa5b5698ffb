"""Log lines without a stack, in the layouts of loggers, servers and operating systems."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.parsing.log.parser import LogParser, error_type_in
from graph.parsing.protocol import Parser
from graph.parsing.read import CLEARLY_A_LOG, PARSERS, read
from graph.parsing.text.times import parse_time_value

TRACE = 'Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\n    x\nKeyError: 1\n'


only = partial(only_report, "log")


@pytest.mark.parametrize(
    ("line", "error_type", "message"),
    [
        ("2026-01-02 10:00:00,123 ERROR [x] cannot open the till", "x", "cannot open the till"),
        ("2026-01-02 10:00:00,123 ERROR [main] com.acme.Till - stuck: timeout", "com.acme.Till", "stuck: timeout"),
        ("2026-01-02T10:00:00.123+01:00 ERROR 12 --- [shop] [exec-1] o.s.b.Foo   : no bean", "o.s.b.Foo", "no bean"),
        ("2026-01-02 10:00:00,123 - billing.core - ERROR - cannot open /x", "billing.core", "cannot open /x"),
        ("2026-01-02 10:00:00.123 | ERROR    | app.main:run:12 - cannot", "app.main:run:12", "cannot"),
        ("2026-01-02 10:00:00 [error    ] could not connect   [app.db]", "Error", "could not connect   [app.db]"),
        ("[2026-01-02 10:00:00,123: ERROR/MainProcess] Task raised: KeyError('x')", "KeyError", "Task raised: KeyError('x')"),
        ("[2026-01-02T10:00:00,123][ERROR][o.e.b.Bootstrap] [node-1] failed", "o.e.b.Bootstrap", "failed"),
        ("ERROR:root:something bad", "root", "something bad"),
        ("ERROR:billing.core:ValueError: bad till", "ValueError", "bad till"),
        ("[main] ERROR com.x.Foo - java.lang.IllegalStateException: no", "java.lang.IllegalStateException", "no"),
        ("SEVERE: cannot start", "Error", "cannot start"),
        ("E, [2026-01-02T10:00:00.123456 #123] ERROR -- : no till", "Error", "no till"),
        ("10:00:00.123 [error] GenServer stopped", "Error", "GenServer stopped"),
        ("[2026-01-02T10:00:00Z ERROR mycrate::net] oops", "mycrate::net", "oops"),
        ("[2026-01-02T10:00:00Z ERROR mycrate] oops", "mycrate", "oops"),
        ("E0102 10:00:00.123456   12345 reflector.go:138] Failed to watch Pod", "reflector.go", "Failed to watch Pod"),
        ("01-02 10:00:00.123  1234  5678 E Camera: cannot open", "Camera", "cannot open"),
        ("E/Camera( 123): cannot open", "Camera", "cannot open"),
        (
            "fail: Acme.Till.Worker[13]\n      Cannot open the till.\n      Second line",
            "Acme.Till.Worker",
            "Cannot open the till.\nSecond line",
        ),
        ("2026/01/02 10:00:00 [error] 12#0: *45 connect() failed (111: x)", "Error", "connect() failed (111: x)"),
        ("[Fri Jan 02 10:00:00.1 2026] [proxy:error] [pid 1:tid 2] AH00957: no", "Error", "AH00957: no"),
        ('2026-01-02 10:00:00.123 UTC [123] ERROR:  relation "x" is missing', "Error", 'relation "x" is missing'),
        ("2026-01-02T10:00:00.123456Z 0 [ERROR] [MY-010119] [Server] Aborting", "Server", "Aborting"),
        ('{"level":"error","logger":"db","msg":"connect ECONNREFUSED"}', "ECONNREFUSED", "connect ECONNREFUSED"),
        ('{"level":50,"time":1700000000123,"name":"till","msg":"oops"}', "till", "oops"),
        ('2026-01-02T10:00:00Z stderr F {"level":"error","msg":"wrapped"}', "Error", "wrapped"),
        ('{"s":"E","c":"NETWORK","msg":"Failed"}', "NETWORK", "Failed"),
        ('time="2026-01-02T10:00:00Z" level=error msg="no \\"till\\"" component=pos', "pos", 'no "till"'),
        ("could fail: no\n2026-01-02 10:00:00 ERROR open: [Errno 13] EACCES", "EACCES", "open: [Errno 13] EACCES"),
        ("Error: Cannot find the till", "Error", "Cannot find the till"),
    ],
)
def test_layouts(line: str, error_type: str, message: str) -> None:
    report = only(f"{line}\n")
    assert (report.error_type, report.message) == (error_type, message)
    assert report.frames == ()


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-02 10:00:00 INFO replied ERROR 500",
        "2026-01-02 10:00:00 WARNING [x] an error may follow",
        "Jan  2 10:00:00 web1 sshd[123]: Accepted error",
        "the word error in a sentence",
        "src/till.c:12:3: error: expected ';'",
        '{"level":30,"msg":"error-free"}',
        "ts=2026-01-02T10:00:00Z level=info msg=error",
        "<14>1 2026-01-02T10:00:00Z host app 1 - - an error was avoided",
        "make: *** [till.o] Error 1",
    ],
)
def test_lines_that_are_not_errors(line: str) -> None:
    reading = read(f"{line}\n")
    assert reading.reports == ()
    assert reading.reason


def test_syslog_host_program_and_level() -> None:
    old = only("<27>Jan  2 10:00:00 web1 till[12]: cannot open\n")
    assert (old.product, old.environment, old.extra, old.occurred_at) == ("till", {"host": "web1"}, {"pid": "12"}, None)
    new = only('<11>1 2026-01-02T10:00:00.5Z web1 till 12 ID47 [x@1 a="b]"] cannot open\n')
    assert (new.product, new.message) == ("till", "cannot open")
    assert new.occurred_at == datetime(2026, 1, 2, 10, 0, 0, 500_000, UTC)
    assert only("<2>[   12.345678] sd 0:0: disk is gone\n").severity == "critical"
    assert only("Jan  2 10:00:00 web1 sshd[1]: error: key exchange\n").message == "key exchange"


def test_windows_events() -> None:
    text = (
        "Log Name:      Application\nSource:        Application Error\nDate:          1/2/2026 10:00:00 AM\n"
        "Event ID:      1000\n"
        "Level:         Error\nComputer:      PC1\nDescription:\n"
        "Faulting application name: till.exe, version: 1.2.3.4, time stamp: 0x5\n"
        "Exception code: 0xc0000005\nFault offset: 0x000\n\n"
        "Log Name:      Application\nSource:        Till\nLevel:         Information\nDescription:\nNo error\n\n"
        "Log Name:      Application\nSource:        Till\nLevel:         Critical\nDescription:\nThe till is gone\n"
    )
    fault, gone = read(text).reports
    assert (fault.error_type, fault.product, fault.version) == ("EXCEPTION_ACCESS_VIOLATION", "till.exe", "1.2.3.4")
    assert fault.environment == {"host": "PC1"}
    assert (gone.error_type, gone.message, gone.severity) == ("Till", "The till is gone", "critical")


def test_equal_records_are_separate_crashes() -> None:
    line = "2026-01-02 10:00:00 ERROR [x] cannot\n"
    assert [one.span for one in read(line * 3).reports] == [
        (0, len(line)),
        (len(line), 2 * len(line)),
        (2 * len(line), 3 * len(line)),
    ]


def test_a_record_above_a_traceback_belongs_to_it() -> None:
    info, error = "2026-01-02T10:00:00Z INFO [x] fine\n", "2026-01-02T10:00:01Z ERROR [x] request failed\n"
    text = info * 20 + error + TRACE + info + error + info
    first, second = read(text).reports
    assert (first.format, first.error_type, first.occurred_at) == (
        "python",
        "KeyError",
        datetime(2026, 1, 2, 10, 0, 1, tzinfo=UTC),
    )
    assert text[slice(*first.span)] == error + TRACE
    assert (second.format, text[slice(*second.span)]) == ("log", error)
    assert LogParser().sniff(text) >= CLEARLY_A_LOG


def test_few_error_lines_next_to_a_report_are_ignored() -> None:
    noise = "compiling the till\nlinking\ntesting all of it\n"
    text = noise + "ERROR: something\n" + noise + TRACE
    assert LogParser().sniff(text) < CLEARLY_A_LOG
    assert [one.format for one in read(text).reports] == ["python"]
    assert [one.format for one in read(text, "python,log").reports] == ["log", "python"]


def test_a_time_without_zone_is_ignored() -> None:
    def at(stamp: str) -> datetime | None:
        return only(f"{stamp} ERROR [x] y\n").occurred_at

    ten = datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert at("2026-01-02 10:00:00") is None
    assert at("2026-01-02T10:00:00Z") == at("2026-01-02 12:00:00,000+0200") == at("[02/Jan/2026:10:00:00 +0000]") == ten
    assert (
        parse_time_value(1_767_348_000)
        == parse_time_value("1767348000000")
        == parse_time_value(1_767_348_000_000_000_000)
        == ten
    )
    assert parse_time_value({"$date": "2026-01-02T10:00:00.000Z"}) == ten
    wrong: list[object] = [True, None, "", "9" * 60, 10**300, -1, float("nan"), [], "2026-13-45T99:99:99Z"]
    assert [parse_time_value(value) for value in wrong] == [None] * 9


def test_the_error_type_is_a_class_or_an_errno_name() -> None:
    assert error_type_in("failed with sqlalchemy.exc.OperationalError: gone") == "sqlalchemy.exc.OperationalError"
    assert error_type_in("read ECONNRESET") == "ECONNRESET"
    assert error_type_in("App\\Till\\MissingException: x") == "App\\Till\\MissingException"
    assert error_type_in("no ERROR and EVERYTHING is fine") == ""


@pytest.mark.parametrize("parser", [one for one in PARSERS if one.name != "log"], ids=lambda one: one.name)
def test_reports_of_other_formats_are_not_claimed(parser: Parser) -> None:
    text = "2026-01-02 10:00:00 INFO [x] fine\n" * 30 + parser.example
    assert [one.format for one in read(text).reports] == [parser.name]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("no such order [] []", "no such order"),
        ('no such order {"id":7} []', "no such order"),
        ('no such order {"id":7} {"pid":1} ', "no such order"),
        ('a {b} c [] {"pid":1}', "a {b} c"),
        ("no such order {7}", "no such order {7}"),
        ("no such order []", "no such order []"),
    ],
)
def test_context_and_extra_fields_of_monolog_are_no_part_of_the_message(line: str, message: str) -> None:
    (report,) = read(f"[2026-01-02 10:00:00] shop.ERROR: {line}\n", "log").reports
    assert report.message == message


def test_a_message_full_of_objects_takes_linear_time() -> None:
    assert_linear(read, lambda count: "[2026-01-02 10:00:00] shop.ERROR: " + " {a}" * (count // 4) + "x\n", 40_000)
