"""Exceptions in OTLP/JSON, collector text and JSON logs, in the formats of SDKs and loggers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.read import read

PYTHON = (
    'Traceback (most recent call last):\n  File "/srv/till/price.py", line 12, in price\n    return {"a": 1}[country]\n'
    "KeyError: 'NZ'\n\nThe above exception was the direct cause of the following exception:\n\n"
    'Traceback (most recent call last):\n  File "/srv/till/pay.py", line 9, in pay\n    price(country)\nValueError: no price\n'
)
NODE = (
    "TypeError: Cannot read properties of undefined (reading 'value')\n    at price (/srv/till/price.js:2:35)\n"
    "    at Object.<anonymous> (/srv/till/pay.js:7:5)\n    at node:internal/main/run_main_module:36:49"
)
EXCEPTION = {"exception.type": "ValueError", "exception.message": "no price", "exception.stacktrace": PYTHON}
TEN = datetime(2026, 1, 2, 10, tzinfo=UTC)


def only(document: object) -> ParsedReport:
    [report] = read(document if isinstance(document, str) else json.dumps(document)).reports
    assert report.format == "opentelemetry"
    return report


def pairs(attributes: dict[str, str]) -> list[dict[str, object]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]


RESOURCE = {
    "service.name": "till",
    "service.version": "4.2.0",
    "deployment.environment": "north",
    "host.name": "pos1",
    "os.name": "Linux",
    "os.version": "6.1",
    "process.runtime.name": "cpython",
    "process.runtime.version": "3.11.7",
}


def logs(*attributes: dict[str, str]) -> dict[str, object]:
    records = [
        {"timeUnixNano": "1767348000000000000", "severityNumber": 17, "traceId": "0af7", "attributes": pairs(one)}
        for one in attributes
    ]
    scope = {"scope": {"name": "x"}, "logRecords": records}
    return {"resourceLogs": [{"resource": {"attributes": pairs(RESOURCE)}, "scopeLogs": [scope]}]}


def test_log_records_of_otlp() -> None:
    report = only(logs(EXCEPTION))
    assert (report.error_type, report.message, report.occurred_at) == ("ValueError", "no price", TEN)
    assert [(one.relation, one.error_type) for one in report.causes] == [("cause", "KeyError")]
    assert [one.qualified for one in report.frames] == ["pay.pay"]
    assert report.culprit == report.causes[0].frames[0]
    assert (report.product, report.version, report.site) == ("till", "4.2.0", "north")
    assert report.environment == {"host": "pos1", "os": "Linux 6.1", "runtime": "cpython 3.11.7"}
    assert report.extra["trace"] == "0af7"


@pytest.mark.parametrize("indent", [None, 2])
def test_every_record_of_a_document_is_a_report(indent: int | None) -> None:
    text = json.dumps(logs(EXCEPTION, {"http.route": "/"}, {**EXCEPTION, "exception.message": "other"}), indent=indent)
    first, second = read(text).reports
    assert (first.message, second.message) == ("no price", "other")
    assert first.product == second.product == "till"
    assert "exception.stacktrace" in text[slice(*first.span)]


def test_span_events_of_otlp_and_of_the_console() -> None:
    event = {"name": "exception", "timeUnixNano": 1_767_348_000_000_000_000, "attributes": pairs(EXCEPTION)}
    span = {"traceId": "aa", "name": "pay", "attributes": pairs({"error.type": "500"}), "events": [event]}
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}], "resource": {"attributes": pairs(RESOURCE)}}]}
    report = only(document)
    assert (report.error_type, report.occurred_at, report.product) == ("ValueError", TEN, "till")
    console = {
        "name": "pay",
        "context": {"trace_id": "0x1"},
        "events": [{"name": "exception", "timestamp": "2026-01-02T10:00:00.000000Z", "attributes": EXCEPTION}],
        "resource": {"attributes": RESOURCE},
    }
    again = only(json.dumps(console, indent=4))
    assert (again.frames, again.occurred_at, again.site) == (report.frames, TEN, "north")


def test_flat_attributes_without_a_stack() -> None:
    assert only({"attributes": {"exception.type": "E1", "exception.message": "m"}}).error_type == "E1"
    bare = only({"exception.type": "com.acme.Gone", "exception.message": "m", "severity_text": "FATAL"})
    assert (bare.error_type, bare.frames, bare.severity) == ("com.acme.Gone", (), "critical")


def test_the_text_of_the_collector() -> None:
    text = (
        "2026-01-02T10:00:00.000Z\tinfo\tResourceLog #0\nResource SchemaURL: \nResource attributes:\n"
        "     -> service.name: Str(till)\n     -> host.name: Str(pos1)\nScopeLogs #0\nInstrumentationScope x \nLogRecord #0\n"
        "ObservedTimestamp: 2026-01-02 10:00:01 +0000 UTC\nTimestamp: 2026-01-02 10:00:00 +0000 UTC\nSeverityText: ERROR\n"
        "SeverityNumber: Error(17)\nBody: Str(boom)\nAttributes:\n     -> exception.type: Str(ValueError)\n"
        "     -> exception.message: Str(no price)\n     -> exception.stacktrace: Str(" + PYTHON + ")\n"
        "Trace ID: 0af7\nSpan ID: b7ad\nFlags: 1\nLogRecord #1\nBody: Str(fine)\n"
        "ResourceSpans #0\nResource attributes:\n     -> service.name: Str(web)\nScopeSpans #0\nSpan #0\n"
        "    Trace ID       : aa11\n"
        "    ID             : bb22\n    Name           : pay\nEvents:\nSpanEvent #0\n     -> Name: exception\n"
        "     -> Timestamp: 2026-01-02 10:00:00 +0000 UTC\n     -> DroppedAttributesCount: 0\n     -> Attributes::\n"
        "          -> exception.type: Str(TypeError)\n          -> exception.message: Str(m)\n"
        "          -> exception.stacktrace: Str(" + NODE + ')\n\t{"kind": "exporter"}\n'
    )
    record, event = read(text).reports
    assert (record.error_type, record.message, record.product, record.occurred_at) == ("ValueError", "no price", "till", TEN)
    assert [one.error_type for one in record.causes] == ["KeyError"]
    assert record.extra == {"trace": "0af7", "span": "b7ad"}
    assert (event.error_type, event.product, event.extra["trace"]) == ("TypeError", "web", "aa11")
    assert event.frames[0].function == "price"


@pytest.mark.parametrize(
    "record",
    [
        # ECS, nested and dotted
        {"@timestamp": "2026-01-02T10:00:00Z", "error": {"type": "ValueError", "message": "no price", "stack_trace": PYTHON}},
        {"@timestamp": "2026-01-02T10:00:00Z", "error.type": "ValueError", "error.stack_trace": PYTHON},
        # logstash, GELF, python-json-logger, structlog, loguru, a search engine's hit
        {"@timestamp": "2026-01-02T10:00:00Z", "level": "ERROR", "message": "cannot pay", "stack_trace": PYTHON},
        {"version": "1.1", "timestamp": 1767348000, "level": 3, "short_message": "cannot pay", "full_message": PYTHON},
        {"timestamp": "2026-01-02T10:00:00+00:00", "levelname": "ERROR", "message": "cannot pay", "exc_info": PYTHON},
        {"event": "cannot pay", "level": "error", "timestamp": "2026-01-02T10:00:00Z", "exception": PYTHON},
        {
            "text": "cannot pay\n" + PYTHON,
            "record": {
                "exception": {"type": "ValueError", "value": "no price", "traceback": True},
                "time": {"repr": "2026-01-02 10:00:00.000000+00:00", "timestamp": 1767348000.0},
            },
        },
        {"_index": "x", "_source": {"@timestamp": "2026-01-02T10:00:00Z", "error": {"stack_trace": PYTHON}}},
        # a list of exceptions with frames
        {
            "event": "cannot pay",
            "timestamp": "2026-01-02T10:00:00Z",
            "exception": [
                {
                    "exc_type": "ValueError",
                    "exc_value": "no price",
                    "is_cause": False,
                    "frames": [{"filename": "/srv/till/pay.py", "lineno": 9, "name": "pay"}],
                },
                {
                    "exc_type": "KeyError",
                    "exc_value": "'NZ'",
                    "is_cause": True,
                    "frames": [{"filename": "/srv/till/price.py", "lineno": 12, "name": "price"}],
                },
            ],
        },
    ],
)
def test_layouts_of_json_logs(record: dict[str, object]) -> None:
    report = only(record)
    assert (report.error_type, report.message, report.occurred_at) == ("ValueError", "no price", TEN)
    assert [one.qualified for one in report.frames] == ["pay.pay"]
    assert [one.error_type for one in report.causes] == ["KeyError"]
    one, two = read(json.dumps(record) + "\n" + json.dumps(record) + "\n").reports
    assert one.frames == two.frames == report.frames


@pytest.mark.parametrize(
    "record",
    [
        {"level": 50, "time": 1767348000000, "pid": 7, "err": {"type": "TypeError", "message": "m", "stack": NODE}, "msg": "m"},
        {"level": 50, "time": "2026-01-02T10:00:00.000Z", "err": {"name": "TypeError", "message": "m", "stack": NODE}},
        {"level": "error", "message": "m", "stack": NODE, "timestamp": "2026-01-02T10:00:00.000Z"},
        {"errorType": "TypeError", "errorMessage": "m", "stack": NODE.split("\n"), "timestamp": "2026-01-02T10:00:00Z"},
    ],
)
def test_layouts_of_node(record: dict[str, object]) -> None:
    report = only(record)
    assert (report.error_type, report.occurred_at) == ("TypeError", TEN)
    assert [one.function for one in report.frames][:2] == ["price", "Object.<anonymous>"]


def test_a_stack_without_its_error_is_read() -> None:
    frames = '  File "/var/task/price.py", line 4, in handler\n    return prices[country]\n'
    report = only({"errorType": "KeyError", "errorMessage": "'NZ'", "stackTrace": [frames]})
    assert (report.error_type, report.message, [one.function for one in report.frames]) == ("KeyError", "'NZ'", ["handler"])
    zap = {
        "level": "error",
        "ts": 1767348000.5,
        "msg": "cannot pay",
        "error": "no price",
        "stacktrace": "example.org/till.price\n\t/srv/till/price.go:12\nmain.main\n\t/srv/till/main.go:7",
    }
    go = only(zap)
    assert [(one.qualified, one.line) for one in go.frames][:1] == [("example.org/till.price", 12)]


def test_records_after_a_prefix_and_between_other_lines() -> None:
    record = json.dumps({"level": "error", "msg": "m", "stack_trace": PYTHON})
    text = f"starting\n2026-01-02T10:00:00Z stderr F {record}\nplain {{ brackets ] of no JSON\n{record}\n"
    first, second = read(text).reports
    assert text[slice(*first.span)] == f"2026-01-02T10:00:00Z stderr F {record}\n"
    assert text[slice(*second.span)] == f"{record}\n"


@pytest.mark.parametrize(
    "record", [{"stack": "production"}, {"error": "x"}, {"exception": None}, {"error": {"code": 5}}, {"stack": [1, {}]}]
)
def test_records_without_an_exception_are_ignored(record: dict[str, object]) -> None:
    assert all(one.format != "opentelemetry" for one in read(json.dumps(record)).reports)


def test_a_truncated_document_keeps_its_records() -> None:
    text = json.dumps(logs(EXCEPTION, {**EXCEPTION, "exception.message": "other"}))
    whole = text.index('"other"')
    reports = read(text[: whole + 40]).reports
    assert [(report.message, report.truncated) for report in reports] == [("no price", False), ("other", True)]
    for end in range(0, len(text), 7):
        for one in read(text[:end]).reports:
            assert one.span[1] <= end


def test_deep_and_wide_documents_do_not_raise() -> None:
    deep = '{"exception.type":' * 30_000 + "1" + "}" * 30_000
    assert read(deep).reports == ()
    assert read("[" * 300_000 + '{"stack_trace":"x"}').reports == ()
    wide = {f"key{at}": at for at in range(5_000)}
    assert only({"exception.type": "E1", "exception.message": "m", **wide}).error_type == "E1"


HOSTILE = {
    "nested": lambda n: '{"exception.type":' * 2 * n + "1" + "}" * 2 * n,
    "lists": lambda n: "[" * 20 * n + '{"stack_trace":"x"}',
    "open strings": lambda n: '{"exception.type":"\n' * n,
    "records": lambda n: '{"level":"error","stack":"a\\nb"}\n' * (n // 4),
    "fields": lambda n: '{"exception.type":"E",' + '"key":1,' * n + '"exception.message":"m"}',
    "collector text": lambda n: "Span #0\n" + "     -> exception.stacktrace: Str(a\n" * n,
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(lambda text: read(text, "opentelemetry"), text_of, 8_000)
