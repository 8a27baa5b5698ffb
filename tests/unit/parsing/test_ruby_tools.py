"""Ruby errors as services, frameworks and test runners print them."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import names, only_report

from graph.parsing.read import read

only = partial(only_report, "ruby")


@pytest.mark.parametrize("file", ["/app/lib/till.rb", "lib/till.rb", "C:/shop/lib/till.rb", "/srv/shop/lib/till.rake"])
@pytest.mark.parametrize("source", ["", "    TILLS.fetch(:a)\n"])
def test_frames_in_the_form_of_services(file: str, source: str) -> None:
    text = (
        f'KeyError: key not found: :a\n  File "{file}", line 17, in Till#open\n{source}'
        f'  File "/app/app/views/tills/show.html.erb", line 9, in block in _app_views\n{source}'
        '  File "/usr/local/bundle/gems/actionpack-6.1.4/lib/metal.rb", line 6, in send_action\n'
    )
    report = only(text)
    assert (report.error_type, report.message) == ("KeyError", "key not found: :a")
    assert names(report) == ["Till#open", "views/tills/show.html.erb.block in _app_views", "metal.send_action"]
    assert (report.frames[0].file, report.frames[0].line, report.culprit) == (file, 17, report.frames[0])
    assert report.frames[2].in_app is False


def test_a_failed_expectation_of_rspec() -> None:
    first, second = read(
        "Failures:\n\n  1) Till counts\n     Failure/Error: expect(till.count).to eq(3)\n\n       expected: 3\n"
        "            got: 2\n\n       (compared using ==)\n"
        "     # ./spec/till_spec.rb:12:in `block (2 levels) in <top (required)>'\n\n"
        '  2) Till opens\n     Failure/Error: raise ArgumentError, "closed"\n\n     ArgumentError:\n       closed\n'
        "     # ./lib/till.rb:4:in `open'\n     # ./spec/till_spec.rb:20:in `block (2 levels) in <top (required)>'\n"
    ).reports
    assert first.error_type == "RSpec::Expectations::ExpectationNotMetError"
    assert first.message == "expected: 3\n     got: 2\n\n(compared using ==)"
    assert (second.error_type, second.message, names(second)[0]) == ("ArgumentError", "closed", "till.open")


@pytest.mark.parametrize(
    "joint",
    [
        "\nCaused by:\nKeyError: key not found: :a\n",
        "     # ------------------\n     # --- Caused by: ---\n     # KeyError:\n     #   key not found: :a\n",
    ],
)
def test_causes_of_rake_and_rspec(joint: str) -> None:
    report = only(
        f"RuntimeError: closed\n/app/lib/till.rb:9:in `open'\n/app/bin/x.rb:3:in `run'\n{joint}/app/lib/till.rb:6:in `fetch'\n"
    )
    assert (report.error_type, report.message) == ("RuntimeError", "closed")
    assert [(cause.relation, cause.error_type, cause.message, len(cause.frames)) for cause in report.causes] == [
        ("cause", "KeyError", "key not found: :a", 1)
    ]


def test_causes_of_rails() -> None:
    report = only(
        "ActionView::Template::Error (key not found: :a):\n    1: <p>\n    2: <%= x %>\n\n"
        "Causes:\nKeyError (key not found: :a)\n"
        "IOError (closed)\n\napp/helpers/till_helper.rb:4:in `fetch'\napp/controllers/tills_controller.rb:9:in `show'\n"
    )
    assert (report.error_type, report.message) == ("ActionView::Template::Error", "key not found: :a")
    assert [(cause.error_type, cause.message) for cause in report.causes] == [
        ("KeyError", "key not found: :a"),
        ("IOError", "closed"),
    ]


def test_an_inspected_exception_above_the_frames() -> None:
    report = only(
        "2026-03-05 10:15:22 +0000 Rack app (\"GET /\" - (127.0.0.1)): #<NoMethodError: undefined method 'size' for nil>\n"
        "/app/lib/till.rb:4:in 'Till#open'\n/app/config.ru:3:in 'block in <main>'\n"
    )
    assert (report.error_type, report.message) == ("NoMethodError", "undefined method 'size' for nil")


FRAMES = "app/models/till.rb:4:in `open'\napp/controllers/tills_controller.rb:9:in `show'\n"


@pytest.mark.parametrize(
    "message",
    [
        "bad till\nSize: 3",
        "bad till\nKeyError: gone",
        "bad till\nExpected: 3\n  Actual: 4",
        "2 errors\nName - missing\nState: open",
        "relation does not exist\nLINE 1: SELECT",
        "bad till\nstate (Open)",
    ],
)
@pytest.mark.parametrize(
    "layout",
    [
        "Shop::TillError: {}\n",
        "Shop::TillError ({}):\n\n",
        "rake aborted!\nShop::TillError: {}\n",
        "It fails:\n\nShop::TillError: {}\n",
        "  1) Error:\nTillTest#test_open:\nShop::TillError: {}\n",
        "2026-03-05T10:15:22.124Z pid=7 tid=abc WARN: failed\nShop::TillError: {}\n",
    ],
)
def test_no_line_of_a_message_is_the_error(message: str, layout: str) -> None:
    report = read(layout.format(message) + FRAMES).reports[-1]
    assert (report.format, report.error_type, report.message) == ("ruby", "Shop::TillError", message)


def test_the_loggers_form_has_the_class_last() -> None:
    report = read("E, [2026-03-05T10:15:22.1 #7] ERROR -- : Size: 3 (TillError)\n" + FRAMES).reports[-1]
    assert (report.error_type, report.message) == ("TillError", "Size: 3")


def test_further_lines_of_a_message_follow_the_class_behind_its_first_one() -> None:
    report = read("no column wet (TillError)\nLINE 1: SELECT wet\nHINT: perhaps dry\n" + FRAMES).reports[-1]
    assert (report.error_type, report.message) == ("TillError", "no column wet\nLINE 1: SELECT wet\nHINT: perhaps dry")


@pytest.mark.parametrize(
    "piece",
    [
        '  File "a.rb", line 1, in b\n',
        "Causes:\nKeyError (a)\n",
        "Failure/Error: a\n    KeyError:\n",
        "KeyError: a\n\nCaused by:\na.rb:1:in `b'\n",
    ],
)
def test_time_grows_linearly(piece: str) -> None:
    assert_linear(lambda text: read(text, "ruby"), lambda count: piece * count + "a.rb:1:in `b'\n" * 2, 8_000)
