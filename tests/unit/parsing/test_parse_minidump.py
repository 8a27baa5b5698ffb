"""Minidumps after a stackwalker: human-readable, machine-readable, JSON, and Socorro's processed crashes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.model.report import ParsedReport
from graph.parsing.minidump.parser import MinidumpParser
from graph.parsing.read import read

HUMAN = """\
Operating system: Mac OS X
                  11.6.7 20G630
CPU: amd64
     family 6 model 70 stepping 1
     8 CPUs

Crash reason:  EXC_BAD_ACCESS / KERN_INVALID_ADDRESS
Crash address: 0xffffffff80000042
Process uptime: 0 seconds

Thread 0 main (crashed)
 0  shop!core::ptr::write_volatile::<u8> [mod.rs : 1574]
    Found by: inlining
 1  shop!shop::basket::total [basket.rs : 133 + 0x0]
     rax = 0x0000000102a58239    rdx = 0x0000700008e8b000
     rip = 0x0000000102a68cd4
    Found by: given as instruction pointer in context
 2  shop!std::rt::lang_start::<()>::{closure#0} [rt.rs : 145 + 0xb]
     rbx = 0x00007fa21bc05b50    rbp = 0x00007ffeed1ab040
    Found by: call frame info
 3  libdyld.dylib + 0x15f3c
     rsp = 0x00007ffeed1ab188    rip = 0x00007fff20329f3d
    Found by: stack scanning
 4  0x7fff20329f3d

Thread 1
 0  libsystem_kernel.dylib + 0x3ba2
    Found by: given as instruction pointer in context

Loaded modules:
0x102a54000 - 0x102b17fff  shop  4.2.0.1  (main)
0x7fff20046000 - 0x7fff20047fff  libsystem_blocks.dylib  0.79.0.0

Unloaded modules:
"""
MACHINE = """\
OS|Windows NT|5.1.2600 Service Pack 2
CPU|x86|GenuineIntel family 6 model 13 stepping 8|1
GPU|||
Crash|EXCEPTION_ACCESS_VIOLATION_WRITE|0x45|1
Module|shop.exe|4.2.0.1|shop.pdb|5A9832E5287241C1838ED98914E9B7FF1|0x00400000|0x0042cfff|1
Module|kernel32.dll|5.1.2600.2945|kernel32.pdb|BCE8785C57B44245A669896B6A19B9542|0x7c800000|0x7c8f3fff|0

0|0|ntdll.dll|KiFastSystemCallRet||||0x0
1|0|shop.exe|`anonymous namespace'::crash|hg:hg.example.org/shop:src/basket.cc:0a1b2c|58|0x3
1|1|shop.exe|shop::operator|(shop::Flags, shop::Flags)|c:\\src\\flags.h|9|0x4
1|2|kernel32.dll||||0x16fd6
"""
FRAMES = [
    {
        "frame": 0,
        "module": "shop",
        "function": "shop::basket::total(int, char const*)",
        "file": "git:github.com/example/shop:src/basket.rs:0a1b2c",
        "line": 133,
        "module_offset": "0x0000000000014cd4",
        "trust": "context",
        "inlines": [
            {"file": "/rustc/1/library/core/src/ptr/mod.rs", "function": "core::ptr::write_volatile::<u8>", "line": 1574},
            {"file": None, "function": "shop::basket::each", "line": None},
        ],
    },
    {"frame": 1, "module": "libdyld.dylib", "function": None, "file": None, "line": None, "module_offset": "0x00015f3c"},
    {"frame": 2, "module": None, "function": None, "file": None, "line": None, "module_offset": None, "inlines": None},
]
DUMP = {
    "status": "OK",
    "pid": 77,
    "crash_info": {
        "type": "SIGSEGV / SEGV_MAPERR",
        "address": "0x0000000000000045",
        "crashing_thread": 1,
        "assertion": None,
        "memory_accesses": [{"address": "0x45", "size": 4, "access_type": "Write"}],
    },
    "crashing_thread": {"threads_index": 1, "thread_name": "worker", "frame_count": 3, "frames": FRAMES},
    "threads": [
        {"thread_name": "main", "frame_count": 1, "frames": FRAMES[1:2]},
        {"thread_name": "worker", "frame_count": 3, "frames": FRAMES},
    ],
    "system_info": {"os": "Linux", "os_ver": "4.9.60", "cpu_arch": "amd64", "cpu_info": "family 6", "cpu_count": 4},
    "lsb_release": {"id": "Ubuntu", "description": "Ubuntu 16.04.3 LTS"},
    "main_module": 0,
    "modules": [{"filename": "/opt/shop/shop", "version": "4.2.0"}, {"filename": "libc.so.6", "version": None}],
}
PROCESSED = {
    "product": "Shop",
    "version": "4.2.0",
    "build": "20260302",
    "os_name": "Linux",
    "date_processed": "2026-03-02T09:15:04.250731+00:00",
    "process_type": "content",
    "uuid": "0b0b",
    "moz_crash_reason": "MOZ_CRASH(no price)",
    "TotalPhysicalMemory": "8589934592",
    "json_dump": DUMP,
}


only = partial(only_report, "minidump")


def shown(report: ParsedReport) -> list[tuple[str, str | None, int | None, bool]]:
    return [(frame.qualified, frame.file, frame.line, frame.inlined) for frame in report.frames]


def test_human_readable_output() -> None:
    report = only(HUMAN)
    assert (report.error_type, report.message) == ("UNKNOWN", "EXC_BAD_ACCESS / KERN_INVALID_ADDRESS")
    assert shown(report) == [
        ("core::ptr::write_volatile::<u8>", "mod.rs", 1574, True),
        ("shop::basket::total", "basket.rs", 133, False),
        ("std::rt::lang_start::<()>::{closure#0}", "rt.rs", 145, False),
        ("libdyld.dylib.+0x15f3c", None, None, False),
        ("<unknown>", None, None, False),
    ]
    assert (report.product, report.version) == ("shop", "4.2.0.1")
    assert report.environment["os"] == "Mac OS X 11.6.7 20G630"
    assert report.extra == {"address": "0xffffffff80000042", "thread": "main"}
    assert report.span == (0, HUMAN.index("\nUnloaded"))


def test_the_example_is_a_null_pointer() -> None:
    report = only(MinidumpParser.example)
    assert (report.error_type, report.version) == ("Null-dereference", "4.2.0")
    assert report.culprit is not None
    assert report.culprit.function == "shop::Basket::total"


def test_machine_readable_output() -> None:
    report = only(MACHINE)
    assert (report.error_type, report.message) == ("WRITE", "EXCEPTION_ACCESS_VIOLATION_WRITE")
    assert shown(report) == [
        ("`anonymous namespace'::crash", "src/basket.cc", 58, False),
        ("shop::operator|", "c:\\src\\flags.h", 9, False),
        ("kernel32.dll.+0x16fd6", None, None, False),
    ]
    assert (report.product, report.version) == ("shop.exe", "4.2.0.1")
    assert report.environment == {
        "os": "Windows NT 5.1.2600 Service Pack 2",
        "cpu": "x86",
        "cpu_model": "GenuineIntel family 6 model 13 stepping 8",
        "cpu_count": "1",
    }


