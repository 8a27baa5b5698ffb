"""Sanitizer reports of real runs: every kind, several in one text, in logs, and truncated."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import only_report

from graph.model.report import ParsedReport
from graph.parsing.sanitizer.header_search import READERS
from graph.parsing.sanitizer.parser import SanitizerParser

OVERFLOW = """=================================================================
==26900==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000020 at pc 0x5568721db288 bp 0x7fff sp 0x7ffe
READ of size 4 at 0x602000000020 thread T0 (worker)
    #0 0x5568721db287 in shop::over(int*, int) /src/shop.c:8
    #1 0x5568721db493 in main /src/shop.c:13
    #2 0x7f9c8be45249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
    #3 0x5568721db180 in _start (/srv/shop+0x1180)

0x602000000020 is located 0 bytes to the right of 16-byte region [0x602000000010,0x602000000020)
allocated by thread T0 here:
    #0 0x7f9c8c0b89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x5568721db480 in main /src/shop.c:13

SUMMARY: AddressSanitizer: heap-buffer-overflow /src/shop.c:8 in shop::over(int*, int)
Shadow bytes around the buggy address:
  0x0c047fff7fb0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
==26900==ABORTING
"""
SEGV = """AddressSanitizer:DEADLYSIGNAL
=================================================================
==7==ERROR: AddressSanitizer: SEGV on unknown address 0x{address} (pc 0x562f bp 0x7ffd sp 0x7ffd T0)
==7==The signal is caused by a {access} memory access.
==7==Hint: address points to the zero page.
    #0 0x562f in main /src/shop.c:16:33
    #1 0x7f5e in __libc_start_main csu/../csu/libc-start.c:360:3

AddressSanitizer can not provide additional info.
SUMMARY: AddressSanitizer: SEGV /src/shop.c:16:33 in main
==7==ABORTING
"""
RACE = """==================
WARNING: ThreadSanitizer: data race (pid=26914)
  Read of size 4 at 0x562b1e4ce07c by main thread:
    #0 main /src/shop.c:20 (shop+0x13b7)

  Previous write of size 4 at 0x562b1e4ce07c by thread T1:
    #0 work /src/shop.c:7 (shop+0x1228)

  Location is global 'g' of size 4 at 0x562b1e4ce07c (shop+0x407c)

  Thread T1 (tid=26916, finished) created by main thread at:
    #0 pthread_create ../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp:1001 (libtsan.so.2+0x5e686)
    #1 main /src/shop.c:20 (shop+0x13ab)

SUMMARY: ThreadSanitizer: data race /src/shop.c:20 in main
==================
"""
LEAKS = """
=================================================================
==26907==ERROR: LeakSanitizer: detected memory leaks

Indirect leak of 8 byte(s) in 1 object(s) allocated from:
    #0 0x7f in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x55 in name_of /src/shop.c:40

Direct leak of 33 byte(s) in 1 object(s) allocated from:
    #0 0x7f in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x55 in open_cart /src/shop.c:18

SUMMARY: AddressSanitizer: 41 byte(s) leaked in 2 allocation(s).
"""
UNINITIALISED = """==26925==WARNING: MemorySanitizer: use-of-uninitialized-value
    #0 0x55f2bf085696 in main /src/shop.c:22:34
    #1 0x7f7c76f5f304 in __libc_start_main csu/../csu/libc-start.c:360:3

  Uninitialized value was created by a heap allocation
    #0 0x55f2 in malloc (/srv/shop+0x12)
    #1 0x55f3 in cart_of /src/shop.c:21:9

SUMMARY: MemorySanitizer: use-of-uninitialized-value /src/shop.c:22:34 in main
Exiting
"""
UNDEFINED = """shop.c:19:32: runtime error: signed integer overflow: 2 + 2147483647 cannot be represented in type 'int'
    #0 0x55a91e935472 in total /src/shop.c:19
    #1 0x55a91e935110 in _start (/srv/shop+0x1110)

