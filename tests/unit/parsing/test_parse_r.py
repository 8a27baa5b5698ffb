"""R: errors of scripts and sessions, rlang, Shiny and tests, and segmentation faults."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.r.frames import call_name
from graph.parsing.r.parser import RParser
from graph.parsing.read import read

only = partial(only_report, "r")


def test_a_script() -> None:
    report = only(
        "Error in eval(expr, envir, enclos) : object 'tide' not found\nCalls: main -> rise -> eval -> eval\nExecution halted\n"
    )
    assert (report.error_type, report.message) == ("Error", "object 'tide' not found")
    assert (names(report), report.frame_count, blamed(report)) == (["eval", "rise", "main"], 4, "rise")
    below = only(
        "Error in rise(shore, by = 3) : \n  no tide at this shore\nCalls: main ... <Anonymous> -> rise\nExecution halted\n"
    )
    assert (below.message, blamed(below)) == ("no tide at this shore", "rise")
    plain = only("Error: no tide\nExecution halted\n")
    assert (plain.message, plain.frames) == ("no tide", ())


def test_a_session_with_its_traceback() -> None:
    report = only(
        '> main()\nError in rise(shore) : no tide\n> traceback()\n4: stop("no tide") at tide.R#31\n'
        '3: rise(shore) at tide.R#31\n'
        '2: flow(list(a = 1,\n       b = 2)) at tide.R#40\n1: main()\n> \n'
    )  # fmt: skip
    assert names(report) == ["stop", "rise", "flow", "main"]
    assert (blamed(report), report.frames[1].file, report.frames[1].line) == ("rise", "tide.R", 31)
    assert (report.frames[2].file, report.frames[2].line) == ("tide.R", 40)


def test_a_backtrace_of_rlang_with_its_cause() -> None:
    report = only(
        "Error in `rise()`:\n! Can't rise.\n\u2139 Is there a shore?\nCaused by error in `check()`:\n! no tide\nBacktrace:\n"
        "    \u2586\n 1. \u251c\u2500global main()\n 2. \u2502 \u2514\u2500tide:::rise(shore) at tide.R:31:3\n"
        " 3. \u2502   \u2514\u2500rlang::abort(\"Can't rise.\", parent = e)\n 4. \u2514\u2500base::stop(e)\n"
        "Run `rlang::last_trace()` to see the full context.\n"
        "Execution halted\n"
    )  # fmt: skip
    assert report.message == "Can't rise.\n\u2139 Is there a shore?"
    assert names(report) == ["base::stop", "rlang::abort", "tide::rise", "main"]
    assert blamed(report) == "check"
    assert [(cause.message, cause.frames[0].qualified) for cause in report.causes] == [("no tide", "check")]


def test_an_older_backtrace() -> None:
    report = only(
        "Error: no tide\nBacktrace:\n     \u2588\n  1. \u2514\u2500global::main()\n  2.   \u2514\u2500global::rise(shore)\n"
        '  3.     \u2514\u2500rlang::abort("no tide")\n'
    )  # fmt: skip
    assert (report.message, blamed(report)) == ("no tide", "rise")


def test_shiny() -> None:
    report = only(
        "Listening on http://127.0.0.1:3838\nWarning: Error in rise: no tide\n  100: stop\n   99: rise [/srv/app/tide.R#31]\n"
        "   98: renderPlot [/srv/app/server.R#12]\n   97: func\n    1: runApp\n"
    )
    assert (report.message, names(report)[:2], blamed(report)) == ("no tide", ["stop", "rise"], "rise")
    assert report.frames[1].file == "/srv/app/tide.R"


def test_a_segmentation_fault() -> None:
    report = only(
        "\n *** caught segfault ***\naddress 0x10, cause 'memory not mapped'\n\nTraceback:\n"
        ' 1: .Call("C_rise", x)\n 2: rise(x)\n'
        " 3: main()\nAn irrecoverable exception occurred. R is aborting now ...\n"
    )  # fmt: skip
    assert (report.error_type, report.message) == ("segfault", "address 0x10, cause 'memory not mapped'")
    assert (names(report), blamed(report)) == ([".Call", "rise", "main"], "rise")


@pytest.mark.parametrize(
    "text",
    [
        '[Vue warn]: Error in render: "TypeError: Cannot read properties of undefined"\n',
        "Error: connect ECONNREFUSED\n    at TCP.after (net.js:1)\n",
        "Error in process <0.31.0> with exit value:\nfoo\n",
        "Error: something failed\nplease retry\n",
    ],
)
def test_errors_of_others_are_left_to_them(text: str) -> None:
    assert not [report for report in read(text).reports if report.format == "r"]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("rise(shore, by = 3)", "rise"),
        ("tide:::rise(shore)", "tide::rise"),
        ("global main()", "main"),
        ("shore$rise(3)", "shore$rise"),
        ("FUN(X[[i]], ...)", "FUN"),
        ("`[.data.frame`(x, , 3)", "[.data.frame"),
        ("<Anonymous>", "<Anonymous>"),
    ],
)
def test_names(call: str, name: str) -> None:
    assert call_name(call) == name


@pytest.mark.parametrize(
    "unit",
    [
        "Error in a(b) : c\nCalls: d -> e\n",
        "Error in ",
        "Error in a(",
        "Error: a\n",
        "Error: ",
        "3: a(b) at c.R#3\n",
        "Backtrace:\n 1. a()\n",
        " *** caught segfault ***\n",
        "Caused by error in `a()`:\n! b\n",
        "x\n",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    start = "Error in a(b) : c\n"
    assert_linear(lambda text: list(RParser().parse(text)), lambda count: start + unit * count, 4_000)


def test_a_call_of_an_anonymous_function() -> None:
    report = only(
        "Error in (function (classes, fdef, mtable)  : \n  unable to find an inherited method for function 'rise'\n"
        "Calls: main -> rise -> <Anonymous>\nExecution halted\n"
    )
    assert (report.message, blamed(report)) == ("unable to find an inherited method for function 'rise'", "rise")


@pytest.mark.parametrize(
    "text", ["Error in v-on handler (Promise/async): no tide\n", "Error in hook (x): foo\n", "Error: refused\nCalls: 3\n"]
)
def test_sentences_are_no_calls(text: str) -> None:
    assert not [report for report in read(text).reports if report.format == "r"]
