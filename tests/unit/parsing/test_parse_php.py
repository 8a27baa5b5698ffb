"""PHP errors: output of PHP 8.2 and Xdebug for small failing programs, and logs of frameworks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.model.report import ParsedReport
from graph.parsing.php.frames import function_name
from graph.parsing.read import read

only = partial(only_report, "php")


def places(report: ParsedReport) -> list[tuple[str, str | None, int | None]]:
    return [(frame.function, frame.file, frame.line) for frame in report.frames]


UNCAUGHT = r"""PHP Fatal error:  Uncaught App\Shop\CartError: too many: 5
second line in /srv/shop/a.php:6
Stack trace:
#0 /srv/shop/a.php(7): App\Shop\Cart->add(5)
#1 [internal function]: App\Shop\Cart::App\Shop\{closure}(5)
#2 /srv/shop/a.php(8): array_map(Object(Closure), Array)
#3 /srv/shop/a.php(13): App\Shop\Cart::load(Array)
#4 {main}
  thrown in /srv/shop/a.php on line 6
"""


def test_each_function_has_the_location_it_had_reached() -> None:
    report = only(UNCAUGHT)
    assert (report.error_type, report.message) == ("App\\Shop\\CartError", "too many: 5\nsecond line")
    assert places(report) == [
        ("App\\Shop\\Cart->add", "/srv/shop/a.php", 6),
        ("App\\Shop\\Cart::App\\Shop\\{closure}", "/srv/shop/a.php", 7),
        ("array_map", None, None),
        ("App\\Shop\\Cart::load", "/srv/shop/a.php", 8),
        ("{main}", "/srv/shop/a.php", 13),
    ]
    assert [frame.in_app for frame in report.frames] == [True, True, False, True, True]
    assert (blamed(report), report.span) == ("App\\Shop\\Cart->add", (0, len(UNCAUGHT)))


CHAIN = r"""PHP Fatal error:  Uncaught App\Shop\CartError: too many: 5 in /srv/shop/a.php:6
Stack trace:
#0 /srv/shop/a.php(10): App\Shop\Cart::load(Array)
#1 {main}

Next LogicException: outer in /srv/shop/a.php:10
Stack trace:
#0 /srv/shop/a.php(14): App\Shop\outer()
#1 {main}
  thrown in /srv/shop/a.php on line 10
