"""Native crashes as servers, engines, core handlers and debuggers print them, with what they print around the stack."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph.model.report import ParsedReport
from graph.parsing.read import read

TEXTS = {
    "MySQL": (
        "2026-03-05T10:15:22Z UTC - mysqld got signal 11 ;\n"
        "Most likely, you have hit a bug, but this error can also be caused by malfunctioning hardware.\n"
        "\n"
        "BuildID[sha1]=abc\n"
        "Thread pointer: 0x0\n"
        "Attempting backtrace. You can use the following information to find out\n"
        "where mysqld died. If you see no messages after this, something went\n"
        "terribly wrong...\n"
        "stack_bottom = 0 thread_stack 0x100000\n"
        "/usr/sbin/wrend(_Z11my_print_stacktracev+0x32)[0x55d5a4d1d2a2]\n"
        "/usr/sbin/wrend(handle_fatal_signal+0x485)[0x55d5a4719d45]\n"
        "/lib/x86_64-linux-gnu/libpthread.so.0(+0x153c0)[0x7f01508f13c0]\n"
        "/usr/sbin/wrend(_ZN4Wren5countEv+0x21)[0x55d5a4a1b321]\n"
        "/usr/sbin/wrend(main+0x12f)[0x55d5a450321f]\n"
        "The manual page at http://dev.mysql.com/doc/mysql/en/crashing.html contains\n"
        "information that should help you find out what is causing the crash.\n"
    ),
    "InnoDB": (
        "2026-03-05 10:15:22 0x7f0140 InnoDB: Assertion failure in file /src/storage/innobase/page/page0page.cc line 31\n"
        "InnoDB: We intentionally generate a memory trap.\n"
        "2026-03-05 10:15:22 [ERROR] mysqld got signal 6 ;\n"
        "This could be because you hit a bug.\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "x\n"
        "/usr/sbin/wrend(_Z11print_tracev+0x32)[0x55d5a4d1d2a2]\n"
        "/usr/sbin/wrend(handle_fatal_signal+0x485)[0x55d5a4719d45]\n"
        "/lib/x86_64-linux-gnu/libpthread.so.0(+0x153c0)[0x7f01508f13c0]\n"
        "/usr/sbin/wrend(_ZN4Wren5countEv+0x21)[0x55d5a4a1b321]\n"
        "/usr/sbin/wrend(main+0x12f)[0x55d5a450321f]\n"
    ),
    "Redis": (
        "\n"
        "\n"
        "=== REDIS BUG REPORT START: Cut & paste starting from here ===\n"
        "4411:M 05 Mar 2026 10:15:22.100 # Redis 7.0.5 crashed by signal: 11, si_code: 1\n"
        "4411:M 05 Mar 2026 10:15:22.100 # Accessing address: 0x10\n"
        "4411:M 05 Mar 2026 10:15:22.100 # Crashed running the instruction at: 0x55d5a4a1b321\n"
        "\n"
        "------ STACK TRACE ------\n"
        "EIP:\n"
        "/usr/bin/redis-server *:6379(wrenFind+0x20)[0x55d5a4a1b321]\n"
        "\n"
        "Backtrace:\n"
        "/lib/x86_64-linux-gnu/libc.so.6(+0x3c050)[0x7f102e25a050]\n"
        "/usr/bin/redis-server *:6379(wrenFind+0x20)[0x55d5a4a1b321]\n"
        "/usr/bin/redis-server *:6379(call+0xee)[0x55d5a4a1b421]\n"
        "/usr/bin/redis-server *:6379(main+0x3ee)[0x55d5a4a1b521]\n"
        "\n"
        "------ REGISTERS ------\n"
    ),
    "an assertion of Redis": (
        "4411:M 05 Mar 2026 10:15:22.100 # === ASSERTION FAILED ===\n"
        "4411:M 05 Mar 2026 10:15:22.100 # ==> wren.c:88 'egg->count > 0' is not true\n"
        "\n"
        "------ STACK TRACE ------\n"
        "\n"
        "Backtrace:\n"
        "/usr/bin/redis-server *:6379(_serverAssert+0x60)[0x55d5a4a1b321]\n"
        "/usr/bin/redis-server *:6379(wrenFind+0x20)[0x55d5a4a1b321]\n"
        "/usr/bin/redis-server *:6379(main+0x3ee)[0x55d5a4a1b521]\n"
    ),
    "MongoDB": (
        "2026-03-05T10:15:22.123+0000 F  -        [conn1] Invalid access at address: 0x10\n"
        "2026-03-05T10:15:22.130+0000 F  -        [conn1] Got signal: 11 (Segmentation fault).\n"
        " 0x55d0c0ffe1d0 0x55d0c0ffe1d1\n"
        "----- BEGIN BACKTRACE -----\n"
        '{"backtrace":[{"b":"55D0C0000000","o":"FFE1D0","s":"_ZN5mongo15printStackTraceERSo"}]}\n'
        " mongod(_ZN5mongo15printStackTraceERSo+0x41) [0x55d0c0ffe1d0]\n"
        " mongod(+0xFFE000) [0x55d0c0ffe000]\n"
        " libpthread.so.0(+0x12980) [0x7f102e25a050]\n"
        " mongod(_ZN5mongo4Wren5countEv+0x41) [0x55d0c0ffe1d0]\n"
        " mongod(main+0x41) [0x55d0c0ffe1d0]\n"
        "-----  END BACKTRACE  -----\n"
    ),
    "ClickHouse": (
        "2026.03.05 10:15:22.123456 [ 4411 ] {} <Fatal> BaseDaemon: ########################################\n"
        "2026.03.05 10:15:22.123457 [ 4411 ] {} <Fatal> BaseDaemon: (version 23.3.1.1) (from thread 4410) "
        "(query_id: 1) Received signal Segmentation fault (11)\n"
        "2026.03.05 10:15:22.123458 [ 4411 ] {} <Fatal> BaseDaemon: Address: 0x10. Access: read. Address not "
        "mapped to object.\n"
        "2026.03.05 10:15:22.123459 [ 4411 ] {} <Fatal> BaseDaemon: Stack trace: 0xc5d2e1 0xc5d2e2\n"
        "2026.03.05 10:15:22.123460 [ 4411 ] {} <Fatal> BaseDaemon: 2. DB::Wren::count() const @ 0xc5d2e1d "
        "in /usr/bin/clickhouse\n"
        "2026.03.05 10:15:22.123461 [ 4411 ] {} <Fatal> BaseDaemon: 3. ./build/../src/Wren.cpp:31: "
        "DB::Wren::fold() @ 0xc5d2e1e in /usr/bin/clickhouse\n"
        "2026.03.05 10:15:22.123462 [ 4411 ] {} <Fatal> BaseDaemon: 4. main @ 0xc5d2e1f in /usr/bin/clickhouse\n"
    ),
    "an X server": (
        "[    42.100] (EE) Backtrace:\n"
        "[    42.101] (EE) 0: /usr/lib/xorg/Xorg (OsLookupColor+0x13c) [0x55d5a4a1b321]\n"
        "[    42.102] (EE) 1: /lib/x86_64-linux-gnu/libc.so.6 (__sigaction+0x50) [0x7f102e25a050]\n"
        "[    42.103] (EE) 2: /usr/lib/xorg/modules/drivers/wren_drv.so (_init+0x1234) [0x7f102e25b050]\n"
        "[    42.104] (EE) 3: /usr/lib/xorg/Xorg (AddTraps+0x6d5) [0x55d5a4a1b321]\n"
        "[    42.105] (EE) \n"
        "[    42.106] (EE) Segmentation fault at address 0x10\n"
        "[    42.107] (EE) \n"
        "Fatal server error:\n"
        "[    42.108] (EE) Caught signal 11 (Segmentation fault). Server aborting\n"
    ),
    "Godot on Windows": (
        "\n"
        "================================================================\n"
        "CrashHandlerException: Program crashed\n"
        "Engine version: Godot Engine v4.2.1.stable.official\n"
        "Dumping the backtrace. Please include this when reporting the bug to the project developer.\n"
        "[0] Wren::count (C:\\src\\wren.cpp:31)\n"
        "[1] Wren::fold (C:\\src\\wren.cpp:88)\n"
        "[2] <couldn't map PC to fn name>\n"
        "-- END OF BACKTRACE --\n"
    ),
    "Godot without symbols": (
        "\n"
        "================================================================\n"
        "handle_crash: Program crashed with signal 11\n"
        "Engine version: Godot Engine v4.2.1.stable.official (b09f793f564a6c95dc76acc654b390e68441bd01)\n"
        "Dumping the backtrace. Please include this when reporting the bug to the project developer.\n"
        "[1] /lib/x86_64-linux-gnu/libc.so.6(+0x42520) [0x7f102e25a050] (??:0)\n"
        "[2] /opt/godot() [0x1234567] (??:0)\n"
        "[3] /opt/godot() [0x1234589] (??:0)\n"
        "-- END OF BACKTRACE --\n"
        "================================================================\n"
    ),
    "coredumpctl": (
        "           PID: 1084 (wrend)\n"
        "           UID: 1000 (ada)\n"
        "        Signal: 11 (SEGV)\n"
        "     Timestamp: Thu 2026-03-05 10:15:22 UTC (2min ago)\n"
        "  Command Line: /usr/bin/wrend --once\n"
        "    Executable: /usr/bin/wrend\n"
        "       Storage: /var/lib/systemd/coredump/core.wrend.1000.zst (present)\n"
        "       Message: Process 1084 (wrend) of user 1000 dumped core.\n"
        "                \n"
        "                Module libwren.so.1 without build-id.\n"
        "                Stack trace of thread 1084:\n"
        "                #0  0x00007f5d77149ed3 n/a (libwren.so.1 + 0x9ed3)\n"
        "                #1  0x00000000005d714e wren_fold (wrend + 0x1d714e)\n"
        "                #2  0x00007f5d77149ed3 __libc_start_call_main (libc.so.6 + 0x29ed3)\n"
        "                ELF object binary architecture: AMD x86-64\n"
    ),
    "coredumpctl before systemd 250": (
        "       Message: Process 1084 (wrend) of user 1000 dumped core.\n"
        "                \n"
        "                Stack trace of thread 1084:\n"
        "                #0  0x00007f5d77149ed3 n/a (libwren.so.1)\n"
        "                #1  0x00007f5d77149ed4 n/a (n/a)\n"
        "                #2  0x00000000005d714e wren_fold (wrend)\n"
        "\n"
        "                Stack trace of thread 1085:\n"
        "                #0  0x00007f5d77149ed3 poll (libc.so.6)\n"
    ),
    "glibc": (
        "*** stack smashing detected ***: terminated\n"
        "======= Backtrace: =========\n"
        "/lib64/libc.so.6(__fortify_fail+0x37)[0x7f102e25a050]\n"
        "/lib64/libc.so.6(__stack_chk_fail+0x12)[0x7f102e25a060]\n"
        "./wrend(wren_fold+0x18)[0x40066d]\n"
        "./wrend(main+0x18)[0x40067d]\n"
    ),
    "ABRT": (
        "reason:         wrend killed by SIGSEGV\n"
        "cmdline:        /usr/bin/wrend --once\n"
        "executable:     /usr/bin/wrend\n"
        "package:        wren-4.2.0-1.fc40\n"
        "component:      wren\n"
        "backtrace:\n"
        "[New LWP 1084]\n"
        "Core was generated by `/usr/bin/wrend --once'.\n"
        "Program terminated with signal SIGSEGV, Segmentation fault.\n"
        "#0  0x000055d5a4a1b321 in wren_count (nest=0x0) at nest.c:31\n"
        "31      return nest->eggs;\n"
        "\n"
        "Thread 1 (Thread 0x7f (LWP 1084)):\n"
        "#0  0x000055d5a4a1b321 in wren_count (nest=0x0) at nest.c:31\n"
        "#1  0x000055d5a4a1b421 in main (argc=1, argv=0x7ff) at main.c:9\n"
    ),
    "an exception above gdb": (
        "terminate called after throwing an instance of 'std::runtime_error'\n"
        "  what():  the nest is empty\n"
        "\n"
        'Thread 1 "wrend" received signal SIGABRT, Aborted.\n'
        "__pthread_kill_implementation (no_tid=0, signo=6, threadid=140737) at ./nptl/pthread_kill.c:44\n"
        "44      ./nptl/pthread_kill.c: No such file or directory.\n"
        "(gdb) bt\n"
        "#0  __pthread_kill_implementation (no_tid=0, signo=6, threadid=140737) at ./nptl/pthread_kill.c:44\n"
        "#1  0x00007ffff7842476 in __GI_raise (sig=sig@entry=6) at ../sysdeps/posix/raise.c:26\n"
        "#2  0x00007ffff78287f3 in __GI_abort () at ./stdlib/abort.c:79\n"
        "#3  0x00007ffff7ca2b9e in ?? () from /lib/x86_64-linux-gnu/libstdc++.so.6\n"
        "#4  0x00007ffff7cae20c in ?? () from /lib/x86_64-linux-gnu/libstdc++.so.6\n"
        "#5  0x00007ffff7cae277 in std::terminate() () from /lib/x86_64-linux-gnu/libstdc++.so.6\n"
        "#6  0x00007ffff7cae4d8 in __cxa_throw () from /lib/x86_64-linux-gnu/libstdc++.so.6\n"
        "#7  0x0000555555555289 in wren::Nest::pop (this=0x7ff) at nest.cpp:31\n"
        "#8  0x00005555555552d1 in main () at main.cpp:9\n"
    ),
    "an assertion above gdb": (
        "wrend: nest.c:31: wren_fold: Assertion `eggs > 0' failed.\n"
        "\n"
        "Program received signal SIGABRT, Aborted.\n"
        "0x00007ffff7a42428 in __GI_raise (sig=sig@entry=6) at ../sysdeps/unix/sysv/linux/raise.c:54\n"
        "(gdb) where\n"
        "#0  0x00007ffff7a42428 in __GI_raise (sig=sig@entry=6) at ../sysdeps/unix/sysv/linux/raise.c:54\n"
        "#1  0x00007ffff7a4402a in __GI_abort () at abort.c:89\n"
        '#2  0x00007ffff7a3abd7 in __assert_fail_base (fmt=<optimized out>, assertion=0x4006a4 "eggs > 0") at assert.c:92\n'
        '#3  0x00007ffff7a3ac82 in __GI___assert_fail (assertion=0x4006a4 "eggs > 0", line=31) at assert.c:101\n'
        "#4  0x00000000004005b0 in wren_fold (eggs=0) at nest.c:31\n"
        "#5  0x00000000004005c4 in main () at main.c:9\n"
    ),
    "an assertion of Qt above gdb": (
        'ASSERT: "index >= 0 && index < size()" in file ../../include/QtCore/qlist.h, line 110\n'
        "\n"
        "Program received signal SIGABRT, Aborted.\n"
        "#0  0x00007ffff4a5a6c8 in raise () from /lib64/libc.so.6\n"
        "#1  0x00007ffff4a424b8 in abort () from /lib64/libc.so.6\n"
        "#2  0x00007ffff50980c2 in QMessageLogger::fatal(char const*, ...) const () from /lib64/libQt5Core.so.5\n"
        "#3  0x00007ffff5097513 in qt_assert(char const*, char const*, int) () from /lib64/libQt5Core.so.5\n"
        "#4  0x0000555555600d40 in QList<Egg>::at (this=0x1, i=-1) at /usr/include/qt5/QtCore/qlist.h:541\n"
        "#5  0x0000555555600d50 in NestView::paint (this=0x5) at src/nestview.cpp:88\n"
    ),
    "a check of glog above gdb": (
        "F0305 10:15:22.123456  4411 nest.cc:31] Check failed: eggs > 0 (0 vs. 0) the nest is empty\n"
        "*** Check failure stack trace: ***\n"
        "\n"
        "Program received signal SIGABRT, Aborted.\n"
        "#0  0x00007ffff4a5a6c8 in raise () from /lib64/libc.so.6\n"
        "#1  0x00007ffff4a424b8 in abort () from /lib64/libc.so.6\n"
        "#2  0x00007ffff50980c2 in google::LogMessage::Fail() () from /lib64/libglog.so.0\n"
        "#3  0x00007ffff5097513 in google::LogMessageFatal::~LogMessageFatal() () from /lib64/libglog.so.0\n"
        "#4  0x0000555555600d40 in wren::Nest::Fold (this=0x1) at nest.cc:31\n"
        "#5  0x0000555555600d50 in main () at main.cc:9\n"
    ),
    "an assertion of GLib above gdb": (
        "**\n"
        "WREN:ERROR:../src/nest.c:31:nest_fold: assertion failed (eggs > 0): (0 > 0)\n"
        "Bail out! WREN:ERROR:../src/nest.c:31:nest_fold: assertion failed (eggs > 0): (0 > 0)\n"
        "\n"
        'Thread 1 "wren" received signal SIGABRT, Aborted.\n'
        "#0  0x00007ffff4a5a6c8 in raise () from /lib64/libc.so.6\n"
        "#1  0x00007ffff4a424b8 in abort () from /lib64/libc.so.6\n"
        "#2  0x00007ffff50980c2 in g_assertion_message () from /lib64/libglib-2.0.so.0\n"
        "#3  0x00007ffff5097513 in g_assertion_message_expr () from /lib64/libglib-2.0.so.0\n"
        "#4  0x0000555555600d40 in nest_fold (eggs=0) at ../src/nest.c:31\n"
    ),
    "an exception above lldb": (
        "libc++abi: terminating due to uncaught exception of type std::out_of_range: vector\n"
        "* thread #1, queue = 'com.apple.main-thread', stop reason = signal SIGABRT\n"
        "  * frame #0: 0x000000018b1a2724 libsystem_kernel.dylib`__pthread_kill + 8\n"
        "    frame #1: 0x000000018b1d9c28 libsystem_pthread.dylib`pthread_kill + 288\n"
        "    frame #2: 0x000000018b0e7ae8 libsystem_c.dylib`abort + 180\n"
        "    frame #3: 0x000000018b192b84 libc++abi.dylib`abort_message + 132\n"
        "    frame #4: 0x000000018b1823b4 libc++abi.dylib`demangling_terminate_handler() + 320\n"
        "    frame #5: 0x0000000100003f20 wren`std::__1::vector<int>::at(this=0x1, __n=5) at vector:1234\n"
        "    frame #6: 0x0000000100003f40 wren`wren::Nest::pop(this=0x1) at nest.cpp:31:5\n"
    ),
}
READINGS = {
    "MySQL": ("backtrace", "SIGSEGV", "", "Wren::count", 5),
    "InnoDB": ("backtrace", "ASSERT", "/src/storage/innobase/page/page0page.cc line 31", "Wren::count", 5),
    "Redis": ("backtrace", "Null-dereference", "", "wrenFind", 5),
    "an assertion of Redis": ("backtrace", "ASSERT", "egg->count > 0", "wrenFind", 3),
    "MongoDB": ("backtrace", "SIGSEGV", "", "mongo::Wren::count", 5),
    "ClickHouse": ("backtrace", "SIGSEGV", "", "DB::Wren::count", 3),
    "an X server": ("backtrace", "Null-dereference", "", "_init", 4),
    "Godot on Windows": ("backtrace", "Crash", "", "Wren::count", 3),
    "Godot without symbols": ("backtrace", "SIGSEGV", "", "godot.+0x1234567", 3),
    "coredumpctl": ("backtrace", "SIGSEGV", "", "libwren.so.1.+0x9ed3", 3),
    "coredumpctl before systemd 250": ("backtrace", "Crash", "", "wren_fold", 3),
    "glibc": ("backtrace", "Stack-buffer-overflow", "stack smashing detected", "wren_fold", 4),
    "ABRT": ("gdb", "SIGSEGV", "Segmentation fault", "wren_count", 2),
    "an exception above gdb": ("gdb", "std::runtime_error", "the nest is empty", "wren::Nest::pop", 9),
    "an assertion above gdb": ("gdb", "ASSERT", "eggs > 0", "wren_fold", 6),
    "an assertion of Qt above gdb": ("gdb", "ASSERT", "index >= 0 && index < size()", "NestView::paint", 6),
    "a check of glog above gdb": ("gdb", "CHECK failure", "eggs > 0 (0 vs. 0) the nest is empty", "wren::Nest::Fold", 6),
    "an assertion of GLib above gdb": ("gdb", "ASSERT", "(0 > 0)", "nest_fold", 5),
    "an exception above lldb": ("gdb", "std::out_of_range", "vector", "wren::Nest::pop", 7),
}


def read_one(text: str) -> ParsedReport:
    [report] = read(text).reports
    return report


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_are_read_with_error_culprit_and_frames(kind: str) -> None:
    report = read_one(TEXTS[kind])
    assert report.culprit is not None
    assert (
        report.format,
        report.error_type,
        report.message,
        report.culprit.qualified,
        report.frame_count,
    ) == READINGS[kind]


def test_the_crash_begins_with_its_banner() -> None:
    for kind in ("MySQL", "MongoDB", "Redis"):
        report = read_one(TEXTS[kind])
        assert "ignal" in TEXTS[kind][report.span[0] :].partition("\n")[0]


def test_a_signal_far_above_a_stack_needs_a_banner() -> None:
    frames = TEXTS["MySQL"][TEXTS["MySQL"].index("/usr/sbin") :]
    report = read_one("a worker was sent signal 15\n" + "nothing to see\n" * 40 + frames)
    assert report.error_type == "Crash"


def test_the_time_of_a_core_is_kept_if_its_zone_is_known() -> None:
    assert read_one(TEXTS["coredumpctl"]).occurred_at == datetime(2026, 3, 5, 10, 15, 22, tzinfo=UTC)


def test_unknown_frames_of_a_core_have_their_library() -> None:
    frames = read_one(TEXTS["coredumpctl before systemd 250"]).frames
    assert [frame.qualified for frame in frames] == ["libwren.so.1.<unknown>", "<unknown>", "wren_fold"]


@pytest.mark.parametrize("facts", ["Signal: 11\nSourcePackage: wren\n", "Title: wrend crashed with SIGSEGV in wren_count()\n"])
def test_a_core_collected_by_apport(facts: str) -> None:
    text = (
        f"ProblemType: Crash\nExecutablePath: /usr/bin/wrend\n{facts}Stacktrace:\n"
        " #0  0x000055d0c0ffe1d0 in wren_count ()\n No symbol table info available.\n #1  0x000055d0c0ffe2d0 in main ()\n"
        "ThreadStacktrace:\n .\n Thread 2 (Thread 0x7f (LWP 12)):\n #0  0x00007f3ac in poll () from /lib/libc.so.6\n"
    )
    report = read_one(text)
    assert report.error_type == "SIGSEGV"
    assert report.culprit is not None
    assert report.culprit.function == "wren_count"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('TRAP: failed Assert("eggs > 0"), File: "nest.c", Line: 31, PID: 4411', "eggs > 0"),
        ('TRAP: FailedAssertion("!(eggs > 0)", File: "nest.c", Line: 31)', "!(eggs > 0)"),
        ("InnoDB: Assertion failure: nest.cc:31:eggs > 0", "eggs > 0"),
        (
            "Fatal glibc error: malloc.c:2599 (sysmalloc): assertion failed: (old_top == initial_top (av))",
            "(old_top == initial_top (av))",
        ),
        ("Assertion failed: eggs > 0 (nest.c: wren_fold: 31)", "eggs > 0"),
        ('nest.c:31: wren_fold: assertion "eggs > 0" failed', "eggs > 0"),
    ],
)
def test_assertions_above_a_backtrace(line: str, message: str) -> None:
    frames = (
        "postgres: ada wren [local] SELECT(ExceptionalCondition+0x6d)[0x55d0c0ffe1d0]\n"
        "postgres: ada wren [local] SELECT(abort+0x6d)[0x55d0c0ffe1d1]\n"
        "postgres: ada wren [local] SELECT(wren_fold+0x1d)[0x55d0c0ffe2d0]\n"
    )
    [report] = (report for report in read(f"{line}\n{frames}").reports if report.format == "backtrace")
    assert (report.error_type, report.message) == ("ASSERT", message)
    assert report.culprit is not None
    assert report.culprit.function == "wren_fold"


def test_a_panic_above_gdb_is_the_error_and_takes_its_stack() -> None:
    text = (
        "thread 'main' panicked at src/nest.rs:31:5:\nthe nest is empty\n\n"
        'Thread 1 "wren" received signal SIGABRT, Aborted.\n'
        "#0  0x00007ffff7e4bef4 in raise () from /lib64/libc.so.6\n"
        "#1  0x00007ffff7e34895 in abort () from /lib64/libc.so.6\n"
        "#2  0x0000555555556000 in std::panicking::rust_panic_with_hook () at library/std/src/panicking.rs:700\n"
        "#3  0x0000555555555289 in wren::nest::Nest::pop (self=0x1) at src/nest.rs:31\n"
    )
    report = read_one(text)
    assert (report.format, report.error_type, report.message) == ("rust", "panic", "the nest is empty")
    assert report.culprit is not None
    assert report.culprit.function == "wren::nest::Nest::pop"
