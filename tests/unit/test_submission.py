"""JSON lines of the contract, structured reports, severities and culprits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crashgraph.http_ingest.reports import _submissions as http_submissions
from graph.ingest.prepare import CrashBuilder
from graph.model.errors import InvalidInputError, TooLargeError
from graph.model.report import StackFrame
from graph.redaction.redactor import Redactor
from graph.rules import frame_rules, severity, table
from graph.rules.culprit import culprit
from graph.sources.json_lines import submission_of, utc
from graph.sources.submission import STATED, StatedField, Submission
from schema.inputs.crashes import CrashInput


def parsed(**content: object) -> Submission:
    return submission_of(orjson.dumps(content), Submission(source="in.jsonl", ordinal=4, file_hash="ab"), number=5)


def test_a_text_report_with_everything() -> None:
    submission = parsed(
        report="boom",
        id="7",
        timestamp="2024-05-01T12:00:00+02:00",
        product="shop",
        version="1.2",
        site="north",
        user="u",
        session="s",
        severity="FATAL",
        environment={"os": "Linux", "cpus": 8, "ssd": True, "gone": None, "disks": ["a"]},
        file_name="x.log",
        region="eu",
    )
    assert submission.error is None
    assert (submission.report, submission.id, submission.severity) == ("boom", "7", "critical")
    assert submission.timestamp == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert (submission.product, submission.version, submission.site) == ("shop", "1.2", "north")
    assert (submission.user, submission.session, submission.file_name) == ("u", "s", "x.log")
    assert submission.environment == {"os": "Linux", "cpus": "8", "ssd": "true", "disks": '["a"]', "region": "eu"}
    assert (submission.source, submission.ordinal, submission.file_hash) == ("in.jsonl", 4, "ab")
    assert submission.structured() is None
    assert submission.text() == "boom"


def test_an_exception_with_frames() -> None:
    submission = parsed(
        exception={"type": "KeyError", "message": "'x'"},
        frames=[
            {"function": "get", "module": "lib", "file": "/usr/lib/python3.11/lib.py", "line": 3, "in_app": False},
            {"function": "load", "module": "shop.cart", "file": "cart.py", "line": 9},
        ],
    )
    report = submission.structured()
    assert report is not None
    assert (report.error_type, report.message, report.frame_count) == ("KeyError", "'x'", 2)
    assert report.frames[0] == StackFrame("get", "lib", "/usr/lib/python3.11/lib.py", 3, in_app=False)
    assert report.culprit is not None
    assert report.culprit.qualified == "shop.cart.load"
    assert submission.text().splitlines() == [
        "KeyError: 'x'",
        "  at lib.get (/usr/lib/python3.11/lib.py:3)",
        "  at shop.cart.load (cart.py:9)",
    ]


@pytest.mark.parametrize(
    "content", [{"exception": {"type": "E"}}, {"exception": {"message": "m"}}, {"frames": [{"function": "f"}]}]
)
def test_parts_of_an_exception_are_enough(content: dict[str, object]) -> None:
    assert parsed(**content).structured() is not None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, "neither report nor exception nor frames"),
        ({"report": 5}, "report is a number; expected text"),
        ({"report": None}, "neither report"),
        ({"report": "x", "timestamp": "yesterday"}, "timestamp 'yesterday' is not an ISO 8601 time"),
        ({"report": "x", "timestamp": 17}, "timestamp is a number; expected an ISO 8601 time"),
        ({"report": "x", "severity": "awful"}, "severity 'awful' is not known"),
        ({"report": "x", "environment": "linux"}, "environment is text; expected an object"),
        ({"report": "x", "site": ["a"]}, "site is a list; expected text"),
        ({"exception": "KeyError"}, "exception is text; expected an object with type and message"),
        ({"exception": {"type": {}}}, "exception.type is an object; expected text"),
        ({"frames": {}}, "frames is an object; expected a list"),
        ({"frames": ["f"]}, "frames[0] is text; expected an object"),
        ({"frames": [{"function": "f"}, {"function": "g", "line": "9"}]}, "frames[1].line is text; expected a whole number"),
        ({"frames": [{"function": "f", "line": True}]}, "frames[0].line is true or false; expected a whole number"),
        ({"frames": [{"function": "f", "in_app": "yes"}]}, "frames[0].in_app is text; expected true or false"),
        ({"frames": [{}]}, "frames[0] is empty"),
    ],
)
def test_an_invalid_field_is_named_and_the_line_kept(content: dict[str, object], reason: str) -> None:
    submission = parsed(**content)
    assert submission.error is not None
    assert submission.error.startswith("line 5: ")
    assert reason in submission.error
    assert submission.report == orjson.dumps(content).decode()
    assert submission.structured() is None


@pytest.mark.parametrize(
    "line", [b"{", b"nonsense", b"[1]", b"null", b'"text"', b'{"a":' * 5000, b'{"report": "\xff"', b"{}\x00"]
)
def test_a_broken_line_is_kept(line: bytes) -> None:
    submission = submission_of(line, Submission(site="north"), number=3)
    assert submission.error is not None
    assert submission.error.startswith("line 3: ")
    assert submission.report
    assert submission.site == "north"


def test_defaults_apply_to_fields_missing_in_the_line() -> None:
    origin = Submission(product="p", version="1", site="s", format="python")
    assert (submission_of(b'{"report":"x"}', origin).product, submission_of(b'{"report":"x","site":"t"}', origin).site) == (
        "p",
        "t",
    )
    assert submission_of('{"report":"ünï"}', origin).report == "ünï"
    assert submission_of('{"report":"ünï"}'.encode("cp1252"), origin).report == "ünï"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-05-01T12:30", datetime(2024, 5, 1, 12, 30, tzinfo=UTC)),
        ("2024-05-01 12:30:15.25Z", datetime(2024, 5, 1, 12, 30, 15, 250000, tzinfo=UTC)),
        ("20240501T123015-0130", datetime(2024, 5, 1, 14, 0, 15, tzinfo=UTC)),
        ("2024-W18-3", datetime(2024, 5, 1, tzinfo=UTC)),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    assert utc(text) == expected
    assert utc(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "now", "2024-13-01", "0001-01-01T00:00:00+14:00", "1714560000"])
def test_invalid_times(text: str) -> None:
    with pytest.raises(InvalidInputError):
        utc(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_line_is_accepted(line: bytes) -> None:
    submission = submission_of(line, Submission())
    assert submission.error is not None or submission.report is not None or submission.structured() is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
FIELDS = ["report", "exception", "frames", "timestamp", "severity", "environment", "id", "x"]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON | st.dictionaries(st.sampled_from(["type", "line", "function"]), JSON)))
@pytest.mark.slow
def test_any_object_is_accepted(content: dict[str, object]) -> None:
    try:
        line = orjson.dumps(content)
    except TypeError:
        return
    submission = submission_of(line, Submission())
    assert all(isinstance(value, str) for value in submission.environment.values())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *[(word, "critical") for word in ("fatal", "CRITICAL", "Emergency", " panic ")],
        *[(word, "high") for word in ("error", "high", "severe")],
        *[(word, "medium") for word in ("warning", "WARN", "medium")],
        *[(word, "low") for word in ("info", "debug", "low", "trace")],
    ],
)
def test_severity_words(word: str, expected: str) -> None:
    assert severity.normalise(word) == expected


def test_unknown_severity() -> None:
    with pytest.raises(InvalidInputError, match=r"'terrible'.*critical, high, medium or low"):
        severity.normalise("terrible")


@pytest.mark.parametrize(
    ("error_type", "message", "expected"),
    [
        ("MemoryError", "", "critical"),
        ("java.lang.OutOfMemoryError", "Java heap space", "critical"),
        ("LowSpaceInterrupt", "Emergency: No Space Left.", "critical"),
        ("OSError", "[Errno 28] No space left on device", "critical"),
        ("KeyboardInterrupt", "", "low"),
        ("DeprecationWarning", "old", "low"),
        ("ConnectionResetError", "", "high"),
        ("psycopg2.OperationalError", "server closed", "high"),
        ("RuntimeError", "deadlock detected", "high"),
        ("ValueError", "no number", "medium"),
        ("", "", "medium"),
    ],
)
def test_severity_of_errors(error_type: str, message: str, expected: str) -> None:
    assert severity.infer(error_type, message) == expected
    assert severity.decide(None, error_type, message) == expected
    assert severity.decide("info", error_type, message) == "low"


def frame(name: str, *, in_app: bool | None = True, file: str | None = None) -> StackFrame:
    module, _, function = name.rpartition(".")
    return StackFrame(function, module, file, None, in_app)


@pytest.mark.parametrize(
    ("platform", "frames", "expected"),
    [
        ("python", [frame("shop.pay"), frame("main.run")], "shop.pay"),
        ("python", [frame("shop.assert_positive"), frame("shop.pay")], "shop.pay"),
        ("python", [frame("x.raise_error"), frame("x.wrapper"), frame("x.work")], "x.work"),
        ("python", [frame("json.loads", in_app=False, file="/usr/lib/python3.11/json/__init__.py"), frame("x.work")], "x.work"),
        ("python", [frame("lib.a", in_app=False), frame("lib.b", in_app=False), frame("x.work")], "x.work"),
        ("python", [frame(f"lib.f{n}", in_app=False) for n in range(9)] + [frame("x.work")], "lib.f0"),
        ("python", [frame("x.raise_error")], "x.raise_error"),
        ("smalltalk", [frame("Object.doesNotUnderstand:", in_app=False), frame("App.Plan.refresh")], "App.Plan.refresh"),
        ("smalltalk", [frame("Object.error:", in_app=False), frame("BlockClosure.on:do:", in_app=False)], "Object.error:"),
        (
            "smalltalk",
            [frame("Dictionary.at:", in_app=False), frame("App.Plan class.signalFailure:"), frame("App.Plan.go")],
            "App.Plan.go",
        ),
        ("unheard_of", [frame("a.b", in_app=None), frame("c.d")], "a.b"),
        ("../../etc/passwd", [frame("a.b")], "a.b"),
    ],
)
def test_culprits(platform: str, frames: list[StackFrame], expected: str) -> None:
    found = culprit(frames, platform)
    assert found is not None
    assert found.qualified == expected


def test_no_culprit_without_frames() -> None:
    assert culprit([], "python") is None


@pytest.mark.parametrize("name", ["python", "smalltalk"])
def test_rules_can_be_read(name: str) -> None:
    assert table(name)
    assert frame_rules(name).near > 0


@pytest.mark.parametrize(
    "name", ["Object.doesNotUnderstand:", "OrderedCollection.do:", "UI.Widget.draw", "Process class.forBlock:priority:"]
)
def test_base_classes_are_library_code(name: str) -> None:
    assert frame_rules("smalltalk").is_library(name, None)
    assert not frame_rules("smalltalk").is_library(f"Acme.{name}", None)


@pytest.mark.parametrize("field", STATED, ids=lambda field: field.name)
def test_every_stated_field_is_stored_from_every_interface(field: StatedField) -> None:
    value = "low" if field.name == "severity" else "north-7"
    given: dict[str, Any] = {field.name: value}
    ways = {
        "json lines": parsed(report="boom", **{field.name: value}),
        "http": http_submissions("text/plain", b"boom", {field.name: value})[0],
        "graphql": CrashInput(report="boom", **given).plain(),
    }
    builder = CrashBuilder(Redactor(b"0123456789abcdef"))
    for way, submission in ways.items():
        assert getattr(submission, field.name) == value, way
        (item,) = builder.prepare(submission, datetime(2026, 1, 2, tzinfo=UTC))
        stored = getattr(item.crash, field.stored_as)
        assert stored == (Redactor(b"0123456789abcdef").user(value) if field.name == "user" else value), way


@pytest.mark.parametrize("field", STATED, ids=lambda field: field.name)
def test_only_shared_fields_can_be_stated_for_a_batch(field: StatedField) -> None:
    asked = {field.name: "low"}
    if field.per_report:
        with pytest.raises(InvalidInputError, match="each JSON object has its own"):
            http_submissions("application/json", b'[{"report": "boom"}]', asked)
    else:
        assert getattr(http_submissions("application/json", b'[{"report": "boom"}]', asked)[0], field.name) == "low"


def test_names_of_frames_are_as_long_as_parsers_read_them() -> None:
    long = StackFrame("f" * 5_000, "m" * 5_000, "/srv/" + "a" * 5_000, 1)
    parsed = Submission(frames=(long, StackFrame("f", "m"))).structured()
    assert parsed is not None
    first = parsed.frames[0]
    assert {len(first.function), len(first.module), len(first.file or "")} == {1_000}
    assert parsed.frames[1] == StackFrame("f", "m")


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
def test_a_request_has_a_bounded_number_of_objects(media_type: str) -> None:
    one = b'{"report": "boom"}'
    body = b"[%b]" % b",".join([one] * 10_001) if media_type == "application/json" else b"\n".join([one] * 10_001)
    with pytest.raises(TooLargeError, match="at most 10,000"):
        http_submissions(media_type, body, {})
