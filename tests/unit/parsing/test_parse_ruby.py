"""Ruby errors: output of Ruby 3.1 for small failing programs, and the layouts of other versions and of frameworks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.read import read
from graph.parsing.ruby.frames import find_location, module_of

only = partial(only_report, "ruby")


TOTAL = """/srv/shop/app/models/cart.rb:5:in `total': undefined method `map' for nil:NilClass (NoMethodError)

    def total; @items.map { |i| i.price }; end
                     ^^^^
	from /srv/shop/app/models/order.rb:14:in `block in pay'
	from /var/lib/gems/3.1.0/gems/activesupport-7.0.1/lib/active_support/each.rb:9:in `each'
	from /srv/shop/bin/shop.rb:3:in `<main>'
"""


def test_a_backtrace_with_quoted_source() -> None:
    report = only(TOTAL)
    assert (report.error_type, report.message) == ("NoMethodError", "undefined method `map' for nil:NilClass")
    assert names(report) == ["models/cart.total", "models/order.block in pay", "active_support/each.each", "shop.<main>"]
    assert [frame.in_app for frame in report.frames] == [True, True, False, True]
    assert (report.frames[0].file, report.frames[0].line) == ("/srv/shop/app/models/cart.rb", 5)
    assert (blamed(report), report.span) == ("models/cart.total", (0, len(TOTAL)))


def test_ruby_3_4_quotes_and_names() -> None:
    report = only(
        "cart.rb:6:in 'Kernel#Integer': invalid value for Integer(): \"x\" (ArgumentError)\n"
        "\tfrom cart.rb:6:in 'Shop::Cart.load'\n\tfrom cart.rb:15:in '<main>'\n"
    )
    assert names(report) == ["Kernel#Integer", "Shop::Cart.load", "cart.<main>"]
    assert blamed(report) == "Shop::Cart.load"


def test_a_built_in_method_is_not_blamed() -> None:
    report = only("a.rb:24:in `fetch': key not found: :b (KeyError)\n\tfrom a.rb:24:in `price'\n\tfrom a.rb:3:in `<main>'\n")
    assert [frame.in_app for frame in report.frames] == [False, True, True]
    assert blamed(report) == "a.price"


CAUSES = """a.rb:12:in `rescue in outer': outer (AppError)
	from a.rb:12:in `outer'
	from a.rb:17:in `<main>'
a.rb:11:in `inner': inner (ArgumentError)
second
	from a.rb:12:in `outer'
	from a.rb:17:in `<main>'
"""


def test_causes() -> None:
    report = only(CAUSES)
    assert (report.error_type, report.message, len(report.frames)) == ("AppError", "outer", 3)
    assert [(cause.relation, cause.error_type, cause.message, len(cause.frames)) for cause in report.causes] == [
        ("cause", "ArgumentError", "inner\nsecond", 3)
    ]


BACKWARDS = """Traceback (most recent call last):
	2: from a.rb:22:in `<main>'
	1: from a.rb:12:in `outer'
a.rb:11:in `inner': inner (ArgumentError)
second
	2: from a.rb:22:in `<main>'
	1: from a.rb:12:in `outer'
a.rb:12:in `rescue in outer': outer (AppError)
"""


def test_the_reversed_order_is_not_taken_for_python() -> None:
    report = only(BACKWARDS)
    assert (report.error_type, report.message, report.span) == ("AppError", "outer", (0, len(BACKWARDS)))
    assert names(report) == ["a.rescue in outer", "a.outer", "a.<main>"]
    assert [(cause.error_type, cause.message) for cause in report.causes] == [("ArgumentError", "inner\nsecond")]


def test_omitted_levels_are_counted() -> None:
    report = only(
        "a.rb:10:in `rec': stack level too deep (SystemStackError)\n"
        + "\tfrom a.rb:10:in `rec'\n" * 3
        + "\t ... 10068 levels...\n\tfrom a.rb:10:in `rec'\n\tfrom a.rb:18:in `<main>'\n"
    )
    assert ([frame.repeated for frame in report.frames], report.frame_count) == ([10_073, 1], 10_074)


@pytest.mark.parametrize(
    ("line", "error_type", "message"),
    [
        ("a.rb:20:in `<main>': AppError (AppError)", "AppError", ""),
        ("a.rb:21:in `<main>': AppError", "AppError", ""),
        ("a.rb:21:in `<main>': unhandled exception", "RuntimeError", ""),
        ("a.rb:19:in `<main>': line one (RuntimeError)\nline two\n", "RuntimeError", "line one\nline two"),
        (
            'a.rb:19:in `f\': bad URI(is not URI?): "x" (URI::InvalidURIError)',
            "URI::InvalidURIError",
            'bad URI(is not URI?): "x"',
        ),
    ],
)
def test_the_first_line(line: str, error_type: str, message: str) -> None:
    report = only(f"{line}\n")
    assert (report.error_type, report.message) == (error_type, message)


def test_an_error_that_ends_a_thread_is_one_report() -> None:
    raised = "a.rb:27:in `block in <main>': in thread (RuntimeError)\n"
    report = only(
        f"#<Thread:0x00007f6f2feebe48 a.rb:27 run> terminated with exception (report_on_exception is true):\n{raised}{raised}"
    )
    assert (report.message, report.causes) == ("in thread", ())


def test_syntax_errors() -> None:
    report = only("/srv/shop/app/cart.rb:3: syntax error, unexpected `end'\nend end\n^~~\n")
    assert (report.error_type, report.message) == ("SyntaxError", "syntax error, unexpected `end'")
    assert (report.frames[0].file, report.frames[0].line) == ("/srv/shop/app/cart.rb", 3)


