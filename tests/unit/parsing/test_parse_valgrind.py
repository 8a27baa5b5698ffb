"""Errors of Valgrind's tools, in the layout of its manual and of logs in the field."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.read import read
from graph.parsing.valgrind.parser import ValgrindParser

HEADER = """\
==812== Memcheck, a memory error detector
==812== Copyright (C) 2002-2022, and GNU GPL'd, by Julian Seward et al.
==812== Using Valgrind-3.22.0 and LibVEX; rerun with -h for copyright info
==812== Command: ./wren --fold 3
==812==
"""
STACK = """\
==812==    at 0x10918B: wren::Nest::count() const (nest.cpp:31)
==812==    by 0x1091D2: wren::fold(wren::Nest const&) (fold.cpp:12)
==812==    by 0x4A5A0B2: (below main) (libc-start.c:308)
"""
LEAKS = """\
==812== HEAP SUMMARY:
==812==     in use at exit: 72,744 bytes in 3 blocks
==812==   total heap usage: 5 allocs, 2 frees, 73,800 bytes allocated
==812==
==812== 8 bytes in 1 blocks are still reachable in loss record 1 of 3
==812==    at 0x483B7F3: malloc (in /usr/lib/x86_64-linux-gnu/valgrind/vgpreload_memcheck-amd64-linux.so)
==812==    by 0x109160: wren_keep (keep.c:4)
==812==
==812== 24 bytes in 1 blocks are indirectly lost in loss record 2 of 3
==812==    at 0x483B7F3: malloc (in /usr/lib/x86_64-linux-gnu/valgrind/vgpreload_memcheck-amd64-linux.so)
==812==    by 0x109171: wren_name (name.c:9)
==812==
==812== 72 (48 direct, 24 indirect) bytes in 1 blocks are definitely lost in loss record 3 of 3
==812==    at 0x483B7F3: malloc (in /usr/lib/x86_64-linux-gnu/valgrind/vgpreload_memcheck-amd64-linux.so)
==812==    by 0x109181: wren_new (nest.c:14)
==812==    by 0x1091A2: main (main.c:8)
==812==
==812== LEAK SUMMARY:
==812==    definitely lost: 48 bytes in 1 blocks
"""
RACE = """\
==812== Possible data race during write of size 4 at 0x10C014 by thread #1
==812== Locks held: none
==812==    at 0x109236: wren_count_up (count.c:13)
==812==    by 0x109280: main (main.c:20)
==812==
==812== This conflicts with a previous write of size 4 by thread #2
==812== Locks held: none
==812==    at 0x109206: wren_worker (worker.c:6)
==812==    by 0x4842B1A: mythread_wrapper (hg_intercepts.c:389)
"""
DIED = """\
==812== Jump to the invalid address stated on the next line
==812==    at 0x0: ???
==812==    by 0x1091A2: wren_call (call.c:8)
==812==    by 0x1091C2: main (main.c:8)
==812==  Address 0x0 is not stack'd, malloc'd or (recently) free'd
==812==
==812==
==812== Process terminating with default action of signal 11 (SIGSEGV)
==812==  Bad permissions for mapped region at address 0x0
==812==    at 0x0: ???
==812==    by 0x1091A2: wren_call (call.c:8)
==812==    by 0x1091C2: main (main.c:8)
"""
XML = """\
<?xml version="1.0"?>
<valgrindoutput>
<protocoltool>memcheck</protocoltool>
<error>
  <unique>0x0</unique>
  <kind>InvalidRead</kind>
  <what>Invalid read of size 4</what>
  <stack>
    <frame><ip>0x10918B</ip><obj>/opt/wren</obj><fn>wren::Table&lt;int&gt;::find(int)</fn><dir>/src/wren</dir><file>table.h</file><line>31</line></frame>
    <frame><ip>0x1091D2</ip><obj>/opt/wren</obj><fn>main</fn><dir>/src/wren</dir><file>main.cpp</file><line>9</line></frame>
  </stack>
  <auxwhat>Address 0x4a8d040 is 0 bytes after a block of size 16 alloc'd</auxwhat>
  <stack>
    <frame><ip>0x483B7F3</ip><obj>/usr/lib/valgrind/vgpreload_memcheck-amd64-linux.so</obj><fn>malloc</fn></frame>
  </stack>
