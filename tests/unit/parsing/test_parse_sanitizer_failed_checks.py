"""Native programs that end themselves: failed checks and assertions, their consequences, and fuzzers that report them."""

from __future__ import annotations

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.python.pysecsan import PysecsanParser
from graph.parsing.read import read
from graph.parsing.sanitizer.parser import SanitizerParser

ABORT = """AddressSanitizer:DEADLYSIGNAL
=================================================================
==7==ERROR: AddressSanitizer: ABRT on unknown address 0x000000000007 (pc 0x7f bp 0x7ff sp 0x7fe T0)
    #0 0x7f in raise (/lib/x86_64-linux-gnu/libc.so.6+0x1)
    #1 0x7e in abort (/lib/x86_64-linux-gnu/libc.so.6+0x2)
    #2 0x7d in __assert_fail (/lib/x86_64-linux-gnu/libc.so.6+0x3)
    #3 0x5d in shop::pay(int) /src/pay.cc:41:3
    #4 0x5c in main /src/main.cc:9:3
AddressSanitizer can not provide additional info.
SUMMARY: AddressSanitizer: ABRT (/lib/x86_64-linux-gnu/libc.so.6+0x1)
==7==ABORTING
"""
DEADLY = """==7== ERROR: libFuzzer: deadly signal
    #0 0x49 in __sanitizer_print_stack_trace /llvm/compiler-rt/lib/asan/asan_stack.cpp:86:3
    #1 0x56 in fuzzer::PrintStackTrace() /llvm/libfuzzer/FuzzerUtil.cpp:205:5
    #2 0x5d in shop::pay(int) /src/pay.cc:41:3
    #3 0x5e in LLVMFuzzerTestOneInput /src/fuzz.cc:9:3

NOTE: libFuzzer has rudimentary signal handlers.
SUMMARY: libFuzzer: deadly signal
"""
CHECKS = {
    'shop: pay.cc:41: int shop::pay(int): Assertion `price > 0 && "no price"\' failed.': ("ASSERT", 'price > 0 && "no price"'),
    "/usr/include/c++/12/bits/stl_vector.h:1123: T& std::vector<int>::operator[](n): Assertion '__n < this->size()' failed.": (
        "ASSERT",
        "__n < this->size()",
    ),
    "/x/vector.h:12: libc++ Hardening assertion __n < size() failed: vector[] index out of bounds": ("ASSERT", "__n < size()"),
    "Assertion failed: (price > 0), function pay, file pay.c, line 41.": ("ASSERT", "price > 0"),
    "Assertion failed: price > 0, file pay.c, line 41": ("ASSERT", "price > 0"),
    "Assertion failed: price > 0 (pay.c: pay: 41)": ("ASSERT", "price > 0"),
    'pay.c:41: int pay(int): assertion "price > 0" failed': ("ASSERT", "price > 0"),
    "GLib:ERROR:../src/pay.c:41:pay: assertion failed: (price > 0)": ("ASSERT", "(price > 0)"),
    "(shop:12): GLib-CRITICAL **: 10:00:00.123: pay: assertion 'price > 0' failed": ("ASSERT", "price > 0"),
    "ASSERTION FAILED: price > 0\n../src/pay.cc(41) : int shop::pay(int)": ("ASSERT", "price > 0"),
    "[12:12:0308/122440.968711:FATAL:pay.cc(41)] Check failed: price > 0 (0 vs. 1)": ("CHECK failure", "price > 0 (0 vs. 1)"),
    "[0424/050845.358008:FATAL:base/pay.cc:41] DCHECK failed: price > 0; no price": ("CHECK failure", "price > 0; no price"),
    "[1:1:0606/183214.734760:FATAL:pay.cc(41)] Security DCHECK failed: price > 0": ("Security DCHECK failure", "price > 0"),
    "[1201/130354.771719:FATAL:pay.cc(41)] NOTREACHED hit. no such price": ("CHECK failure", "no such price"),
    "F0813 00:29:27.775753  384244 pay.cc:41] Check failed: price > 0": ("CHECK failure", "price > 0"),
    "F20240813 00:29:27.775753 384244 pay.cc:41] the till is on fire": ("Fatal error", "the till is on fire"),
    "#\n# Fatal error in ../../src/pay.cc, line 41\n# Check failed: price > 0.\n#": ("CHECK failure", "price > 0"),
    "#\n# Fatal error in ../../src/pay.cc, line 41\n# Debug check failed: price > 0.\n#": ("DCHECK failure", "price > 0"),
    "#\n# Fatal error in ../../src/pay.cc, line 41\n# unreachable code\n#": ("Unreachable code", "unreachable code"),
    "#\n# Fatal process out of memory: Zone\n#": ("Out-of-memory", "Fatal process out of memory: Zone"),
    "*** Error in `./shop': double free or corruption (fasttop): 0x0000000001 ***": (
        "Heap-double-free",
        "double free or corruption (fasttop)",
    ),
    "free(): invalid pointer": ("Heap-corruption", "free(): invalid pointer"),
    "*** stack smashing detected ***: terminated": ("Stack-buffer-overflow", "stack smashing detected"),
    "terminate called after throwing an instance of 'shop::Refused'\n  what():  no price": ("shop::Refused", "no price"),
    "libc++abi: terminating due to uncaught exception of type shop::Refused: no price": ("shop::Refused", "no price"),
}


