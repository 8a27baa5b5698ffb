"""Fatal error logs of the Java virtual machine: complete, truncated, and with the console message of the same failure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.hotspot.frames import frame_of
from graph.parsing.hotspot.parser import HotspotParser
from graph.parsing.read import read

# Written by OpenJDK 17 on Linux, shortened.
CONSOLE = """#
# A fatal error has been detected by the Java Runtime Environment:
#
#  SIGSEGV (0xb) at pc=0x00007f51a5ad27f4, pid=13877, tid=13878
#
# JRE version: OpenJDK Runtime Environment (17.0.15+6) (build 17.0.15+6-Debian-1deb12u1)
# Java VM: OpenJDK 64-Bit Server VM (17.0.15+6-Debian-1deb12u1, mixed mode, sharing, tiered, g1 gc, linux-amd64)
# Problematic frame:
# V  [libjvm.so+0xed27f4]  Unsafe_PutInt+0x124
#
# An error report file with more information is saved as:
# /srv/app/hs_err_pid13877.log
#
"""
LOG = (
    CONSOLE.replace("An error report file with more information is saved as:\n# /srv/app/hs_err_pid13877.log", "x")
    + """
---------------  S U M M A R Y ------------

Command Line: -Xmx20m Main crash

Host: AMD EPYC, 2 cores, 23G, Debian GNU/Linux 12 (bookworm)
Time: Sat Nov 21 10:55:05 2026 UTC elapsed time: 0.037228 seconds (0d 0h 0m 0s)

---------------  T H R E A D  ---------------

Current thread (0x00007f51a0017ed0):  JavaThread "main" [_thread_in_vm, id=13878, stack(0x00007f51a4b00000,0x00007f51a4c00000)]

