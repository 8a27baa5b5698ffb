"""Dart and Flutter errors, in the layouts of the virtual machine, of stack_trace, of the web and of compiled programs."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.parsing.dart.error import NULL_CHECK, error_of
from graph.parsing.read import read

only = partial(only_report, "dart")


@pytest.mark.parametrize(
    ("printed", "error_type", "message"),
    [
        ("FormatException: Invalid price (at character 3)", "FormatException", "Invalid price (at character 3)"),
        ("Exception: no song", "Exception", "no song"),
        (NULL_CHECK, NULL_CHECK, ""),
        ("type 'Null' is not a subtype of type 'String'", "_TypeError", "type 'Null' is not a subtype of type 'String'"),
        ("RangeError (index): Invalid value: Not in 0..2: 5", "RangeError", "Invalid value: Not in 0..2: 5"),
        ("Bad state: No element", "StateError", "Bad state: No element"),
        ("Invalid argument(s): no host", "ArgumentError", "Invalid argument(s): no host"),
        ("PlatformException(sign_in_failed, no key, null, null)", "PlatformException", "sign_in_failed, no key, null, null"),
        ("MissingPluginException(No implementation found)", "MissingPluginException", "No implementation found"),
        ("LateInitializationError: Field 'a' has not been initialized.", "LateInitializationError", None),
        ("NoSuchMethodError: The method 'sing' was called on null.\nReceiver: null", "NoSuchMethodError", None),
        ("'package:wren/a.dart': Failed assertion: line 12 pos 3: 'x': is not true.", "AssertionError", None),
        ("DioException [bad response]: 404", "DioException", "404"),
        ("TimeoutException after 0:00:05.000000: Future not completed", "TimeoutException", "Future not completed"),
        ("Instance of 'SongError'", "SongError", ""),
        ("[song_auth/user-not-found] There is no user", "song_auth/user-not-found", "There is no user"),
        ("no song: at all", "", "no song: at all"),
    ],
)
def test_type_and_message(printed: str, error_type: str, message: str | None) -> None:
    assert error_of(printed)[0] == error_type
    assert error_of(printed)[1] == (message if message is not None else error_of(printed)[1])
    report = only(f"Unhandled exception:\n{printed}\n#0      Song.verse (package:wren/song.dart:42:18)\n")
    assert report.error_type == (error_type or "Unhandled exception")


@pytest.mark.parametrize(
    "head",
    [
        "Unhandled exception:\nBad state: no song",
        "[ERROR:flutter/runtime/dart_vm_initializer.cc(41)] Unhandled Exception: Bad state: no song",
        "[VERBOSE-2:ui_dart_state.cc(177)] Unhandled Exception: Bad state: no song",
        "Uncaught Error: Bad state: no song",
        "2026-03-05 10:15:22.123 SEVERE wren: Bad state: no song",
        "Bad state: no song\n\nStack trace:",
    ],
)
def test_heads_of_a_stack(head: str) -> None:
    text = (
        f"{head}\n#0      Song.verse (package:wren/song.dart:42:18)\n<asynchronous suspension>\n"
        "#1      State.setState.<anonymous closure> (package:flutter/src/widgets/framework.dart:1103:9)\n"
        "#2      main (file:///home/ann/wren/bin/main.dart:3:5)\n"
    )
    report = only(f"{text}listening\n")
    assert (report.frame_count, blamed(report), report.span) == (3, "Song.verse", (0, len(text)))
    assert "Bad state: no song" in report.message


def test_the_core_library_is_not_blamed() -> None:
    report = only(
        "Unhandled exception:\nFormatException: Unexpected character (at character 1)\nla la\n^\n\n"
        "#0      _ChunkedJsonParser.fail (dart:convert-patch/convert_patch.dart:1383:5)\n"
        "#1      Song.load (package:wren/song.dart:42:18)\n#2      main (package:wren/main.dart:3:5)\n"
    )
    assert (report.message, blamed(report)) == ("Unexpected character (at character 1)\nla la\n^", "Song.load")
    assert [frame.in_app for frame in report.frames] == [False, True, True]


BLOCK = """══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞═══════════════════════════════════════════════════════════
The following _TypeError was thrown building Nest(dirty, state: _NestState#1a2b3):
type 'Null' is not a subtype of type 'String'

The relevant error-causing widget was:
  Nest Nest:file:///home/ann/heron/lib/main.dart:31:14

When the exception was thrown, this was the stack:
#0      _NestState.build (package:heron/nest.dart:42:18)
#1      StatefulElement.build (package:flutter/src/widgets/framework.dart:5592:27)
(elided 3 frames from dart:async)
...     Normal element mounting (163 frames)
#170    Element.inflateWidget (package:flutter/src/widgets/framework.dart:4335:16)

════════════════════════════════════════════════════════════════════════════════════════════════════
"""


def test_a_block_of_the_framework() -> None:
    report = only(f"{BLOCK}Another exception was thrown: A RenderFlex overflowed by 31 pixels on the right.\n")
    assert (report.error_type, report.message) == ("_TypeError", "type 'Null' is not a subtype of type 'String'")
    assert (report.frame_count, blamed(report), report.extra["caught_by"]) == (3, "_NestState.build", "widgets library")
    assert [one.error_type for one in read(BLOCK + BLOCK).reports] == ["_TypeError", "_TypeError"]
    newer = BLOCK.replace(
        "══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞═", "======== Exception caught by widgets library ="
    ).replace("═", "=")
    assert only(newer).frames == report.frames


def test_a_block_without_a_stack() -> None:
    report = only(
        "══╡ EXCEPTION CAUGHT BY RENDERING LIBRARY ╞═══════════\nThe following assertion was thrown during layout:\n"
        "A RenderFlex overflowed by 31 pixels on the right.\n\nThe relevant error-causing widget was:\n  Row\n"
        "══════════════════════════════════════════════════════\n"
    )
    assert (report.error_type, report.message, report.frames) == (
        "AssertionError",
        "A RenderFlex overflowed by 31 pixels on the right.",
        (),
    )


def test_a_compiled_program_without_symbols() -> None:
    text = (
        "[ERROR:flutter/runtime/dart_vm_initializer.cc(41)] Unhandled Exception: Bad state: no song\n"
        "*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***\npid: 12, tid: 34, name 1.ui\n"
        "build_id: '0123456789abcdef'\nisolate_dso_base: 7d0b2a0000, vm_dso_base: 7d0b2a0000\n"
        "    #00 abs 0000007d0b5a1b2c virt 0000000000301b2c _kDartIsolateSnapshotInstructions+0x202b2c\n"
        "    #01 abs 0000007d0b5a1c00 _kDartIsolateSnapshotInstructions+0x202c00\n"
    )
    report = only(text)
    assert (report.error_type, report.extra["build_id"], report.span) == ("StateError", "0123456789abcdef", (0, len(text)))
    assert [frame.qualified for frame in report.frames] == [
        "_kDartIsolateSnapshotInstructions.+0x202b2c",
        "_kDartIsolateSnapshotInstructions.+0x202c00",
    ]


@pytest.mark.parametrize(
    ("frames", "culprit"),
    [
        (
            (
                "dart:core                        Object.noSuchMethod\npackage:wren/song.dart 42:18     Song.verse\n"
                "===== asynchronous gap ===========================\npackage:wren/main.dart 9:5       main\n"
            ),
            "Song.verse",
        ),
        (
            (
                "dart-sdk/lib/_internal/js_dev_runtime/private/ddc_runtime/errors.dart 296:3  throw_\n"
                "packages/wren/song.dart 42:18     verse\npackages/flutter/src/material/ink_well.dart 1023:21     handleTap\n"
            ),
            "verse",
        ),
    ],
    ids=["stack_trace", "web"],
)
def test_terse_frames(frames: str, culprit: str) -> None:
    report = only(f"Unhandled exception:\nNoSuchMethodError: The method 'sing' was called on null.\n{frames}")
    assert (report.error_type, report.frame_count, blamed(report)) == ("NoSuchMethodError", 3, culprit)


def test_a_failed_test() -> None:
    report = only(
        "00:01 +0 -1: test/song_test.dart: sings [E]\n  Expected: <3>\n    Actual: <4>\n  \n"
        "  package:matcher                expect\n  test/song_test.dart 9:5        main.<fn>\n"
    )
    assert (report.error_type, report.message, blamed(report)) == ("TestFailure", "Expected: <3>\nActual: <4>", "main.<fn>")


def test_lines_behind_the_prefix_of_a_console() -> None:
    lines = "Bad state: no song\n#0      Song.verse (package:wren/song.dart:42:18)\n#1      main (package:wren/m.dart:1:2)\n"
    prefixed = "".join(f"flutter: {line}\n" for line in lines.splitlines())
    assert only(prefixed).frames == only(lines).frames
    assert only("".join(f"flutter: {line}\n" for line in BLOCK.splitlines())).frames == only(BLOCK).frames


@pytest.mark.parametrize(
    "line",
    [
        "#0      a (package:b/c.dart:1:2)\n",
        "package:b/c.dart 1:2  d\n",
        "EXCEPTION CAUGHT BY A ╞══\n",
        "Exception: a\n",
        "    #00 abs 00000000 _kDartA+0x1\n",
    ],
)
def test_growth_is_linear(line: str) -> None:
    assert_linear(
        lambda text: read(text, "dart"), lambda count: "Unhandled exception:\n" + line * count + "#0 a (dart:b)\n", 4_000
    )
