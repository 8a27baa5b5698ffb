"""Reports of sanitizers and engines that the culprit rules were not written for."""

from __future__ import annotations

import pytest

from graph.model.report import ParsedReport
from graph.parsing.read import read

TEXTS = {
    "an address sanitizer without symbols": (
        "==11==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000014 at pc 0x55d1 bp 0x2 sp 0x3\n"
        "READ of size 4 at 0x602000000014 thread T0\n"
        "    #0 0x55d1bf  (/opt/wren/wrend+0x1d1bf)\n"
        "    #1 0x55d2e8  (/opt/wren/wrend+0x1d2e8)\n"
        "    #2 0x7f3a10  (/lib/x86_64-linux-gnu/libc.so.6+0x29d8f)\n"
        "\n"
        "0x602000000014 is located 0 bytes to the right of 4-byte region [0x602000000010,0x602000000014)\n"
        "allocated by thread T0 here:\n"
        "    #0 0x4c1f  (/opt/wren/wrend+0x4c1f)\n"
        "\n"
        "SUMMARY: AddressSanitizer: heap-buffer-overflow (/opt/wren/wrend+0x1d1bf) \n"
    ),
    "the address sanitizer of MSVC": (
        "=================================================================\n"
        "==3924==ERROR: AddressSanitizer: heap-use-after-free on address 0x11a2b3c40010 at pc 0x7ff6a1b21234 "
        "bp 0x00c0d1 sp 0x00c0d2\n"
        "READ of size 4 at 0x11a2b3c40010 thread T0\n"
        "    #0 0x7ff6a1b21233 in wren::Nest::count C:\\src\\wren\\nest.cpp:31\n"
        "    #1 0x7ff6a1b21299 in main C:\\src\\wren\\main.cpp:9\n"
        "    #2 0x7ff6a1b2a1f8 in invoke_main "
        "D:\\a\\_work\\1\\s\\src\\vctools\\crt\\vcstartup\\src\\startup\\exe_common.inl:78\n"
        "    #3 0x7ffe8c5a7613  (C:\\WINDOWS\\System32\\KERNEL32.DLL+0x180017613)\n"
        "\n"
        "0x11a2b3c40010 is located 0 bytes inside of 4-byte region [0x11a2b3c40010,0x11a2b3c40014)\n"
        "freed by thread T0 here:\n"
        "    #0 0x7ffe5a1b in operator delete "
        "D:\\a\\_work\\1\\s\\src\\vctools\\asan\\llvm\\compiler-rt\\lib\\asan\\asan_win_delete_scalar_thunk.cpp:41\n"
        "    #1 0x7ff6a1b in wren::Nest::clear C:\\src\\wren\\nest.cpp:40\n"
    ),
    "HWASan": (
        "==4412==ERROR: HWAddressSanitizer: tag-mismatch on address 0x003c0040 at pc 0x0055d1bf\n"
        "WRITE of size 4 at 0x003c0040 tags: 2c/7a (ptr/mem) in thread T0\n"
        "    #0 0x55d1bf in wren::Nest::count() const /src/wren/nest.cpp:31:12\n"
        "    #1 0x55d2e8 in main /src/wren/main.cpp:9:3\n"
        "\n"
        "[0x003c0040,0x003c0060) is a small unallocated heap chunk; size: 32 offset: 0\n"
        "Cause: use-after-free\n"
        "0x003c0040 is located 0 bytes inside a 32-byte region [0x003c0040,0x003c0060)\n"
        "freed by thread T0 here:\n"
        "    #0 0x4c1f in free /src/hwasan.cpp:1\n"
    ),
    "MSan": (
        "==4412==WARNING: MemorySanitizer: use-of-uninitialized-value\n"
        "    #0 0x55d1bf in wren::Nest::count() const /src/wren/nest.cpp:31:12\n"
        "    #1 0x55d2e8 in main /src/wren/main.cpp:9:3\n"
        "\n"
        "  Uninitialized value was created by a heap allocation\n"
        "    #0 0x4c1f in malloc /src/llvm/msan_interceptors.cpp:1\n"
        "    #1 0x4c2f in wren_new /src/wren/new.cpp:4\n"
        "\n"
        "SUMMARY: MemorySanitizer: use-of-uninitialized-value /src/wren/nest.cpp:31:12 in wren::Nest::count() const\n"
        "Exiting\n"
    ),
    "TSan": (
        "==================\n"
        "WARNING: ThreadSanitizer: data race (pid=4412)\n"
        "  Write of size 4 at 0x7b0400000800 by thread T2:\n"
        "    #0 wren::Nest::add(int) /src/wren/nest.cpp:31:12 (wrend+0x4b1d2)\n"
        "    #1 worker /src/wren/worker.cpp:8 (wrend+0x4b1e2)\n"
        "\n"
        "  Previous read of size 4 at 0x7b0400000800 by thread T1:\n"
        "    #0 wren::Nest::count() const /src/wren/nest.cpp:40:12 (wrend+0x4b1d2)\n"
        "\n"
        "SUMMARY: ThreadSanitizer: data race /src/wren/nest.cpp:31:12 in wren::Nest::add(int)\n"
        "==================\n"
    ),
    "TSan for Swift": (
        "==================\n"
        "WARNING: ThreadSanitizer: Swift access race (pid=4412)\n"
        "  Modifying access of Swift variable at 0x7b0400000800 by thread T2:\n"
        "    #0 Wren.Nest.add(count: Swift.Int) -> () <null>:18980352 (Wren:x86_64+0x10000b1d2)\n"
        "    #1 closure #1 () -> () in Wren.run() -> () <null>:18980352 (Wren:x86_64+0x10000b1e2)\n"
        "\n"
        "  Previous modifying access of Swift variable at 0x7b0400000800 by main thread:\n"
        "    #0 Wren.Nest.fold() -> () <null>:18980352 (Wren:x86_64+0x10000b1f2)\n"
        "\n"
        "SUMMARY: ThreadSanitizer: Swift access race in Wren.Nest.add(count: Swift.Int) -> ()\n"
        "==================\n"
    ),
    "LSan": (
        "\n"
        "=================================================================\n"
        "==4412==ERROR: LeakSanitizer: detected memory leaks\n"
        "\n"
        "Direct leak of 48 byte(s) in 1 object(s) allocated from:\n"
        "    #0 0x4c1f in malloc (/opt/wren/wrend+0x4c1f)\n"
        "    #1 0x4c2f in xmalloc /src/wren/xmalloc.c:4\n"
        "    #2 0x4c3f in wren_new /src/wren/new.c:14\n"
        "\n"
        "SUMMARY: AddressSanitizer: 48 byte(s) leaked in 1 allocation(s).\n"
    ),
    "UBSan with a stack": (
        "/src/wren/nest.cpp:31:12: runtime error: signed integer overflow: 2147483647 + 1 cannot be "
        "represented in type 'int'\n"
        "    #0 0x55d1bf in wren::Nest::count() const /src/wren/nest.cpp:31:12\n"
        "    #1 0x55d2e8 in main /src/wren/main.cpp:9:3\n"
        "\n"
        "SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior /src/wren/nest.cpp:31:12 in\n"
    ),
    "GWP-ASan": (
        "*** GWP-ASan detected a memory error ***\n"
        "Use After Free at 0x7feccab26000 (0 bytes into a 41-byte allocation at 0x7feccab26000) by thread 31027 here:\n"
        "  #0 /opt/wren/wrend(_ZN4wren4Nest5countEv+0x1d) [0x55585c0b4dfe]\n"
        "  #1 /opt/wren/wrend(main+0x6) [0x55585c0b4e46]\n"
        "  #2 /lib/x86_64-linux-gnu/libc.so.6(+0x3bbe) [0x7fecc966952b]\n"
        "\n"
        "0x7feccab26000 was deallocated by thread 31027 here:\n"
        "  #0 /opt/wren/wrend(+0x1d) [0x55585c0b4dfe]\n"
        "*** End GWP-ASan report ***\n"
    ),
    "a timeout of libFuzzer": (
        "ALARM: working on the last Unit for 61 seconds\n"
        "       and the timeout value is 60 (use -timeout=N to change)\n"
        "==4412== ERROR: libFuzzer: timeout after 61 seconds\n"
        "    #0 0x52b1a1 in __sanitizer_print_stack_trace /src/llvm/compiler-rt/lib/asan/asan_stack.cpp:87:3\n"
        "    #1 0x475ef8 in fuzzer::PrintStackTrace() /src/llvm/compiler-rt/lib/fuzzer/FuzzerUtil.cpp:210:5\n"
        "    #2 0x45a0c9 in fuzzer::Fuzzer::AlarmCallback() /src/llvm/compiler-rt/lib/fuzzer/FuzzerLoop.cpp:301:5\n"
        "    #3 0x7f102e25a050  (/lib/x86_64-linux-gnu/libc.so.6+0x4308f)\n"
        "    #4 0x55d1bf in wren::Nest::count() const /src/wren/nest.cpp:31:12\n"
        "    #5 0x55d2e8 in LLVMFuzzerTestOneInput /src/wren/fuzz.cpp:9:3\n"
        "SUMMARY: libFuzzer: timeout\n"
    ),
    "libFuzzer out of memory": (
        "==4412== ERROR: libFuzzer: out-of-memory (used: 2049Mb; limit: 2048Mb)\n"
        "   To change the out-of-memory limit use -rss_limit_mb=<N>\n"
        "\n"
        "Live Heap Allocations: 2147483648 bytes in 3 chunks; quarantined: 0 bytes\n"
        "2147483648 byte(s) (99%) in 1 allocation(s)\n"
        "    #0 0x4c1f in malloc /src/llvm/asan_malloc_linux.cpp:145\n"
        "    #1 0x4c2f in wren_read /src/wren/read.c:14\n"
        "    #2 0x55d2e8 in LLVMFuzzerTestOneInput /src/wren/fuzz.cpp:9:3\n"
        "SUMMARY: libFuzzer: out-of-memory\n"
    ),
    "native code under Jazzer": (
        "==4412== ERROR: libFuzzer: deadly signal\n"
        "    #0 0x52b1a1 in __sanitizer_print_stack_trace /src/llvm/asan_stack.cpp:87:3\n"
        "    #1 0x475ef8 in fuzzer::PrintStackTrace() /src/llvm/FuzzerUtil.cpp:210:5\n"
        "    #2 0x45a0c9 in fuzzer::Fuzzer::CrashCallback() /src/llvm/FuzzerLoop.cpp:233:3\n"
        "    #3 0x7f102e25a050  (/lib/x86_64-linux-gnu/libpthread.so.0+0x1441f)\n"
        "    #4 0x55d1bf in wren_parse /src/wren/parse.c:31:12\n"
        "    #5 0x7f10 in Java_org_wren_Nest_parse /src/wren/jni.c:9:3\n"
        "    #6 0x7f11  (<unknown module>)\n"
    ),
    "Rust": (
        "==11==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000014 at pc 0x1 bp 0x2 sp 0x3\n"
        "READ of size 8 at 0x602000000014 thread T0\n"
        "    #0 0x55d1bf in core::ptr::read::h0123456789abcdef /rustc/07dca489ac2d/library/core/src/ptr/mod.rs:1\n"
        "    #1 0x55d1cf in "
        "_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$::drop::h0123456789abcdef "
        "/rustc/07dca489ac2d/library/alloc/src/vec/mod.rs:1\n"
        "    #2 0x55d2e8 in wren::nest::Nest::fold::h0123456789abcdef /src/wren/nest.rs:40:3\n"
        "    #3 0x55d2e9 in main (/opt/wren+0x1)\n"
    ),
    "a summary with a module": (
        "SUMMARY: AddressSanitizer: heap-buffer-overflow (/opt/wren/wrend+0x1d1bf) in wren::Nest::count() const\n"
    ),
    "a summary without symbols": ("SUMMARY: AddressSanitizer: SEGV (/opt/wren/wrend+0x1d1bf) (BuildId: abcdef) \n"),
    "a stack overflow": (
        "==11==ERROR: AddressSanitizer: stack-overflow on address 0x7ffc (pc 0x55d1 bp 0x7ffc sp 0x7ffc T0)\n"
        "    #0 0x55d100 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #1 0x55d101 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #2 0x55d102 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #3 0x55d103 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #4 0x55d104 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #5 0x55d105 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #6 0x55d106 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #7 0x55d107 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #8 0x55d108 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #9 0x55d109 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #10 0x55d10a in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #11 0x55d10b in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #12 0x55d10c in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #13 0x55d10d in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #14 0x55d10e in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #15 0x55d10f in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #16 0x55d110 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #17 0x55d111 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #18 0x55d112 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #19 0x55d113 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #20 0x55d114 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #21 0x55d115 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #22 0x55d116 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #23 0x55d117 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #24 0x55d118 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #25 0x55d119 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #26 0x55d11a in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #27 0x55d11b in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #28 0x55d11c in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #29 0x55d11d in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #30 0x55d11e in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #31 0x55d11f in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #32 0x55d120 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #33 0x55d121 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #34 0x55d122 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #35 0x55d123 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #36 0x55d124 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #37 0x55d125 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #38 0x55d126 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "    #39 0x55d127 in wren::Nest::walk(int) /src/wren/nest.cpp:31:12\n"
        "\n"
        "SUMMARY: AddressSanitizer: stack-overflow /src/wren/nest.cpp:31:12 in wren::Nest::walk(int)\n"
    ),
    "a null smart pointer": (
        "AddressSanitizer:DEADLYSIGNAL\n"
        "=================================================================\n"
        "==11==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000010 (pc 0x55d1 bp 0x7ffc sp 0x7ffc T0)\n"
        "==11==The signal is caused by a READ memory access.\n"
        "==11==Hint: address points to the zero page.\n"
        "    #0 0x55d1bf in std::unique_ptr<wren::Egg, std::default_delete<wren::Egg> >::get() const "
        "/usr/include/c++/11/bits/unique_ptr.h:421\n"
        "    #1 0x55d1bf in wren::Nest::count() const /src/wren/nest.cpp:31:12\n"
        "    #2 0x55d2e8 in main /src/wren/main.cpp:9:3\n"
        "\n"
        "AddressSanitizer can not provide additional info.\n"
        "SUMMARY: AddressSanitizer: SEGV /usr/include/c++/11/bits/unique_ptr.h:421 in std::unique_ptr\n"
        "==11==ABORTING\n"
    ),
    "a failed check of V8 in Node": (
        "#\n"
        "# Fatal error in , line 0\n"
        "# Check failed: IsWren(egg).\n"
        "#\n"
        "#\n"
        "#\n"
        "#FailureMessage Object: 0x7ffd\n"
        "----- Native stack trace -----\n"
        "\n"
        " 1: 0xb090e0 node::NodePlatform::GetStackTracePrinter()::{lambda()#1}::_FUN() [node]\n"
        " 2: 0x1d5a1b0 V8_Fatal(char const*, ...) [node]\n"
        " 3: 0xc5d2e1 v8::internal::WrenTable::Fold() [node]\n"
        " 4: 0xc5d2e2 node::Start(int, char**) [node]\n"
    ),
    "an assertion of Node": (
        "node[4412]: ../src/wren.cc:31:void node::wren::Fold(int): Assertion `(eggs) > (0)' failed.\n"
        " 1: 0xb090e0 node::Abort() [node]\n"
        " 2: 0xb0915e  [node]\n"
        " 3: 0xc5d2e1 node::wren::Fold(int) [node]\n"
    ),
}
READINGS = {
    "an address sanitizer without symbols": ("Heap-buffer-overflow", "wrend.+0x1d1bf", 3, 1),
    "the address sanitizer of MSVC": ("Heap-use-after-free", "wren::Nest::count", 4, 1),
    "HWASan": ("Tag-mismatch", "wren::Nest::count", 2, 1),
    "MSan": ("Use-of-uninitialized-value", "wren::Nest::count", 2, 1),
    "TSan": ("Data race", "wren::Nest::add", 2, 1),
    "TSan for Swift": ("Swift access race", "Wren.Nest.add", 2, 1),
    "LSan": ("Direct-leak", "wren_new", 3, 0),
    "UBSan with a stack": ("Integer-overflow", "wren::Nest::count", 2, 0),
    "GWP-ASan": ("Heap-use-after-free", "wren::Nest::count", 3, 1),
    "a timeout of libFuzzer": ("Timeout", "wren::Nest::count", 6, 0),
    "libFuzzer out of memory": ("Out-of-memory", "wren_read", 3, 0),
    "native code under Jazzer": ("Fatal-signal", "wren_parse", 7, 0),
    "Rust": ("Heap-use-after-free", "wren::nest::Nest::fold::h0123456789abcdef", 4, 0),
    "a summary with a module": ("Heap-buffer-overflow", "wren::Nest::count", 1, 0),
    "a summary without symbols": ("UNKNOWN", "wrend.+0x1d1bf", 1, 0),
    "a stack overflow": ("Stack-overflow", "wren::Nest::walk", 40, 0),
    "a null smart pointer": ("Null-dereference READ", "wren::Nest::count", 3, 0),
    "a failed check of V8 in Node": ("CHECK failure", "v8::internal::WrenTable::Fold", 4, 0),
    "an assertion of Node": ("ASSERT", "node::wren::Fold", 3, 0),
}
NODE = """\
  #  wrend[4412]: void node::wren::Fold(int) at ../src/wren.cc:31
  #  Assertion failed: (eggs) > (0)

----- Native stack trace -----

 1: 0xb090e0 node::Assert(node::AssertionInfo const&) [node]
 2: 0xc5d2e1 node::wren::Fold(int) [node]
"""


