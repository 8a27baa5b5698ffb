"""Errors of scripts in Godot 3 and 4, with and without a stack."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.parsing.read import read

only = partial(only_report, "gdscript")


def test_an_error_with_its_place_alone() -> None:
    text = "SCRIPT ERROR: Division by zero error in operator '/'.\n   at: share (res://birds/nest.gd:31)\nbird 4 is here\n"
    report = only(text)
    assert (report.error_type, report.message) == ("ScriptError", "Division by zero error in operator '/'.")
    assert [frame.qualified for frame in report.frames] == ["nest.share"]
    assert text[report.span[1] :] == "bird 4 is here\n"


def test_godot_3_prints_the_function_before_the_message() -> None:
    report = only("SCRIPT ERROR: _process: Invalid get index 'egg' (on base: 'Nil').\n   At: res://birds/nest.gd:31.\n")
    assert report.message == "Invalid get index 'egg' (on base: 'Nil')."
    assert report.culprit is not None
    assert (report.culprit.qualified, report.culprit.line) == ("nest._process", 31)


def test_the_stack_leads_out_of_an_addon() -> None:
    report = only(
        "2026-03-05 10:15:22 SCRIPT ERROR: Invalid type in function 'fly'.\n"
        "2026-03-05 10:15:22    at: push (res://addons/wings/push.gd:7)\n"
        "2026-03-05 10:15:22    GDScript backtrace (most recent call first):\n"
        "2026-03-05 10:15:22        [0] push (res://addons/wings/push.gd:7)\n"
        "2026-03-05 10:15:22        [1] _ready (res://birds/wren.gd:12)\n"
    )
    assert [frame.qualified for frame in report.frames] == ["push.push", "wren._ready"]
    assert report.culprit == report.frames[1]


def test_a_script_that_cannot_be_parsed() -> None:
    report = only(
        'SCRIPT ERROR: Parse Error: Identifier "egg" not declared.\n   at: GDScript::reload (res://birds/nest.gd:3)\n'
    )
    assert (report.error_type, report.message) == ("ParseError", 'Identifier "egg" not declared.')


@pytest.mark.parametrize(
    "line", ["SCRIPT ERROR: x\n", "SCRIPT ERROR: x\nx\n", "SCRIPT ERROR: x\n at: f (res://a.gd:1)\n", "[0] f (\n"]
)
def test_growth_is_linear(line: str) -> None:
    assert_linear(lambda text: read(text, "gdscript"), lambda count: "SCRIPT ERROR: a\n" + line * count, 4_000)
