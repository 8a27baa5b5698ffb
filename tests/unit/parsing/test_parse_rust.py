"""Rust errors: output of programs built with rustc 1.95, anyhow and color-eyre, and the formats of older versions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.parsing.read import read
from graph.parsing.rust.unwrapped_error import unwrapped_error

NOTE = "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
STD = "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library"


only = partial(only_report, "rust")


SHORT = f"""
thread 'main' (16102) panicked at src/cart.rs:6:127:
index out of bounds: the len is 1 but the index is 5
stack backtrace:
   0: __rustc::rust_begin_unwind
             at {STD}/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at {STD}/core/src/panicking.rs:80:14
   2: <usize as core::slice::index::SliceIndex<[T]>>::index
             at {STD}/core/src/slice/index.rs:272:10
   3: <alloc::vec::Vec<T,A> as core::ops::index::Index<I>>::index
             at {STD}/alloc/src/vec/mod.rs:3804:9
   4: shop::cart::Cart::at
             at ./src/cart.rs:6:127
   5: shop::main
             at ./src/main.rs:13:52
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
"""


def test_a_panic_with_a_short_backtrace() -> None:
    report = only(SHORT)
    assert (report.error_type, report.message) == ("panic", "index out of bounds: the len is 1 but the index is 5")
    assert [frame.in_app for frame in report.frames] == [False, False, False, False, True, True]
    assert (blamed(report), report.frame_count) == ("shop::cart::Cart::at", 6)
    assert (report.frames[4].file, report.frames[4].line) == ("./src/cart.rs", 6)
    assert (report.extra, report.span) == ({"thread": "main"}, (1, len(SHORT)))


def test_without_a_backtrace_the_location_is_the_culprit() -> None:
    report = only(f"thread 'main' panicked at src/main.rs:7:55:\nline one\n\nline three\n{NOTE}")
    assert report.message == "line one\n\nline three"
    assert report.culprit is not None
    assert (report.culprit.function, report.culprit.file, report.culprit.line) == ("main.rs", "src/main.rs", 7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"thread 'main' panicked at 'no port', src/a.rs:27:5\n{NOTE}", "no port"),
        (
            (
                f"thread 'main' panicked at 'assertion failed: `(left == right)`\n  left: `1`,\n"
                f" right: `2`', src/a.rs:27:5\n{NOTE}"
            ),
            "assertion failed: `(left == right)`\n  left: `1`,\n right: `2`",
        ),
        (f"thread '<unnamed>' panicked at 'it's here', src/a.rs:27:5\n{NOTE}", "it's here"),
        ("thread 'main' panicked at 'Box<Any>', src/a.rs:27:5\n", "Box<Any>"),
        ("panicked at 'no thread', src/a.rs:27:5\n", "no thread"),
    ],
)
def test_the_panic_format_of_older_versions(text: str, message: str) -> None:
    report = only(text)
    assert (report.message, report.frames[0].file, report.frames[0].line) == (message, "src/a.rs", 27)


def test_a_full_backtrace_with_inlined_frames_and_hashes() -> None:
    report = only(
        "thread 'main' panicked at src/cart.rs:6:127:\nindex out of bounds: the len is 1 but the index is 5\nstack backtrace:\n"
        "   0:     0x55cca94aaf3a - std[e28293b1aa0f68bd]::backtrace_rs::backtrace::libunwind::trace\n"
        f"                               at {STD}/std/src/../../backtrace/src/backtrace/libunwind.rs:117:9\n"
        "   1:     0x55cca94aaf3a - std[e28293b1aa0f68bd]::sys::backtrace::_print_fmt\n"
        f"                               at {STD}/std/src/sys/backtrace.rs:74:9\n"
        "   2:     0x55cca947c0aa - shop::cart::Cart::at::ha087908ee985d127\n"
        "                               at /srv/shop/src/cart.rs:6:127\n"
        "   3:     0x55cca94762f1 - _start\n   4:                0x0 - <unknown>\n"
    )
    assert [frame.inlined for frame in report.frames] == [True, False, False, False, False]
    assert blamed(report) == "shop::cart::Cart::at::ha087908ee985d127"
    assert report.frame_count == 5


@pytest.mark.parametrize(
    ("message", "error_type", "value"),
    [
        (
            "called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
            "ParseIntError",
            "{ kind: InvalidDigit }",
        ),
        (
            "called `Result::unwrap()` on an `Err` value: Parse(ParseIntError { kind: InvalidDigit })",
            "Parse",
            "(ParseIntError { kind: InvalidDigit })",
        ),
        ("bad number: ParseIntError { kind: InvalidDigit }", "ParseIntError", "{ kind: InvalidDigit }"),
        (
            'could not read: Os { code: 2, kind: NotFound, message: "No such file" }',
            "Os",
            '{ code: 2, kind: NotFound, message: "No such file" }',
        ),
    ],
)
def test_the_error_that_was_unwrapped(message: str, error_type: str, value: str) -> None:
    assert [(cause.relation, cause.error_type, cause.message) for cause in unwrapped_error(message)] == [
        ("cause", error_type, value)
    ]


@pytest.mark.parametrize(
    "message", ["plain words", "called `Option::unwrap()` on a `None` value", "note: Later we go", "a: b: c"]
)
def test_a_message_without_an_error_in_it(message: str) -> None:
    assert unwrapped_error(message) == ()


def test_joining_a_panicked_thread_is_not_a_second_crash() -> None:
    text = (
        f"\nthread 'worker' (2) panicked at src/main.rs:25:82:\nin worker\n{NOTE}"
        "\nthread 'main' (1) panicked at src/main.rs:25:119:\ncalled `Result::unwrap()` on an `Err` value: Any { .. }\n"
    )
    report = only(text)
    assert (report.message, report.extra["thread"], report.span) == ("in worker", "worker", (1, len(text)))


def test_a_stack_overflow() -> None:
    report = only("\nthread 'main' (16113) has overflowed its stack\nfatal runtime error: stack overflow, aborting\n")
    assert (report.error_type, report.message) == ("Stack overflow", "thread 'main' has overflowed its stack")


def test_a_panic_takes_the_stack_of_the_sanitizer_report() -> None:
    report = only(
        f"Running: crash-1\nthread '<unnamed>' panicked at 'no port', config/src/utils.rs:27:5\n{NOTE}"
        "AddressSanitizer:DEADLYSIGNAL\n=================================================================\n"
        "==1==ERROR: AddressSanitizer: ABRT on unknown address 0x000000000001 (pc 0x7f278061b428 bp 0x7ffe39ceeed0 sp"
        " 0x7ffe39ceed78 T0)\n"
        "    #0 0x7f278061b427 in gsignal raise.c:54\n    #1 0x7f278061d029 in abort abort.c:89\n"
        "    #2 0x55866ec63af5 in std::panicking::rust_panic_with_hook::hb7ad5693188bdb00"
        " /rustc/b8cedc00407a4c56/src/libstd/panicking.rs:476:16\n"
        "    #3 0x55866847004f in shop_config::utils::port::h7d7baacfb554bae8 config/src/utils.rs:27:4\n"
        "    #4 0x5586679065f3 in rust_fuzzer_test_input fuzz/main.rs:14:4\n"
        "SUMMARY: AddressSanitizer: ABRT raise.c:54 in gsignal\n==1==ABORTING\n"
    )
    assert (report.error_type, report.message, blamed(report)) == (
        "panic",
        "no port",
        "shop_config::utils::port::h7d7baacfb554bae8",
    )
    assert report.frame_count == 5


ANYHOW = """Error: cannot load settings