shop.c:19:68: runtime error: shift exponent 42 is too large for 32-bit type 'int'
"""


def reports(text: str) -> list[ParsedReport]:
    return list(SanitizerParser().parse(text))


only = partial(only_report, "sanitizer")


def functions(report: ParsedReport) -> list[str]:
    return [frame.function for frame in report.frames]


def test_an_overflow_with_its_access_and_allocation() -> None:
    report = only(OVERFLOW)
    assert report.error_type == "Heap-buffer-overflow"
    assert report.message == "READ of size 4, 0 bytes to the right of 16-byte region"
    assert functions(report) == ["shop::over", "main", "__libc_start_call_main", "_start"]
    assert report.culprit is not None
    assert (report.culprit.function, report.culprit.file, report.culprit.line) == ("shop::over", "/src/shop.c", 8)
    assert [frame.in_app for frame in report.frames] == [None, None, False, False]
    facts = {"pid": "26900", "access": "READ", "access_size": "4", "thread": "T0 (worker)", "address": "0x602000000020"}
    assert facts.items() <= report.extra.items()
    assert [(cause.relation, cause.error_type, len(cause.frames)) for cause in report.causes] == [
        ("context", "Allocated by thread T0 here", 2)
    ]
    assert report.span == (0, len(OVERFLOW))
    assert (report.severity, report.echo, report.truncated) == ("critical", False, False)


@pytest.mark.parametrize(
    ("address", "access", "error_type"),
    [
        ("000000000008", "WRITE", "Null-dereference WRITE"),
        ("00000000ffff", "READ", "Null-dereference READ"),
        ("000000010000", "READ", "UNKNOWN READ"),
        ("414141414141", "UNKNOWN", "UNKNOWN"),
    ],
)
def test_the_address_determines_the_type_of_a_bad_access(address: str, access: str, error_type: str) -> None:
    report = only(SEGV.format(address=address, access=access))
    assert report.error_type == error_type
    assert "zero page" in report.message
    assert report.culprit is not None
    assert report.culprit.line == 16


@pytest.mark.parametrize(
    ("body", "error_type"),
    [
        ("attempting double-free on 0x602000000010 in thread T0:", "Heap-double-free"),
        ("attempting free on address which was not malloc()-ed: 0x55d4 in thread T0", "Bad-free"),
        ("alloc-dealloc-mismatch (malloc vs operator delete) on 0x602000000010", "Alloc-dealloc-mismatch"),
        ("negative-size-param: (size=-1)", "Negative-size-param"),
        ("memcpy-param-overlap: memory ranges [0x1,0x2) and [0x1, 0x3) overlap", "Memcpy-param-overlap"),
        ("requested allocation size 0x4000000000000 exceeds maximum supported size of 0x10000000000", "Out-of-memory"),
        ("stack-overflow on address 0x7ffdcec4fc40 (pc 0x55ef bp 0x7f sp 0x7f T0)", "Stack-overflow"),
        ("FPE on unknown address 0x1 (pc 0x1 bp 0x1 sp 0x1 T0)", "Floating-point-exception"),
        ("int-divide-by-zero on unknown address 0x1 (pc 0x1 bp 0x1 sp 0x1 T0)", "Divide-by-zero"),
        ("BUS on unknown address 0x1 (pc 0x1 bp 0x1 sp 0x1 T0)", "Bus"),
        ("odr-violation (0x55d4c0):", "Odr-violation"),
    ],
)
def test_types_of_memory_errors(body: str, error_type: str) -> None:
    text = f"==5==ERROR: AddressSanitizer: {body}\n    #0 0x1 in free (/srv/shop+0x1)\n    #1 0x2 in drop(int) /src/a.cc:3:1\n"
    report = only(text)
    assert report.error_type == error_type
    assert report.culprit is not None
    assert report.culprit.function == "drop"


def test_a_race_has_the_other_access_as_context() -> None:
    report = only(RACE)
    assert (report.error_type, report.message, functions(report)) == ("Data race", "READ of size 4", ["main"])
    assert [cause.error_type.partition(" (tid")[0] for cause in report.causes] == [
        "Previous write of size 4 by thread T1",
        "Thread T1",
    ]
    assert report.causes[0].frames[0].function == "work"
    assert [one.error_type for one in reports(RACE + RACE.replace("main", "other").replace(":20", ":30"))] == ["Data race"] * 2
    assert len(reports(RACE + RACE)) == 1


def test_leaks_are_one_report_with_the_direct_one_as_error() -> None:
    report = only(LEAKS)
    assert (report.error_type, report.message) == ("Direct-leak", "Direct leak of 33 byte(s) in 1 object(s)")
    assert report.culprit is not None
    assert report.culprit.function == "open_cart"
    assert [(cause.relation, cause.error_type) for cause in report.causes] == [("member", "Indirect-leak")]


def test_an_uninitialised_value_and_its_origin() -> None:
    report = only(UNINITIALISED)
    assert report.error_type == "Use-of-uninitialized-value"
    assert [cause.frames[-1].function for cause in report.causes] == ["cart_of"]


def test_undefined_behaviour_with_and_without_a_stack() -> None:
    first, second = reports(UNDEFINED)
    assert (first.error_type, functions(first)) == ("Integer-overflow", ["total", "_start"])
    assert second.error_type == "Undefined-shift"
    assert second.culprit is not None
    assert (second.culprit.qualified, second.culprit.line) == ("shop.c.<unknown>", 19)


@pytest.mark.parametrize(
    ("message", "error_type"),
    [
        ("division by zero", "Divide-by-zero"),
        ("index 256 out of bounds for type 'uint8_t [256]'", "Index-out-of-bounds"),
        ("store to null pointer of type 'int'", "Null-dereference WRITE"),
        ("load of null pointer of type 'int'", "Null-dereference READ"),
        ("member call on null pointer of type 'Cart'", "Null-dereference"),
        ("load of misaligned address 0x1 for type 'int', which requires 4 byte alignment", "Misaligned-address"),
        ("load of value 3, which is not a valid value for type 'bool'", "Invalid-bool-value"),
        ("execution reached an unreachable program point", "Unreachable code"),
        ("applying non-zero offset 4 to null pointer", "Pointer-overflow"),
        ("control flow integrity check for type 'B' failed during cast to unrelated type", "Bad-cast"),
        ("something nobody has heard of", "UNKNOWN"),
    ],
)
def test_types_of_undefined_behaviour(message: str, error_type: str) -> None:
    assert only(f"/src/a b/x.cc:3:4: runtime error: {message}\n").error_type == error_type


def test_runtime_errors_of_go_are_ignored() -> None:
    assert reports("panic: runtime error: index out of range [3] with length 3\n") == []


def test_an_unsymbolised_repetition_is_the_same_report() -> None:
    again = OVERFLOW.replace(" in shop::over(int*, int) /src/shop.c:8", "  (/srv/shop+0x1287)")
    [report] = reports(f"{OVERFLOW}\n+---- unsymbolized ----+\n{again}")
    assert functions(report)[0] == "shop::over"


def test_two_processes_are_two_reports() -> None:
    other = OVERFLOW.replace("26900", "26999").replace("0x602000000020", "0x602000000050")
    assert [report.extra["pid"] for report in reports(f"{OVERFLOW}some log\n{other}")] == ["26900", "26999"]


@pytest.mark.parametrize(
    "prefix", ["2024-05-01T10:00:00Z ", "CRASH LOG: ", "05-01 10:00:00.123  1234  1235 I shop    : ", "  "]
)
def test_a_prefix_before_every_line(prefix: str) -> None:
    [report] = reports("".join(f"{prefix}{line}\n" for line in OVERFLOW.splitlines()))
    assert (report.error_type, report.frame_count) == ("Heap-buffer-overflow", 4)
    assert report.culprit is not None
    assert report.culprit.function == "shop::over"
    assert len(report.causes) == 1


def test_frames_that_share_an_address_are_inlined_except_the_last() -> None:
    text = OVERFLOW.replace("    #0 0x5568721db287", "    #0 0x5568721db287 in at /src/box.h:3\n    #1 0x5568721db287")
    report = only(text)
    assert [frame.inlined for frame in report.frames[:2]] == [True, False]


def test_the_culprit_of_a_stack_overflow_is_the_recursion() -> None:
    lines = [
        "==7==ERROR: AddressSanitizer: stack-overflow on address 0x7ffd (pc 0x1 bp 0x1 sp 0x1 T0)",
        "    #0 0x1 in leaf /a.c:1",
    ]
    lines += [
        f"    #{number} 0x{number} in {'walk' if number % 2 else 'visit'} /a.c:{2 + number % 2}" for number in range(1, 40)
    ]
    report = only("\n".join(lines))
    assert report.frame_count == 40
    assert report.culprit is not None
    assert report.culprit.function == "walk"


def test_a_recursive_frame_is_folded() -> None:
    frames = "".join(f"    #{number} 0x1 in walk /a.c:3:1\n" for number in range(200))
    report = only(f"==7==ERROR: AddressSanitizer: stack-overflow on address 0x7ffd (pc 0x1 bp 0x1 sp 0x1 T0)\n{frames}")
    assert (len(report.frames), report.frame_count) == (1, 200)


def test_a_summary_alone_is_a_truncated_report() -> None:
    report = only("SUMMARY: AddressSanitizer: heap-use-after-free /src/shop.c:8:3 in shop::over(int*, int)\n")
    assert (report.error_type, report.truncated, functions(report)) == ("Heap-use-after-free", True, ["shop::over"])


@pytest.mark.parametrize("text", [OVERFLOW, SEGV, RACE, LEAKS, UNINITIALISED, UNDEFINED])
def test_truncation_at_every_position_does_not_raise(text: str) -> None:
    for end in range(len(text)):
        for report in reports(text[:end]):
            assert 0 <= report.span[0] <= report.span[1] <= end


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*OVERFLOW.splitlines(), *RACE.splitlines(), *LEAKS.splitlines(), *(one for one, _ in READERS)]))
)
def test_shuffled_lines_do_not_raise(lines: list[str]) -> None:
    end = 0
    for report in reports("\n".join(lines)):
        assert end <= report.span[0] <= report.span[1]
        end = report.span[1]


@pytest.mark.parametrize("literal", [literal for literal, _ in READERS])
def test_time_grows_linearly_with_a_line_of_one_literal(literal: str) -> None:
    assert_linear(reports, lambda n: literal.strip("\n") * (n // len(literal)), 250_000)


@pytest.mark.parametrize("line", ["#", "\n", "    #1 0x1 in f(int) /a.c:1\n", "a<(b) ", "freed by thread T0 here\n"])
def test_time_grows_linearly_with_the_text_below_a_header(line: str) -> None:
    head = "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1\n    #0 0x1 in f /a.c:1\n"
    assert_linear(reports, lambda n: head + line * (n // len(line)), 250_000)
