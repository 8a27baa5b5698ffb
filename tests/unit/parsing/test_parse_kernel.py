"""Linux kernel reports: title, culprit, and the extent of one report."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.kernel.parser import KernelParser
from graph.parsing.read import read

OOPS = """\
[  123.456700] usb 1-1: new high-speed USB device number 2 using xhci_hcd
[  123.456789] BUG: kernel NULL pointer dereference, address: 0000000000000018
[  123.456791] #PF: supervisor read access in kernel mode
[  123.456795] Oops: 0000 [#1] PREEMPT SMP
[  123.456797] Modules linked in: ledger(OE) snd_hda_intel
[  123.456799] CPU: 2 PID: 1234 Comm: ledgerd Tainted: P           OE      6.1.0-13-amd64 #1
[  123.456801] Hardware name: LENOVO 2325/2325, BIOS G2 (2.65 ) 01/01/2013
[  123.456803] RIP: 0010:ledger_sync+0x14/0x80 [ledger]
[  123.456805] RSP: 0018:ffffc900015e73f0 EFLAGS: 00010246
[  123.456807] Call Trace:
[  123.456808]  <TASK>
[  123.456809]  ? __die+0x1f/0x60
[  123.456811]  ledger_flush.part.0+0x45/0x90 [ledger]
[  123.456813]  ledger_inline fs/ledger/file.c:12 [inline]
[  123.456815]  ledger_write+0x45/0x90 fs/ledger/file.c:44
[  123.456817]  do_syscall_64+0x3b/0x90
[  123.456819] RIP: 0033:0x7f3c2d0c60a7
[  123.456820]  </TASK>
[  123.456821] ---[ end trace 0000000000000000 ]---
[  124.000000] Kernel panic - not syncing: Fatal exception
[  124.500000] usb 1-1: USB disconnect, device number 2
"""
KASAN = """\
[   40.1][   T95] ==================================================================
[   40.2][   T95] BUG: KASAN: slab-use-after-free in memcpy+0x24/0x60
[   40.3][   T95] Read of size 8 at addr ffff8881d4fa319b by task kworker/1:2/95
[   40.4][   T95]
[   40.5][   T95] CPU: 1 PID: 95 Comm: kworker/1:2 Not tainted 6.6.0 #0
[   40.6][   T95] Call Trace:
[   40.7][   T95]  dump_stack+0xef/0x16e
[   40.8][    C0] clocksource: timekeeping watchdog on CPU0
[   40.9][   T95]  kasan_report+0xe/0x20
[   41.0][   T95]  memcpy+0x24/0x60
[   41.1][   T95]  ledger_copy.constprop.0+0x439/0x4c0
[   41.2][   T95]  process_one_work+0x94b/0x1620
[   41.3][   T95]
[   41.4][   T95] Freed by task 12:
[   41.5][   T95]  kfree+0xd9/0x260
[   41.6][   T95]  ledger_drop+0x19/0x40
[   41.7][   T95] ==================================================================
"""


def one(text: str) -> ParsedReport:
    [report] = KernelParser().parse(text)
    return report


def type_and_culprit(text: str) -> tuple[str, str | None]:
    report = one(text)
    return report.error_type, report.culprit.function if report.culprit else None


def test_an_oops_has_error_stack_machine_and_process() -> None:
    report = one(OOPS)
    assert report.error_type == "BUG: unable to handle kernel NULL pointer dereference"
    assert [frame.function for frame in report.frames] == [
        "ledger_sync",
        "ledger_flush",
        "ledger_inline",
        "ledger_write",
        "do_syscall_64",
    ]
    assert [frame.inlined for frame in report.frames] == [False, False, True, False, False]
    assert (report.frames[3].file, report.frames[3].line) == ("fs/ledger/file.c", 44)
    assert report.frames[0].file == "ledger.ko"
    assert report.culprit == report.frames[0]
    assert report.environment == {
        "os": "Linux 6.1.0-13-amd64",
        "build": "#1",
        "arch": "x86_64",
        "hardware": "LENOVO 2325/2325, BIOS G2 (2.65 ) 01/01/2013",
    }
    facts = {name: report.extra[name] for name in ("comm", "pid", "cpu", "address", "taint")}
    assert facts == {"comm": "ledgerd", "pid": "1234", "cpu": "2", "address": "0000000000000018", "taint": "P OE"}
    assert report.severity == "critical"
    assert not report.truncated


def test_consequences_of_an_oops_are_part_of_it() -> None:
    report = one(OOPS)
    assert report.extra["followed_by"] == "Oops; kernel panic: Fatal exception"
    span_text = OOPS[report.span[0] : report.span[1]]
    assert span_text.startswith("[  123.456789] BUG: ")
    assert span_text.endswith("Fatal exception\n")


def test_reports_far_apart_in_time_are_two() -> None:
    later = OOPS.replace("[  12", "[ 912").replace("ledger_sync", "ledger_read")
    assert [r.culprit.function for r in KernelParser().parse(OOPS + later) if r.culprit] == ["ledger_sync", "ledger_read"]


def test_a_boot_separates_two_reports() -> None:
    boot = "[    0.000000] Linux version 6.1.0 (gcc) #1 SMP\n"
    again = OOPS.replace("[  123", "[    3").replace("[  124", "[    4")
    assert len(list(KernelParser().parse(OOPS + boot + again))) == 2
    assert len(list(KernelParser().parse(OOPS + again))) == 1


def test_wrappers_and_lines_of_other_cpus_are_skipped() -> None:
    report = one(KASAN)
    assert report.error_type == "KASAN: slab-use-after-free Read"
    assert report.culprit
    assert report.culprit.function == "ledger_copy"
    assert [frame.function for frame in report.frames][-2:] == ["ledger_copy", "process_one_work"]
    assert (report.extra["comm"], report.extra["pid"], report.extra["access_size"]) == ("kworker/1:2", "95", "8")
    assert KASAN[report.span[0] :].startswith("[   40.1]")


def test_a_sanitizer_report_without_its_access_is_truncated() -> None:
    report = one("[   40.2] BUG: KASAN: use-after-free in ledger_copy.part.3+0x24/0x60 at addr ffff88002db3cf50\n")
    assert (report.error_type, report.truncated) == ("KASAN: use-after-free", True)
    assert report.culprit
    assert report.culprit.function == "ledger_copy"


def test_the_message_of_a_warning() -> None:
    report = one(
        "Jan 09 14:28:48 box kernel: ------------[ cut here ]------------\n"
        "Jan 09 14:28:48 box kernel: ledger: volume 7 is still in use\n"
        "Jan 09 14:28:48 box kernel: WARNING: CPU: 3 PID: 4321 at drivers/ledger/core.c:812 ledger_close+0x1b2/0x200 [ledger]\n"
        "Jan 09 14:28:48 box kernel: RIP: 0010:ledger_close+0x1b2/0x200 [ledger]\n"
        "Jan 09 14:28:48 box kernel: Call Trace:\n"
        "Jan 09 14:28:48 box kernel:  ledger_work+0x8b/0x90 [ledger]\n"
    )
    assert (report.error_type, report.message) == ("WARNING", "ledger: volume 7 is still in use")
    assert report.culprit
    assert report.culprit.function == "ledger_close"
    assert (report.severity, report.span[0]) == ("medium", 0)


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "<4>",
        "[   12.345678] ",
        "<6>[   12.345678] ",
        "[   12.345678][ T1234] ",
        "[Tue Jan  9 14:28:48 2018] ",
        "kern  :err   : [   12.345678] ",
        "Jan  9 14:28:48 box kernel: [   12.345678] ",
        "Jan 09 14:28:48 box kernel: ",
        "2024-01-09T14:28:48.123456+00:00 box kernel: ",
    ],
)
def test_prefixes_of_all_logs_are_recognised(prefix: str) -> None:
    lines = ("BUG: unable to handle kernel paging request at ffff", "Call Trace:", " a_b+0x1/0x2")
    text = "".join(f"{prefix}{line}\n" for line in lines)
    assert type_and_culprit(text) == ("BUG: unable to handle kernel paging request", "a_b")


def test_a_time_with_zone_is_read() -> None:
    report = one("2024-01-09T14:28:48.123456+02:00 box kernel: kernel BUG at fs/a.c:5!\n")
    assert report.occurred_at
    assert report.occurred_at.isoformat() == "2024-01-09T14:28:48.123456+02:00"
    assert one("Jan 09 14:28:48 box kernel: kernel BUG at fs/a.c:5!\n").occurred_at is None


def test_unreliable_frames_count_only_without_reliable_ones() -> None:
    head = "kernel BUG at fs/a.c:5!\nCall Trace:\n"
    assert [frame.function for frame in one(head + " ? stale+0x1/0x2\n real+0x1/0x2\n").frames] == ["real"]
    assert [frame.function for frame in one(head + " ? stale+0x1/0x2\n").frames] == ["stale"]


def test_out_of_memory_is_a_report_without_a_culprit() -> None:
    report = one(
        "[12345.6] java invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n"
        "[12345.7] Call Trace:\n[12345.8]  dump_header+0x53/0x228\n[12345.9]  out_of_memory+0x106/0x2e0\n"
        "[12346.0] Out of memory: Killed process 999 (java) total-vm:8123456kB, anon-rss:3812345kB\n"
    )
    assert (report.error_type, report.culprit, report.extra["killed"]) == ("Out of memory", None, "java")


def test_repeated_hang_reports_are_one() -> None:
    text = "".join(f"[{at}.000000] INFO: task a:12 blocked for more than {at} seconds.\n" for at in (120, 240, 360))
    assert len(list(KernelParser().parse(text))) == 1


def test_leaks_are_separate_reports() -> None:
    leak = "BUG: memory leak\nunreferenced object 0xffff88005a06 (size 576):\n  backtrace:\n  [<000000008beb>] {}+0x1/0x2\n"
    reports = KernelParser().parse(leak.format("ledger_a") + leak.format("ledger_b"))
    assert [report.frames[0].function for report in reports] == ["ledger_a", "ledger_b"]


def test_an_unexpected_reboot_is_reported() -> None:
    boot = "SeaBIOS (version 1.8.2)\nBooting the kernel.\n[    0.000000] Linux version 6.1.0 (gcc) #1 SMP\n"
    assert type_and_culprit("[  500.1] all is well\n" + boot) == ("unexpected kernel reboot", None)
    assert not list(KernelParser().parse(boot))
    assert not list(KernelParser().parse("[  500.1] reboot: Restarting system\n" + boot))


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01 12:00:00 WARNING: the disk is nearly full\n",
        "INFO: task finished\n",
        "DEBUG: nothing\nODEBUG: nothing\n",
        "the log said kernel BUG at fs/a.c:5! and we wondered\n",
        "[  12.3] EXT4-fs (sda1): INFO: recovery required on readonly filesystem\n",
    ],
)
def test_similar_lines_are_not_reports(text: str) -> None:
    assert not list(KernelParser().parse(text))


def test_a_user_space_report_in_a_kernel_log_stays_separate() -> None:
    traceback = 'Traceback (most recent call last):\n  File "/srv/a.py", line 1, in run\n    x()\nKeyError: 1\n'
    assert [report.format for report in read(OOPS + traceback).reports] == ["kernel", "python"]


def test_a_stack_of_a_program_below_a_kernel_report_stays_separate() -> None:
    """A symboliser replaces frames within the stack of the kernel; a numbered stack elsewhere is of another program."""
    replaced = OOPS.replace(
        "[  123.456813]  ledger_inline fs/ledger/file.c:12 [inline]", "  #1 0x55d0aa in ledger_find fs/ledger.c:12"
    )
    others = {
        "sanitizer": "==77==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000\n"
        "    #0 0x55d0aa in barn::sweep() /srv/barn/sweep.cc:12:15\n    #1 0x55d0ab in main /srv/barn/main.cc:3:1\n",
        "gdb": "Program terminated with signal SIGSEGV, Segmentation fault.\n"
        "#0  0x000000000055d0aa in barn_sweep (n=3) at sweep.c:12\n#1  0x000000000055d0ab in main () at main.c:3\n",
    }
    assert "ledger_find" in [frame.function for frame in one(replaced).frames]
    for name, other in others.items():
        text = f"{OOPS}\nplain words\n\n{other}"
        assert one(text).span == one(OOPS).span
        assert [report.format for report in read(text).reports] == ["kernel", name]


HOSTILE = {
    "one line": lambda n: "BUG: KASAN: " * 3 * n,
    "many heads": lambda n: "[    1.0] BUG: Bad page state in process a\n" * (n // 8),
    "long words": lambda n: "WARNING: " + "a " * 12 * n,
    "recursion": lambda n: "kernel BUG at fs/a.c:5!\nCall Trace:\n" + " ledger_sync+0x1/0x2\n" * n,
    "underscores": lambda n: "kernel BUG at fs/a.c:5!\nCall Trace:\n" + f" {'_' * 400}+0x1/0x2\n" * (n // 16),
    "odd characters": lambda n: "\x00\ud800BUG: KASAN: x-y in \u202ef+0x1/0x2\n" * (n // 16),
}


def parse_all(text: str) -> None:
    for report in KernelParser().parse(text):
        assert 0 <= report.span[0] < report.span[1] <= len(text)


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 8_000)


def test_deep_recursion_is_counted() -> None:
    report = one("kernel BUG at fs/a.c:5!\nCall Trace:\n" + " ledger_sync+0x1/0x2\n" * 500)
    assert [(frame.function, frame.repeated) for frame in report.frames] == [("ledger_sync", 500)]