"""


def test_a_chain_reports_the_exception_thrown_last() -> None:
    report = only(CHAIN)
    assert (report.error_type, report.message, blamed(report)) == ("LogicException", "outer", "App\\Shop\\Cart::load")
    assert [(cause.relation, cause.error_type, cause.frames[0].line) for cause in report.causes] == [
        ("cause", "App\\Shop\\CartError", 6)
    ]
    assert report.span == (0, len(CHAIN))


def test_an_exception_printed_by_the_program() -> None:
    report = only(CHAIN.replace("PHP Fatal error:  Uncaught ", "").partition("  thrown")[0])
    assert (report.error_type, len(report.causes), report.span[0]) == ("LogicException", 1, 0)


def test_a_built_in_function_raises_at_its_callers_location() -> None:
    report = only(
        "PHP Fatal error:  Uncaught DivisionByZeroError: Division by zero in /srv/shop/a.php:24\nStack trace:\n"
        "#0 /srv/shop/a.php(24): intdiv(1, 0)\n#1 /srv/shop/b.php(3): share()\n#2 {main}\n"
        "  thrown in /srv/shop/a.php on line 24\n"
    )
    assert blamed(report) == "share"


def test_a_callers_location_is_removed_from_the_message() -> None:
    report = only(
        "PHP Fatal error:  Uncaught TypeError: Cart::add(): Argument #1 ($x) must be of type int, string given, "
        "called in /srv/shop/a.php on line 15 and defined in /srv/shop/a.php:6\nStack trace:\n#0 {main}\n"
        "  thrown in /srv/shop/a.php on line 6\n"
    )
    assert report.message == "Cart::add(): Argument #1 ($x) must be of type int, string given"
    assert places(report) == [("{main}", "/srv/shop/a.php", 6)]


def test_an_exception_without_a_message() -> None:
    report = only(
        "PHP Fatal error:  Uncaught Exception in /srv/shop/a.php:28\nStack trace:\n#0 {main}\n"
        "  thrown in /srv/shop/a.php on line 28\n"
    )
    assert (report.error_type, report.message) == ("Exception", "")


@pytest.mark.parametrize(
    ("line", "error_type", "message", "number"),
    [
        ("PHP Warning:  Undefined variable $x in /srv/shop/a.php on line 18", "Warning", "Undefined variable $x", 18),
        ("Notice: Undefined index: b in /srv/shop/a.php on line 3", "Notice", "Undefined index: b", 3),
        (
            'PHP Parse error:  syntax error, unexpected token ";" in /srv/shop/a.php on line 1',
            "Parse error",
            'syntax error, unexpected token ";"',
            1,
        ),
        (
            "[21-Nov-2026 11:04:09 UTC] PHP Deprecated:  strlen(): Passing null in /srv/shop/a.php on line 9",
            "Deprecated",
            "strlen(): Passing null",
            9,
        ),
        ("<br />\n<b>Warning</b>:  a &lt; b in <b>/srv/shop/a.php</b> on line <b>4</b><br />", "Warning", "a < b", 4),
    ],
)
def test_errors_without_a_stack(line: str, error_type: str, message: str, number: int) -> None:
    report = only(f"{line}\n")
    assert (report.error_type, report.message) == (error_type, message)
    assert places(report) == [("a.php", "/srv/shop/a.php", number)]


def test_an_error_displayed_and_logged_is_one_report() -> None:
    shown = "\n" + UNCAUGHT.removeprefix("PHP ").replace("error:  ", "error: ")
    report = only(UNCAUGHT + shown)
    assert report.span == (0, len(UNCAUGHT + shown))


def test_two_warnings_are_two_reports() -> None:
    line = "PHP Warning:  Undefined array key 5 in /srv/shop/a.php on line 18\n"
    assert len(read(line * 2).reports) == 2


def test_html() -> None:
    report = only(
        "<br />\n<b>Fatal error</b>:  Uncaught CartError: too many in /srv/shop/a.php:6\nStack trace:\n"
        "#0 /srv/shop/a.php(7): Cart-&gt;add(5)\n#1 {main}\n  thrown in <b>/srv/shop/a.php</b> on line <b>6</b><br />\n"
    )
    assert (report.error_type, report.message, report.frames[0].function) == ("CartError", "too many", "Cart->add")


XDEBUG = r"""
Fatal error: Uncaught CartError: too many: 5 in /srv/shop/a.php:6
Stack trace:
#0 /srv/shop/a.php(10): Cart::load()
#1 {main}

Next LogicException: outer in /srv/shop/a.php on line 10

LogicException: outer in /srv/shop/a.php on line 10

Call Stack:
    0.0003     411344   1. {main}() /srv/shop/a.php:0
    0.0004     411344   2. outer() /srv/shop/a.php:14

"""


def test_xdebug_tables() -> None:
    report = only(XDEBUG)
    assert (report.error_type, [cause.error_type for cause in report.causes]) == ("LogicException", ["CartError"])
    assert places(report) == [("outer", "/srv/shop/a.php", 10), ("{main}", "/srv/shop/a.php", 14)]


def test_a_warning_with_a_table() -> None:
    report = only(
        "PHP Warning:  Undefined variable $x in /srv/shop/a.php on line 18\nPHP Stack trace:\n"
        "PHP   1. {main}() /srv/shop/a.php:0\nPHP   2. Cart->pay($x = 3) /srv/shop/a.php:31\n"
    )
    assert places(report) == [("Cart->pay", "/srv/shop/a.php", 18), ("{main}", "/srv/shop/a.php", 31)]


LARAVEL = (
    '[2024-05-01 10:00:00] production.ERROR: no price for 3 {"userId":7,'
    r'"exception":"[object] (App\\CartError(code: 7): no price for 3 (see a) at /srv/shop/app/Cart.php:12)'
    r"""
[stacktrace]
#0 /srv/shop/vendor/laravel/framework/src/Controller.php(54): App\\Order->pay()
#1 {main}