Native frames: (J=compiled Java code, j=interpreted, Vv=VM code, C=native code)
V  [libjvm.so+0xed27f4]  Unsafe_PutInt+0x124
j  jdk.internal.misc.Unsafe.putInt(Ljava/lang/Object;JI)V+0 java.base@17.0.15
J 1234% ! c2 shop.Pricing.priceOf(Lshop/Cart;)J (23 bytes) @ 0x00007f519094 [0x00007f519090+0x04]
j  Main.main([Ljava/lang/String;)V+740
v  ~StubRoutines::call_stub
V  [libjvm.so+0x8282d2]  JavaCalls::call_helper(JavaValue*, methodHandle const&, JavaCallArguments*, JavaThread*)+0x302
C  [libjli.so+0x4592]

Java frames: (J=compiled Java code, j=interpreted, Vv=VM code)
j  jdk.internal.misc.Unsafe.putInt(Ljava/lang/Object;JI)V+0 java.base@17.0.15
j  Main.main([Ljava/lang/String;)V+740

siginfo: si_signo: 11 (SIGSEGV), si_code: 1 (SEGV_MAPERR), si_addr: 0x0000000000000010

---------------  S Y S T E M  ---------------

OS:
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
Memory: 4k page, physical 24684092k(23121648k free), swap 0k(0k free)

END.
"""
)


def parsed(text: str) -> list[ParsedReport]:
    return list(HotspotParser().parse(text))


def only(text: str) -> ParsedReport:
    assert HotspotParser().sniff(text) == 1
    [report] = parsed(text)
    return report


def test_a_log() -> None:
    report = only(f"before\n{LOG}after\n")
    assert (report.error_type, report.message, report.severity) == ("SIGSEGV", "SEGV_MAPERR", "critical")
    assert [frame.qualified for frame in report.frames] == [
        "Unsafe_PutInt",
        "jdk.internal.misc.Unsafe.putInt",
        "shop.Pricing.priceOf",
        "Main.main",
        "~StubRoutines::call_stub",
        "JavaCalls::call_helper",
        "libjli.so.+0x4592",
    ]
    assert [frame.in_app for frame in report.frames] == [False, False, None, None, False, False, False]
    assert report.culprit == report.frames[2]
    assert report.environment == {
        "runtime": "OpenJDK Runtime Environment 17.0.15+6",
        "os": "Debian GNU/Linux 12 (bookworm)",
        "memory_class": "16-32 GiB",
    }
    assert report.extra == {
        "thread": "main",
        "command_line": "-Xmx20m Main crash",
        "pid": "13877",
        "pc": "0x00007f51a5ad27f4",
        "address": "0x0000000000000010",
    }
    assert report.occurred_at == datetime(2026, 11, 21, 10, 55, 5, tzinfo=UTC)
    assert f"before\n{LOG}after\n"[slice(*report.span)] == LOG


def test_the_console() -> None:
    report = only(f"before\n{CONSOLE}Aborted (core dumped)\n")
    assert (report.error_type, report.extra["pid"]) == ("SIGSEGV", "13877")
    assert [(frame.function, frame.file) for frame in report.frames] == [("Unsafe_PutInt", "libjvm.so")]
    assert report.span == (len("before\n"), len("before\n" + CONSOLE))


def test_console_message_and_log_of_one_failure_are_merged() -> None:
    text = f"{CONSOLE}Aborted (core dumped)\n{LOG}"
    report = only(text)
    assert (report.frame_count, report.span) == (7, (0, len(text)))
    assert [one.extra["pid"] for one in parsed(CONSOLE + LOG.replace("13877", "4"))] == ["13877", "4"]
    assert len(read(text).reports) == 1


@pytest.mark.parametrize(
    ("line", "error_type", "message"),
    [
        (
            "#  Internal Error (debug.cpp:362), pid=2, tid=3\n#  fatal error: OutOfMemory encountered: Java heap space",
            "Internal Error",
            "fatal error: OutOfMemory encountered: Java heap space",
        ),
        ("#  EXCEPTION_ACCESS_VIOLATION (0xc0000005) at pc=0x00007ff8, pid=2, tid=3", "EXCEPTION_ACCESS_VIOLATION", ""),
        ("#  SIGBUS (0x7) at pc=0x00007ff8, pid=2, tid=0x0000000000000303", "SIGBUS", ""),
    ],
)
def test_other_failures(line: str, error_type: str, message: str) -> None:
    signal = "#  SIGSEGV (0xb) at pc=0x00007f51a5ad27f4, pid=13877, tid=13878"
    report = only(CONSOLE.replace(signal, line))
    assert (report.error_type, report.message, report.extra["pid"]) == (error_type, message, "2")


def test_insufficient_memory() -> None:
    report = only(
        "#\n# There is insufficient memory for the Java Runtime Environment to continue.\n"
        "# Native memory allocation (mmap) failed to map 16384 bytes for committing reserved memory.\n# Possible reasons:\n"
    )
    assert report.error_type == "Out of Memory Error"
    assert report.message.startswith("Native memory allocation (mmap) failed")


def test_the_java_stack_continues_a_native_stack_that_does_not_reach_it() -> None:
    text = LOG.replace(LOG[LOG.index("j  jdk.internal") : LOG.index("\nJava frames")], "")
    assert [frame.function for frame in only(text).frames] == ["Unsafe_PutInt", "putInt", "main"]


@pytest.mark.parametrize(
    ("line", "module", "function", "place"),
    [
        ("C  [libc.so.6+0x1894f4]", "libc.so.6", "+0x1894f4", ("libc.so.6", None)),
        ("C  [libshop.so+0x12]  Java_shop_Native_poke+0x2a", "", "Java_shop_Native_poke", ("libshop.so", None)),
        ("V  [jvm.dll+0x8d3]  os::crash(int, char const*)+0x3  (os.cpp:333)", "", "os::crash", ("os.cpp", 333)),
        ("C  0x00007f519094", "", "+0x00007f519094", (None, None)),
        ("J 12 c1 java.util.HashMap.get(I)V java.base@17 (2 bytes) @ 0x1 [0x1+0x2]", "java.util.HashMap", "get", (None, None)),
        ("J 12  shop.A.b()V (5 bytes) @ 0x1", "shop.A", "b", (None, None)),
    ],
)  # fmt: skip
def test_frame(line: str, module: str, function: str, place: tuple[str | None, int | None]) -> None:
    frame = frame_of(line)
    assert frame is not None
    assert (frame.module, frame.function, (frame.file, frame.line)) == (module, function, place)


def test_truncation_at_every_position() -> None:
    for end in range(0, len(LOG), 7):
        for report in parsed(LOG[:end]):
            assert report.span[1] <= end
    assert only(LOG[: LOG.index("j  Main")]).frame_count == 3
    assert only(CONSOLE[:70]).truncated


HEAD = "# A fatal error has been detected by the Java Runtime Environment:\n"
HOSTILE = {
    "heads": lambda n: HEAD * n,
    "frames": lambda n: LOG.replace("Java frames", "j  A.b()V+1\n" * 3 * n + "Java frames" * (n // 2)),
    "open brackets": lambda n: LOG.replace("Unsafe_PutInt", "f(" * 12 * n),
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parsed, text_of, 8_000)


def test_long_logs_are_read_to_the_end() -> None:
    assert len(parsed(HEAD * 20_000)) == 20_000
    assert only(HOSTILE["frames"](16_000)).frame_count > 0
    assert only(HOSTILE["open brackets"](16_000)).error_type == "SIGSEGV"
