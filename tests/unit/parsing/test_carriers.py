"""What carried a text makes no difference to the report read from it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from growth import assert_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.fingerprint.compute import fingerprint
from graph.model.report import ParsedReport
from graph.parsing.carrier.catalogue import CARRIERS, Carrier
from graph.parsing.carrier.choose import read_carried
from graph.parsing.carrier.undo import undo
from graph.parsing.protocol import Parser
from graph.parsing.read import PARSERS, read

every_carrier = pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.name)
EXAMPLES = {parser.name: parser.example for parser in PARSERS}
CARRIED = {carrier.name: carrier.carry for carrier in CARRIERS}

PYTHON = (
    "Traceback (most recent call last):\n"
    '  File "/srv/mill/store.py", line 31, in weigh\n'
    "    return sacks[kind]\n"
    "KeyError: 'rye'\n"
)
JAVA = (
    "java.lang.IllegalStateException: mill is shut\n"
    "\tat org.mill.Store.open(Store.java:31)\n"
    "\tat org.mill.Miller.work(Miller.java:12)\n"
)


def content(report: ParsedReport) -> tuple[object, ...]:
    """What a report states, wherever it was found."""
    return report.error_type, report.message, report.frames, report.causes, report.culprit, fingerprint(report).exact


def contents(text: str) -> list[tuple[object, ...]]:
    return [content(report) for report in read(text).reports]


@every_carrier
def test_every_format_is_read_alike_through_every_carrier(carrier: Carrier) -> None:
    differing = [name for name, example in EXAMPLES.items() if contents(carrier.carry(example)) != contents(example)]
    assert differing == []


def test_error_records_near_a_stack_stay_crashes_where_no_carrier_printed_them() -> None:
    record = "2026-01-02 10:00:00 ERROR [mill] cannot grind\n"
    text = f'{record}\n{{"message": "the mill starts"}}\r\n\n{PYTHON}\n{record}'
    assert undo(text)
    assert [report.format for report in read(text, "python,log").reports] == ["log", "python", "log"]


@every_carrier
def test_the_part_of_each_of_two_reports_is_read_alike_by_itself(carrier: Carrier) -> None:
    text = carrier.carry(f"{PYTHON}\n{JAVA}")
    # Services list the newest record first.
    reports = sorted(read(text).reports, key=lambda report: report.error_type)
    assert [content(report) for report in reports] == [*contents(PYTHON), *contents(JAVA)]
    assert [contents(report.part_of(text)) for report in reports] == [contents(PYTHON), contents(JAVA)]


@pytest.mark.parametrize("inner", ["journal", "compose", "quote", "logcat", "rails"])
@pytest.mark.parametrize(
    "outer", ["docker json-file", "cri", "journal", "github actions", "quote", "journal, json", "cloudwatch events"]
)
def test_a_carrier_inside_another_is_undone(inner: str, outer: str) -> None:
    assert contents(CARRIED[outer](CARRIED[inner](PYTHON))) == contents(PYTHON)


def test_interleaved_sources_are_separated() -> None:
    first, second = PYTHON.splitlines(), JAVA.splitlines()
    lines = [
        f"store-1  | {first[0]}",
        f"bakery-1 | {second[0]}",
        f"store-1  | {first[1]}",
        f"store-1  | {first[2]}",
        f"bakery-1 | {second[1]}",
        f"bakery-1 | {second[2]}",
        f"store-1  | {first[3]}",
    ]
    text = "\n".join(lines) + "\n"
    python, java = read(text).reports
    assert [content(python), content(java)] == [*contents(PYTHON), *contents(JAVA)]
    assert python.part_of(text) == "".join(f"{line}\n" for line in lines if line.startswith("store"))
    assert java.part_of(text) == "".join(f"{line}\n" for line in lines if line.startswith("bakery"))


def test_processes_and_streams_are_sources_of_their_own() -> None:
    journal = "".join(
        f"Mar 05 10:15:22 host mill[{process}]: {line}\n"
        for pair in zip(PYTHON.splitlines(), PYTHON.replace("rye", "oat").splitlines(), strict=True)
        for process, line in zip((771, 772), pair, strict=True)
    )
    assert [report.message for report in read(journal).reports] == ["'rye'", "'oat'"]
    streams = "".join(
        f"2026-03-05T10:15:22.1{number}Z stderr F {line}\n2026-03-05T10:15:22.1{number}Z stdout F GET /sacks/{number} 200\n"
        for number, line in enumerate(JAVA.splitlines())
    )
    assert contents(streams) == contents(JAVA)


def test_a_line_that_the_runtime_split_is_joined() -> None:
    text = (
        "2026-03-05T10:15:22.1Z stderr F Traceback (most recent call last):\n"
        '2026-03-05T10:15:22.1Z stderr F   File "/srv/mill/store.py", line 31, in weigh\n'
        "2026-03-05T10:15:22.1Z stderr P ValueError: more sacks \n"
        "2026-03-05T10:15:22.1Z stderr F than the mill has\n"
    )
    [report] = read(text).reports
    assert report.message == "more sacks than the mill has"


def test_a_blank_line_after_each_is_left_out() -> None:
    prose = "It fails\n\nlike this\n\n"
    for text in (PYTHON, JAVA):
        long = text + text.replace("mill", "barn")
        assert contents(prose + long.replace("\n", "\n\n")) == contents(long)
        assert contents(long.replace("\n", "\r\n\r\n")) == contents(long)


def test_a_line_of_the_journal_as_bytes_is_read() -> None:
    lines = [f"\x1b[31m{line}\x1b[0m" for line in PYTHON.splitlines()]
    journal = "".join(json.dumps({"_PID": "771", "MESSAGE": list(line.encode())}) + "\n" for line in lines)
    assert contents(journal) == contents(PYTHON)


def test_texts_of_several_programs_in_one_document_are_kept_apart() -> None:
    entries = [
        {"resource": {"labels": {"pod_name": pod}}, "textPayload": line, "timestamp": f"2026-03-05T10:15:22.{number:03}Z"}
        for number, lines in enumerate(zip(PYTHON.splitlines(), [*JAVA.splitlines(), ""], strict=True))
        for pod, line in zip(("mill-1", "barn-1"), lines, strict=True)
    ]
    for listed in (entries, entries[::-1]):
        reports = read(json.dumps(listed)).reports
        assert sorted(map(content, reports), key=str) == sorted([*contents(PYTHON), *contents(JAVA)], key=str)


def test_a_table_whose_heading_has_no_time_is_read_in_the_order_of_its_times() -> None:
    rows = "".join('2026-03-05 10:15:22.{:03};"{}"\n'.format(*row) for row in reversed([*enumerate(JAVA.splitlines())]))
    assert contents(f'time;"line"\n{rows}') == contents(JAVA)


def test_the_time_of_the_first_line_is_kept() -> None:
    text = CARRIED["cri"](PYTHON) + "2026-03-05T10:15:23.9Z stderr F \n"
    assert read(text).reports[0].occurred_at == datetime(2026, 3, 5, 10, 15, 22, 123456, UTC)
    assert read(CARRIED["cloudwatch json"](PYTHON)).reports[0].occurred_at == datetime(2026, 3, 5, 10, 15, 22, 123000, UTC)
    assert read(CARRIED["journal"](PYTHON)).reports[0].occurred_at is None


def test_a_logger_that_prefixes_only_the_first_line_of_a_piece() -> None:
    text = (
        "[2026-03-05 10:15:22,490: WARNING/ForkPoolWorker-4] Traceback (most recent call last):\n"
        '[2026-03-05 10:15:22,491: WARNING/ForkPoolWorker-4]   File "/srv/mill/store.py", line 31, in weigh\n'
        "    return sacks[kind]\n"
        "[2026-03-05 10:15:22,492: WARNING/ForkPoolWorker-4] KeyError: 'rye'\n"
        "[2026-03-05 10:16:40,100: WARNING/ForkPoolWorker-4] next sack\n"
    )
    assert contents(text) == contents(PYTHON)


def test_records_beside_a_carried_stack_are_kept() -> None:
    text = (
        "Mar 05 10:15:21 host mill[771]: ERROR cannot open the gate of the upper store\n"
        "Mar 05 10:15:21 host mill[771]: INFO will try again\n"
        f"{CARRIED['journal'](JAVA)}"
        "Mar 05 10:15:29 host bakery[9]: ERROR oven is cold\n"
    )
    assert [report.format for report in read(text).reports] == ["log", "java", "log"]


@pytest.mark.parametrize(
    "text",
    [
        f"2026-03-05 10:15:22,123 ERROR [mill.web] weighing failed\n{PYTHON}2026-03-05 10:15:23,001 INFO [mill.web] next\n",
        f"Mar  5 10:15:22 host mill[771]: ERROR weighing failed\n{JAVA}Mar  5 10:15:23 host mill[771]: next\n",
        EXAMPLES["kernel"],
        EXAMPLES["wcr"],
        EXAMPLES["sanitizer"],
        EXAMPLES["valgrind"],
        EXAMPLES["log"],
        EXAMPLES["dotnet"],
        "E0305 10:15:22.123456  771 store.go:31] weighing failed\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:3 +0x1\n",
        (
            "  + Exception Group Traceback (most recent call last):\n"
            '  |   File "/srv/mill/a.py", line 1, in <module>\n'
            "  |     raise ExceptionGroup('g', [ValueError(1)])\n"
            "  | ExceptionGroup: g (1 sub-exception)\n"
            "  +-+---------------- 1 ----------------\n"
            "    | ValueError: 1\n"
            "    +------------------------------------\n"
        ),
        (
            "Traceback (most recent call last):\n"
            '  File "/srv/mill/a.py", line 1, in f\n'
            '    raise ValueError("a\\nb\\tc [31m")\n'
            "ValueError: &lt;b&gt;\n"
        ),
        "junit.ComparisonFailure: expected:<i[nclude]> but was:<i[mport]>\n\tat junit.Assert.assertEquals(Assert.java:1)\n",
        "> mill@1.0.0 start\n> node mill.js\n\nTypeError: no sack\n    at weigh (/srv/mill.js:3:9)\n",
        "| id | name |\n|----|------|\n| 1  | rye  |\n",
    ],
)
def test_a_text_without_a_carrier_is_left_alone(text: str) -> None:
    assert undo(text) == []


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_text_without_a_carrier_is_parsed_once(parser: Parser) -> None:
    parsed: list[str] = []

    def parse(text: str) -> list[ParsedReport]:
        parsed.append(text)
        return []

    read_carried(parser.example, parse)
    assert parsed == [parser.example]


def test_a_logger_s_record_stays_above_its_stack() -> None:
    text = f"2026-03-05T10:15:22.123Z ERROR [mill.web] weighing failed\n{PYTHON}2026-03-05T10:15:23.001Z INFO [mill.web] next\n"
    [report] = read(text).reports
    assert report.span[0] == 0
    assert report.occurred_at == datetime(2026, 3, 5, 10, 15, 22, 123000, UTC)
    assert report.message == "'rye'"


def test_the_reading_with_fewer_frames_loses() -> None:
    text = CARRIED["compose"](JAVA)
    [report] = read(JAVA).reports

    def parse(part: str) -> list[ParsedReport]:
        return [replace(report, frames=report.frames if part == text else report.frames[:1], span=(0, len(part)))]

    [chosen] = read_carried(text, parse)
    assert chosen.frames == report.frames


PREFIXES = ("2026-03-05T10:15:22.1Z stderr F ", "store-1  | ", "> ", "Mar 05 10:15:22 host mill[7]: ", '{"log": "', "[a] ", "")
PAYLOADS = (
    "Traceback (most recent call last):",
    '  File "a.py", line 1, in f',
    "\tat a.B.c(B.java:1)",
    "KeyError: 1",
    '\\n"}',
    "#012",
    "",
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PREFIXES), st.sampled_from(PAYLOADS), st.text(max_size=8)), max_size=30))
def test_any_mixture_of_carriers_has_spans_within_the_text(lines: list[tuple[str, str, str]]) -> None:
    text = "\n".join("".join(line) for line in lines)
    for report in read(text).reports:
        spans = [report.span, *report.pieces]
        assert all(0 <= start <= end <= len(text) for start, end in spans)
        assert sorted(report.pieces) == list(report.pieces)


@pytest.mark.slow
@every_carrier
def test_the_time_is_linear(carrier: Carrier) -> None:
    assert_linear(undo, lambda count: carrier.carry(PYTHON * count), 400)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "{n} stderr F \tat a.B.c(B.java:1)",
        "[{n}] at a.b(c)",
        "> " * 60,
        '{{"log": "{{\\"log\\": \\"{n}',
        "#012" * 40,
        '"' * 90,
        "&lt;" * 30,
    ],
)
def test_the_time_is_linear_with_as_many_sources_as_lines(line: str) -> None:
    assert_linear(undo, lambda count: "".join(f"{line.format(n=number)}\n" for number in range(count)), 6_000)


def test_a_record_of_a_logger_with_a_stack_in_its_message_keeps_its_format() -> None:
    record = {"severity": "ERROR", "timestamp": "2026-03-05T10:15:22Z", "message": JAVA, "service": "mill"}
    [report] = read(json.dumps(record) + "\n").reports
    assert (report.format, report.product) == ("opentelemetry", "mill")
    assert content(report)[:4] == contents(JAVA)[0][:4]
