"""Kinds of kernel reports and architectures: title, culprit, frames."""

from __future__ import annotations

import pytest

from graph.model.report import ParsedReport
from graph.parsing.kernel.parser import KernelParser


def log(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def one(text: str) -> ParsedReport:
    [report] = KernelParser().parse(text)
    return report


def type_and_culprit(text: str) -> tuple[str, str | None]:
    report = one(text)
    return report.error_type, report.culprit.function if report.culprit else None


def stack(*functions: str) -> str:
    return log("Call Trace:", *(f" {name}+0x10/0x20" for name in functions)).rstrip()


def warning(place: str, *functions: str) -> str:
    return log(f"WARNING: CPU: 0 PID: 1 at {place} {functions[0]}+0x1/0x2", stack(*functions))


def wanted(function: str) -> str:
    return log("a/1 is trying to acquire lock:", f" (&a){{+.+.}}, at: [<ffffffff81d90469>] {function}+0x1/0x2").rstrip()


HUNG = "INFO: task a:12 blocked for more than 143 seconds."
IRQ = ("rcu_dump_cpu_stacks", "apic_timer_interrupt")
KINDS = {
    "general protection fault": (
        log(
            "general protection fault, probably for non-canonical address 0xdffffc0000000004: 0000 [#1] SMP",
            "RIP: 0010:rb_erase+0x1/0x2",
            stack("ledger_a", "do_exit"),
        ),
        "ledger_a",
    ),
    "int3": (log("Oops: int3: 0000 [#1] SMP", "RIP: 0010:ledger_a+0x1/0x2"), "ledger_a"),
    "BUG: corrupted list": (log("kernel BUG at lib/list_debug.c:51!", stack("__list_add_valid", "ledger_a")), "ledger_a"),
    "kernel BUG": (log("kernel BUG at fs/ledger/a.c:5!", stack("ledger_a")), "ledger_a"),
    "KASAN: invalid-free": (
        log("BUG: KASAN: double-free or invalid-free in kfree+0x1/0x2", stack("kfree", "ledger_a")),
        "ledger_a",
    ),
    "KCSAN: data-race": (
        log(
            "BUG: KCSAN: data-race in ledger_a / ledger_b",
            "",
            "write to 0xffffffff85a7f140 of 8 bytes by task 1 on cpu 7:",
            " ledger_a+0x1/0x2",
        ),
        "ledger_a",
    ),
    "KMSAN: uninit-value": (log("BUG: KMSAN: uninit-value in ledger_a+0x1/0x2", " ledger_a+0x1/0x2"), "ledger_a"),
    "KFENCE: out-of-bounds write": (log("BUG: KFENCE: out-of-bounds write in ledger_a+0x1/0x2"), "ledger_a"),
    "UBSAN: shift-out-of-bounds": (
        log("UBSAN: shift-out-of-bounds in a.c:1:2", stack("__ubsan_handle_shift", "ledger_a")),
        "ledger_a",
    ),
    "WARNING: refcount bug": (warning("lib/refcount.c:28", "refcount_warn_saturate", "ledger_a"), "ledger_a"),
    "WARNING: ODEBUG bug": (warning("lib/debugobjects.c:5", "debug_print_object", "kfree", "ledger_a"), "ledger_a"),
    "WARNING: kmalloc bug": (warning("mm/slab_common.c:7", "kmalloc_slab", "__kmalloc", "ledger_a"), "ledger_a"),
    "WARNING": (log("WARNING: fs/a.c:8 at ledger_a+0x1/0x2, CPU#3: ledgerd/4321", stack("ledger_a")), "ledger_a"),
    "INFO: task hung": (log(HUNG, stack("__schedule", "schedule", "rwsem_down_write_slowpath", "ledger_a")), "ledger_a"),
    "INFO: rcu detected stall": (
        log("rcu: INFO: rcu_preempt self-detected stall on CPU", stack(*IRQ, "ledger_s", "ledger_a", "vfs_ioctl", "x")),
        "ledger_a",
    ),
    "BUG: soft lockup": (
        log(
            "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [a:1]",
            "RIP: 0010:ledger_spin+0x1/0x2",
            stack("x", "ledger_a", "process_one_work"),
        ),
        "ledger_a",
    ),
    "possible deadlock": (
        log(
            "WARNING: possible circular locking dependency detected", wanted("ledger_a"), stack("lock_acquire", "b", "ledger_a")
        ),
        "ledger_a",
    ),
    "inconsistent lock state": (
        log("WARNING: inconsistent lock state", "a/1 takes:", " (&a){+.+.}, at: [<ffffffff81d9>] ledger_a+0x1/0x2"),
        "ledger_a",
    ),
    "WARNING: suspicious RCU usage": (
        log("WARNING: suspicious RCU usage", "stack backtrace:", stack("lockdep_rcu_suspicious", "ledger_a")),
        "ledger_a",
    ),
    "BUG: scheduling while atomic": (
        log("BUG: scheduling while atomic: a/1/0x00000002", stack("__schedule_bug", "__schedule", "schedule", "ledger_a")),
        "ledger_a",
    ),
    "BUG: using smp_processor_id() in preemptible code": (
        log(
            "BUG: using smp_processor_id() in preemptible [00000000] code: a/1", stack("check_preemption_disabled", "ledger_a")
        ),
        "ledger_a",
    ),
    "BUG: workqueue leaked lock or atomic": (
        log("BUG: workqueue leaked lock or atomic: kworker/0:1/0x0/1", "     last function: ledger_a"),
        "ledger_a",
    ),
    "kernel panic: stack is corrupted": (
        log("Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: ledger_a+0x1/0x2"),
        "ledger_a",
    ),
    "kernel panic: Attempted to kill init!": (
        log("Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009"),
        None,
    ),
    "unregister_netdevice: waiting for DEV to become free": (
        log("unregister_netdevice: waiting for lo to become free. Usage count = 3"),
        None,
    ),
    "SYZFATAL: executor NUM failed NUM times": (log("2022/10/02 11:34:15 SYZFATAL: executor 4 failed 11 times"), None),
    "memory leak": (
        log(
            "unreferenced object 0xffff88005a065340 (size 576):",
            "  backtrace:",
            "    [<000000008beb86da>] kmem_cache_alloc+0x1/0x2",
            "    [<0000000063949181>] ledger_a+0x1/0x2",
        ),
        "ledger_a",
    ),
    "attempt to add with overflow": (
        log(
            "rust_kernel: panicked at kernel/a.rs:60:5:",
            "attempt to add with overflow",
            "kernel BUG at rust/helpers/bug.c:7!",
            stack("rust_helper_BUG", "_RNvNtCs5_6ledger4sync3run"),
        ),
        "ledger::sync::run",
    ),
}


@pytest.mark.parametrize("error", KINDS)
def test_every_kind_has_its_title_and_culprit(error: str) -> None:
    text, function = KINDS[error]
    assert type_and_culprit(text) == (error, function)
    prefixed = "".join(f"[   12.345678][  T123] {line}\n" for line in text.splitlines())
    assert type_and_culprit(prefixed) == (error, function)


def test_the_contended_lock_site_is_the_culprit() -> None:
    text = log(HUNG, stack("__schedule", "mutex_lock_nested", "rtnl_lock", "ledger_a"))
    assert type_and_culprit(text) == ("INFO: task hung", "rtnl_lock")


def test_the_held_lock_site_is_the_culprit_if_only_core_code_waits() -> None:
    head = log("[ INFO: possible circular locking dependency detected ]", wanted("process_one_work"))
    held = log("but task is already holding lock:", " (&b){+.+.}, at: [<ffffffff81d90469>] ledger_a+0x1/0x2")
    assert type_and_culprit(head + held) == ("possible deadlock", "ledger_a")


ARCHITECTURES = {
    "arm64": log(
        "Unable to handle kernel paging request at virtual address dead000000000108",
        "Internal error: Oops: 96000044 [#1] PREEMPT SMP",
        "pc : ledger_sync+0x50/0x98",
        "lr : ledger_flush+0x24/0xec",
        "x29: ffffffc0805a3cc0 x28: ffffffc0805a0000",
        "Call trace:",
        " ledger_sync+0x50/0x98",
        " ledger_flush+0x24/0xec",
    ),
    "arm": log(
        "Unable to handle kernel paging request at virtual address 00000004",
        "PC is at ledger_sync+0x50/0x98",
        "LR is at ledger_flush+0x24/0xec",
        "Flags: nZCv  IRQs off  FIQs on  Mode SVC_32  ISA ARM  Segment none",
        "[<c0e009a8>] (ledger_sync) from [<c0e00b64>] (ledger_flush+0xf8/0x1ac)",
    ),
    "riscv": log(
        "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010",
        "Oops [#1]",
        "epc : ledger_sync+0x14/0x80",
        " ra : ledger_flush+0x45/0x90",
        "[<ffffffff80123456>] ledger_sync+0x14/0x80",
        "[<ffffffff80124567>] ledger_flush+0x45/0x90",
    ),
    "s390x": log(
        "Unable to handle kernel pointer dereference in virtual kernel address space",
        "Krnl PSW : 0704c00180000000 000000001234567a (ledger_sync+0x1a/0x80 [ledger])",
        "Call Trace:",
        " [<000000001234567a>] ledger_sync+0x1a/0x80 [ledger] ",
        "([<0000000012345600>] stale+0x10/0x80)",
        " [<00000000abcdef01>] ledger_flush+0x45/0x90 [ledger] ",
        "Last Breaking-Event-Address:",
        " [<00000000abcdef33>] ledger_check+0x5e/0x60 [ledger]",
    ),
    "powerpc": log(
        "BUG: Kernel NULL pointer dereference on read at 0x00000010",
        "Oops: Kernel access of bad area, sig: 11 [#1]",
        "NIP [c000000000a12344] ledger_sync+0x44/0x100",
        "Call Trace:",
        "[c000000003a0bb60] [c000000000a12330] ledger_sync+0x30/0x100 (unreliable)",
        "[c000000003a0bbd0] [c000000000a12500] .ledger_flush+0x40/0x90",
    ),
    "mips": log(
        "CPU 0 Unable to handle kernel paging request at virtual address 00000004, epc == 80123456",
        "Oops[#1]:",
        "epc   : 80123456 ledger_sync+0x14/0x80",
        "Call Trace:",
        "[<80123456>] ledger_sync+0x14/0x80",
        "[<80123400>] ledger_flush+0x45/0x90",
    ),
    "i386": log(
        "BUG: unable to handle kernel NULL pointer dereference at 00000008",
        "IP: [<c10f1234>] ledger_sync+0x14/0x80",
        "Modules linked in: ledger(OE)",
        "EIP: 0060:[<c10f1234>] EFLAGS: 00010246 CPU: 0",
        "EIP is at ledger_sync+0x14/0x80 [ledger]",
        "Call Trace:",
        " [<c10f2345>] ledger_flush+0x45/0x90 [ledger]",
        "EIP: [<c10f1234>] ledger_sync+0x14/0x80 SS:ESP 0068:f4b2fe10",
    ),
}


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_all_architectures_are_read(arch: str) -> None:
    report = one(ARCHITECTURES[arch])
    assert [frame.function for frame in report.frames] == ["ledger_sync", "ledger_flush"]
    assert report.environment["arch"] == arch
    assert report.culprit == report.frames[0]
