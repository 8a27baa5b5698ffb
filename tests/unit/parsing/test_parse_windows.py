"""Native crashes of Windows in the output of debuggers, crash handlers and the event log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.parsing.read import read
from graph.parsing.windows.frames import parse_frame, parse_listed_frame
from graph.parsing.windows.parser import WindowsParser

BANNER = (
    "*" * 79
    + "\n*"
    + " " * 77
    + "*\n*                        {} Analysis                                   *\n*"
    + " " * 77
    + "*\n"
    + "*" * 79
)
STOP = """\
(1a2c.c04): C++ EH exception - code e06d7363 (first chance)
(1a2c.c04): Access violation - code c0000005 (!!! second chance !!!)
"""
ANALYSIS = (
    """\
Debug session time: Mon Mar  2 09:15:04.000 2026 (UTC + 1:00)
Windows 10 Version 17763 MP (8 procs) Free x64
"""
    + STOP
    + BANNER.format("Exception")
    + """

FAULTING_IP:
app!shop::Cart::total+46 [d:\\src\\cart.cpp @ 17]

ExceptionAddress: 00007ff7c02ed674 (app!shop::Cart::total+0x0000000000000046)
   ExceptionCode: c0000005 (Access violation)
NumberParameters: 2
Attempt to write to address 0000021f5a7b0ff8

PROCESS_NAME:  app.exe

EXCEPTION_CODE: (NTSTATUS) 0xc0000005 - The instruction at 0x%p referenced memory at 0x%p.

STACK_TEXT:
000000bc`aeaaa440 00007ff7`c045e70d : 00010000`80000000 00010000`ffffffff 000000bc`a8524380 ffff0000`00000000 : \
app!shop::Cart::price+0x7f [d:\\src\\cart.h @ 9]
(Inline Function) --------`-------- : --------`-------- --------`-------- --------`-------- --------`-------- : \
app!shop::Cart::each+0x5 [d:\\src\\cart.h @ 40]
WARNING: Frame IP not in any known module. Following frames may be wrong.
000000bc`aeaab660 00007ff7`c0271e93 : 000000c4`b15b2400 00000000`00000000 00000000`00000000 00000000`00000000 : \
0x000000c4`b3ae0fc3
000000bc`aeaaa4e0 00007ff8`c02f21bc : 000000bc`aeaaac70 fffc0000`00000000 00000000`00000005 00000000`00000000 : \
thirdparty+0x5289
000000bc`aeaafbd0 00007ff8`d31c54e4 : 00007ff8`d0ad13b0 00000000`00000000 00000000`00000000 00000000`00000000 : \
KERNEL32!BaseThreadInitThunk+0x22


FOLLOWUP_NAME:  MachineOwner

Child-SP          RetAddr           Call Site
000000bc`aeaaa440 00007ff7`c045e70d app!shop::Cart::price+0x7f
000000bc`aeaafbd0 00007ff8`d31c54e4 KERNEL32!BaseThreadInitThunk+0x22
rax=0000000080000000 rbx=000000c4b1575dcc rcx=00010000ffffffff
"""
)
BUGCHECK = (
    BANNER.format("Bugcheck")
    + """

DRIVER_IRQL_NOT_LESS_OR_EQUAL (d1)
An attempt was made to access a pageable (or completely invalid) address at an
interrupt request level (IRQL) that is too high.
Arguments:
Arg1: 0000000000000028, memory referenced

PROCESS_NAME:  System

STACK_TEXT:
fffff803`5e2a1f88 fffff803`5a3d2a69 : 00000000`0000000a 00000000`00000028 00000000`00000002 : nt!KeBugCheckEx
fffff803`5e2a1f90 fffff803`5a3ced69 : 00000000`00000000 00000000`00000000 00000000`00000000 : nt!KiBugCheckDispatch+0x69
fffff803`5e2a20d0 fffff803`61f41f2a : 00000000`00000000 00000000`00000000 00000000`00000000 : nt!KiPageFault+0x469
fffff803`5e2a2260 fffff803`61f4a1e0 : ffffa30f`2d1c0000 00000000`00000000 00000000`00000000 : netadapter!ReceiveDone+0x4a


SYMBOL_NAME:  netadapter!ReceiveDone+4a
"""
)
STUDIO = """\
Unhandled exception at 0x00007FF6A1B21A3C in shop.exe: 0xC0000005: Access violation reading location 0x0000000000000010.

Call stack:
>\tshop.exe!shop::Cart::total(const std::string & currency, bool tax) Line 17\tC++
 \t[Inline Frame] shop.exe!shop::Cart::each() Line 40\tC++
 \tshop.exe!main(int argc, char * * argv) Line 32 + 0x5 bytes\tC++
 \t[External Code]
 \tkernel32.dll!BaseThreadInitThunk()\tUnknown
 \tntdll.dll!RtlUserThreadStart()  + 0x21 bytes\tUnknown
