"""Haskell: call stacks of several versions of GHC, and failures that name only their place."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.haskell.parser import HaskellParser

only = partial(only_report, "haskell")


STACK = (
    "  error, called at libraries/base/GHC/List.hs:1646:3 in base:GHC.List\n"
    "  errorEmptyList, called at libraries/base/GHC/List.hs:85:11 in base:GHC.List\n"
    "  badHead, called at libraries/base/GHC/List.hs:81:28 in base:GHC.List\n"
    "  head, called at src/Tide/Shore.hs:31:9 in tide-0.1-inplace:Tide.Shore\n"
    "  rise, called at app/Main.hs:4:8 in main:Main\n"
)


def test_a_call_stack() -> None:
    report = only("tide: Prelude.head: empty list\nCallStack (from HasCallStack):\n" + STACK + "\nbye\n")
    assert (report.error_type, report.message) == ("ErrorCall", "Prelude.head: empty list")
    assert names(report) == ["GHC.List.error", "GHC.List.errorEmptyList", "GHC.List.badHead", "Tide.Shore.head", "Main.rise"]
    assert (blamed(report), report.frames[3].file, report.frames[3].line) == ("Tide.Shore.head", "src/Tide/Shore.hs", 31)
    assert [frame.in_app for frame in report.frames] == [False, False, False, True, True]


def test_an_uncaught_exception_of_a_newer_runtime() -> None:
    report = only(
        "tide: Uncaught exception ghc-internal:GHC.Internal.Exception.ErrorCall:\n\nno tide\nat this shore\n\n"
        "HasCallStack backtrace:\n  error, called at src/Tide/Shore.hs:31:9 in tide-0.1-abc123def:Tide.Shore\n"
    )
    assert (report.error_type, report.message) == ("ErrorCall", "no tide\nat this shore")
    assert blamed(report) == "Tide.Shore.error"


def test_a_profiled_stack() -> None:
    report = only(
        "tide: no tide\nCallStack (from HasCallStack):\n  error, called at src/Tide/Shore.hs:31:9 in main:Tide.Shore\n"
        "CallStack (from -prof):\n  Tide.Shore.rise.\\ (src/Tide/Shore.hs:31:5-20)\n"
        "  Tide.Shore.rise (src/Tide/Shore.hs:(30,1)-(33,9))\n"
        "  Main.main (app/Main.hs:4:8-12)\n  Main.CAF (<entire-module>)\n"
    )
    assert names(report) == ["Tide.Shore.error"]
    profiled = only(
        "tide: no tide\nCallStack (from -prof):\n  Tide.Shore.rise (src/Tide/Shore.hs:(30,1)-(33,9))\n"
        "  Main.CAF (<entire-module>)\n"
    )
    assert (names(profiled), profiled.frames[0].line) == (["Tide.Shore.rise", "Main.CAF"], 30)


def test_a_failed_test_and_a_log_record() -> None:
    spec = only(
        "  src/ShoreSpec.hs:12:5:\n  1) Shore rises\n       uncaught exception: ErrorCall\n       Prelude.head: empty list\n"
        "       CallStack (from HasCallStack):\n" + "".join(f"       {line}\n" for line in STACK.splitlines())
    )
    assert (spec.error_type, spec.message, blamed(spec)) == ("ErrorCall", "Prelude.head: empty list", "Tide.Shore.head")
    logged = only(
        "2026-03-05 10:15:22.555Z [Error] tide-server: Map.!: given key is not an element in the map\n"
        "CallStack (from HasCallStack):\n  error, called at src/Tide.hs:31:9 in main:Tide\n"
    )
    assert logged.message == "Map.!: given key is not an element in the map"


def test_failures_that_name_only_their_place() -> None:
    report = only("tide: src/Tide.hs:(31,1)-(33,20): Non-exhaustive patterns in function rise\n\n")
    assert (report.error_type, report.message) == ("PatternMatchFail", "Non-exhaustive patterns in function rise")
    assert (report.frames[0].file, report.frames[0].line) == ("src/Tide.hs", 31)
    assert only("tide: Tide.hs:3:5-20: Irrefutable pattern failed for pattern Just x\n").error_type == "PatternMatchFail"


@pytest.mark.parametrize(
    "unit",
    [
        "a: b\nCallStack (from HasCallStack):\n  error, called at b.hs:3:4 in main:B\n",
        "CallStack (from HasCallStack):\n",
        "  error, called at b.hs:3:4 in main:B\n",
        "a: ",
        "a.hs:3:4: Non-exhaustive patterns in x\n",
        "a.hs:3:4: ",
        "x\n",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    start = "a: b\nCallStack (from HasCallStack):\n"
    assert_linear(lambda text: list(HaskellParser().parse(text)), lambda count: start + unit * count, 4_000)
