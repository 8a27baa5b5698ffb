"""Kotlin/Native: exceptions on Apple's systems and Linux, with causes and without symbols."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.parsing.kotlin_native.parser import KotlinNativeParser
from graph.parsing.native.kotlin_symbols import kotlin_name

THROWN = (
    "    at 0   tide.kexe           0x2270190      kfun:kotlin.Throwable#<init>(kotlin.String?){} + 96 "
    "(/opt/buildAgent/kotlin/Throwable.kt:28:21)\n"
    "    at 1   tide.kexe           0x2270191      kfun:kotlin.IllegalStateException#<init>(kotlin.String?){} + 96 \n"
)


only = partial(only_report, "kotlin-native")


def test_a_chain_with_source_lines() -> None:
    report = only(
        "Uncaught Kotlin exception: kotlin.IllegalStateException: no tide\nin two lines\n" + THROWN
        + "    at 2   tide.kexe      0x2270192      kfun:net.tide.Shore.$rise$lambda-0#internal + 12 (/src/Shore.kt:31:9)\n"
        + "    at 3   tide.kexe           0x2270193      kfun:net.tide#main(){} + 12 (/src/Main.kt:4:5)\n"
        + "    at 4   tide.kexe           0x2270194      Konan_start + 12 \n"
        + "    at 5   libc.so.6           0x7f01         __libc_start_main + 243 \n"
        + "Caused by: kotlin.NoSuchElementException: key 7\n" + THROWN
        + "    at 2   tide.kexe    0x2270195    kfun:net.tide.Table#find(kotlin.Int){}kotlin.String + 12 (/src/Table.kt:8:9)\n"
        + "    ... and 3 more common stack frames skipped\nBye\n"
    )  # fmt: skip
    assert (report.error_type, report.message) == ("kotlin.IllegalStateException", "no tide\nin two lines")
    assert blamed(report) == "net.tide.Table.find"
    assert (report.frames[2].qualified, report.frames[2].file, report.frames[2].line) == (
        "net.tide.Shore.rise",
        "/src/Shore.kt",
        31,
    )
    [cause] = report.causes
    assert (cause.error_type, cause.message, cause.frames[-1].qualified) == (
        "kotlin.NoSuchElementException",
        "key 7",
        "net.tide.Table.find",
    )


def test_a_printed_exception_and_frames_without_symbols() -> None:
    report = only(
        "starting\nnet.tide.TideException: ebb\n" + THROWN
        + "    at 2   Tide Pool                           0x10b8e4b53        kfun:net.tide.Pool#drain(){} + 2707 \n"
        + "    at 3   Tide Pool                           0x10b8e4c00        0x10b8e0000 + 3072 \n"
    )  # fmt: skip
    assert (report.error_type, blamed(report)) == ("net.tide.TideException", "net.tide.Pool.drain")
    assert report.frames[-1].qualified == "Tide Pool.<unknown>"


def test_an_exception_that_crosses_to_swift() -> None:
    report = only(
        "Function doesn't have or inherit @Throws annotation and thus exception isn't propagated from Kotlin to "
        "Objective-C/Swift as NSError.\nIt is considered unexpected and unhandled instead. Program will be terminated.\n"
        "Uncaught Kotlin exception: kotlin.RuntimeException: ebb\n" + THROWN
        + "    at 2   Shared    0x102  kfun:net.tide.Pool#drain(){} + 2707 \n"
        + "    at 3   Shared    0x103  objc2kotlin_kfun:net.tide.Pool#drain(){} + 8 \n"
    )  # fmt: skip
    assert blamed(report) == "net.tide.Pool.drain"


def test_a_truncated_one() -> None:
    assert only("Uncaught Kotlin exception: kotlin.OutOfMemoryError\n").error_type == "kotlin.OutOfMemoryError"


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("net.tide.Pool#drain(kotlin.Int){}kotlin.String", ("net.tide.Pool", "drain")),
        ("net.tide.Pool.drain(kotlin.Int)ValueType", ("net.tide.Pool", "drain")),
        ("#main(){}", ("", "main")),
        ("net.tide.Pool.Companion#make(){}", ("net.tide.Pool.Companion", "make")),
        ("net.tide.Pool.$drain$lambda$0#internal", ("net.tide.Pool", "drain")),
        ("net.tide.Pool.$drainCOROUTINE$0.invokeSuspend#internal", ("net.tide.Pool", "drainCOROUTINE")),
        ("net.tide.main$lambda-1#internal", ("net.tide", "main")),
        ("net.tide.Pool#<get-depth>(){}kotlin.Int", ("net.tide.Pool", "<get-depth>")),
    ],
)
def test_names(symbol: str, name: tuple[str, str]) -> None:
    assert kotlin_name(symbol) == name


@pytest.mark.parametrize(
    "unit",
    [
        "Uncaught Kotlin exception: a.B: c\n",
        "Uncaught Kotlin exception: ",
        "a.BError: c\n    at 0   x 0x1234 kfun:a#b(){} + 1\n",
        "    at 0   x 0x1234 kfun:a#b(){} + 1\n",
        "Caused by: a.B: c\n",
        "x\n",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    start = "Uncaught Kotlin exception: a.B\n"
    assert_linear(lambda text: list(KotlinNativeParser().parse(text)), lambda count: start + unit * count, 4_000)
