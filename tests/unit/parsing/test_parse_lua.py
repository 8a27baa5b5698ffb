"""Lua: tracebacks of the interpreters and of programs that embed them."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.lua.parser import LuaParser
from graph.parsing.read import read

only = partial(only_report, "lua")


def test_an_interpreter() -> None:
    report = only(
        "lua5.4: tide.lua:3: attempt to index a nil value (local 'shore')\nstack traceback:\n\t[C]: in function 'error'\n"
        "\ttide.lua:3: in upvalue 'rise'\n\ttide.lua:7: in function 'Tide.flow'\n\ttide.lua:12: in function <tide.lua:11>\n"
        "\t(...tail calls...)\n\ttide.lua:20: in main chunk\n\t[C]: in ?\n$ \n"
    )
    assert (report.error_type, report.message) == ("LuaError", "attempt to index a nil value (local 'shore')")
    assert names(report) == ["error", "rise", "Tide.flow", "<tide.lua>", "main chunk", "?"]
    assert (blamed(report), report.frames[1].file, report.frames[1].line) == ("rise", "tide.lua", 3)
    assert [frame.in_app for frame in report.frames] == [False, True, True, True, True, False]


def test_messages_of_several_lines_and_without_a_place() -> None:
    lines = only("lua: tide.lua:3: no tide\nat this shore\nstack traceback:\n\ttide.lua:3: in main chunk\n")
    assert lines.message == "no tide\nat this shore"
    value = only("lua: (error object is a table value)\nstack traceback:\n\ttide.lua:3: in main chunk\n\t[C]: in ?\n")
    assert value.message == "(error object is a table value)"
    syntax = only("luajit: tide.lua:3: '=' expected near 'x'\nstack traceback:\n\t[C]: at 0x5563f0\n")
    assert (syntax.error_type, names(syntax)) == ("SyntaxError", ["?"])


def test_openresty() -> None:
    report = only(
        "2026/03/05 10:15:22 [error] 7#7: *1 lua entry thread aborted: runtime error: /srv/tide.lua:3: attempt to index "
        "local 'x' (a nil value)\nstack traceback:\ncoroutine 0:\n\t/srv/tide.lua: in function 'rise'\n"
        '\tcontent_by_lua(nginx.conf:12):3: in main chunk, client: 127.0.0.1, server: , request: "GET / HTTP/1.1", host: "x"\n'
    )
    assert report.message == "attempt to index local 'x' (a nil value)"
    assert names(report) == ["rise", "main chunk"]
    assert report.frames[1].file == "content_by_lua(nginx.conf:12)"


def test_games() -> None:
    love = only(
        "Error\n\nmain.lua:3: attempt to index global 'tide' (a nil value)\n\n\nTraceback\n\n"
        "[love \"callbacks.lua\"]:228: in function 'handler'\nmain.lua:3: in function 'update'\n"
        "[love \"callbacks.lua\"]:162: in function <[love \"callbacks.lua\"]:144>\n[C]: in function 'xpcall'\n"
    )  # fmt: skip
    assert (love.message, blamed(love)) == ("attempt to index global 'tide' (a nil value)", "update")
    roblox = only(
        "ServerScriptService.Tide:3: attempt to index nil with 'Rise'\nStack Begin\n"
        "Script 'ServerScriptService.Tide', Line 3 - function rise\nScript 'ServerScriptService.Main', Line 9\nStack End\n"
    )
    assert (roblox.message, names(roblox)) == ("attempt to index nil with 'Rise'", ["rise", "main chunk"])
    garry = only(
        "[ERROR] addons/tide/lua/tide.lua:3: attempt to call a nil value (global 'rise')\n"
        "  1. rise - addons/tide/lua/tide.lua:3\n   2. unknown - addons/tide/lua/main.lua:9\n"
    )
    assert (garry.message, blamed(garry)) == ("attempt to call a nil value (global 'rise')", "rise")


def test_an_editor() -> None:
    report = only(
        "E5108: Error executing lua ...nvim/lua/tide.lua:31: attempt to call field 'rise' (a nil value)\nstack traceback:\n"
        "\t...nvim/lua/tide.lua:31: in function 'flow'\n\t[string \":lua\"]:1: in main chunk\n"
    )  # fmt: skip
    assert (report.message, blamed(report)) == ("attempt to call field 'rise' (a nil value)", "flow")
    bare = only("E5113: Error while calling lua chunk: /home/x/.config/nvim/init.lua:3: module 'tide' not found:\n\tno field\n")
    assert (names(bare), bare.frames[0].line) == (["init.lua"], 3)


def test_a_traceback_of_another_language_is_left_to_it() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    x\nNameError: x\n'
    assert [report.format for report in read(text).reports] == ["python"]


@pytest.mark.parametrize(
    "unit",
    [
        "lua: a.lua:3: b\nstack traceback:\n\ta.lua:3: in function 'c'\n",
        "stack traceback:\n",
        "a.lua:3: in function 'c'\n",
        "a.lua:3: ",
        "Traceback\n",
        "Stack Begin\nScript 'a', Line 3\n",
        " 1. a - b:3\n",
        "E5108: Error executing lua a.lua:3: b\n",
        "x\n",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    start = "lua: a.lua:3: b\nstack traceback:\n"
    assert_linear(lambda text: list(LuaParser().parse(text)), lambda count: start + unit * count, 4_000)
