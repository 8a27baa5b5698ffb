"""Kernel reports pasted from their middle, reports of the slab allocator, and faults of processes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.kernel.parser import KernelParser
from graph.parsing.read import read

TRACE = """\
Call Trace:
 <TASK>
 wren_fold+0x1c/0x90 [wren]
 wren_open+0x20/0x70 [wren]
 do_syscall_64+0x3c/0x90
 </TASK>
"""
REGISTERS = """\
CPU: 1 PID: 2101 Comm: mount Not tainted 6.1.0 #1
Hardware name: QEMU Standard PC
RIP: 0010:wren_count+0x12/0x40 [wren]
Code: 00 00 48
RSP: 0018:ffffc90000 EFLAGS: 00010246
"""
ARM64 = """\
pc : wren_count+0x10/0x40 [wren]
lr : wren_fold+0x20/0x60 [wren]
sp : ffff8000
Call trace:
 wren_count+0x10/0x40 [wren]
 wren_fold+0x20/0x60 [wren]
 el0_svc+0x20/0x30
"""
ARM = """\
PC is at wren_count+0x10/0x40 [wren]
LR is at wren_fold+0x20/0x60 [wren]
Process insmod (pid: 77, stack limit = 0xc7a)
[<bf000010>] (wren_count [wren]) from [<bf000084>] (wren_fold+0x20/0x60 [wren])
[<bf000084>] (wren_fold [wren]) from [<c0008c3c>] (do_one_initcall+0x3c/0x170)
"""
POWER = """\
NIP [c008000000001010] wren_count+0x10/0x40 [wren]
LR [c008000000001084] wren_fold+0x20/0x60 [wren]
Call Trace:
[c00000000] [c0000000000107ec] wren_fold+0x5c/0x2b0
"""
RISCV = """\
epc : wren_count+0x10/0x40 [wren]
 ra : wren_fold+0x20/0x60 [wren]