"""
ENGINE = """\
[2026.03.02-09.15.04:123][456]LogWindows: Error: Unhandled Exception: EXCEPTION_ACCESS_VIOLATION reading address 0x00000000
[2026.03.02-09.15.04:123][456]LogWindows: Error:
[2026.03.02-09.15.04:123][456]LogWindows: Error: [Callstack] 0x00007ff7 Game.exe!UCart::Total() [D:\\src\\Game\\Cart.cpp:17]
[2026.03.02-09.15.04:123][456]LogWindows: Error: [Callstack] 0x00007ff7 Game.exe!UCart::Pay() [D:\\src\\Game\\Cart.cpp:40]
[2026.03.02-09.15.04:123][456]LogWindows: Error: [Callstack] 0x00007ff8 KERNEL32.DLL!UnknownFunction []
"""
EVENT = (
    "Faulting application name: shop.exe, version: 4.2.0.1, time stamp: 0x5f3a1b2c\r\n"
    "Faulting module name: pricing.dll, version: 1.0.0.0, time stamp: 0x5f3a1b2d\r\n"
    "Exception code: 0xc0000005\r\nFault offset: 0x000000000001A2F4\r\nFaulting process id: 0x1a2c\r\n"
)


only = partial(only_report, "windows")


def test_debugger_analysis() -> None:
    report = only(ANALYSIS)
    assert (report.error_type, report.message) == ("WRITE", "Attempt to write to address 0000021f5a7b0ff8")
    assert [(frame.qualified, frame.file, frame.line, frame.inlined) for frame in report.frames] == [
        ("shop::Cart::price", "d:\\src\\cart.h", 9, False),
        ("shop::Cart::each", "d:\\src\\cart.h", 40, True),
        ("<unknown>", None, None, False),
        ("thirdparty.+0x5289", None, None, False),
        ("BaseThreadInitThunk", None, None, False),
    ]
    assert report.culprit is not None
    assert report.culprit.function == "shop::Cart::price"
    assert report.frames[-1].in_app is False
    assert report.extra == {"process": "app.exe", "address": "0000021f5a7b0ff8"}
    assert report.environment["os"] == "Windows 10 Version 17763"
    assert report.occurred_at == datetime(2026, 3, 2, 8, 15, 4, tzinfo=UTC)


def test_lines_wrapped_by_a_console_are_joined() -> None:
    text = (
        STOP + "STACK_TEXT:\n002df7e4 00fd1423 00fd1078 00fd1078 7f956000 ConsoleApplication2!crash+0x1e\n"
        "002df908 00fd1b5d 002df924 766b7c04 7f956000 ConsoleApplication2!__tmainCRTStart\nup+0x199\n"
        "002df97c 00000000 00fd1078 7f956000 00000000 ntdll_77060000!_RtlUserThreadStart+\n0x1b\n\nSYMBOL_NAME: x\n"
    )
    report = only(text)
    assert [frame.qualified for frame in report.frames] == ["crash", "__tmainCRTStartup", "_RtlUserThreadStart"]
    assert report.error_type == "EXCEPTION_ACCESS_VIOLATION"


def test_the_culprit_of_a_bug_check_is_the_driver() -> None:
    report = only(BUGCHECK)
    assert (report.error_type, report.message) == ("DRIVER_IRQL_NOT_LESS_OR_EQUAL", "bug check 0xd1")
    assert report.frame_count == 4
    assert report.culprit is not None
    assert report.culprit.function == "ReceiveDone"


def test_the_culprit_of_a_stack_overflow_is_the_recursive_function() -> None:
    frames = "".join(
        f"0915b0{n:02x} 6eee8390 0915b0b4 6eee8390 6eee7639 app!{'Tree::walk' if n % 2 else f'Tree::visit{n}'}+0x1e\n"
        for n in range(20)
    )
    text = "(1.2): Stack overflow - code c00000fd (!!! second chance !!!)\nSTACK_TEXT:\n" + frames
    report = only(text)
    assert report.error_type == "Stack-overflow"
    assert report.culprit is not None
    assert report.culprit.function == "Tree::walk"


def test_a_stack_of_visual_studio() -> None:
    report = only(STUDIO)
    assert (report.error_type, report.message) == ("READ", "Access violation reading location 0x0000000000000010.")
    assert [(frame.function, frame.line, frame.inlined) for frame in report.frames] == [
        ("shop::Cart::total", 17, False),
        ("shop::Cart::each", 40, True),
        ("main", 32, False),
        ("BaseThreadInitThunk", None, False),
        ("RtlUserThreadStart", None, False),
    ]
    assert report.extra == {"process": "shop.exe", "address": "0x0000000000000010"}
    bare = only(STUDIO[STUDIO.index(">") :])
    assert (bare.error_type, bare.frame_count) == ("Crash", 5)


def test_a_crash_handler_with_a_log_prefix() -> None:
    report = only(ENGINE)
    assert (report.error_type, report.severity) == ("READ", report.severity)
    assert [(frame.function, frame.file, frame.line) for frame in report.frames[:2]] == [
        ("UCart::Total", "D:\\src\\Game\\Cart.cpp", 17),
        ("UCart::Pay", "D:\\src\\Game\\Cart.cpp", 40),
    ]


def test_an_event_log_entry_has_module_and_offset() -> None:
    report = only(EVENT)
    assert (report.error_type, report.product, report.version) == ("EXCEPTION_ACCESS_VIOLATION", "shop.exe", "4.2.0.1")
    assert [frame.qualified for frame in report.frames] == ["pricing.dll.+0x000000000001a2f4"]


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("at 0x1234 in a.exe: Microsoft C++ exception: std::bad_alloc at memory location 0x0019F5B0.", "std::bad_alloc"),
        (
            "at 0x77A (ntdll.dll) in a.exe: 0xC0000374: A heap has been corrupted (parameters: 0x77AF).",
            "STATUS_HEAP_CORRUPTION",
        ),
        ("at 0x1234 in a.exe: 0xC0000094: Integer division by zero.", "Divide-by-zero"),
        ("at 0x1234 in a.exe: 0xC00000FD: Stack overflow (parameters: 0x0, 0x1).", "Stack-overflow"),
        ("at 0x1234 in a.exe: 0xDEADBEEF.", "0xDEADBEEF"),
        ("at 0x1234 in a.exe: 0xC0000005: Access violation executing location 0x00000000.", "EXECUTE"),
        ("thrown: read access violation.\n**order** was nullptr.", "READ"),
        ("at 0x1234 in a.exe: Stack cookie instrumentation code detected a stack-based buffer overrun.", "Unhandled exception"),
    ],
)
def test_kinds(description: str, kind: str) -> None:
    assert only(f"Unhandled exception {description}\n").error_type == kind


def test_one_report_for_each_crash() -> None:
    assert len(read(f"{ANALYSIS}quit:\n\n{ANALYSIS}").reports) == 2
    assert len(read(f"{STUDIO}\n\n{STUDIO}").reports) == 2
    assert not list(WindowsParser().parse("(1.2): C++ EH exception - code e06d7363 (first chance)\n"))


@pytest.mark.parametrize(
    "text",
    [
        "Unhandled Exception: System.NullReferenceException: Object reference not set\n   at Shop.Pay() in Shop.cs:line 3\n",
        "Hello world! See Line 12 of the poem.\nWow! really Line 13\n",
        "# EXCEPTION_ACCESS_VIOLATION (0xc0000005) at pc=0x1, pid=2, tid=3\n",
    ],
)
def test_other_texts_are_ignored(text: str) -> None:
    assert not WindowsParser().sniff(text)


@pytest.mark.parametrize(
    ("text", "qualified", "file", "line"),
    [
        ("app!shop::Cart::total+0x1e [d:\\src\\cart.cpp @ 17]", "shop::Cart::total", "d:\\src\\cart.cpp", 17),
        ("app!std::vector<int,std::allocator<int> >::at+0x7", "std::vector<int,std::allocator<int> >::at", None, None),
        ("app!`anonymous namespace'::crash+0x7", "`anonymous namespace'::crash", None, None),
        ("app+0x1234", "app.+0x1234", None, None),
        ("nt!KeBugCheckEx", "KeBugCheckEx", None, None),
    ],
)
def test_frames(text: str, qualified: str, file: str | None, line: int | None) -> None:
    frame = parse_frame(text)
    assert frame is not None
    assert (frame.qualified, frame.file, frame.line) == (qualified, file, line)


def test_prose_is_not_a_frame() -> None:
    assert parse_listed_frame("Attention! this is no frame") is None
    assert parse_listed_frame("what!") is None
    frame = parse_listed_frame(" \tntdll.dll!77a1b2c3()\tUnknown")
    assert frame is not None
    assert frame.module == "ntdll.dll"


HOSTILE = {
    "digits": lambda n: "STACK_TEXT:\n" + "0" * 32 * n,
    "words": lambda n: "STACK_TEXT:\n" + "00000000 " * 3 * n + "a!b+0x1",
    "headers": lambda n: "STACK_TEXT:\n" * n,
    "frames": lambda n: "STACK_TEXT:\n" + "0915b084 6eefc617 a!b+0x1\n" * n,
    "other lines": lambda n: "STACK_TEXT:\n0915b084 6eefc617 a!b+0x1\n" + "x\n" * 3 * n,
    "events": lambda n: "(1.2): a - code c0000005 (first chance)\n" * (n // 2),
    "exceptions": lambda n: "Unhandled exception at 0x" * n,
    "listed frames": lambda n: "a!b Line 1\n" * n,
    "lines": lambda n: "! Line 1" * 3 * n,
    "long image": lambda n: "Unhandled exception at 0x1 in " + "a" * 32 * n,
}


def parse_all(text: str) -> None:
    WindowsParser().sniff(text)
    for report in WindowsParser().parse(text):
        assert report.error_type


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 8_000)


def test_unusual_characters_do_not_raise() -> None:
    parse_all("STACK_TEXT:\n\ud800`\x00 \u202e!")