</error>
</valgrindoutput>
"""


def read_one(text: str) -> ParsedReport:
    [report] = read(text).reports
    assert report.format == "valgrind"
    return report


@pytest.mark.parametrize(
    ("title", "remark", "error_type"),
    [
        ("Invalid read of size 8", " Address 0x4a8d040 is 16 bytes inside a block of size 64 free'd", "Heap-use-after-free"),
        ("Invalid write of size 4", " Address 0x4a8d040 is 0 bytes after a block of size 16 alloc'd", "Heap-buffer-overflow"),
        ("Invalid read of size 1", " Address 0x4a8d03f is 1 bytes before a block of size 16 alloc'd", "Heap-buffer-overflow"),
        ("Invalid read of size 4", " Address 0x8 is not stack'd, malloc'd or (recently) free'd", "Null-dereference READ"),
        ("Invalid write of size 4", " Address 0xdeadbeef00 is not stack'd, malloc'd or (recently) free'd", "UNKNOWN WRITE"),
        ("Invalid read of size 4", ' Address 0x10c03c is 4 bytes after data symbol "wren_table"', "Global-buffer-overflow"),
        ("Conditional jump or move depends on uninitialised value(s)", "", "Use-of-uninitialized-value"),
        ("Syscall param write(buf) points to uninitialised byte(s)", "", "Use-of-uninitialized-value"),
        (
            "Syscall param read(buf) points to unaddressable byte(s)",
            " Address 0x0 is not stack'd, malloc'd or (recently) free'd",
            "Null-dereference READ",
        ),
        (
            "Invalid free() / delete / delete[] / realloc()",
            " Address 0x4a8d040 is 0 bytes inside a block of size 16 free'd",
            "Heap-double-free",
        ),
        ("Invalid free() / delete / delete[] / realloc()", " Address 0x1ffefff0 is on thread 1's stack", "Bad-free"),
        (
            "Mismatched free() / delete / delete []",
            " Address 0x4a8d040 is 0 bytes inside a block of size 16 alloc'd",
            "Alloc-dealloc-mismatch",
        ),
        ("Source and destination overlap in memcpy(0x4a8d040, 0x4a8d044, 16)", "", "Memcpy-param-overlap"),
        ("Argument 'size' of function malloc has a fishy (possibly negative) value: -1", "", "Negative-size-param"),
        ('Thread #1: lock order "0x10C0A0 before 0x10C0E0" violated', "", "Lock-order-inversion"),
        ("Conflicting store by thread 2 at 0x10c014 size 4", "", "Data race"),
    ],
)
def test_errors_have_the_types_of_sanitizers(title: str, remark: str, error_type: str) -> None:
    text = HEADER + f"==812== {title}\n{STACK}" + (f"==812== {remark}\n" if remark else "") + "==812== \n"
    report = read_one(text)
    assert report.error_type == error_type
    assert report.culprit is not None
    assert report.culprit.function == "wren::Nest::count"
    assert report.frame_count == 3
    assert report.extra["process"] == "wren"


def test_the_stacks_of_release_and_allocation_are_context() -> None:
    release = "==812==    at 0x483CA3F: free (vg_replace_malloc.c:540)\n==812==    by 0x1091AA: wren_clear (nest.c:70)\n"
    allocation = "==812==  Block was alloc'd at\n==812==    at 0x483B7F3: malloc (vg_replace_malloc.c:309)\n"
    text = f"==812== Invalid read of size 8\n{STACK}==812==  Address 0x4a8d040 is 8 bytes inside a block of size 16 free'd\n"
    report = read_one(text + release + allocation + "==812== \n")
    assert report.message == "Invalid read of size 8, 8 bytes inside a block of size 16 free'd"
    assert [[frame.function for frame in cause.frames] for cause in report.causes] == [["free", "wren_clear"], ["malloc"]]
    assert {cause.relation for cause in report.causes} == {"context"}


def test_the_leaks_of_a_process_are_one_report() -> None:
    report = read_one(HEADER + LEAKS)
    assert report.error_type == "Direct-leak"
    assert report.culprit is not None
    assert report.culprit.function == "wren_new"
    assert [(cause.relation, cause.error_type) for cause in report.causes] == [("member", "Indirect-leak")]


def test_a_race_has_the_stack_of_the_other_thread() -> None:
    report = read_one(RACE)
    assert (report.error_type, report.frames[0].function) == ("Data race", "wren_count_up")


def test_the_signal_belongs_to_the_error_that_caused_it() -> None:
    report = read_one(DIED)
    assert report.error_type == "Null-dereference EXECUTE"
    assert report.culprit is not None
    assert report.culprit.function == "wren_call"


def test_an_abort_is_explained_by_the_message_above_it() -> None:
    abort = (
        "==812== Process terminating with default action of signal 6 (SIGABRT)\n"
        "==812==    at 0x4A5A18B: raise (raise.c:51)\n==812==    by 0x4A39858: abort (abort.c:79)\n"
        "==812==    by 0x4A49FD5: __assert_fail (assert.c:101)\n==812==    by 0x1091A2: wren_fold (fold.c:8)\n"
    )
    report = read_one("wren: fold.c:8: wren_fold: Assertion `eggs > 0' failed.\n==812== \n" + abort)
    assert (report.error_type, report.message) == ("ASSERT", "eggs > 0")
    assert report.culprit is not None
    assert report.culprit.function == "wren_fold"


def test_errors_are_separate_reports() -> None:
    text = HEADER + f"==812== Invalid read of size 8\n{STACK}==812== \n==812== Invalid write of size 2\n{STACK}==812== \n"
    assert [report.message for report in read(text).reports] == ["Invalid read of size 8", "Invalid write of size 2"]


def test_lines_of_two_processes_may_be_mixed() -> None:
    mine = f"==812== Invalid read of size 8\n{STACK}==812== \n".splitlines()
    other = f"==812== Invalid write of size 2\n{STACK}==812== \n".replace("812", "77").splitlines()
    mixed = "\n".join(line for pair in zip(mine, other, strict=True) for line in pair) + "\n"
    assert {report.message for report in read(mixed).reports} == {"Invalid read of size 8", "Invalid write of size 2"}


def test_time_stamps_before_the_process() -> None:
    text = f"==812== Invalid read of size 8\n{STACK}==812== \n".replace("==812==", "==00:00:00:01.234 812==")
    assert read_one(text).culprit is not None


def test_xml() -> None:
    report = read_one(XML)
    assert report.error_type == "Heap-buffer-overflow"
    assert report.frames[0].function == "wren::Table<int>::find"
    assert (report.frames[0].file, report.frames[0].line) == ("/src/wren/table.h", 31)
    assert len(report.causes) == 1


@pytest.mark.parametrize(
    "text", [HEADER, "==812== LEAK SUMMARY:\n==812==    definitely lost: 0 bytes in 0 blocks\n", "a == b == c\n"]
)
def test_other_texts_are_ignored(text: str) -> None:
    assert not list(ValgrindParser().parse(text))


@pytest.mark.parametrize(
    "text_of",
    [
        lambda n: (HEADER + f"==812== Invalid read of size 8\n{STACK}==812== \n") * n,
        lambda n: f"==812== Invalid read of size 8\n{STACK}" + "==812==  Address 0x1\n" * n * 5,
        lambda n: "==812==    at 0x10918B: (((((((((((((((\n" * n * 5,
        lambda n: "<valgrindoutput>" + "<error><what>x" * n * 20,
        lambda n: "<valgrindoutput>" + XML * n,
    ],
)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(lambda text: list(ValgrindParser().parse(text)), text_of, 400)