[<ffffffff01>] wren_count+0x10/0x40 [wren]
[<ffffffff02>] wren_fold+0x20/0x60 [wren]
"""


def stamped(text: str, form: str) -> str:
    return "".join(form.format(100 + number) + line for number, line in enumerate(text.splitlines(keepends=True)))


FORMS = ("", "[   42.{:06d}] ", "Mar  5 10:15:22 mill kernel: [   42.{:06d}] ", "<4>[   42.{:06d}][ T2101] ")


def read_one(text: str) -> ParsedReport:
    [report] = read(text).reports
    assert report.format == "kernel"
    return report


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        (REGISTERS + TRACE, "wren_count"),
        (REGISTERS[REGISTERS.index("RIP") :] + TRACE, "wren_count"),
        (ARM64, "wren_count"),
        (ARM, "wren_count"),
        (POWER, "wren_count"),
        (RISCV, "wren_count"),
    ],
)
def test_registers_without_the_line_that_names_the_error(text: str, culprit: str, form: str) -> None:
    report = read_one(stamped(text, form) if form else text)
    assert report.error_type == "Oops"
    assert report.culprit is not None
    assert report.culprit.function == culprit
    assert report.truncated


def test_a_stack_alone() -> None:
    report = read_one(TRACE)
    assert (report.error_type, report.frames[0].function) == ("Crash", "wren_fold")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("line", "error_type"),
    [
        ("divide_error: 0000 [#1] PREEMPT SMP KASAN", "divide error"),
        ("Oops: divide error: 0000 [#1] SMP", "divide error"),
        ("alignment check: 0000 [#1] SMP", "alignment check"),
        ("general protection fault: 0000 [#1] SMP", "general protection fault"),
        ("Oops: 0002 [#1] SMP PTI", "Oops"),
    ],
)
def test_traps(line: str, error_type: str, form: str) -> None:
    text = f"{line}\n{REGISTERS}{TRACE}"
    report = read_one(stamped(text, form) if form else text)
    assert report.error_type == error_type
    assert report.culprit is not None
    assert report.culprit.function == "wren_count"


@pytest.mark.parametrize(
    ("line", "error_type"),
    [
        ("BUG kmalloc-8: Object already free", "BUG kmalloc-8: Object already free"),
        ("BUG wren_cache (Tainted: G    B  ): Redzone overwritten", "BUG wren_cache: Redzone overwritten"),
        ("BUG kmalloc-64 (Not tainted): Poison overwritten", "BUG kmalloc-64: Poison overwritten"),
        ("BUG :a-0000064 (Not tainted): Freepointer corrupt", "BUG :a-0000064: Freepointer corrupt"),
    ],
)
def test_the_slab_allocator_reports_on_behalf_of_its_caller(line: str, error_type: str) -> None:
    functions = ("dump_stack", "print_trailer", "object_err", "free_debug_processing", "__slab_free", "kfree", "wren_drop")
    text = f"{'=' * 77}\n{line}\n{'-' * 77}\n\nINFO: Freed in wren_free+0x1c/0x40 age=1 cpu=1 pid=2101\nCall Trace:\n"
    report = read_one(text + "".join(f" {name}+0x10/0x20\n" for name in functions))
    assert report.error_type == error_type
    assert report.culprit is not None
    assert report.culprit.function == "wren_drop"


@pytest.mark.parametrize(
    ("line", "error_type", "frame"),
    [
        (
            "wrend[2101]: segfault at 10 ip 000055d0c0ffe1d0 sp 00007ffd error 4 in wrend[55d0c0ff0000+12000]",
            "Null-dereference READ",
            "wrend.+0xe1d0",
        ),
        (
            "wrend[7]: segfault at 7f10 ip 7f10c0ffe1d0 sp 7f error 6 in libwren.so.1[e1d0,7f10c0ff0000+12000] likely on CPU 3",
            "Null-dereference WRITE",
            "libwren.so.1.+0xe1d0",
        ),
        (
            "wrend[7]: segfault at 0 ip 0000000000000000 sp 00007ffd error 14 in wrend[400000+1000]",
            "Null-dereference EXECUTE",
            None,
        ),
        (
            "traps: wrend[7] general protection fault ip:55d0c0ffe1d0 sp:7ffd error:0 in wrend[55d0c0ff0000+1]",
            "SIGSEGV",
            "wrend.+0xe1d0",
        ),
        (
            "traps: wrend[7] trap divide error ip:4011d0 sp:7ffd error:0 in wrend[400000+2000]",
            "Divide-by-zero",
            "wrend.+0x11d0",
        ),
        ("traps: wrend[7] trap invalid opcode ip:4011d0 sp:7ffd error:0 in wrend[400000+2000]", "SIGILL", "wrend.+0x11d0"),
    ],
)
def test_faults_of_processes(line: str, error_type: str, frame: str | None) -> None:
    report = read_one(f"[   42.000100] {line}\n")
    assert report.error_type == error_type
    assert report.culprit is not None
    if frame:
        assert report.culprit.qualified == frame
    assert report.extra["process"] == "wrend"


def test_the_core_of_a_faulting_process_is_the_crash() -> None:
    text = (
        "Mar 05 10:15:21 mill kernel: wrend[1084]: segfault at 10 ip 00005d77ca sp 00007ffd error 4 in wrend[400000+12000]\n"
        "Mar 05 10:15:22 mill systemd-coredump[2822]: Process 1084 (wrend) of user 2000 dumped core.\n\n"
        "                          Stack trace of thread 1084:\n"
        "                          #0  0x00000000005d77ca wren_drop (wrend)\n"
    )
    assert [report.format for report in read(text).reports] == ["backtrace"]


@pytest.mark.parametrize(
    "text", ["RIP: 0010:nothing\n", "Call Trace: none\n", "pc : the personal computer\n", "it said segfault at 10\n"]
)
def test_similar_texts_are_ignored(text: str) -> None:
    assert not list(KernelParser().parse(text))


@pytest.mark.parametrize(
    "text_of",
    [
        lambda n: (REGISTERS + TRACE) * n,
        lambda n: "wren_a+0x1/0x2 RIP: 0010:\n" * n * 5,
        lambda n: "a[1]: segfault at 1 ip 1 sp 1 error 4 in [[[[[\n" * n * 5,
        lambda n: "BUG kmalloc-8-" + "a:b" * n * 20 + ": Object already free\n",
    ],
)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(lambda text: list(KernelParser().parse(text)), text_of, 400)
