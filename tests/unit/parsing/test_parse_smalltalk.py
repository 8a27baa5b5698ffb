"""Smalltalk: logs of Pharo and Squeak, GemStone's stacks, walkbacks of other dialects."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.read import read
from graph.parsing.smalltalk.frames import parse_frame
from graph.parsing.smalltalk.parser import SmalltalkParser

only = partial(only_report, "smalltalk")


PHARO = """\
THERE_BE_DRAGONS_HERE
SubscriptOutOfBounds: 9
2 March 2026 9:15:04.250731 am

VM: mac - Smalltalk
Image: Pharo11.0.0 [Build information: Pharo-11.0.0+build.688.sha.9a (64 Bit)]

Array(Object)>>errorSubscriptBounds:
	Receiver: #(1 2 3)
	Arguments and temporary variables:
		index: 	9
	Receiver's instance variables:
#(1 2 3)

TideTable>>heightAt:
	Receiver: a TideTable


--- The full stack ---
Array(Object)>>errorSubscriptBounds:
Array(Object)>>at:
TideTable>>heightAt:
[ :each | self heightAt: each ] in TideTable class>>chart: in Block: [ :each | self heightAt: each ]
[ ^ #(1) do: [ :x | x ] ] in [ y ] in TideTable class>>chart: in Block: [ ^ ...etc...
Array(SequenceableCollection)>>collect:
FullBlockClosure(BlockClosure)>>on:do:
-------------------------------------------------------------------------------
"""


def test_the_full_stack_of_a_log() -> None:
    report = only(PHARO)
    assert (report.error_type, report.message) == ("SubscriptOutOfBounds", "9")
    assert names(report) == [
        "Object.errorSubscriptBounds:",
        "Object.at:",
        "TideTable.heightAt:",
        "TideTable class.chart:",
        "SequenceableCollection.collect:",
        "BlockClosure.on:do:",
    ]
    assert report.frame_count == 7
    assert blamed(report) == "TideTable.heightAt:"
    assert report.environment == {"runtime": "Pharo 11.0.0", "os": "mac"}
    assert report.span == (0, len(PHARO))


def test_two_errors_of_a_log() -> None:
    reports = read(PHARO + PHARO.replace("heightAt:", "depthAt:")).reports
    assert [blamed(report) for report in reports] == ["TideTable.heightAt:", "TideTable.depthAt:"]


def test_an_error_of_the_command_line() -> None:
    report = only(
        "\x1b[31mError: no tide\x1b[0m\n\x1b[31mTideTable(Object)>>error:\x1b[0m\n\x1b[31mTideTable>>rise\x1b[0m\n"
        "\x1b[31mUndefinedObject>>DoIt\x1b[0m\n\x1b[31mOpalCompiler>>evaluate\x1b[0m\n"
    )
    assert (report.error_type, report.message, blamed(report)) == ("Error", "no tide", "TideTable.rise")


def test_a_squeak_log() -> None:
    report = only(
        "5 March 2026 10:15:22.144 am\n\nVM: Win32 - Smalltalk\nImage: Squeak5.3 [latest update: #19435]\n\n"
        "SecurityManager state:\nRestricted: false\nFileAccess: true\nWorking Dir C:\\tide\n\n"
        "MessageNotUnderstood: UndefinedObject>>rise\n"
        "UndefinedObject(Object)>>doesNotUnderstand: #rise\n\tReceiver: nil\n"
        "TideMorph>>step\n\tReceiver: a TideMorph(1)\n\n"
        "--- The full stack ---\nUndefinedObject(Object)>>doesNotUnderstand: #rise\nTideMorph>>step\n"
        "[] in MorphicProject>>spawnNewProcess\n - - - - - - - - - - - - - - -  \n"
    )
    assert report.error_type == "MessageNotUnderstood"
    assert names(report) == ["Object.doesNotUnderstand:", "TideMorph.step", "MorphicProject.spawnNewProcess"]


def test_a_stack_of_topaz() -> None:
    report = only(
        "-----------------------------------------------------\nGemStone: Error         Nonfatal\n"
        "a MessageNotUnderstood occurred (error 2010), a UndefinedObject does not understand  #'riseBy:'\n"
        "Error Category: 231169 [GemStone] Number: 2010 Arg Count: 4 Context : 3736833 exception : 3737857\n"
        "Arg 1: [20 size: 0 UndefinedObject] nil\ntopaz 1> where\n"
        "==> 1 UndefinedObject (Object) >> doesNotUnderstand: @9 line 10   [GsNMethod 2310657]\n"
        "2 TideTable >> riseBy: @3 line 5   [GsNMethod 3736577]\n"
        "3 [] in TideTable class >> chart @5 line 4   [GsNMethod 3736578]\n"
        "4 ExecBlock0 (ExecBlock) >> on:do: @3 line 44   [GsNMethod 3736579]\n"
        "5 Executed Code  @2 line 1   [GsNMethod 3737345]\ntopaz 1> \n"
    )
    assert report.error_type == "MessageNotUnderstood"
    assert report.message == "a UndefinedObject does not understand  #'riseBy:'"
    assert names(report) == [
        "Object.doesNotUnderstand:",
        "TideTable.riseBy:",
        "TideTable class.chart",
        "ExecBlock.on:do:",
        "Executed Code",
    ]
    assert blamed(report) == "TideTable.riseBy:"


def test_walkbacks_of_other_dialects() -> None:
    va = only(
        "Walkback 1: UndefinedObject does not understand riseBy:\n\n UndefinedObject(Object)>>#doesNotUnderstand:\n"
        "    receiver = nil\n    arg1 = a Message\n TideTable>>#riseBy:\n    receiver = a TideTable\n [] in TideTable>>#chart\n"
    )
    assert (va.error_type, blamed(va), va.frame_count) == ("MessageNotUnderstood", "TideTable.riseBy:", 3)
    works = only(
        "Unhandled exception: Message not understood: #rise\nUndefinedObject(Object)>>doesNotUnderstand:\nTideTable>>open\n"
        "optimized [] in TideTable class>>start\nBlockClosure>>on:do:\n"
    )
    assert (works.error_type, works.message, blamed(works)) == (
        "MessageNotUnderstood",
        "Message not understood: #rise",
        "TideTable.open",
    )
    gnu = only(
        "Object: nil error: did not understand #rise\nMessageNotUnderstood(Exception)>>signal (ExcHandling.st:254)\n"
        "UndefinedObject(Object)>>doesNotUnderstand: #rise (SysExcept.st:1448)\nTideTable>>open (tide.st:12)\n"
        "UndefinedObject>>executeStatements (a String:1)\n"
    )
    assert (gnu.error_type, blamed(gnu)) == ("MessageNotUnderstood", "TideTable.open")
    assert gnu.frames[2].file == "tide.st"


def test_a_debugger_without_its_error() -> None:
    report = only("UndefinedObject(Object)>>doesNotUnderstand: #rise\nTideTable>>open\nTideTable class>>start\n")
    assert (report.error_type, blamed(report)) == ("MessageNotUnderstood", "TideTable.open")


@pytest.mark.parametrize(
    "text",
    ["std::cin >>value;\nFoo>>bar\n", "Map<String, List<Integer>>get\n", "Note: see Foo>>bar for this\n", "cat <<A >>B\n"],
)
def test_other_arrows_are_no_stack(text: str) -> None:
    assert not [report for report in read(text).reports if report.format == "smalltalk"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Foo>>bar:baz:", "Foo.bar:baz:"),
        ("[1] Foo(Object)>>+", "Object.+"),
        ("optimized [] in Foo class>>bar", "Foo class.bar"),
        ("[ a at: 1 ] in Foo>>bar in Block: [ a at: 1 ]", "Foo.bar"),
        ("Foo>>bar", "Foo.bar"),
        ("UI.Foo(Graphics.VisualPart)>>bar", "Graphics.VisualPart.bar"),
        ("foo >> bar", None),
    ],
)
def test_frames(line: str, name: str | None) -> None:
    frame = parse_frame(line)
    assert (frame.qualified if frame else None) == name


@pytest.mark.parametrize(
    "unit",
    [
        "Foo>>bar\n",
        "Foo>>bar ",
        "Error: x\nFoo>>bar\nFoo>>baz\n",
        "Foo>>bar\n\tReceiver: nil\n",
        "[ a ] in ",
        "THERE_BE_DRAGONS_HERE\nError: x\nFoo>>bar\nFoo>>baz\n--- The full stack ---\n",
        "Foo>>bar\nFoo>>bar\nx\n",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    assert_linear(lambda text: list(SmalltalkParser().parse(text)), lambda count: unit * count, 4_000)


def test_a_stack_that_begins_in_an_operator() -> None:
    [report] = read("ZeroDivide:\n\nSmallInteger(Number)>>// \n\tReceiver: 4\nWrenNest>>share\nWrenFlock>>share\n").reports
    assert [frame.qualified for frame in report.frames] == ["Number.//", "WrenNest.share", "WrenFlock.share"]


def test_gemstone_pads_the_names_of_methods() -> None:
    [report] = read(
        "Error:         a ZeroDivide occurred (error 2026), attempt to divide 4 by zero\ntopaz 1> where\n"
        "==> 1 ZeroDivide (AbstractException) >> _signalWith:    (envId 0) @5 line 25\n"
        "2 SmallInteger (Number) >> _errorDivideByZero          (envId 0) @6 line 7\n"
        "3 WrenNest >> share                                    (envId 0) @4 line 3\n"
    ).reports
    assert (report.error_type, report.message) == ("ZeroDivide", "attempt to divide 4 by zero")
    assert report.culprit is not None
    assert report.culprit.qualified == "WrenNest.share"
