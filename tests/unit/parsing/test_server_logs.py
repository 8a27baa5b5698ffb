"""Stacks in the logs of servers, and details of frames that their printers differ in."""

from __future__ import annotations

import json

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.read import read


def _only(text: str) -> ParsedReport:
    (report,) = read(text).reports
    return report


def _culprit(text: str) -> str:
    culprit = _only(text).culprit
    return culprit.qualified if culprit else ""


def _record(identifier: int, message: str, attributes: dict[str, object]) -> str:
    head = '{"t":{"$date":"2026-04-02T08:00:00.000+00:00"},"s":"F" ,"c":"CONTROL","id":%d,"ctx":"conn3","msg":"%s","attr":%s}\n'
    return head % (identifier, message, json.dumps(attributes, separators=(",", ":")))


def _frame(symbol: str, plain: str = "") -> str:
    frame = {"a": "55D5C0", "b": "55D5BF", "o": "EAE111", "s": symbol, "s+": "21"}
    return _record(31445, "Frame", {"frame": frame | ({"C": plain} if plain else {})})


RECORDS = (
    _record(1, "Writing fatal message", {"message": "Invalid access at address: 0\n"})
    + _record(2, "Writing fatal message", {"message": "Got signal: 11 (Segmentation fault).\n"})
    + _frame("_ZN5mongo15printStackTraceERSo", "mongo::printStackTrace(std::ostream&)")
    + _frame("_ZN5mongo4Loom5weaveEv", "mongo::Loom::weave(int)")
    + _frame("main")
)


def test_records_with_one_frame_each_are_one_crash() -> None:
    report = _only(RECORDS)
    assert (report.format, report.error_type, report.frame_count) == ("backtrace", "SIGSEGV", 3)
    assert report.culprit
    assert report.culprit.qualified == "mongo::Loom::weave"
    assert report.span[0] == 0


def test_numbered_frames_behind_a_loggers_prefix() -> None:
    head = "[2026-04-02 08:00:00.000][7][critical][backtrace] [./source/server/backtrace.h:9] "
    text = "".join(
        f"{head}{line}\n"
        for line in (
            "Caught Segmentation fault, suspect faulting address 0x8",
            "#0: __restore_rt [0x7f1f00]",
            "#1: Loom::Shuttle::pass() [0x55d100]",
            "#2: [0x55d200]",
        )
    )
    report = _only(text)
    assert (report.format, report.frame_count) == ("backtrace", 3)
    assert _culprit(text) == "Loom::Shuttle::pass"


def test_frames_without_program_and_symbol_are_not_blamed() -> None:
    text = (
        "*** Caught signal (Segmentation fault) **\n"
        " 1: (()+0x12890) [0x7f0d10]\n 2: (Loom::warp(int)+0x1a3) [0x55d110]\n 3: (main()+0x7) [0x55d120]\n"
    )
    assert _culprit(text) == "Loom::warp"


def test_the_program_is_blamed_rather_than_a_system_library_if_nothing_has_a_symbol() -> None:
    text = (
        "       Message: Process 7 (loom) of user 1000 dumped core.\n\n"
        "                Stack trace of thread 7:\n"
        "                #0  0x00007f54f2a3b2f5 n/a (libQt5Gui.so.5)\n"
        "                #1  0x000055a0c1f3e210 n/a (loom)\n"
    )
    assert _culprit(text) == "loom.<unknown>"


@pytest.mark.parametrize("free", ["__GI___libc_free", "__libc_free", "_int_free", "cfree"])
def test_release_by_the_c_library_is_not_blamed(free: str) -> None:
    text = (
        "Program received signal SIGABRT, Aborted.\n"
        "#0  __GI_raise (sig=6) at ../sysdeps/unix/sysv/linux/raise.c:51\n"
        f"#1  {free} (mem=0x5) at malloc.c:3124\n#2  0x55 in weave (l=0x0) at loom.c:9\n#3  0x56 in main () at loom.c:3\n"
    )
    assert _culprit(text) == "weave"


def test_source_file_without_a_line_is_not_part_of_the_function() -> None:
    text = (
        "==22== ERROR: libFuzzer: timeout after 26 seconds\n"
        "    #0 0x51 in __restore_rt libc_sigaction.c\n    #1 0x52 in weave /src/loom.c:9:9\n"
    )
    report = _only(text)
    assert (report.frames[0].function, report.frames[0].file) == ("__restore_rt", "libc_sigaction.c")
    assert _culprit(text) == "weave"


def test_explanations_between_calls_of_erlang() -> None:
    text = (
        "** exception error: bad argument\n     in function  ets:insert/2\n        called as ets:insert(loom,{1})\n"
        "        *** argument 1: the table identifier does not refer to an existing ETS table\n"
        "     in call from loom:weave/1 (src/loom.erl, line 9)\n"
    )
    assert _culprit(text) == "loom:weave/1"


def test_functions_without_source_in_a_traceback_of_r() -> None:
    text = (
        "Error in solve.default(m) : singular\n> traceback()\n"
        "4: solve.default(m)\n3: solve(m)\n2: invert(m) at loom.R#12\n1: main()\n"
    )
    assert _culprit(text) == "invert"


