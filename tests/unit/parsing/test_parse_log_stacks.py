"""Records of structured loggers with a stack of any language in one of their fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.parsing.read import read

STACKS = {
    "dotnet": "System.InvalidOperationException: no song\n   at Wren.Song.Sing(Int32 at) in /src/Song.cs:line 31\n"
    "   at Wren.Program.Main(String[] args) in /src/Program.cs:line 14",
    "javascript": "TypeError: no song\n    at sing (/srv/wren/song.js:3:9)\n    at run (/srv/wren/main.js:9:1)",
    "rust": "thread 'main' panicked at src/song.rs:31:9:\nno song\nstack backtrace:\n   0: wren::load\n      at ./song.rs:31:9",
    "php": "PHP Fatal error:  Uncaught LogicException: no song in /srv/wren/Song.php:31\nStack trace:\n"
    "#0 /srv/wren/index.php(7): Song->verse()\n#1 {main}\n  thrown in /srv/wren/Song.php on line 31",
    "ruby": "app/models/song.rb:31:in `verse': no song (ArgumentError)\n\tfrom app/main.rb:7:in `<main>'",
    "go": "panic: no song\n\ngoroutine 1 [running]:\nmain.sing(...)\n\t/srv/song.go:12\nmain.main()\n\t/srv/main.go:17 +0x1d",
    "java": "java.lang.IllegalStateException: no song\n\tat org.Song.sing(Song.java:31)\n\tat org.Main.main(Main.java:5)",
    "python": 'Traceback (most recent call last):\n  File "/srv/song.py", line 31, in sing\n    x = notes[key]\nKeyError: 1',
    "dart": "Unhandled exception:\nBad state: no song\n#0      Song.verse (package:wren/song.dart:42:18)",
}
AT = {"timestamp": "2026-03-05T10:15:22Z"}
RECORDS: dict[str, Callable[[str], str]] = {
    "cloud": lambda stack: json.dumps({"severity": "ERROR", "message": stack, **AT}),
    "text payload": lambda stack: json.dumps({"textPayload": stack, "severity": "ERROR", **AT}),
    "payload": lambda stack: json.dumps({"jsonPayload": {"message": stack, "level": "error"}, **AT}, indent=2),
    "after words": lambda stack: json.dumps({"level": "error", "msg": f"request failed: {stack}", **AT}),
    "below a line": lambda stack: json.dumps({"level": "error", "message": f"request failed\n{stack}", **AT}),
    "exception": lambda stack: json.dumps({"level": "error", "event": "failed", "exception": stack, **AT}),
    "compact": lambda stack: json.dumps({"@t": AT["timestamp"], "@mt": "failed", "@l": "Error", "@x": stack}),
    "behind a prefix": lambda stack: f"2026-03-05T10:15:22Z wren-1 {json.dumps({'level': 'error', 'message': stack, **AT})}",
    "logfmt stack": lambda stack: f'time="2026-03-05T10:15:22Z" level=error msg=failed stack={json.dumps(stack)}',
    "logfmt err": lambda stack: f"ts=2026-03-05T10:15:22Z level=error caller=a.go:1 err={json.dumps(stack)}",
    "logfmt exception": lambda stack: f"level=error msg=failed time=2026-03-05T10:15:22Z exception={json.dumps(stack)}",
}


only = partial(only_report, "opentelemetry")


@pytest.mark.parametrize("layout", RECORDS)
@pytest.mark.parametrize("language", STACKS)
def test_a_stack_in_a_record_reads_like_the_stack_alone(language: str, layout: str) -> None:
    [plain] = read(f"{STACKS[language]}\n").reports
    report = only(f"{RECORDS[layout](STACKS[language])}\n")
    assert (report.error_type, report.message, report.frames) == (plain.error_type, plain.message, plain.frames)
    assert (report.culprit, report.platform, report.occurred_at is not None) == (plain.culprit, language, True)


GO_STACK = "example.org/wren/song.(*Song).Load\n\t/home/ann/song/song.go:12\nmain.main\n\t/home/ann/main.go:17"
MAIN = {"func": "main", "line": 17, "source": "main.go"}
SONG = {"error": "no song", "message": "could not sing"}


@pytest.mark.parametrize(
    ("record", "error_type", "message", "top"),
    [
        ({"level": "error", "msg": "could not sing", "error": "no song", "stacktrace": GO_STACK}, "Error", None, "Load"),
        ({"level": "error", "stack": [{"func": "Load", "line": "12", "source": "a.go"}, MAIN], **SONG}, "Error", None, "Load"),
        (
            {
                "errorType": "errorString",
                "errorMessage": "no song",
                "stackTrace": [{"path": "a.go", "line": 12, "label": "Load"}, MAIN],
            },
            "errorString",
            "no song",
            "Load",
        ),
        (
            {
                "context": {"exception": {"class": "LogicException", "message": "no song", "file": "/srv/Song.php:31"}},
                "level": 400,
            },
            "LogicException",
            "no song",
            "Song.php",
        ),
        (
            {
                "level": "ERROR",
                "exception": "KeyError",
                "exception_message": "no song",
                "backtrace": ["app/song.rb:31:in `verse'"],
            },
            "KeyError",
            "no song",
            "verse",
        ),
        (
            {
                "level": "error",
                "exception": {"name": "KeyError", "message": "no song", "stack_trace": ["app/song.rb:3:in `a'"]},
            },
            "KeyError",
            "no song",
            "a",
        ),
        (
            {
                "level": "error",
                "trace": [{"column": 9, "file": "/a.js", "function": "sing", "line": 3}],
                "error": "no song",
            },
            "Error",
            None,
            "sing",
        ),
    ],
    ids=["zap", "zerolog", "cloud function", "monolog", "ruby", "semantic", "winston"],
)
def test_stacks_as_lists_and_beside_their_error(
    record: dict[str, object], error_type: str, message: str | None, top: str
) -> None:
    report = only(f"{json.dumps(record)}\n")
    assert (report.error_type, report.frames[0].function.rpartition(".")[2] or top) == (
        error_type,
        top.rpartition(".")[2] or top,
    )
    assert report.message == (message or report.message)
    assert "no song" in report.message


def test_a_chain_without_a_stack() -> None:
    report = only(
        json.dumps({"level": "ERROR", "error": "could not tune\n\nCaused by:\n    0: not open\n    1: no song"}) + "\n"
    )
    assert (report.platform, report.message, [cause.message for cause in report.causes]) == (
        "rust",
        "could not tune",
        ["not open", "no song"],
    )


@pytest.mark.parametrize("level", ["ERROR", "INFO"])
def test_a_message_of_several_lines_is_no_stack(level: str) -> None:
    reports = read(json.dumps({"severity": level, "message": "first line\nsecond line"}) + "\n").reports
    assert [report.format for report in reports] == (["log"] if level == "ERROR" else [])


def test_a_record_of_php_with_its_context_is_read_as_php() -> None:
    text = (
        '[2026-03-05T10:15:22.1+00:00] request.CRITICAL: Uncaught PHP Exception A\\WrongError: "no song" at Song.php line 12 '
        '{"exception":"[object] (A\\\\WrongError(code: 0): no song at /srv/Song.php:12)\\n'
        '[previous exception] [object] (LogicException(code: 0): no note at /srv/Note.php:31)"} []\n'
    )
    [report] = read(text).reports
    assert (report.format, report.error_type, report.span) == ("php", "A\\WrongError", (0, len(text)))
    assert [(cause.error_type, cause.message) for cause in report.causes] == [("LogicException", "no note")]


@pytest.mark.parametrize(
    "line",
    [
        '{"message":"a\\nb"}\n',
        'level=error stack="a\\nb"\n',
        '"message": "a\\n\n',
        'x="\\n',
        '{"stack":[{"func":"a","source":"b.go"}]}\n',
    ],
)
def test_growth_is_linear(line: str) -> None:
    assert_linear(lambda text: read(text, "opentelemetry"), lambda count: line * count, 1_000)