def read_one(text: str) -> ParsedReport:
    [report] = read(text).reports
    assert report.format == "sanitizer"
    return report


@pytest.mark.parametrize("tool", TEXTS)
def test_texts_are_read_with_error_culprit_and_stacks(tool: str) -> None:
    report = read_one(TEXTS[tool])
    assert report.culprit is not None
    assert (report.error_type, report.culprit.qualified, report.frame_count, len(report.causes)) == READINGS[tool]


def test_an_assertion_of_new_versions_of_node() -> None:
    report = read_one(NODE)
    assert (report.error_type, report.message) == ("ASSERT", "(eggs) > (0)")
    assert report.culprit is not None
    assert report.culprit.function == "node::wren::Fold"


def test_an_assertion_of_qt_without_a_stack() -> None:
    report = read_one('ASSERT failure in QList<T>::at: "index out of range", file /usr/include/qt/qlist.h, line 453\n')
    assert (report.error_type, report.message) == ("ASSERT", "index out of range")


def test_a_failed_check_is_blamed_where_it_says() -> None:
    header = "wren: /src/wren/nest.cc:31: void wren::Report(int): Assertion `eggs > 0' failed.\n"
    frames = (
        ("raise", "./raise.c:26"),
        ("wren::Complain(int)", "/src/wren/odd.cc:4"),
        ("wren::Report(int)", "/src/wren/nest.cc:31"),
    )
    lines = "".join(f"    #{number} 0x55d{number} in {name} {place}:1\n" for number, (name, place) in enumerate(frames))
    report = read_one(f"{header}==7==ERROR: AddressSanitizer: ABRT on unknown address 0x1 (pc 0x7 bp 0x1 sp 0x2 T0)\n{lines}")
    assert report.culprit is not None
    assert report.culprit.function == "wren::Report"
