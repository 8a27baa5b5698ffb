"""PHP errors in records of frameworks, from consoles and content management systems, and of old versions."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.parsing.read import read

FRAMEWORK = "/srv/wren/vendor/laravel/framework/src/Illuminate/Database/Connection.php"


only = partial(only_report, "php")


@pytest.mark.parametrize(
    "message",
    [
        "no song",
        "Call failed at 10:15:22 at host birds:80",
        "SQLSTATE[42S22]: unknown column (SQL: insert into `birds` (`song`) values (la la at dawn in /tmp/x:3))",
        "SQLSTATE[42S22]: unknown column (SQL: select *\nfrom `songs`\nwhere `id` = 5)",
    ],
    ids=["plain", "at", "user data", "several lines"],
)
def test_the_location_of_a_logged_exception_is_behind_the_last_at(message: str) -> None:
    text = (
        f'[2026-03-05 10:15:22] production.ERROR: {message} {{"userId":7,"exception":"[object] '
        f"(Illuminate\\\\Database\\\\QueryException(code: 42S22): {message} at {FRAMEWORK}:829)\n[stacktrace]\n"
        f"#0 {FRAMEWORK}(779): Illuminate\\\\Database\\\\Connection->runQueryCallback('select ...', Array, Object(Closure))\n"
        "#1 /srv/wren/app/Song.php(31): Illuminate\\\\Database\\\\Connection->select('select ...', Array)\n#2 {main}\n\"} \n"
    )
    report = only(text)
    assert (report.message, report.span) == (message, (0, len(text)))
    assert (report.frames[0].file, report.frames[0].line) == (FRAMEWORK, 829)
    assert blamed(report) == "Illuminate\\Database\\Connection->select"


def test_previous_exceptions_of_a_record_are_causes() -> None:
    report = only(
        '[2026-03-05 10:15:22] local.ERROR: x {"exception":"[object] (App\\\\ViewException(code: 0): no song at /srv/a.php:3)\n'
        "[stacktrace]\n#0 /srv/b.php(12): App\\\\Song->verse()\n#1 {main}\n\n"
        "[previous exception] [object] (LogicException(code: 0): no note at /srv/app/Song.php:31)\n"
        '[stacktrace]\n#0 /srv/b.php(12): App\\\\Song->verse()\n#1 {main}\n"} \n'
    )
    assert (report.error_type, report.causes[0].error_type, report.causes[0].message) == (
        "App\\ViewException",
        "LogicException",
        "no note",
    )


@pytest.mark.parametrize(
    ("head", "error_type", "message"),
    [
        (
            "PHP Fatal error:  Uncaught exception 'PDOException' with message 'gone in the nest' in ",
            "PDOException",
            "gone in the nest",
        ),
        (
            "[2016-03-05 10:15:22] local.ERROR: exception 'ErrorException' with message 'no song' in ",
            "ErrorException",
            "no song",
        ),
        (
            "[2026-03-05T10:15:22.1+00:00] main.CRITICAL: Exception: Warning: no song in /srv/b.php on line 3 in ",
            "Exception",
            None,
        ),
        ("exception 'App\\Wrong' in ", "App\\Wrong", ""),
    ],
    ids=["version 5", "version 5 logged", "record", "no message"],
)
def test_headers_of_a_stack(head: str, error_type: str, message: str | None) -> None:
    report = only(f"{head}/srv/wren/Song.php:31\nStack trace:\n#0 /srv/wren/index.php(7): Song->verse('a')\n#1 {{main}}\n")
    assert (report.error_type, blamed(report), report.frames[0].line) == (error_type, "Song->verse", 31)
    assert report.message == (message if message is not None else "Warning: no song in /srv/b.php on line 3")


def test_the_box_of_a_console() -> None:
    text = (
        "In Song.php line 31:\n                                \n  [LogicException (7)]         \n  no song                  \n"
        "                                \n\nException trace:\n  at /srv/wren/src/Song.php:31\n"
        " App\\Song->verse() at /srv/wren/src/Sing.php:22\n App\\Sing->execute() at /vendor/Command.php:255\n\nsing [--loud]\n"
    )
    report = only(text)
    assert (report.error_type, report.message, blamed(report)) == ("LogicException", "no song", "App\\Song->verse")
    assert (report.frames[0].file, report.frame_count) == ("/srv/wren/src/Song.php", 2)
    short = only("\nIn Song.php line 31:\n                 \n  no song         \n                 \n\n")
    assert (short.error_type, short.message, blamed(short)) == ("Error", "no song", "Song.php")


def test_an_exception_described_with_its_function() -> None:
    report = only(
        "Sorry.\n\nTypeError: Call to a function on null in wren\\Song->verse() (line 31 of modules/wren/Song.php).\n\n"
        "wren\\Song->verse()\nwren\\Page->show(Array) (Line: 123)\ncall_user_func_array(Array, Array) (Line: 12)\n"
    )
    assert (report.error_type, report.message) == ("TypeError", "Call to a function on null")
    assert (blamed(report), report.frames[0].file, report.frame_count) == ("wren\\Song->verse", "modules/wren/Song.php", 3)


def test_tables_of_xdebug_belong_to_the_error_above() -> None:
    table = "PHP Stack trace:\nPHP   1. {main}() /srv/index.php:0\nPHP   2. Song->verse() /srv/index.php:7\n"
    text = f"PHP Fatal error:  Uncaught E: no in /a.php:3\nStack trace:\n#0 /b.php(7): Song->verse()\n#1 {{main}}\n{table}"
    assert only(text).span == (0, len(text))
    repeated = (
        'Fatal error: Uncaught Error: Class "Song" not found in /srv/index.php on line 3\n'
        'Error: Class "Song" not found in /srv/index.php on line 3\n\nCall Stack:\n'
        "    0.0004     393504   1. {main}() /srv/index.php:0\n    0.0005     393504   2. sing() /srv/index.php:7\n"
    )
    report = only(repeated)
    assert (report.error_type, blamed(report), report.span) == ("Error", "sing", (0, len(repeated)))


@pytest.mark.parametrize("line", ["A: b in c() (line 1 of d)\n", "In a.php line 3:\n  x\n", "A: " * 40 + "() (line \n"])
def test_growth_is_linear(line: str) -> None:
    assert_linear(lambda text: read(text, "php"), lambda count: line * count, 2_000)