def reports(text: str) -> list[ParsedReport]:
    return list(SanitizerParser().parse(text))


@pytest.mark.parametrize(("line", "expected"), CHECKS.items())
@pytest.mark.parametrize("end", [ABORT, DEADLY, ABORT + DEADLY])
def test_a_failed_check_and_the_abort_are_one_report(line: str, expected: tuple[str, str], end: str) -> None:
    [report] = read(f"INFO: Seed: 1\n{line}\n{end}").reports
    assert (report.format, report.error_type, report.message) == ("sanitizer", *expected)
    assert report.culprit is not None
    assert (report.culprit.function, report.culprit.line) == ("shop::pay", 41)
    assert not report.echo


@pytest.mark.parametrize(("line", "expected"), CHECKS.items())
def test_a_failed_check_alone(line: str, expected: tuple[str, str]) -> None:
    found_reports = reports(f"{line}\n")
    if "CRITICAL" in line:
        # A warning that ended nothing.
        assert found_reports == []
        return
    [report] = found_reports
    assert (report.error_type, report.message) == expected
    if "41" in line:
        assert report.culprit is not None
        assert report.culprit.line == 41


@pytest.mark.parametrize(
    "text",
    [
        "java.lang.AssertionError: Assertion failed: price > 0\n\tat shop.Pay.pay(Pay.java:41)\n",
        'FATAL:  password authentication failed for user "shop"\n',
        "the assertion that free(): never fails is wrong; double free or corruption is talked about here\n",
        "Found no errors\nFinished at 10:00\n",
        "2024-05-01 10:00:00 ERROR pay failed: assertion about price\n",
    ],
)
def test_similar_text_is_not_a_failed_check(text: str) -> None:
    assert reports(text) == []


def test_an_abort_alone_is_an_echo() -> None:
    for text in (ABORT, DEADLY):
        [report] = reports(text)
        assert report.echo
        assert report.culprit is not None
        assert report.culprit.function == "shop::pay"
    assert [one.error_type for one in reports(ABORT)] == ["Abrt"]
    assert [one.error_type for one in reports(DEADLY)] == ["Fatal-signal"]


def test_a_traceback_keeps_its_error_before_an_abort() -> None:
    text = 'Traceback (most recent call last):\n  File "/srv/shop/pay.py", line 41, in pay\n    x\nKeyError: 1\n\n' + DEADLY
    [report] = read(text).reports
    assert (report.format, report.error_type) == ("python", "KeyError")
    assert report.span == (0, len(text))


@pytest.mark.parametrize(
    ("body", "error_type", "echo"),
    [
        ("timeout after 26 seconds", "Timeout", False),
        ("out-of-memory (used: 2049Mb; limit: 2048Mb)", "Out-of-memory", False),
        ("out-of-memory (malloc(2147483648))", "Out-of-memory", False),
        ("fuzz target exited", "Unexpected-exit", True),
        ("fuzz target overwrites its const input", "Overwrites-const-input", False),
    ],
)
def test_errors_of_libfuzzer(body: str, error_type: str, echo: bool) -> None:
    [report] = reports(DEADLY.replace("deadly signal", body, 1))
    assert (report.error_type, report.message, report.echo) == (error_type, body, echo)
    assert report.culprit is not None
    assert report.culprit.function == "shop::pay"


