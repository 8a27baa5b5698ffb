"""Crashes of Windows as they are posted: parts of an analysis, the event log in any language, Wine, the Unreal engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.read import read
from graph.parsing.windows.parser import WindowsParser

TEXTS = {
    "bugcheck args": (
        "DRIVER_IRQL_NOT_LESS_OR_EQUAL (d1)\n"
        "An attempt was made to access a pageable (or completely invalid) address at an\n"
        "interrupt request level (IRQL) that is too high.\n"
        "Arguments:\n"
        "Arg1: 0000000000000010, memory referenced\n"
        "Arg2: 0000000000000002, IRQL\n"
        "\n"
        "Debugging Details:\n"
        "------------------\n"
        "\n"
        "PROCESS_NAME:  System\n"
        "\n"
        "STACK_TEXT:  \n"
        "ffffd000`2aad5948 fffff801`5c9d5ba9 : 00000000`0000000a 00000000`00000010 : nt!KeBugCheckEx\n"
        "ffffd000`2aad5950 fffff801`5c9d3a88 : 00000000`00000000 00000000`00000000 : nt!KiBugCheckDispatch+0x69\n"
        "ffffd000`2aad5a90 fffff801`5d1c1234 : 00000000`00000000 00000000`00000000 : wren!NestCount+0x12\n"
        "ffffd000`2aad5c20 fffff801`5d1c1400 : 00000000`00000000 00000000`00000000 : wren!NestDispatch+0x44\n"
    ),
    "bugcheck code": (
        "KEY_VALUES_STRING: 1\n"
        "\n"
        "    Key  : Bugcheck.Code.DumpHeader\n"
        "    Value: 0x3b\n"
        "\n"
        "BUGCHECK_CODE:  3b\n"
        "\n"
        "BUGCHECK_P1: c0000005\n"
        "\n"
        "PROCESS_NAME:  wren.exe\n"
        "\n"
        "STACK_TEXT:  \n"
        "ffffd000`2aad5948 fffff801`5c9d5ba9 : 00000000`0000000a 00000000`00000010 : nt!KeBugCheckEx\n"
        "ffffd000`2aad5950 fffff801`5c9d3a88 : 00000000`00000000 00000000`00000000 : nt!KiBugCheckDispatch+0x69\n"
        "ffffd000`2aad5a90 fffff801`5d1c1234 : 00000000`00000000 00000000`00000000 : wren!NestCount+0x12\n"
        "ffffd000`2aad5c20 fffff801`5d1c1400 : 00000000`00000000 00000000`00000000 : wren!NestDispatch+0x44\n"
    ),
    "bugcheck str": (
        "FAULTING_IP: \n"
        "wren!NestCount+12\n"
        "fffff801`5d1c1234 488b01          mov     rax,qword ptr [rcx]\n"
        "\n"
        "BUGCHECK_STR:  0x7E\n"
        "\n"
        "PROCESS_NAME:  System\n"
        "\n"
        "STACK_TEXT:  \n"
        "ffffd000`2aad5948 fffff801`5c9d5ba9 : 00000000`0000000a 00000000`00000010 : nt!KeBugCheckEx\n"
        "ffffd000`2aad5950 fffff801`5c9d3a88 : 00000000`00000000 00000000`00000000 : nt!KiBugCheckDispatch+0x69\n"
        "ffffd000`2aad5a90 fffff801`5d1c1234 : 00000000`00000000 00000000`00000000 : wren!NestCount+0x12\n"
        "ffffd000`2aad5c20 fffff801`5d1c1400 : 00000000`00000000 00000000`00000000 : wren!NestDispatch+0x44\n"
    ),
    "short bugcheck": (
        "BugCheck 3B, {c0000005, fffff8015d1c1234, ffffd0002aad5c20, 0}\n"
        "\n"
        "*** WARNING: Unable to verify timestamp for wren.sys\n"
        "Probably caused by : wren.sys ( wren!NestCount+12 )\n"
        "\n"
        "Followup: MachineOwner\n"
    ),
    "eventlog bugcheck": (
        "The computer has rebooted from a bugcheck.  The bugcheck was: 0x0000003b (0x00000000c0000005, "
        "0xfffff8015d1c1234, 0xffffd0002aad5c20, 0x0000000000000000). A dump was saved in: "
        "C:\\Windows\\MEMORY.DMP. Report Id: 030526-1234-01."
    ),
    "exr text": (
        "EXCEPTION_RECORD:  (.exr -1)\n"
        "ExceptionAddress: 00007ff7a0ac5a12 (wren!Nest::count+0x0000000000000002)\n"
        "   ExceptionCode: c0000094 (Integer divide-by-zero)\n"
        "  ExceptionFlags: 00000000\n"
        "NumberParameters: 0\n"
        "\n"
        "PROCESS_NAME:  wren.exe\n"
        "\n"
        "ERROR_CODE: (NTSTATUS) 0xc0000094 - {EXCEPTION}  Integer division by zero.\n"
        "\n"
        "STACK_TEXT:  \n"
        "00000016`f1f7b508 00007ffa`3672ecd1     : 00000000`00000000 : wren!Nest::count+0x2\n"
        "00000016`f1f7b510 00007ffa`366f44c4     : 0000020a`c6b127d8 : wren!main+0x171\n"
    ),
    "stack only": (
        "STACK_TEXT:  \n"
        "00000016`f1f7b508 00007ffa`3672ecd1     : 00000000`00000000 : wren!Nest::count+0x2\n"
        "00000016`f1f7b510 00007ffa`366f44c4     : 0000020a`c6b127d8 : wren!main+0x171\n"
    ),
    "k listing": (
        "0:000> k\n"
        " # Child-SP          RetAddr               Call Site\n"
        "00 00000016`f1f7b508 00007ffa`3672ecd1     wren!Nest::count+0x2 [C:\\src\\nest.cpp @ 31] \n"
        "01 00000016`f1f7b510 00007ffa`366f44c4     wren!main+0x171 [C:\\src\\main.cpp @ 9] \n"
        "02 00000016`f1f7b610 00007ffa`366f44c4     KERNEL32!BaseThreadInitThunk+0x14\n"
    ),
    "k no header": (
        "00 00000016`f1f7b508 00007ffa`3672ecd1     wren!Nest::count+0x2 [C:\\src\\nest.cpp @ 31] \n"
        "01 00000016`f1f7b510 00007ffa`366f44c4     wren!main+0x171 [C:\\src\\main.cpp @ 9] \n"
        "02 00000016`f1f7b610 00007ffa`366f44c4     KERNEL32!BaseThreadInitThunk+0x14\n"
    ),
    "fault lines": (
        "Faulting application name: wren.exe, version: 4.2.0.0, time stamp: 0x5f3c1a2b\n"
        "Faulting module name: nest.dll, version: 1.0.0.0, time stamp: 0x5f3c1a2c\n"
        "Exception code: 0xc0000005\n"
        "Fault offset: 0x0000000000001234\n"
        "Faulting process id: 0x1a2c\n"
        "Faulting application start time: 0x01d9\n"
        "Faulting application path: C:\\wren\\wren.exe\n"
        "Faulting module path: C:\\wren\\nest.dll\n"
    ),
    "fault one": (
        "Faulting application name: wren.exe, version: 4.2.0.0, time stamp: 0x5f3c1a2b Faulting module name: "
        "nest.dll, version: 1.0.0.0, time stamp: 0x5f3c1a2c Exception code: 0xc0000409 Fault offset: "
        "0x0000000000001234 Faulting process id: 0x1a2c\n"
    ),
    "fault old": (
        "Faulting application wren.exe, version 4.2.0.0, faulting module nest.dll, version 1.0.0.0, fault address 0x00001234.\n"
    ),
    "fault de": (
        "Name der fehlerhaften Anwendung: wren.exe, Version: 4.2.0.0, Zeitstempel: 0x5f3c1a2b\n"
        "Name des fehlerhaften Moduls: nest.dll, Version: 1.0.0.0, Zeitstempel: 0x5f3c1a2c\n"
        "Ausnahmecode: 0xc0000005\n"
        "Fehleroffset: 0x00001234\n"
        "ID des fehlerhaften Prozesses: 0x1a2c\n"
    ),
    "appcrash": (
        "Problem signature:\n"
        "  Problem Event Name:\tAPPCRASH\n"
        "  Application Name:\twren.exe\n"
        "  Application Version:\t4.2.0.0\n"
        "  Application Timestamp:\t5f3c1a2b\n"
        "  Fault Module Name:\tnest.dll\n"
        "  Fault Module Version:\t1.0.0.0\n"
        "  Fault Module Timestamp:\t5f3c1a2c\n"
        "  Exception Code:\tc0000005\n"
        "  Exception Offset:\t00001234\n"
        "  OS Version:\t6.1.7601.2.1.0.256.48\n"
    ),
    "wine": (
        "wine: Unhandled page fault on read access to 0000000000000010 at address 0000000140001234 (thread "
        "0024), starting debugger...\n"
        "Unhandled exception: page fault on read access to 0x0000000000000010 in 64-bit code (0x0000000140001234).\n"
        "Register dump:\n"
        " rip:0000000140001234 rsp:000000000021fd80\n"
        "Backtrace:\n"
        "=>0 0x0000000140001234 nest_count+0x14(nest=0x0) [Z:\\src\\nest.c:31] in wren (0x000000000021fe20)\n"
        "  1 0x0000000140001300 main+0x30() [Z:\\src\\main.c:9] in wren (0x000000000021fe60)\n"
        "  2 0x000000007b62c000 EntryPoint+0xffffffffffffffff() in kernel32 (0x000000000021fed0)\n"
        "  3 0x0000000140001400 in wren (+0x1400) (0x0000)\n"
        "Modules:\n"
    ),
    "unreal": (
        "[2026.03.05-10.15.22:123][  0]LogWindows: Error: === Critical error: ===\n"
        "[2026.03.05-10.15.22:123][  0]LogWindows: Error: \n"
        "[2026.03.05-10.15.22:123][  0]LogWindows: Error: Fatal error: [File:D:\\src\\Nest.cpp] [Line: 31] \n"
        "[2026.03.05-10.15.22:123][  0]LogWindows: Error: The nest is empty\n"
        "[2026.03.05-10.15.22:123][  0]LogWindows: Error: \n"
        "[2026.03.05-10.15.22:123][  0]LogWindows: Error: [Callstack] 0x00007ffab1c23a6d "
        "Wren-Win64-Shipping.exe!FDebug::CheckVerifyFailed() [D:\\eng\\AssertionMacros.cpp:12]\n"
        "[2026.03.05-10.15.22:123][  0]LogWindows: Error: [Callstack] 0x00007ffab1c23b6d "
        "Wren-Win64-Shipping.exe!ANest::Fold() [D:\\src\\Nest.cpp:31]\n"
        "[2026.03.05-10.15.22:123][  0]LogWindows: Error: [Callstack] 0x00007ffab1c23c6d "
        "Wren-Win64-Shipping.exe!ANest::Tick() [D:\\src\\Nest.cpp:90]\n"
    ),
    "unreal assert": (
        "Assertion failed: Index >= 0 && Index < ArrayNum [File:D:\\eng\\Array.h] [Line: 674] \n"
        "Array index out of bounds: 5 from an array of size 5\n"
        "\n"
        "Wren_Core!FDebug::AssertFailed() [D:\\eng\\AssertionMacros.cpp:12]\n"
        "Wren_Game!TArray<AEgg*>::operator[]() [D:\\eng\\Array.h:674]\n"
        "Wren_Game!ANest::Fold() [D:\\src\\Nest.cpp:31]\n"
    ),
    "unreal eav": (
        "LoginId:1234\n"
        "Unhandled Exception: EXCEPTION_ACCESS_VIOLATION reading address 0x00000010\n"
        "\n"
        "Wren_Win64_Shipping!ANest::Fold() [D:\\src\\Nest.cpp:31]\n"
        "Wren_Win64_Shipping!ANest::Tick() [D:\\src\\Nest.cpp:90]\n"
        "kernel32\n"
        "ntdll\n"
    ),
    "unreal linux": (
        "Signal 11 caught.\n"
        "Malloc Size=262146 LargeMemoryPoolOffset=262162\n"
        "CommonUnixCrashHandler: Signal=11\n"
        "[2026.03.05-10.15.22:123][  0]LogCore: === Critical error: ===\n"
        "Unhandled Exception: SIGSEGV: invalid attempt to read memory at address 0x0000000000000010\n"
        "\n"
        "[2026.03.05-10.15.22:123][  0]LogCore: Fatal error!\n"
        "\n"
        "0x0000000006b5a1b0 Wren!ANest::Fold() [/src/Nest.cpp:31]\n"
        "0x0000000006b5a1c0 Wren!ANest::Tick() [/src/Nest.cpp:90]\n"
        "0x00007f10c0ff libc.so.6!UnknownFunction(0x42520)\n"
    ),
    "vs debug": (
        "Unhandled exception at 0x00007FF7A0AC5A12 in wren.exe: 0xC0000005: Access violation reading "
        "location 0x0000000000000010.\n"
        "\n"
        "wren.exe!Nest::count() Line 31\tC++\n"
        "wren.exe!main() Line 9\tC++\n"
        "[External Code]\t\n"
    ),
    "vs exc": (
        "Exception thrown at 0x00007FF7A0AC5A12 (nest.dll) in wren.exe: 0xC0000005: Access violation writing "
        "location 0x0000000000000010.\n"
    ),
    "vs cpp": (
        "Unhandled exception at 0x00007FFA in wren.exe: Microsoft C++ exception: std::out_of_range at memory "
        "location 0x000000B1.\n"
    ),
    "dmp nat": (
        "This dump file has an exception of interest stored in it.\n"
        "The stored exception information can be accessed via .ecxr.\n"
        "(26b8.1a2c): Access violation - code c0000005 (first/second chance not available)\n"
        "wren!Nest::count+0x2:\n"
        "00007ff7`a0ac5a12 488b01          mov     rax,qword ptr [rcx] ds:00000000`00000010=????????????????\n"
        "0:000> k\n"
        " # Child-SP          RetAddr               Call Site\n"
        "00 00000016`f1f7b508 00007ffa`3672ecd1     wren!Nest::count+0x2\n"
        "01 00000016`f1f7b510 00007ffa`366f44c4     wren!main+0x171\n"
    ),
}
READINGS = {
    "bugcheck args": ("DRIVER_IRQL_NOT_LESS_OR_EQUAL", "NestCount", 4),
    "bugcheck code": ("SYSTEM_SERVICE_EXCEPTION", "NestCount", 4),
    "bugcheck str": ("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "NestCount", 4),
    "short bugcheck": ("SYSTEM_SERVICE_EXCEPTION", "NestCount", 1),
    "eventlog bugcheck": ("SYSTEM_SERVICE_EXCEPTION", "", 0),
    "exr text": ("Divide-by-zero", "Nest::count", 2),
    "stack only": ("Crash", "Nest::count", 2),
    "k listing": ("Crash", "Nest::count", 3),
    "k no header": ("Crash", "Nest::count", 3),
    "fault lines": ("EXCEPTION_ACCESS_VIOLATION", "nest.dll.+0x0000000000001234", 1),
    "fault one": ("STATUS_STACK_BUFFER_OVERRUN", "nest.dll.+0x0000000000001234", 1),
    "fault old": ("Crash", "nest.dll.+0x00001234", 1),
    "fault de": ("EXCEPTION_ACCESS_VIOLATION", "nest.dll.+0x00001234", 1),
    "appcrash": ("EXCEPTION_ACCESS_VIOLATION", "nest.dll.+0x00001234", 1),
    "wine": ("READ", "nest_count", 4),
    "unreal": ("Fatal error", "ANest::Fold", 3),
    "unreal assert": ("ASSERT", "ANest::Fold", 3),
    "unreal eav": ("READ", "ANest::Fold", 2),
    "unreal linux": ("Null-dereference READ", "ANest::Fold", 2),
    "vs debug": ("READ", "Nest::count", 2),
    "vs exc": ("WRITE", "", 0),
    "vs cpp": ("std::out_of_range", "", 0),
    "dmp nat": ("EXCEPTION_ACCESS_VIOLATION", "Nest::count", 2),
}


def read_one(text: str) -> ParsedReport:
    [report] = read(text).reports
    assert report.format == "windows"
    return report


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("kind", TEXTS)
def test_texts_are_read_with_error_culprit_and_frames(kind: str, ends: str) -> None:
    report = read_one(TEXTS[kind].replace("\n", ends))
    culprit = report.culprit.qualified if report.culprit else ""
    assert (report.error_type, culprit, report.frame_count) == READINGS[kind]


def test_the_event_log_names_program_and_version() -> None:
    for kind in ("fault lines", "fault one", "fault old", "fault de", "appcrash"):
        report = read_one(TEXTS[kind])
        assert (report.product, report.version) == ("wren.exe", "4.2.0.0")


def test_the_fields_below_a_stack_belong_to_the_analysis() -> None:
    text = TEXTS["exr text"] + "\nSYMBOL_NAME:  wren!Nest::count+2\n\nOS_VERSION:  10.0.26100.1\n\nOSNAME:  Windows 10\n"
    report = read_one(text)
    assert report.environment["os"] == "Windows 10 10.0.26100.1"
    assert report.span == (0, len(text))


def test_the_kind_of_a_fault_without_its_address() -> None:
    text = TEXTS["exr text"].replace("c0000094 (Integer divide-by-zero)", "c0000005 (Access violation)")
    report = read_one("KEY_VALUES_STRING: 1\n\n    Key  : AV.Fault\n    Value: Write\n\n" + text)
    assert report.error_type == "WRITE"


def test_the_explanation_of_a_fatal_error() -> None:
    assert read_one(TEXTS["unreal"]).message == "The nest is empty"
    assert read_one(TEXTS["unreal assert"]).message == "Index >= 0 && Index < ArrayNum"


@pytest.mark.parametrize("line", ["ERROR: cannot open the nest", "WARNING: 3 eggs left", "TODO: sweep"])
def test_an_analysis_ends_before_the_line_of_a_logger(line: str) -> None:
    example = WindowsParser.example
    fields = "OSNAME:  Windows 10\nBUCKET_ID: NULL_READ\n"
    assert read_one(f"{example}\n{fields}\n{line}\n").span == (0, len(f"{example}\n{fields}"))


@pytest.mark.parametrize(
    "text", ["00 0011 2233\n", "Assertion failed: a\n", "it is in 64-bit code (really)\n", "run setup.exe, please: now\n"]
)
def test_other_texts_are_ignored(text: str) -> None:
    assert not list(WindowsParser().parse(text))


@pytest.mark.parametrize(
    "text_of",
    [
        lambda n: "".join(TEXTS.values()) * (n // 20 + 1),
        lambda n: "a.exe, b: 1.0.0, c: 0x12345678 " * n * 3,
        lambda n: "Fatal error [File:" * n * 5,
        lambda n: "ABCDEF_GHI (1)\nArguments:\nArg1: " * n * 3,
        lambda n: "Unhandled exception: x in 64-bit code (\n" * n + "0 0x00401014 a(((( in in in " * n,
    ],
)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(lambda text: list(WindowsParser().parse(text)), text_of, 400)
