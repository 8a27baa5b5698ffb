"""Apple's crash reports: text of several versions and writers, JSON, and exceptions on the console."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.apple.parser import AppleParser
from graph.parsing.native.apple_symbols import apple_function_of
from graph.parsing.read import read

HEADER = """\
Incident Identifier: 0BD5D7C1-1111-4A85-AAF6-000000000000
CrashReporter Key:   9a01
Hardware Model:      iPad13,4
Process:             Tidepool [412]
Path:                /private/var/containers/Bundle/Application/B7/Tidepool.app/Tidepool
Identifier:          net.example.tidepool
Version:             118 (4.2.0)
Code Type:           ARM-64 (Native)
Role:                Foreground
Parent Process:      launchd [1]

Date/Time:           2025-11-02 21:04:05.123 -0800
Launch Time:         2025-11-02 21:04:01.000 -0800
OS Version:          iPhone OS 16.6.1 (20G81)
Release Type:        User
Report Version:      104

"""
IMAGES = """\
Binary Images:
       0x104a00000 -        0x104bfffff Tidepool arm64  <aaaabbbb00001111> /private/var/containers/B7/Tidepool.app/Tidepool
       0x105000000 - 0x1050fffff Kelp arm64  <aaaabbbb00002222> /private/var/containers/B7/Tidepool.app/Kelp.framework/Kelp
       0x18c000000 - 0x18c2fffff CoreFoundation arm64e  <aaaabbbb00003333> /System/Library/CoreFoundation
       0x18b000000 -        0x18b03ffff libobjc.A.dylib arm64e  <aaaabbbb00004444> /usr/lib/libobjc.A.dylib