def test_native_crash_of_julia_with_unknown_lines() -> None:
    text = (
        "signal (11): Segmentation fault\nin expression starting at /app/run.jl:9\n"
        "loom_free at /opt/lib/libloom.so (unknown line)\nunknown function (ip: 0x7f5)\nclose at /app/src/Loom.jl:31\n"
    )
    assert [frame.function for frame in _only(text).frames] == ["loom_free", "close"]


def test_class_of_an_extension_of_php_is_not_blamed() -> None:
    text = (
        "PHP Fatal error:  Uncaught PDOException: no host in /app/Loom.php:14\nStack trace:\n"
        "#0 /app/Loom.php(14): PDO->__construct()\n#1 /app/index.php(9): Loom->open()\n#2 {main}\n"
        "  thrown in /app/Loom.php on line 14\n"
    )
    assert _culprit(text) == "Loom->open"


def test_worker_that_a_signal_ended() -> None:
    text = "2026/04/02 08:00:00 [alert] 7#7: worker process 31 exited on signal 11 (core dumped)\n"
    assert _only(text).error_type == "SIGSEGV"


@pytest.mark.parametrize("piece", [_frame("main"), "#0: f [0x55d1]\n", "#0: [0x", '"attr":{"frame":{"a":"'])
def test_time_is_linear(piece: str) -> None:
    assert_linear(read, lambda count: piece * count, 2_000)


GODOT = (
    "Dumping the backtrace. Please include this when reporting the bug to the project developer.\n"
    "[1] /usr/lib/libc.so.6(+0x3da50) [0x7f10da50aa] (??:0)\n[2] Loom::weave(double) (/src/loom.cpp:31)\n"
    "[3] Loom::run() (/src/loom.cpp:9)\n-- END OF BACKTRACE --\n"
)
BOOST = (
    " 0# on_crash(int) at /src/main.cpp:9\n 1# 0x00007F4D3B6E9090 in /lib/libc.so.6\n"
    " 2# Loom::weave(int) at /src/loom.cpp:31\n 3# main at /src/main.cpp:20\n"
)
CEPH = (
    "*** Caught signal (Segmentation fault) **\n 1: (()+0x12890) [0x7f0d10aa]\n"
    " 2: (Loom::weave(int)+0x1a3) [0x55d110aa]\n 3: (main()+0x7) [0x55d120aa]\n"
)
GEMSTONE = (
    "a MessageNotUnderstood occurred (error 2010), a UndefinedObject does not understand  #'total'\n"
    "topaz > exec iferr 1 : where\n==> 1 MessageNotUnderstood (AbstractException) >> signal @2 line 47\n"
    "2 UndefinedObject (Object) >> doesNotUnderstand: @9 line 10\n3 Loom >> weave @3 line 4\n4 Executed Code  @2 line 1\n"
)
JULIA = (
    "signal (11): Segmentation fault\nin expression starting at /app/run.jl:9\n"
    "loom_free at /opt/lib/libloom.so (unknown line)\nweave at /app/src/Loom.jl:31\n"
)


@pytest.mark.parametrize("text", [GODOT, BOOST, CEPH, GEMSTONE, JULIA], ids=["godot", "boost", "ceph", "gemstone", "julia"])
@pytest.mark.parametrize("prefix", ["loom-1  | ", "Mar 05 10:15:22 web loom[7]: ", "2026-03-05T10:15:22.1Z stderr F "])
def test_stacks_of_other_printers_behind_a_prefix(text: str, prefix: str) -> None:
    carried = _only("".join(f"{prefix}{line}\n" for line in text.splitlines()))
    assert carried.frames == _only(text).frames
    assert carried.error_type == _only(text).error_type


@pytest.mark.parametrize("prefix", ["2026-03-05T10:15:22.1Z stderr F ", "Mar 05 10:15:22 web loom[7]: "])
def test_event_in_one_line_behind_a_prefix(prefix: str) -> None:
    event = {
        "event_id": "1f2e",
        "platform": "native",
        "exception": {
            "values": [{"type": "SIGSEGV", "stacktrace": {"frames": [{"function": "weave", "package": "/opt/loom"}]}}]
        },
    }
    report = _only(f"{prefix}{json.dumps(event)}\n")
    assert (report.format, report.error_type, report.frames[0].function) == ("sentry", "SIGSEGV", "weave")


def test_codes_of_oracle_are_no_prefix() -> None:
    text = 'ORA-01403: no data found\nORA-06512: at "LOOM.YARN", line 31\nORA-06512: at "LOOM.WEAVE", line 12\n'
    carried = _only("".join(f"loom-1  | {line}\n" for line in text.splitlines()))
    assert carried.frames == _only(text).frames


def test_stack_behind_the_colons_of_abrt() -> None:
    text = (
        "reason:         loomd killed by SIGSEGV\nbacktrace:\n:[New LWP 310]\n:Core was generated by `loomd'.\n"
        ":Program terminated with signal SIGSEGV, Segmentation fault.\n:#0  weave (a=0x0) at loom.c:12\n"
        ":12\t  return a->yarn;\n"
        ":#1  0x0000000000401190 in main () at loomd.c:8\n"
    )
    report = _only(text)
    assert (report.format, report.error_type, report.frame_count) == ("gdb", "SIGSEGV", 2)