@pytest.mark.parametrize(
    ("head", "error_type", "message"),
    [
        ("E, [2026-11-21T11:04:08.153350 #16724] ERROR -- : outer (AppError)\n", "AppError", "outer"),
        ("AppError: outer\n", "AppError", "outer"),
        ("AppError (outer):\n\n", "AppError", "outer"),
        ("2024-05-01 10:00:00 - RuntimeError - outer:\n", "RuntimeError", "outer"),
        (
            "[4f1c] ActionView::Template::Error (undefined method `x' for nil:NilClass):\n    1: <h1>\n    2: <%= x %>\n  \n",
            "ActionView::Template::Error",
            "undefined method `x' for nil:NilClass",
        ),
        ("WARN: Net::ReadTimeout: slow\nsecond line\n", "Net::ReadTimeout", "slow\nsecond line"),
    ],
)
def test_a_backtrace_printed_by_the_program(head: str, error_type: str, message: str) -> None:
    report = only(f"{head}app/controllers/carts_controller.rb:12:in `show'\n/var/lib/gems/rack-2.0/lib/rack.rb:3:in `call'\n")
    assert (report.error_type, report.message) == (error_type, message)
    assert names(report) == ["controllers/carts_controller.show", "rack.call"]
    assert report.span[0] == 0


def test_two_printed_backtraces_are_two_reports() -> None:
    text = "AppError: one\n  a.rb:12:in `f'\n  a.rb:23:in `<main>'\nAppError: two\n  a.rb:13:in `g'\n  a.rb:23:in `<main>'\n"
    assert [one.message for one in read(text).reports] == ["one", "two"]


SEGFAULT = """a.rb:30: [BUG] Segmentation fault at 0x000000000000416a
ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]

-- Control frame information -----------------------------------------------
c:0003 p:---- s:0013 e:000012 CFUNC  :kill
c:0002 p:0395 s:0007 E:0007f8 EVAL   a.rb:30 [FINISH]

-- Ruby level backtrace information ----------------------------------------
a.rb:31:in `<main>'
a.rb:30:in `crash'
a.rb:30:in `kill'

-- Machine register context ------------------------------------------------
 RIP: 0x00007fc42c0f9267 RBP: 0x000000000000000b RSP: 0x00007ffcdf9ccdf8

-- C level backtrace information -------------------------------------------
/lib/x86_64-linux-gnu/libruby-3.1.so.3.1(0x7fc42c663f28) [0x7fc42c663f28]
/lib/x86_64-linux-gnu/libc.so.6(__restore_rt+0x0) [0x7fc42c0f9050]
/lib/x86_64-linux-gnu/libc.so.6(kill+0x7) [0x7fc42c0f9267]
/lib/x86_64-linux-gnu/libruby-3.1.so.3.1(rb_f_kill+0x1f1) [0x7fc42c5d9511]
/lib/x86_64-linux-gnu/libruby-3.1.so.3.1(0x7fc42c648ac0) [0x7fc42c648ac0]
/lib/x86_64-linux-gnu/libruby-3.1.so.3.1(rb_vm_exec+0xb3) [0x7fc42c6526a3]
ruby(_start+0x21) [0x555ab5e5d151]

-- Other runtime information -----------------------------------------------

* Loaded script: a.rb

[NOTE]
You may have encountered a bug in the Ruby interpreter or extension libraries.
Bug reports are welcome.

"""


def test_a_crash_of_the_interpreter() -> None:
    report = only(SEGFAULT)
    assert (report.error_type, report.severity, report.environment) == (
        "Segmentation fault",
        "critical",
        {"runtime": "ruby 3.1.2p20"},
    )
    assert report.extra == {"platform": "x86_64-linux-gnu", "address": "0x000000000000416a"}
    assert names(report) == ["kill", "rb_f_kill", "a.kill", "a.crash", "a.<main>"]
    assert blamed(report) == "a.crash"
    assert report.span == (0, len(SEGFAULT) - 1)


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("/srv/shop/app/models/cart.rb", "models/cart"),
        ("/usr/lib/ruby/3.1.0/uri/common.rb", "uri/common"),
        ("/var/lib/gems/3.1.0/gems/rack-2.2.4/lib/rack/builder.rb", "rack/builder"),
        ("<internal:/usr/lib/ruby/vendor_ruby/rubygems/core_ext/kernel_require.rb>", "kernel_require"),
        ("<internal:kernel>", "kernel"),
        ("lib/shop.rb", "shop"),
        ("-e", "-e"),
    ],
)
def test_the_module_of_a_file(file: str, module: str) -> None:
    assert module_of(file) == module


@pytest.mark.parametrize("line", ["a.rb:x:in `f'", ":in `f'", "a.rb:3:in `f", "a.rb:3: in `f'", "12:in `'"])
def test_lines_that_are_not_frames(line: str) -> None:
    assert find_location(line) is None


def test_a_stack_without_its_error_is_marked_truncated() -> None:
    report = only("\tfrom a.rb:12:in `outer'\n\tfrom a.rb:17:in `<main>'\n")
    assert (report.error_type, report.truncated) == ("", True)


HOSTILE = {
    "headers": lambda n: "a.rb:1:in `x': m (E)\n" * (n // 2),
    "marks": lambda n: ":in `" * 4 * n,
    "one line": lambda n: "a:1:in `x'" * 2 * n,
    "frames": lambda n: "a.rb:2:in `y'\n" * n,
    "constant": lambda n: "A::" * 6 * n + "\na.rb:2:in `y'\na.rb:3:in `y'\n",
    "bugs": lambda n: "[BUG] x\n" * n,
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(partial(read, format="ruby"), text_of, 16_000)