"""


only = partial(only_report, "apple")


def test_an_uncaught_exception_without_symbols() -> None:
    report = only(
        HEADER
        + "Exception Type:  EXC_CRASH (SIGABRT)\nException Codes: 0x0000000000000000, 0x0000000000000000\n"
        + "Exception Note:  EXC_CORPSE_NOTIFY\nTermination Reason: SIGNAL 6 Abort trap: 6\nTriggered by Thread:  0\n\n"
        + "Application Specific Information:\nabort() called\n*** Terminating app due to uncaught exception "
        + "'NSRangeException', reason: '*** -[__NSArrayM objectAtIndex:]: index 4 beyond bounds [0 .. 3]'\n"
        + "terminating with uncaught exception of type NSException\n\n"
        + "Last Exception Backtrace:\n(0x18c0f1194 0x18b017cb4 0x104a5c0e8 0x105004a10 0x18c0aa000)\n\n"
        + "Thread 0 name:  Dispatch queue: com.apple.main-thread\nThread 0 Crashed:\n"
        + "0   libsystem_kernel.dylib        \t0x00000001c8d0f578 0x1c8d08000 + 30072\n"
        + "1   libsystem_pthread.dylib       \t0x00000001e2f3a10c 0x1e2f33000 + 28940\n\n"
        + "Thread 0 crashed with ARM Thread State (64-bit):\n    x0: 0x0000000000000000   x1: 0x0000000000000000\n\n"
        + IMAGES
    )
    assert report.error_type == "NSRangeException"
    assert report.message == "*** -[__NSArrayM objectAtIndex:]: index 4 beyond bounds [0 .. 3]"
    assert names(report) == [
        "CoreFoundation.+0xf1194",
        "libobjc.A.dylib.+0x17cb4",
        "Tidepool.+0x5c0e8",
        "Kelp.+0x4a10",
        "CoreFoundation.+0xaa000",
    ]
    assert blamed(report) == "Tidepool.+0x5c0e8"
    assert (report.product, report.version) == ("net.example.tidepool", "118")
    assert report.environment == {"os": "iPhone OS 16.6.1", "build": "4.2.0", "device": "iPad13,4", "cpu": "ARM-64"}
    assert report.occurred_at == datetime(2025, 11, 3, 5, 4, 5, 123000, UTC)
    assert report.extra["signal"] == "SIGABRT"


def test_the_exception_with_symbols_is_the_crash_and_not_the_abort_of_the_thread() -> None:
    report = only(
        HEADER
        + "Exception Type:  EXC_CRASH (SIGABRT)\nTriggered by Thread:  0\n\n"
        + "Last Exception Backtrace:\n"
        + "0   CoreFoundation                \t0x18c0f1194 __exceptionPreprocess + 164\n"
        + "1   libobjc.A.dylib               \t0x18b017cb4 objc_exception_throw + 60\n"
        + "2   CoreFoundation                \t0x18c1aa000 -[NSObject(NSObject) doesNotRecognizeSelector:] + 364\n"
        + "3   CoreFoundation                \t0x18c1ab000 ___forwarding___ + 1464\n"
        + "4   CoreFoundation                \t0x18c1ac000 _CF_forwarding_prep_0 + 96\n"
        + "5   Tidepool                      \t0x104a5c0e8 __38-[ShoreController loadTide:completion:]_block_invoke + 44 "
        + "(ShoreController.m:88)\n"
        + "6   libdispatch.dylib             \t0x193000000 _dispatch_call_block_and_release + 32\n\n"
        + "Thread 0 Crashed:\n0   libsystem_kernel.dylib        \t0x1c8d0f578 __pthread_kill + 8\n\n"
        + IMAGES
    )
    assert report.error_type == "EXC_CRASH"
    assert blamed(report) == "-[ShoreController loadTide:completion:]"
    assert report.culprit
    assert (report.culprit.file, report.culprit.line) == ("ShoreController.m", 88)
    assert report.frame_count == 7


def test_a_failed_check_of_swift_with_inlined_frames() -> None:
    report = only(
        HEADER.replace("iPhone OS 16.6.1 (20G81)", "macOS 14.2.1 (23C71)")
        + "Crashed Thread:        3  Dispatch queue: net.example.tide\n\n"
        + "Exception Type:        EXC_BREAKPOINT (SIGTRAP)\nException Codes:       0x0000000000000001, 0x0000000104a5c0e8\n\n"
        + "Termination Reason:    Namespace SIGNAL, Code 5 Trace/BPT trap: 5\nTerminating Process:   exc handler [412]\n\n"
        + "Thread 0::  Dispatch queue: com.apple.main-thread\n"
        + "0   libsystem_kernel.dylib        \t    0x7ff8199f2552 mach_msg2_trap + 10\n\n"
        + "Thread 3 Crashed::  Dispatch queue: net.example.tide\n"
        + "0   Tidepool                      \t       0x104a5c0e8 Swift runtime failure: Unexpectedly found nil while "
        + "unwrapping an Optional value + 0 [inlined] (<compiler-generated>:0)\n"
        + "1   Tidepool                      \t       0x104a5c0e8 Tide.height(at:) + 212 [inlined] (Tide.swift:40)\n"
        + "2   Tidepool                      \t       0x104a5c0e8 closure #2 in Shore.update(_:) + 240 (Shore.swift:17)\n"
        + "3   Tidepool                      \t       0x104a5c200 partial apply for closure #2 in Shore.update(_:) + 16\n"
        + "4   libdispatch.dylib             \t    0x7ff8199f0000 _dispatch_client_callout + 8\n\n"
        + "Thread 3 crashed with X86 Thread State (64-bit):\n  rax: 0x0\n\n"
        + IMAGES
    )
    assert (report.error_type, report.environment["os"]) == ("EXC_BREAKPOINT", "macOS 14.2.1")
    assert report.message == "Swift runtime failure: Unexpectedly found nil while unwrapping an Optional value"
    assert names(report)[1:4] == ["Tide.height", "Shore.update", "Shore.update"]
    assert [frame.inlined for frame in report.frames[:3]] == [True, True, False]
    assert blamed(report) == "Tide.height"
    assert report.extra["thread"] == "Dispatch queue: net.example.tide"


@pytest.mark.parametrize(
    ("information", "error_type", "message"),
    [
        ("Tidepool/Tide.swift:40: Fatal error: Index out of range", "EXC_CRASH", "Fatal error: Index out of range"),
        ("fatal error: no tide: file /Users/x/Tide.swift, line 40", "EXC_CRASH", "fatal error: no tide"),
        ("Assertion failed: (tide > 0), function rise, file tide.c, line 3.", "ASSERT", "(tide > 0)"),
        ("terminating with uncaught exception of type std::out_of_range: basic_string", "std::out_of_range", "basic_string"),
        (
            "BUG IN CLIENT OF LIBDISPATCH: trying to lock recursively",
            "EXC_CRASH",
            "BUG IN CLIENT OF LIBDISPATCH: trying to lock recursively",
        ),
    ],
)
def test_what_the_program_printed_last_is_the_message(information: str, error_type: str, message: str) -> None:
    report = only(
        HEADER
        + f"Exception Type:  EXC_CRASH (SIGABRT)\n\nApplication Specific Information:\nabort() called\n{information}\n\n\n"
        + "Thread 0 Crashed:\n0   libsystem_kernel.dylib 0x1c8d0f578 __pthread_kill + 8\n"
        + "1   libsystem_c.dylib 0x1c8d0f600 abort + 180\n2   Tidepool 0x104a5c0e8 tide_rise (in Tidepool) (tide.c:3)\n"
    )
    assert (report.error_type, report.message) == (error_type, message)
    assert blamed(report) == "tide_rise"


def test_a_process_that_the_watchdog_ended() -> None:
    report = only(
        HEADER
        + "Exception Type:  EXC_CRASH (SIGKILL)\nException Codes: 0x0000000000000000, 0x0000000000000000\n"
        + "Termination Reason: FRONTBOARD 2343432205\n"
        + "Termination Description: FRONTBOARD, scene-create watchdog transgression: exhausted real time allowance of 20 s\n"
        + "Triggered by Thread:  0\n\nThread 0 Crashed:\n"
        + "0   libsystem_kernel.dylib        \t0x00000001c8d0f578 semaphore_wait_trap + 8\n"
        + "1   libdispatch.dylib             \t0x0000000193000000 _dispatch_sema4_wait + 28\n"
        + "2   Tidepool                      \t0x0000000104a5c0e8 0x104a00000 + 377064\n\n"
        + IMAGES
    )
    assert report.message.startswith("FRONTBOARD, scene-create watchdog transgression")
    assert blamed(report) == "Tidepool.+0x5c0e8"


def test_an_image_name_with_spaces_and_old_headers() -> None:
    report = only(
        "Process:         Tide Pool Helper [91]\nPath:            /Applications/Tide Pool.app/Contents/MacOS/Tide Pool\n"
        "Identifier:      net.example.tidepool.mac\nVersion:         1.9 (77)\nCode Type:       X86-64 (Native)\n"
        "Date/Time:       2014-05-21 14:38:03.333 +0200\nOS Version:      Mac OS X 10.9.2 (13C64)\nReport Version:  11\n\n"
        "Crashed Thread:  0  Dispatch queue: com.apple.main-thread\n\nException Type:  EXC_BAD_ACCESS (SIGBUS)\n"
        "Exception Codes: KERN_PROTECTION_FAILURE at 0x0000000000000008\n\nVM Regions Near 0x8:\n--> __TEXT 0-1 [ 4K] r-x\n\n"
        "Thread 0 Crashed:: Dispatch queue: com.apple.main-thread\n"
        "0   Tide Pool Helper              \t0x000000010a5c0e8f tide::Pool::drain(int, char const*) const + 31\n"
        "1   com.apple.AppKit              \t0x00007fff8a000000 -[NSApplication run] + 594\n"
    )
    assert (report.error_type, report.message) == ("EXC_BAD_ACCESS", "KERN_PROTECTION_FAILURE at 0x0000000000000008")
    assert names(report) == ["tide::Pool::drain", "-[NSApplication run]"]
    assert (report.product, report.version) == ("net.example.tidepool.mac", "1.9")


def test_two_reports_in_one_text() -> None:
    first = (
        HEADER
        + "Exception Type:  EXC_BAD_ACCESS (SIGSEGV)\n\nThread 0 Crashed:\n0   Tidepool 0x104a5c0e8 Tide.rise() + 4\n\n"
        + IMAGES
    )
    reports = read(first + "\n" + first.replace("Tide.rise", "Tide.fall")).reports
    assert [blamed(report) for report in reports] == ["Tide.rise", "Tide.fall"]


def test_a_report_truncated_before_its_threads() -> None:
    report = only(HEADER + "Exception Type:  EXC_BAD_ACCESS (SIGSEGV)\nException Subtype: KERN_INVALID_ADDRESS at 0x10\n")
    assert report.truncated
    assert report.error_type == "EXC_BAD_ACCESS"


def test_crashlytics_text() -> None:
    report = only(
        "# Crashlytics - plaintext stacktrace downloaded by someone at Mon, 02 Mar 2026 09:15:22 GMT\n# Platform: apple\n"
        "# Bundle Identifier: net.example.tidepool\n# Version: 4.2.0 (118)\n# OS Version: 15.7.0 (19H12)\n"
        "# Date: 2026-03-02T09:00:00Z\n\nFatal Exception: NSInvalidArgumentException\n"
        "-[Tide rise]: unrecognized selector sent to instance 0x281\n"
        "0  CoreFoundation                 0x9e48 __exceptionPreprocess\n"
        "1  libobjc.A.dylib                0x178d8 objc_exception_throw\n"
        "2  Tidepool                       0x5c0e8 Shore.update(_:) + 17 (Shore.swift:17)\n\n"
        "com.twitter.crashlytics.ios.MachExceptionServer\n0  libsystem_kernel.dylib         0x1 mach_msg\n"
    )
    assert (report.error_type, report.message) == (
        "NSInvalidArgumentException",
        "-[Tide rise]: unrecognized selector sent to instance 0x281",
    )
    assert blamed(report) == "Shore.update"
    assert report.occurred_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    crashed = only(
        "Crashed: com.apple.main-thread\nEXC_BREAKPOINT 0x0000000104a5c0e8\n"
        "0  libswiftCore.dylib             0x1a2b4 _assertionFailure(_:_:file:line:flags:) + 312\n"
        "1  Tidepool                       0x5c0e8 specialized Shore.tide(at:) + 21 (Shore.swift:21)\n"
    )
    assert (crashed.error_type, blamed(crashed)) == ("EXC_BREAKPOINT", "Shore.tide")


def test_exceptions_on_the_console() -> None:
    report = only(
        "2026-03-05 10:15:22.144853+0100 Tidepool[412:9001] *** Terminating app due to uncaught exception "
        "'NSInternalInconsistencyException', reason: 'Invalid update: invalid number of rows in section 0.\n"
        "The number of rows must be equal.'\n*** First throw call stack:\n(\n"
        "\t0   CoreFoundation                      0x000000010f8eb1e6 __exceptionPreprocess + 294\n"
        "\t1   libobjc.A.dylib                     0x000000010ef81031 objc_exception_throw + 48\n"
        "\t2   CoreFoundation                      0x000000010f8f0472 +[NSException raise:format:arguments:] + 98\n"
        "\t3   Foundation                          0x000000010ea24652 -[NSAssertionHandler handleFailureInMethod:object:file:"
        "lineNumber:description:] + 193\n"
        "\t4   UIKitCore                           0x000000010fd4d8b2 -[UITableView _endCellAnimationsWithContext:] + 18990\n"
        "\t5   Tidepool                            0x000000010d5a3f9e $s8Tidepool5ShoreC6updateyyF + 94\n)\n"
        "libc++abi.dylib: terminating with uncaught exception of type NSException\n(lldb) \n"
    )
    assert report.error_type == "NSInternalInconsistencyException"
    assert report.message.splitlines()[1] == "The number of rows must be equal."
    assert blamed(report) == "Tidepool.Shore.update"
    assert report.occurred_at == datetime(2026, 3, 5, 9, 15, 22, 144853, UTC)
    assert report.product == "Tidepool"
    bare = only(
        "*** Terminating app due to uncaught exception 'NSUnknownKeyException', reason: '[<Tide 0x7f> setValue:]'\n"
        "*** First throw call stack:\n(0x183b1b38c 0x182dd7f0c 0x183b1b000)\n"
        "libc++abi.dylib: terminating with uncaught exception of type NSException\n"
    )
    assert (bare.error_type, bare.frames) == ("NSUnknownKeyException", ())


def document(**changes: object) -> str:
    header = {"app_name": "Tidepool", "timestamp": "2026-03-05 10:15:23.00 +0100", "app_version": "4.2.0", "bug_type": "309",
              "os_version": "iPhone OS 17.4 (21E219)", "incident_id": "0B"}  # fmt: skip
    body: dict[str, object] = {
        "uptime": 320, "procName": "Tidepool", "captureTime": "2026-03-05 10:15:22.4078 +0100", "modelCode": "iPhone15,2",
        "cpuType": "ARM-64", "osVersion": {"train": "iPhone OS 17.4", "build": "21E219"},
        "bundleInfo": {"CFBundleShortVersionString": "4.2.0", "CFBundleVersion": "118",
                       "CFBundleIdentifier": "net.example.tidepool"},
        "exception": {"type": "EXC_BAD_ACCESS", "signal": "SIGSEGV", "subtype": "KERN_INVALID_ADDRESS at 0x10"},
        "faultingThread": 1,
        "threads": [
            {"id": 1, "frames": [{"imageOffset": 8, "imageIndex": 1}]},
            {"triggered": True, "queue": "com.apple.main-thread", "frames": [
                {"imageOffset": 32, "symbol": "objc_msgSend", "symbolLocation": 32, "imageIndex": 1},
                {"imageOffset": 547323, "sourceLine": 31, "sourceFile": "Tide.swift", "symbol": "Tide.rise()", "imageIndex": 0},
                {"imageOffset": 547400, "imageIndex": 0},
            ]},
        ],
        "usedImages": [
            {"base": 4371000000, "size": 1000000, "name": "Tidepool", "path": "/var/containers/B7/Tidepool.app/Tidepool"},
            {"base": 6900000000, "size": 10000, "name": "libobjc.A.dylib", "path": "/usr/lib/libobjc.A.dylib"},
        ],
        **changes,
    }  # fmt: skip
    return json.dumps(header) + "\n" + json.dumps(body, indent=2) + "\n"


def test_a_json_report() -> None:
    report = only(document())
    assert (report.error_type, report.message) == ("EXC_BAD_ACCESS", "KERN_INVALID_ADDRESS at 0x10")
    assert names(report) == ["objc_msgSend", "Tide.rise", "Tidepool.+0x85a48"]
    assert (report.product, report.version, blamed(report)) == ("net.example.tidepool", "4.2.0", "Tide.rise")
    assert report.environment == {"os": "iPhone OS 17.4", "build": "118", "device": "iPhone15,2", "cpu": "ARM-64"}
    assert report.occurred_at == datetime(2026, 3, 5, 9, 15, 22, 407800, UTC)


def test_a_json_body_without_its_header_and_a_compact_one() -> None:
    text = document()
    body = text[text.index("\n") + 1 :]
    assert only(body).frames == only(text).frames
    assert only(json.dumps(json.loads(body))).frames == only(text).frames


def test_a_json_report_of_an_uncaught_exception() -> None:
    information = "*** Terminating app due to uncaught exception 'NSGenericException', reason: 'no tide'"
    report = only(
        document(
            exception={"type": "EXC_CRASH", "signal": "SIGABRT", "codes": "0x0, 0x0"},
            asi={"libsystem_c.dylib": ["abort() called"], "CoreFoundation": [information]},
            lastExceptionBacktrace=[
                {"imageOffset": 12, "symbol": "objc_exception_throw", "imageIndex": 1},
                {"imageOffset": 547323, "symbol": "closure #1 in Shore.update()", "imageIndex": 0},
            ],
        )
    )
    assert (report.error_type, report.message, blamed(report)) == ("NSGenericException", "no tide", "Shore.update")


def test_an_older_document_with_a_text_body() -> None:
    text = '{"app_name":"Tidepool","bug_type":"109","incident_id":"0B","timestamp":"2019-01-01 00:00:00.00 +0000"}\n'
    report = only(
        text
        + HEADER
        + "Exception Type:  EXC_BAD_ACCESS (SIGSEGV)\n\nThread 0 Crashed:\n0   Tidepool 0x104a5c0e8 Tide.rise() + 4\n"
    )
    assert blamed(report) == "Tide.rise"


def test_a_process_killed_for_its_memory() -> None:
    header = '{"bug_type":"298","timestamp":"2026-03-05 10:15:23.00 +0100","incident_id":"0B"}\n'
    body = {"crashReporterKey": "9a", "product": "iPhone15,2", "largestProcess": "Tidepool",
            "processes": [{"name": "mediaserverd"}, {"name": "Tidepool", "reason": "per-process-limit"}]}  # fmt: skip
    report = only(header + json.dumps(body, indent=1))
    assert (report.error_type, report.message, report.product) == ("JetsamEvent", "per-process-limit", "Tidepool")


@pytest.mark.parametrize(
    ("symbol", "function"),
    [
        ("Nest.count()", "Nest.count"),
        ("Shore.Tide.rise(by: Swift.Int) -> Swift.Bool", "Shore.Tide.rise"),
        ("closure #1 in closure #2 in Tide.rise()", "Tide.rise"),
        ("closure #1 (Swift.Int) -> Swift.Bool in Shore.Tide.rise(by: Swift.Int) -> ()", "Shore.Tide.rise"),
        ("@objc Tide.viewDidLoad()", "Tide.viewDidLoad"),
        ("static Tide.make(_:)", "Tide.make"),
        ("Tide.height.getter", "Tide.height"),
        ("Shore.Tide.height.setter : Swift.Int", "Shore.Tide.height"),
        ("specialized Array._checkSubscript(_:wasNativeTypeChecked:)", "Array._checkSubscript"),
        ("generic specialization <Swift.Int> of Swift.Array.append(__owned A) -> ()", "Swift.Array.append"),
        ("protocol witness for Risible.rise() in conformance Tide", "Risible.rise"),
        ("(2) await resume partial function for Tide.load()", "Tide.load"),
        ("Tide.(helper in _1234ABCD5678EF)(x:)", "Tide.helper"),
        ("(extension in Shore):Swift.Array.second() -> A?", "Swift.Array.second"),
        ("Pool<A>.drain(_:)", "Pool.drain"),
        ("helper #1 (x:) in Tide.rise()", "Tide.rise"),
        ("__38-[ShoreController loadTide:completion:]_block_invoke_2", "-[ShoreController loadTide:completion:]"),
        ("__tide_rise_block_invoke", "tide_rise"),
        ("-[Tide riseBy:] ", "-[Tide riseBy:]"),
        ("tide::Pool::drain(int, char const*) const", "tide::Pool::drain"),
        ("thunk for @escaping @callee_guaranteed () -> ()", "thunk for @escaping @callee_guaranteed () -> ()"),
        ("$s8Tidepool5ShoreC6updateyyF", "Tidepool.Shore.update"),
        ("$s8Tidepool5ShoreC6updateyyFyycfU_", "Tidepool.Shore.update"),
        ("_$s4Kelp4leafyyF", "Kelp.leaf"),
        ("$sSq1", "$sSq1"),
    ],
)
def test_names_of_functions(symbol: str, function: str) -> None:
    assert apple_function_of(symbol) == function


def test_frames_of_another_builds_are_alike() -> None:
    base = document()
    shifted = base.replace("4371000000", "4999000000")
    assert only(base).frames == only(shifted).frames


@pytest.mark.parametrize(
    "unit",
    [
        "Thread 0 Crashed:\n0   Tidepool 0x104a5c0e8 Tide.rise() + 4\n",
        "Incident Identifier: x\nException Type:  EXC_CRASH (SIGABRT)\n",
        '{"bug_type":"309"}\n{"procName":\n',
        '{"procName":\n',
        'x "procName" ',
        'x "bug_type" ',
        "*** Terminating app due to uncaught exception 'NSX', reason: 'a\n",
        "*** Terminating app due to uncaught exception 'NSX', reason: 'a'\n*** First throw call stack:\n(\n0 a 0x1 b + 1\n",
        "Exception Type: \nApplication Specific Information:\n",
        "Last Exception Backtrace:\n(0x1 0x2)\n",
        "0   a 0x1 " + "closure #1 in " * 20,
        "Crashed: x\nEXC_BREAKPOINT 0x0\n",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    start = "Exception Type:  EXC_CRASH (SIGABRT)\nThread 0 Crashed:\n"
    assert_linear(lambda text: list(AppleParser().parse(text)), lambda count: start + unit * count, 4_000)


def test_an_exception_of_kotlin_in_crashlytics() -> None:
    report = only(
        "Fatal Exception: kotlin.IllegalStateException: no tide\n"
        "0  Shared                         0x1234 kfun:kotlin.Throwable#<init>(kotlin.String?){} + 88\n"
        "1  Shared                         0x1235 kfun:net.tide.Pool#drain(){} + 100\n"
    )
    assert (report.error_type, report.message, blamed(report)) == (
        "kotlin.IllegalStateException",
        "no tide",
        "net.tide.Pool.drain",
    )


def test_a_signature_apart_from_the_information() -> None:
    report = only(
        HEADER
        + "Exception Type:  EXC_CRASH (SIGABRT)\n\nApplication Specific Information:\nabort() called\n\n\n"
        + "Application Specific Signatures:\nNSInvalidArgumentException\n\nApplication Specific Backtrace 0:\n"
        + "0   CoreFoundation                      0x000000018b4a2800 __exceptionPreprocess + 176\n"
        + "1   Tidepool                            0x0000000104a5c0e8 -[Tide riseBy:] + 120\n\n"
        + "Thread 0 Crashed::  Dispatch queue: com.apple.main-thread\n"
        "0   libsystem_kernel.dylib 0x18b355d98 __pthread_kill + 8\n"
    )
    assert (report.error_type, blamed(report)) == ("NSInvalidArgumentException", "-[Tide riseBy:]")


def test_a_limit_of_resources() -> None:
    report = only(
        HEADER + "Exception Type:  EXC_RESOURCE\nException Subtype: MEMORY\n"
        "Exception Message: (Limit 1400 MB) Crossed High Water Mark\n\n"
        + "Thread 4 name:\nThread 4 Attributed:\n0   libsystem_kernel.dylib 0x1 mach_msg_trap + 8\n"
        + "1   Tidepool 0x104a5c0e8 Cache.fill() + 20\n"
    )
    assert report.message == "MEMORY: (Limit 1400 MB) Crossed High Water Mark"
    assert blamed(report) == "Cache.fill"


def test_a_json_report_cut_off_below_its_exception_and_a_hang() -> None:
    text = document()
    report = only(text[: text.index('"faultingThread"')])
    assert report.truncated
    assert (report.error_type, report.message) == ("EXC_BAD_ACCESS", "KERN_INVALID_ADDRESS at 0x10")
    hang = only('{"bug_type":"288","timestamp":"2026-03-05 10:15:22.00 +0100","incident_id":"5"}\n{"reason":"watchdog"}\n')
    assert (hang.error_type, hang.message) == ("Hang", "watchdog")


def test_crash_functions_of_cpp_are_not_to_blame() -> None:
    report = only(
        HEADER + "Exception Type:  EXC_BAD_ACCESS (SIGSEGV)\nException Codes: KERN_INVALID_ADDRESS at 0xbbadbeef\n\n"
        "Thread 0 Crashed:\n0   com.apple.JavaScriptCore 0x00007ff81a2b3c4d WTFCrash + 14\n"
        "1   com.apple.WebCore 0x00007ff81a2b4c4d 0x7ff81a2b0000 + 19533\n"
        "2   Tidepool 0x0000000104a5c0e8 google::LogMessage::Fail() + 4\n"
        "3   Tidepool 0x0000000104a5c1e8 tide::Chart::draw(unsigned int) + 20\n"
        "4   Tidepool 0x0000000104a5c2e8 main + 20\n"
    )
    assert blamed(report) == "tide::Chart::draw"


def diagnostics(*crashes: dict[str, object]) -> str:
    return json.dumps(
        {"timeStampEnd": "2026-03-05 10:15:00", "hangDiagnostics": [{"callStackTree": {}}], "crashDiagnostics": crashes}
    )


def diagnostic(signal: int, offset: int, **facts: object) -> dict[str, object]:
    inner = {"binaryName": "libsystem_kernel.dylib", "offsetIntoBinaryTextSegment": 4096, "address": 7170766264}
    caller = {"binaryName": "Tidepool", "offsetIntoBinaryTextSegment": offset, "address": 4365766264}
    stack = {"threadAttributed": True, "callStackRootFrames": [{**inner, "subFrames": [caller]}]}
    return {
        "callStackTree": {"callStacks": [{"threadAttributed": False, "callStackRootFrames": [caller]}, stack]},
        "diagnosticMetaData": {
            "bundleIdentifier": "net.example.tidepool", "appVersion": "4.2", "appBuildVersion": "118",
            "osVersion": "iPhone OS 17.2", "deviceType": "iPad13,4", "exceptionType": 1, "signal": signal, **facts,
        },
    }  # fmt: skip


def test_each_crash_of_metrickit() -> None:
    thrown = {"exceptionName": "NSRangeException", "composedMessage": "index 4 beyond bounds"}
    text = diagnostics(
        diagnostic(11, 4660, terminationReason="Namespace SIGNAL, Code 0xb"), diagnostic(10, 9, exceptionReason=thrown)
    )
    fault, raised = read(text).reports
    assert (fault.error_type, fault.message) == ("EXC_BAD_ACCESS", "Namespace SIGNAL, Code 0xb")
    assert [frame.qualified for frame in fault.frames] == ["libsystem_kernel.dylib.+0x1000", "Tidepool.+0x1234"]
    assert blamed(fault) == "Tidepool.+0x1234"
    assert (fault.product, fault.version, fault.environment["os"]) == ("net.example.tidepool", "4.2", "iPhone OS 17.2")
    assert (raised.error_type, raised.message, raised.extra["signal"]) == (
        "NSRangeException",
        "index 4 beyond bounds",
        "SIGBUS",
    )
    assert fault.span[1] == raised.span[0]


@pytest.mark.parametrize(
    "text", ['{"crashDiagnostics": [', '{"crashDiagnostics": 1}', '{"crashDiagnostics": [1, {}]}', "crashDiagnostics"]
)
def test_unusual_diagnostics_do_not_raise(text: str) -> None:
    AppleParser().sniff(text)
    list(AppleParser().parse(text))