[previous exception] [object] (RuntimeException(code: 0): inner at /srv/shop/app/Price.php:5)
[stacktrace]
#0 /srv/shop/app/Cart.php(11): App\\Price->of()
#1 {main}
"}
[2024-05-01 10:00:01] production.INFO: next
"""
)


def test_laravel() -> None:
    report = only(LARAVEL)
    assert (report.error_type, report.message) == ("App\\CartError", "no price for 3 (see a)")
    assert places(report)[0] == ("App\\Order->pay", "/srv/shop/app/Cart.php", 12)
    assert [(cause.error_type, cause.message) for cause in report.causes] == [("RuntimeException", "inner")]
    assert report.span == (0, LARAVEL.index("[2024-05-01 10:00:01]"))


@pytest.mark.parametrize(
    "handler",
    [
        r"Illuminate\Foundation\Bootstrap\HandleExceptions->handleError",
        r"Symfony\Component\ErrorHandler\ErrorHandler->handleError",
    ],
)
def test_a_stack_of_skipped_frames_blames_the_file_of_the_program(handler: str) -> None:
    report = only(
        "PHP Fatal error:  Uncaught ErrorException: x in /srv/barn/sum.php:12\nStack trace:\n"
        f"#0 /srv/barn/sum.php(12): {handler}(2, 'x')\n#1 {{main}}\n  thrown in /srv/barn/sum.php on line 12\n"
    )
    assert report.culprit
    assert (report.culprit.function, report.culprit.file) == ("{main}", "/srv/barn/sum.php")


def test_monolog_on_one_line() -> None:
    text = (
        '[2024-05-01T10:00:00.123456+00:00] app.ERROR: plain {"exception":"'
        r"[object] (LogicException(code: 3): wrapped at /srv/m.php:6)\n[stacktrace]\n#0 /srv/m.php(9): App\\pay(3)\n#1 {main}\n"
        r"[previous exception] [object] (RuntimeException(code: 0): inner at /srv/m.php:5)\n[stacktrace]\n#0 {main}"
        '"} []\n'
    )
    [report] = read(text, "php").reports
    assert (report.error_type, report.message) == ("LogicException", "wrapped")
    assert places(report) == [("App\\pay", "/srv/m.php", 6), ("{main}", "/srv/m.php", 9)]
    assert [cause.message for cause in report.causes] == ["inner"]
    # Another format may read the record around it; the exception is the same.
    [record] = read(text).reports
    assert (record.error_type, record.message, record.frames, record.causes) == (
        report.error_type,
        report.message,
        report.frames,
        report.causes,
    )
    assert record.occurred_at is not None


def test_symfony_without_the_exception_itself() -> None:
    report = only(
        '[2024-05-01T10:00:00+00:00] request.CRITICAL: Uncaught PHP Exception App\\NotFound: "No route found for "GET /x"" '
        "at /srv/shop/vendor/symfony/http-kernel/RouterListener.php line 127 [] []\n"
    )
    assert (report.error_type, report.message) == ("App\\NotFound", 'No route found for "GET /x"')
    assert places(report)[0][1:] == ("/srv/shop/vendor/symfony/http-kernel/RouterListener.php", 127)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("App\\Shop\\Cart->add(5, Array)", "App\\Shop\\Cart->add"),
        ("{closure:/srv/shop/a.php:3}(1)", "{closure:/srv/shop/a.php:3}"),
        ("{closure:App\\Shop\\Cart::load():7}(5)", "{closure:App\\Shop\\Cart::load():7}"),
        ("App\\\\Order->pay()", "App\\Order->pay"),
        ("include('/srv/shop/a.p...')", "include"),
    ],
)
def test_function_name(text: str, name: str) -> None:
    assert function_name(text) == name


def test_an_argument_with_line_ends() -> None:
    report = only(
        "PHP Fatal error:  Uncaught X: m in /srv/shop/a.php:1\nStack trace:\n#0 /srv/shop/a.php(3): f('one\ntwo')\n"
        "#1 /srv/shop/a.php(9) : eval()'d code(2): g()\n#2 {main}\n  thrown in /srv/shop/a.php on line 1\n"
    )
    assert [frame.function for frame in report.frames] == ["f", "g", "{main}"]
    assert report.frames[2].file == "/srv/shop/a.php(9) : eval()'d code"


@pytest.mark.parametrize("text", ["Warning: the build is slow\n", "Stack trace:\nnothing\n", "[object] (not one\n"])
def test_text_that_is_not_a_php_error(text: str) -> None:
    assert not read(text, "php").reports


HOSTILE = {
    "traces": lambda n: "Stack trace:\n" * n,
    "locations": lambda n: "PHP Warning:  " + " in x" * 4 * n + "\n",
    "objects": lambda n: "[object] (X(code: 0): m at /a:1)\n[stacktrace]\n#0 {main}\n[previous exception] " * (n // 4),
    "frames": lambda n: UNCAUGHT.partition("#0")[0] + "#0 /a.php(1): f()\n" * n,
    "words": lambda n: "Uncaught PHP Exception " * n,
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(partial(read, format="php"), text_of, 16_000)