def test_json_with_inlined_frames() -> None:
    for dump in (DUMP, {**DUMP, "crashing_thread": None}):
        report = only(json.dumps(dump, indent=2))
        assert (report.error_type, report.message) == ("Null-dereference WRITE", "SIGSEGV / SEGV_MAPERR")
        assert shown(report) == [
            ("core::ptr::write_volatile::<u8>", "/rustc/1/library/core/src/ptr/mod.rs", 1574, True),
            ("shop::basket::each", None, None, True),
            ("shop::basket::total", "src/basket.rs", 133, False),
            ("libdyld.dylib.+0x15f3c", None, None, False),
            ("<unknown>", None, None, False),
        ]
        assert (report.product, report.version) == ("shop", "4.2.0")
        assert report.environment["os"] == "Linux 4.9.60 (Ubuntu 16.04.3 LTS)"
        assert report.extra == {"pid": "77", "address": "0x0000000000000045", "thread": "worker"}


def test_a_processed_crash_of_socorro() -> None:
    report = only(json.dumps(PROCESSED))
    assert (report.error_type, report.message) == ("Null-dereference WRITE", "MOZ_CRASH(no price)")
    assert (report.product, report.version, report.environment["build"]) == ("Shop", "4.2.0", "20260302")
    assert report.environment["memory_class"] == "4-8 GiB"
    assert report.occurred_at == datetime(2026, 3, 2, 9, 15, 4, 250731, tzinfo=UTC)
    asserted = only(json.dumps({**PROCESSED, "moz_crash_reason": "MOZ_RELEASE_ASSERT(isSome())"}))
    assert (asserted.error_type, asserted.message) == ("ASSERT", "MOZ_RELEASE_ASSERT(isSome())")