Caused by:
    0: cannot read /nonexistent/x
    1: No such file or directory (os error 2)
"""


def test_an_error_with_its_causes() -> None:
    report = only(ANYHOW)
    assert (report.error_type, report.message, report.frames) == ("Error", "cannot load settings", ())
    assert [cause.message for cause in report.causes] == [
        "cannot read /nonexistent/x",
        "No such file or directory (os error 2)",
    ]
    assert report.span == (0, len(ANYHOW))


def test_an_error_with_a_backtrace() -> None:
    report = only(
        "Error: only this\n\nStack backtrace:\n   0: anyhow::error::<impl anyhow::Error>::msg\n"
        "             at /home/u/.cargo/registry/src/index/anyhow-1.0.104/src/backtrace.rs:10:14\n"
        "   1: shop::main\n             at ./src/main.rs:4:61\n   2: main\n"
    )
    assert (report.message, blamed(report), report.frame_count) == ("only this", "shop::main", 3)


def test_an_error_printed_by_color_eyre() -> None:
    bar = "━" * 34
    report = only(
        "Error: \n   0: cannot load\n   1: cannot read\n\nLocation:\n   src/load.rs:2\n\n"
        f"  {bar} BACKTRACE {bar}━\n                              ⋮ 4 frames hidden ⋮\n"
        "   5: <E as eyre::context::ext::StdError>::ext_report::h6df925a93fcd6223\n"
        "      at /home/u/.cargo/registry/src/index/eyre-0.6.14/src/context.rs:23\n"
        "        22 │         {\n        23 >             Report::from_msg(msg, self)\n"
        "   9: core::ops::function::FnOnce::call_once::h02f43b5f1920b592\n"
        f"      at {STD}/core/src/ops/function.rs:250\n\nRun with RUST_BACKTRACE=full to include source snippets.\n"
    )
    assert (report.message, [cause.message for cause in report.causes]) == ("cannot load", ["cannot read"])
    assert report.culprit is not None
    assert (report.culprit.file, report.culprit.line, report.frame_count) == ("src/load.rs", 2, 3)


def test_a_panic_printed_by_color_eyre() -> None:
    report = only(
        "The application panicked (crashed).\nMessage:  a panic\nLocation: src/main.rs:3\n\n"
        "Backtrace omitted. Run with RUST_BACKTRACE=1 environment variable to display it.\n"
        "Run with RUST_BACKTRACE=full to include source snippets.\n"
    )
    assert (report.error_type, report.message, blamed(report)) == ("panic", "a panic", "main.rs")


def test_tests_that_panicked() -> None:
    text = (
        "running 2 tests\n\n---- works stdout ----\n\nthread 'works' (7) panicked at src/lib.rs:38:22:\n"
        f"assertion `left == right` failed\n  left: 2\n right: 3\n{NOTE}\n---- other stdout ----\n\n"
        "thread 'other' (8) panicked at src/lib.rs:40:2:\nno\n\n\nfailures:\n    works\n"
    )
    first, second = read(text).reports
    assert (first.message, first.extra["thread"]) == ("assertion `left == right` failed\n  left: 2\n right: 3", "works")
    assert (second.message, second.frames[0].line) == ("no", 40)


@pytest.mark.parametrize(
    "text", ["[   60.0] rust_kernel: panicked at /k/page.rs:60:5:\n[   60.0] attempt to add\n", "he panicked at noon.rs\n"]
)
def test_similar_text_is_not_a_panic(text: str) -> None:
    assert not read(text, "rust").reports


HOSTILE = {
    "heads": lambda n: "thread 'main' panicked at src/a.rs:1:2:\n" * n,
    "open quotes": lambda n: "thread 'main' panicked at 'x\n" * n,
    "colons": lambda n: "thread 'main' panicked at src/a.rs:1:2:\n" + "a: " * 16 * n,
    "frames": lambda n: SHORT + "   1: a::b\n             at ./a.rs:1:2\n" * n,
    "causes": lambda n: "Caused by:\n" * 2 * n,
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(lambda text: read(text, "rust"), text_of, 8_000)
