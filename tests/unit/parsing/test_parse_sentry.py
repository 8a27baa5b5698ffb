"""Sentry events as sent by the SDKs for Python and Node, as allowed by the protocol, and as exported by Sentry's interface."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from growth import assert_linear

from graph.fingerprint.compute import fingerprint
from graph.model.report import ParsedReport
from graph.parsing.read import read
from graph.parsing.sentry.event import metadata_of, report_of, skip_reason
from graph.parsing.sentry.parser import SentryParser
from graph.parsing.sentry.stored_text import stored_text

PYTHON = {
    "level": "error",
    "exception": {
        "values": [
            {
                "mechanism": {"type": "chained", "handled": True, "exception_id": 1, "source": "__cause__", "parent_id": 0},
                "module": None,
                "type": "KeyError",
                "value": "'total'",
                "stacktrace": {
                    "frames": [
                        {
                            "abs_path": "/srv/shop/app.py",
                            "function": "outer",
                            "module": "__main__",
                            "lineno": 7,
                            "in_app": True,
                        },
                        {
                            "abs_path": "/srv/shop/app.py",
                            "function": "inner",
                            "module": "__main__",
                            "lineno": 5,
                            "in_app": True,
                            "vars": {"password": "'hunter2'"},
                        },
                    ]
                },
            },
            {
                "mechanism": {"type": "excepthook", "handled": False, "exception_id": 0},
                "module": "shop.errors",
                "type": "PayError",
                "value": "cannot pay",
                "stacktrace": {
                    "frames": [
                        {
                            "abs_path": "/srv/shop/app.py",
                            "function": "<module>",
                            "module": "__main__",
                            "lineno": 9,
                            "in_app": True,
                        },
                        {
                            "abs_path": "/srv/shop/app.py",
                            "function": "outer",
                            "module": "__main__",
                            "lineno": 8,
                            "in_app": True,
                        },
                        {
                            "abs_path": "/usr/lib/python3.11/json/decoder.py",
                            "filename": "json/decoder.py",
                            "function": "raw_decode",
                            "module": "json.decoder",
                            "lineno": 353,
                            "context_line": "            raise JSONDecodeError",
                        },
                    ]
                },
            },
        ]
    },
    "event_id": "8f20b91545d74594b270addb76ad616c",
    "timestamp": "2026-11-21T10:52:16.035294Z",
    "contexts": {
        "trace": {"trace_id": "db2e5c1564574cfbb15db7ac8e565ebb"},
        "runtime": {"name": "CPython", "version": "3.11.7", "build": "3.11.7 (main, May  9 2026) [GCC 12.2.0]"},
        "os": {"name": "Debian", "version": "12.11\n"},
        "device": {"memory_size": 25276510208, "arch": "x64"},
    },
    "user": {"id": "42", "email": "anna@example.org"},
    "tags": {"database": "postgres"},
    "breadcrumbs": {"values": [{"message": "card 4111111111111111"}]},
    "request": {"cookies": "session=abc"},
    "release": "shop@1.4.2+b7",
    "environment": "production",
    "server_name": "web-3",
    "platform": "python",
}
NODE = {
    "event_id": "3c9cd04d6b5840c4bfffd12f4ab45014",
    "platform": "node",
    "level": "fatal",
    "timestamp": 1795258337.389,
    "release": "1.4.2",
    "exception": {
        "values": [
            {
                "type": "TypeError",
                "value": "Cannot read properties of undefined (reading 'amount')",
                "stacktrace": {
                    "frames": [
                        {
                            "filename": "node:internal/modules/cjs/loader",
                            "module": "loader",
                            "function": "Module.load",
                            "in_app": False,
                        },
                        {"filename": "/srv/app.js", "module": "app", "function": "Object.?", "lineno": 6, "in_app": True},
                        {"filename": "/srv/app.js", "module": "app", "function": "Desk.close", "lineno": 5, "in_app": True},
                        {"filename": "/srv/app.js", "module": "app", "function": "?", "lineno": 4, "in_app": True},
                    ]
                },
                "mechanism": {"type": "generic", "handled": True},
            }
        ]
    },
}


def only(event: Mapping[str, object]) -> ParsedReport:
    (report,) = read(json.dumps(event)).reports
    assert report.format == "sentry"
    return report


def test_an_event_of_the_python_sdk() -> None:
    report = only(PYTHON)
    assert (report.error_type, report.message) == ("shop.errors.PayError", "cannot pay")
    assert [frame.qualified for frame in report.frames] == ["json.decoder.raw_decode", "app.outer", "app.<module>"]
    assert [frame.in_app for frame in report.frames] == [False, True, True]
    (cause,) = report.causes
    assert report.culprit == cause.frames[0]
    assert (cause.relation, cause.error_type, cause.frames[0].qualified) == ("cause", "KeyError", "app.inner")
    assert report.occurred_at == datetime(2026, 11, 21, 10, 52, 16, 35294, UTC)
    assert (report.product, report.version, report.site, report.user) == ("shop", "1.4.2+b7", "production", "42")
    assert report.environment == {
        "os": "Debian 12.11",
        "runtime": "CPython 3.11.7",
        "host": "web-3",
        "memory_class": "16-32 GiB",
        "architecture": "x64",
        "database": "postgres",
    }
    assert (report.extra["mechanism"], report.extra["handled"]) == ("excepthook", "no")


def test_numbered_exceptions_in_either_order() -> None:
    def event(*numbers: int) -> Mapping[str, object]:
        stacks = [{"frames": [{"abs_path": f"/srv/till/f{n}.js", "function": f"f{n}", "lineno": 1}]} for n in range(3)]
        values = [
            {"type": "Error", "value": f"e{n}", "mechanism": {"exception_id": n, "source": "cause"}, "stacktrace": stacks[n]}
            for n in numbers
        ]
        return {"platform": "node", "exception": {"values": values}}

    for order in ((0, 1, 2), (2, 1, 0)):
        report = only(event(*order))
        assert (report.message, [cause.message for cause in report.causes]) == ("e0", ["e1", "e2"])
        assert report.fault.message == "e2"


def test_an_event_and_a_traceback_of_one_fault_share_a_signature() -> None:
    printed = (
        "Traceback (most recent call last):\n"
        '  File "/srv/shop/app.py", line 7, in outer\n    inner()\n'
        '  File "/srv/shop/app.py", line 5, in inner\n    return cart["total"]\n'
        "KeyError: 'total'\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        "Traceback (most recent call last):\n"
        '  File "/srv/shop/app.py", line 9, in <module>\n    outer()\n'
        '  File "/srv/shop/app.py", line 8, in outer\n    json.loads(text)\n'
        '  File "/usr/lib/python3.11/json/decoder.py", line 353, in raw_decode\n    raise\n'
        "shop.errors.PayError: cannot pay\n"
    )
    (traceback,) = read(printed).reports
    assert traceback.format == "python"
    assert fingerprint(only(PYTHON)).exact == fingerprint(traceback).exact


def test_an_event_of_the_node_sdk() -> None:
    report = only(NODE)
    assert [frame.qualified for frame in report.frames] == ["<anonymous>", "Desk.close", "Object.<anonymous>", "Module.load"]
    assert (report.severity, report.product, report.version) == ("critical", None, "1.4.2")


def test_a_group_has_members() -> None:
    values = [
        {"type": "TypeError", "value": "b", "mechanism": {"source": "exceptions[1]", "exception_id": 2, "parent_id": 0}},
        {"type": "ValueError", "value": "a", "mechanism": {"source": "exceptions[0]", "exception_id": 1, "parent_id": 0}},
        {"type": "ExceptionGroup", "value": "many", "mechanism": {"exception_id": 0, "is_exception_group": True}},
    ]
    report = only({"event_id": "a", "platform": "python", "exception": {"values": values}})
    assert report.error_type == "ExceptionGroup"
    assert [(one.relation, one.error_type) for one in report.causes] == [("member", "ValueError"), ("member", "TypeError")]


def test_a_native_crash_has_the_frames_of_the_crashed_thread() -> None:
    event = {
        "event_id": "a",
        "platform": "native",
        "exception": {"values": [{"type": "SIGSEGV", "value": "Segfault", "thread_id": 7}]},
        "threads": {
            "values": [
                {"id": 1, "stacktrace": {"frames": [{"function": "idle"}]}},
                {
                    "id": 7,
                    "name": "render",
                    "crashed": True,
                    "stacktrace": {
                        "frames": [
                            {"function": "shop::Cart::total(int) const", "package": "/opt/shop/libshop.so"},
                            {
                                "package": "/opt/shop/libgfx.so",
                                "instruction_addr": "0x7f0000001234",
                                "image_addr": "0x7f0000000000",
                            },
                        ]
                    },
                },
            ]
        },
    }
    report = only(event)
    assert [frame.qualified for frame in report.frames] == ["libgfx.so.+0x1234", "shop::Cart::total"]
    assert report.extra["thread"] == "render"


def test_recursion_is_folded() -> None:
    frame = {"function": "down", "module": "com.shop.Tree", "lineno": 4}
    event = {**NODE, "platform": "java", "exception": [{"type": "X", "value": "", "stacktrace": {"frames": [frame] * 500}}]}
    report = only(event)
    assert [(one.qualified, one.repeated) for one in report.frames] == [("com.shop.Tree.down", 500)]
    assert report.frame_count == 500


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"level": "info", "message": "hello"}, "message"),
        ({"level": "warning", "logentry": {"message": "hm"}}, "message"),
        ({"type": "transaction", "transaction": "x"}, "transaction"),
        ({"type": "feedback"}, "feedback"),
        ({"level": "error"}, "message"),
        ({"level": "error", "message": "it broke"}, None),
        ({"level": "fatal", "logentry": {"formatted": "it broke"}}, None),
        ({"message": "it broke"}, None),
        ({"level": "info", "exception": {"values": [{"type": "A", "value": "b"}]}}, None),
    ],
)
def test_skip_reasons(event: dict[str, object], why: str | None) -> None:
    assert skip_reason({"event_id": "a", **event}) == why
    assert (report_of({"event_id": "a", **event}, (0, 0)) is None) == (why is not None)


def test_a_message_has_its_logger_as_error_type() -> None:
    entry = {"message": "order %s failed", "formatted": "order 17 failed", "params": [17]}
    report = only({"event_id": "a", "level": "error", "logger": "shop.orders", "logentry": entry})
    assert (report.error_type, report.message, report.frames) == ("shop.orders", "order 17 failed", ())


def test_an_exported_event() -> None:
    frames = [{"absPath": "/srv/shop/app.py", "function": "pay", "lineNo": 9, "inApp": True, "module": "app"}]
    exported = {
        "id": "9",
        "eventID": "9ab3e1d2c4f54a6b8c7d0e1f2a3b4c5d",
        "platform": "python",
        "dateCreated": "2026-03-01T12:00:00Z",
        "release": {"version": "shop@2.0", "shortVersion": "2.0"},
        "entries": [
            {"type": "breadcrumbs", "data": {"values": []}},
            {"type": "exception", "data": {"values": [{"type": "KeyError", "value": "1", "stacktrace": {"frames": frames}}]}},
        ],
        "tags": [{"key": "environment", "value": "staging"}, {"key": "server_name", "value": "web-1"}],
        "user": {"username": "anna"},
        "contexts": {"os": {"name": "Linux", "version": "6.1"}},
    }
    report = only(exported)
    assert [(frame.qualified, frame.line, frame.in_app) for frame in report.frames] == [("app.pay", 9, True)]
    assert (report.product, report.version, report.site, report.user) == ("shop", "2.0", "staging", "anna")
    assert (report.environment["host"], report.environment["os"]) == ("web-1", "Linux 6.1")
    listed = read(json.dumps([exported, exported], indent=1)).reports
    assert len(listed) == 2
    assert only({"action": "created", "data": {"event": PYTHON}}).error_type == "shop.errors.PayError"


def test_several_events_in_one_text() -> None:
    lines = "\n".join(json.dumps(event) for event in (PYTHON, NODE, {"event_id": "x", "level": "info", "message": "m"}, PYTHON))
    assert [report.error_type for report in read(lines).reports] == [
        "shop.errors.PayError",
        "TypeError",
        "shop.errors.PayError",
    ]
    envelope = f'{{"event_id":"a","dsn":"http://k@h/1"}}\n{{"type":"event"}}\n{json.dumps(NODE)}\n'
    (report,) = read(envelope).reports
    assert report.span == (envelope.index('{"event_id": "3c9'), len(envelope) - 1)
    text = json.dumps([NODE] * 3)
    cut = read(text[:-60]).reports
    assert [one.truncated for one in cut] == [False, False, True]


def test_the_stored_text_parses_the_same_and_holds_nothing_else() -> None:
    for event in (PYTHON, NODE):
        kept = stored_text(event)
        again = only(json.loads(kept))
        beside = {"occurred_at": None, "user": None, "span": (0, 0)}
        assert replace(again, **beside) == replace(only(event), **beside)  # type: ignore[arg-type]  # fields by name
    kept = stored_text(PYTHON)
    assert all(word not in kept for word in ("hunter2", "4111", "session=abc", "anna@example.org", "8f20b915"))


@pytest.mark.parametrize(
    "value", [None, True, 7, -1.5, "x", [], [None], {}, {"values": None}, {"values": [1, None, "a", []]}, [[[]]]]
)
def test_values_of_any_type_do_not_raise(value: object) -> None:
    for base in (PYTHON, NODE):
        for name in [*base, "threads", "logentry", "message", "stacktrace", "dist", "fingerprint", "type", "debug_meta"]:
            event = {**base, name: value}
            report_of(event, (0, 0))
            metadata_of(event)
            json.loads(stored_text(event))
    error = {"type": value, "value": value, "module": value, "mechanism": value, "thread_id": value, "stacktrace": value}
    frame = dict.fromkeys(
        ("function", "module", "abs_path", "filename", "lineno", "in_app", "package", "instruction_addr"), value
    )
    for platform in ("python", "node", "java", "native", "other", "php"):
        report_of({"event_id": "a", "platform": platform, "exception": {"values": [error]}}, (0, 0))
        stack = {"frames": [frame, value]}
        report_of({"event_id": "a", "platform": platform, "exception": {"values": [{**error, "stacktrace": stack}]}}, (0, 0))


HOSTILE = {
    "nested": lambda n: '{"event_id":1,"exception":{"values":[' + '{"a":' * 12 * n,
    "lines": lambda n: '{"event_id":\n' * 12 * n,
    "digits": lambda n: ('{"event_id":\n' * 900 + "1" * 5_000) * (n // 400),
    "quotes": lambda n: '{"event_id":"\n' * 12 * n,
    "lists": lambda n: '[\n{"event_id":"exception"' * 6 * n,
    "commas": lambda n: '{"event_id":"exception",\n' * 6 * n,
    "long": lambda n: '{"event_id":"exception' + "x" * 300 * n,
    "escapes": lambda n: '{"event_id":"exception' + "\\" * (100 * n + 1),
    "brackets": lambda n: '{"event_id":"a","exception":' + "[" * 60 * n,
    "frames": lambda n: json.dumps(
        {**NODE, "exception": [{"type": "A", "stacktrace": {"frames": [{"function": "f" * 50}] * 2 * n}}]}
    )[:-9],
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(lambda text: list(SentryParser().parse(text)), text_of, 5_000)