@pytest.mark.parametrize(
    ("reason", "address", "kind"),
    [
        ("EXCEPTION_ACCESS_VIOLATION_READ", "0x0", "READ"),
        ("EXCEPTION_ACCESS_VIOLATION_EXEC", "0x0", "EXECUTE"),
        ("EXCEPTION_STACK_OVERFLOW", "0x7ffe", "Stack-overflow"),
        ("EXCEPTION_BREAKPOINT", "0x7ffe", "EXCEPTION_BREAKPOINT"),
        ("SIGABRT", "0x3e800000d6b", "SIGABRT"),
        ("SIGSEGV /SEGV_ACCERR", "0x7f0000000000", "UNKNOWN"),
        ("EXC_BREAKPOINT / 0x00000001 / 0x00000000", "0x10", "EXC_BREAKPOINT"),
        ("STATUS_STACK_BUFFER_OVERRUN / FAST_FAIL_LEGACY_GS_VIOLATION", "0x10", "STATUS_STACK_BUFFER_OVERRUN"),
        ("0xa12ef56", "0x0", "0xa12ef56"),
    ],
)
def test_kinds(reason: str, address: str, kind: str) -> None:
    text = f"Crash reason:  {reason}\nCrash address: {address}\n\nThread 0 (crashed)\n 0  shop!f [a.c : 1 + 0x1]\n"
    assert only(text).error_type == kind
    assert only(MACHINE.replace("EXCEPTION_ACCESS_VIOLATION_WRITE|0x45", f"{reason}|{address}")).error_type == kind


def test_several_dumps_are_several_reports() -> None:
    assert [one.frame_count for one in read(HUMAN + HUMAN).reports] == [5, 5]
    assert [one.frame_count for one in read(MACHINE + MACHINE).reports] == [3, 3]
    assert len(read(json.dumps(DUMP) + "\n" + json.dumps(PROCESSED) + "\n").reports) == 2


def test_a_truncated_document_is_read() -> None:
    whole = json.dumps(DUMP)
    [report] = read(whole[: whole.index('"threads"')]).reports
    assert report.truncated
    assert report.frame_count == 5


def test_documents_of_unexpected_shape_do_not_raise() -> None:
    odd: list[object] = [
        {"crash_info": None, "threads": []},
        {"crash_info": {"type": 5, "crashing_thread": 99}, "threads": [1, "x", None]},
        {"crash_info": {"type": "SIGSEGV", "address": {}}, "crashing_thread": {"frames": [None, {"inlines": 3, "line": "x"}]}},
        {"crash_info": {"type": "SIGSEGV", "crashing_thread": True}, "threads": {"a": 1}, "modules": 1, "main_module": 0},
        {"crash_info": {"type": "\ud800"}, "threads": [{"frames": [{"function": "\ud800\x00", "line": -1}]}]},
    ]
    for content in odd:
        for report in MinidumpParser().parse(json.dumps(content)):
            assert report.error_type


HOSTILE = {
    "nested lists": lambda n: '{"crash_info": {"type": ' + "[" * 12 * n + '"threads"',
    "documents": lambda n: '{"crash_info": "threads"}' * n,
    "reasons": lambda n: "Crash reason: x\n" * n,
    "open brackets": lambda n: "Crash reason: x\nThread 0 (crashed)\n" + " 0  a!" + "f(" * 6 * n + " [x : 1]\n",
    "frames": lambda n: "Crash reason: x\nThread 0 (crashed)\n" + " 0  a!f [x : 1 + 0x1]\n" * n,
    "threads": lambda n: "Crash reason: x\n" + "Thread 0 (crashed" * 3 * n,
    "machine frames": lambda n: "OS|a|b\nCrash|x|0|0\n" + "0|1|m|f||||\n" * n,
    "systems": lambda n: "OS|a|b\n" * n + "Crash|x|0|0\n",
    "fields": lambda n: "OS|a|b\nCrash|x|0|0\n" + "0|" * 12 * n,
}


def parse_all(text: str) -> None:
    MinidumpParser().sniff(text)
    for report in MinidumpParser().parse(text):
        assert report.error_type


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 8_000)
