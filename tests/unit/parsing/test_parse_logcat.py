"""Errors of Flutter, React Native and Unity in Android's log, in which every line of an error is an entry of its own."""

from __future__ import annotations

import pytest

from graph.model.report import ParsedReport
from graph.parsing.read import read

HEADS = {
    "threadtime": "05-14 09:12:33.120  4120  4188 E {:<8}: ",
    "brief": "E/{}( 4120): ",
    "dated": "2026-05-14 09:12:33.120  4120  4188 E {:<8}: ",
}
ERRORS = {
    "flutter": (
        "flutter",
        (
            "[ERROR:flutter/runtime/dart_vm_initializer.cc(41)] Unhandled Exception: Bad state: no song\n"
            "#0      Song.verse (package:wren/song.dart:42:18)\n#1      _Page.build (package:wren/page.dart:118:30)\n"
            "<asynchronous suspension>\n"
        ),
        ("dart", "StateError", "Song.verse", 2),
    ),
    "flutter block": (
        "flutter",
        (
            "══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞═══════════\nThe following StateError was thrown building Page(dirty):\n"
            "Bad state: no song\n\nWhen the exception was thrown, this was the stack:\n"
            "#0      Song.verse (package:wren/song.dart:42:18)\n══════════════════════════════════════════════════\n"
        ),
        ("dart", "StateError", "Song.verse", 1),
    ),
    "react native": (
        "ReactNativeJS",
        (
            "TypeError: no function, js engine: hermes\n\nThis error is located at:\n    in Owl (at F.tsx:13)\n\n"
            "sing@index.android.bundle:1:2345\nanonymous@index.android.bundle:1:2399\n"
        ),
        ("javascript", "TypeError", "index.android.sing", 2),
    ),
    "react native at": (
        "ReactNativeJS",
        (
            "TypeError: undefined is not a function\n    at sing (address at index.android.bundle:1:2345)\n"
            "    at anonymous (address at index.android.bundle:1:2399)\n"
        ),
        ("javascript", "TypeError", "index.android.sing", 2),
    ),
    "react native bare": (
        "ReactNativeJS",
        "TypeError: undefined is not a function, stack:\nsing@1:2345\nanonymous@1:2399\n",
        ("javascript", "TypeError", "sing", 2),
    ),
    "unity": (
        "Unity",
        (
            "NullReferenceException: Object reference not set.\n  at Song.Verse () [0x00000] in <0a1b2c>:0 \n"
            "  at Page.Update () [0x00000] in <0a1b2c>:0 \n"
        ),
        ("dotnet", "NullReferenceException", "Song.Verse", 2),
    ),
    "unity editor": (
        "Unity",
        (
            "KeyNotFoundException: No such key.\nSystem.Collections.Generic.Dictionary`2[TKey,TValue].get_Item (TKey key)"
            " (at <0a1b>:0)\nSong.Verse () (at Assets/Scripts/Song.cs:31)\n"
        ),
        ("dotnet", "KeyNotFoundException", "Song.Verse", 2),
    ),
}


def only(text: str) -> ParsedReport:
    [report] = read(text).reports
    return report


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_several_entries_is_one_crash(error: str, head: str) -> None:
    tag, lines, (format, error_type, culprit, count) = ERRORS[error]
    plain = only(lines)
    report = only("".join(f"{HEADS[head].format(tag)}{line}\n" for line in lines.splitlines()))
    assert (report.format, report.error_type, report.frame_count) == (format, error_type, count)
    assert report.culprit is not None
    assert report.culprit.qualified == culprit
    assert (report.message, report.frames) == (plain.message, plain.frames)


LOGGED = """could not load the song
UnityEngine.DebugLogHandler:Internal_Log(LogType, LogOption, String, Object)
UnityEngine.Debug:LogError(Object)
Song:Load(String)
Page:Start()

(Filename: currently not available on il2cpp Line: -1)
"""


def test_an_error_that_a_unity_program_logs() -> None:
    report = only(LOGGED)
    assert (report.format, report.error_type, report.message) == ("dotnet", "Error", "could not load the song")
    assert (report.culprit.qualified if report.culprit else None, report.span) == ("Song.Load", (0, len(LOGGED)))
    editor = only("no song\nUnityEngine.Debug:LogError (object)\nSong:Load (string) (at Assets/Song.cs:31)\n")
    assert (editor.message, editor.frames[-1].file, editor.frames[-1].line) == ("no song", "Assets/Song.cs", 31)
    assert read(LOGGED.replace("LogError", "Log")).reports == ()


def test_lines_of_one_entry_are_one_record() -> None:
    head = HEADS["threadtime"].format("Wren")
    report = only(f"{head}could not sing\n{head}the song:\n{head}is gone\n")
    assert (report.format, report.message) == ("log", "could not sing\nthe song:\nis gone")
    later = head.replace("33.120", "33.121")
    assert len(read(f"{head}could not sing\n{later}could not fly\n").reports) == 2


def test_a_class_without_namespace_behind_the_header_of_an_entry() -> None:
    text = (
        "2026-05-14 09:12:33.120 4120-4188/org.wren E/Unity: IndexOutOfRangeException: no song\n"
        "      at Wren.Songs.Next () [0x00011] in <5f1c2d3e>:0 \n"
        "      at Wren.Nest.Update () [0x0002a] in <5f1c2d3e>:0 \n"
    )
    report = only(text)
    assert (report.format, report.error_type, report.message) == ("dotnet", "IndexOutOfRangeException", "no song")
