"""Perl: errors with and without a backtrace, in logs of servers, and warnings that are none."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.perl.parser import PerlParser
from graph.parsing.read import read

only = partial(only_report, "perl")


def test_a_backtrace_of_carp() -> None:
    report = only(
        "no tide at /usr/share/perl5/Try/Tiny.pm line 101.\n"
        "\tTry::Tiny::try(CODE(0x55d0f3a1)) called at lib/Tide.pm line 31\n"
        '\tTide::rise(Tide=HASH(0x55d0f3b2), "3, 4", undef) called at lib/Shore.pm line 12\n'
        "\teval {...} called at lib/Shore.pm line 11\n\tShore::update('Shore', 7) called at bin/tide.pl line 20\n"
    )  # fmt: skip
    assert (report.error_type, report.message) == ("Error", "no tide")
    assert names(report) == ["Try::Tiny::try", "Tide::rise", "Shore::update", "tide.pl"]
    assert [(frame.file, frame.line) for frame in report.frames][1:] == [
        ("lib/Tide.pm", 31),
        ("lib/Shore.pm", 11),
        ("bin/tide.pl", 20),
    ]
    assert blamed(report) == "Tide::rise"


def test_errors_with_their_place_alone() -> None:
    report = only('Can\'t locate object method "rise" via package "Tide" at bin/tide.pl line 3, <STDIN> line 7.\n')
    assert report.message == 'Can\'t locate object method "rise" via package "Tide"'
    assert (names(report), report.frames[0].line) == (["tide.pl"], 3)
    assert only("Died at -e line 1.\n").message == "Died"
    typed = only("Tide::Exception: no tide at lib/Tide.pm line 31.\n")
    assert (typed.error_type, typed.message) == ("Tide::Exception", "no tide")


def test_errors_of_compilation() -> None:
    report = only('syntax error at lib/Tide.pm line 3, near "rise ;"\nCompilation failed in require at bin/tide.pl line 2.\n'
                  "BEGIN failed--compilation aborted at bin/tide.pl line 2.\n")  # fmt: skip
    assert (report.error_type, names(report)) == ("SyntaxError", ["Tide.pm"])


def test_records_of_servers() -> None:
    apache = only("[Thu Mar 05 10:15:22 2026] [error] [client 127.0.0.1] no tide at /srv/tide.cgi line 31.\n")
    assert (apache.message, apache.frames[0].file) == ("no tide", "/srv/tide.cgi")
    mojo = only("[2026-03-05 10:15:22.55123] [412] [error] [c0ffee] no tide at lib/Tide.pm line 31.\n")
    assert mojo.message.endswith("no tide")
    catalyst = only('[error] Caught exception in Tide::Controller::Shore->rise "no tide at lib/Tide.pm line 31."\n')
    assert catalyst.message == "no tide"


def test_devel_stack_trace() -> None:
    report = only(
        "no tide\nTrace begun at lib/Tide.pm line 31\nTide::rise('Tide=HASH(0x55)') called at bin/tide.pl line 9\n"
        "main::flow at bin/tide.pl line 12\n"
    )
    assert (report.message, names(report)[:1]) == ("no tide", ["Tide::rise"])


@pytest.mark.parametrize(
    "text",
    [
        "Use of uninitialized value $x in addition (+) at bin/tide.pl line 3.\n",
        'Argument "a" isn\'t numeric in addition (+) at bin/tide.pl line 3.\n',
        "Meet me at the corner, line 3.\n",
        "see the error at app.py line 3.\n",
    ],
)
def test_other_texts_are_no_error(text: str) -> None:
    assert not [report for report in read(text).reports if report.format == "perl"]


@pytest.mark.parametrize(
    "unit",
    [
        "a at b.pl line 3.\n",
        "a at b.pl line 3. ",
        "\ta::b(c) called at b.pl line 3\n",
        " at b.pl line 3",
        " called at ",
        "Trace begun at b.pl line 3\n",
        "x\n",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    start = "a at b.pl line 3.\n"
    assert_linear(lambda text: list(PerlParser().parse(text)), lambda count: start + unit * count, 4_000)