STACKS = {
    "#0 0x7f48 __interceptor_backtrace\n#1 0x7f49 logging::LogMessage::~LogMessage()\n"
    "#2 0x7f50 shop::pay()\n#3 0x7f51 main\n": 4,
    "Backtrace:\n\tlogging::LogMessage::~LogMessage [0x1321C3FE+574] (C:\\b\\logging.cc:552)\n"
    "\tshop::pay [0x1B23F3A9+367] (C:\\b\\pay.cc:41)\n": 2,
    "==== C stack trace ===============================\n\n    /srv/shop(backtrace+0x61) [0x7fe99fec1921]\n"
    "    /srv/libshop.so(shop::pay(int)+0x14) [0x7fe99fe24213]\n    [0x7fe973504204]\n": 3,
    "1   0x7f161a913b13 WTFReportBacktrace(int)\n2   0x7f162ddcf256 shop::pay(int)\n3   0x7f162ddc0750\n": 3,
    "*** Check failure stack trace: ***\n    @     0x7f6f8c  google::LogMessage::Fail()\n    @     0x7f6f8d  shop::pay()\n": 2,
}


@pytest.mark.parametrize(("stack", "count"), STACKS.items())
def test_the_stack_of_a_check_in_every_frame_style(stack: str, count: int) -> None:
    [report] = reports(f"[12:12:0308/122440.968711:FATAL:pay.cc(41)] Check failed: price > 0\n{stack}")
    assert report.frame_count == count
    assert report.culprit is not None
    assert report.culprit.function == "shop::pay"


def test_signals_reported_by_the_program() -> None:
    chromium = (
        "Received signal 11 SEGV_MAPERR 000000000010\n#0 0x55d0c0 base::debug::StackTrace::StackTrace()\n#1 0x55d0c1 pay()\n"
    )
    absl = (
        "*** SIGSEGV received at time=1660000000 on cpu 3 ***\nPC: @     0x55  (unknown)  pay()\n    @     0x55  100  pay()\n"
    )
    for text in (chromium, absl):
        [report] = reports(text)
        assert report.culprit is not None
        assert (report.error_type, report.culprit.function) == ("Null-dereference", "pay")


def test_a_bad_access_during_a_fatal_message() -> None:
    segv = ABORT.replace("ABRT on unknown address 0x000000000007", "SEGV on unknown address 0x7df7ff9da4bf")
    [report] = reports(f"#\n# Fatal error in pay.cc, line 41\n# No such till.\n#\n{segv}")
    assert report.error_type == "UNKNOWN"
    assert [(cause.relation, cause.error_type, cause.message) for cause in report.causes] == [
        ("context", "Fatal error", "No such till")
    ]


def test_sanitizers_that_find_more_than_memory_errors() -> None:
    [report] = reports(f"===BUG DETECTED: Arbitrary file open===\n===Opened file: x===\n{DEADLY}")
    assert (report.error_type, report.message) == ("Arbitrary file open", "Arbitrary file open\nOpened file: x")
    [report] = reports('CANNOT LINK EXECUTABLE "/bin/shop": library "libtill.so" not found\n')
    assert (report.error_type, report.message) == ("Missing-library", "library libtill.so not found")


def test_an_injection_found_in_python_has_a_python_stack() -> None:
    [report] = read(f"INFO: Seed: 1\n{PysecsanParser.example}== done\n").reports
    assert (report.format, report.error_type) == ("pysecsan", "PySecSan")
    assert report.message == "Command injection\ncode injection by way of os.system"
    assert [frame.function for frame in report.frames] == ["abort_with_issue", "list_orders", "main"]
    assert report.culprit is not None
    assert report.culprit.function == "list_orders"


@pytest.mark.parametrize("line", [f"{line.splitlines()[0][:40]} (a: b, file " for line in CHECKS])
def test_time_grows_linearly_with_incomplete_checks(line: str) -> None:
    assert_linear(reports, lambda n: f"{line}\n" * n, 4_000)
    assert_linear(reports, lambda n: line * n, 8_000)
