"""Linux kernel reports in console, ``dmesg``, syslog and journal logs: oopses, warnings, sanitizers, hangs, panics."""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter

from graph.model.report import ParsedReport
from graph.parsing.kernel.bare import FAULT_MARKS, MARKS, bare_reports, may_be_bare
from graph.parsing.kernel.content import KernelHeader
from graph.parsing.kernel.facts import BOOT
from graph.parsing.kernel.kinds import ANCHORS, PATTERNS, REBOOT, Rank, ReportKind
from graph.parsing.kernel.lines import PREFIX_LIMIT, KernelLine, line_of
from graph.parsing.kernel.report import report_of
from graph.parsing.protocol import SharedLiterals

# Every report contains one of these.
WORDS = (
    "BUG:",
    "WARNING: ",
    "INFO: ",
    " [#",
    "ernel panic",
    "ernel BUG",
    "ernel stack overflow",
    "nsufficient stack space",
    "nable to handle ",
    "nhandled ",
    "nternal error: ",
    "UBSAN: ",
    "PANIC: ",
    "ard LOCKUP",
    "oom-killer",
    "unreferenced object 0x",
    "to become free",
    "VFS: Busy inodes",
    "trusty: panic",
    "rust_kernel: ",
    "SYZFA",
    "Linux version ",
    # reports of the allocator
    "bject already free",
    "verwritten",
    "bjects remaining in",
    "eepointer corrupt",
    "eechain corrupt",
    "nvalid object pointer",
)
# Text allowed between the prefix and the start of a report in a log without kernel prefixes.
LEADING = re.compile(
    r"(?:\[ )?(?:(?:NMI watchdog|watchdog|rcu|Oops|WARNING|INFO|BUG|CPU \d{1,4}|HARDIRQ|SOFTIRQ|RECLAIM_FS)(?:: | ?))*+"
    r"[KkUuIiPpNnHh]?$"
)
LEADING_LIMIT = 120
FOLLOW_SECONDS = 10.0
"""A report this close to the previous one is its consequence."""
REPEAT_SECONDS = 600.0
"""A hang within this time is a repetition: watchdogs report again every few minutes."""
FOLLOW_CHARACTERS = 20_000
"""Replaces :data:`FOLLOW_SECONDS` in a log without times."""
LEAK = "leak"
HANGS = frozenset({"hang", "stall", "lockup"})
# Output of firmware and boot loaders, and of an orderly shutdown.
LOADERS = (
    "SeaBIOS",
    "Booting from Hard Disk",
    "Booting the kernel",
    "Decompressing Linux",
    "early console in",
    "U-Boot 20",
    "GNU GRUB",
)
SHUTDOWNS = (
    "reboot: ",
    "Restarting system",
    "Power down",
    "Rebooting",
    "systemd-shutdown",
    "Starting new kernel",
    "The system is going down",
)
CONSOLE_LIMIT = 3_000
"""Characters above a boot that are searched for boot loader and shutdown."""
DAY = 86_400.0


# One search for all words: every text of every format is tested.
_WORDS, _ANCHORS = SharedLiterals(*WORDS), SharedLiterals(*ANCHORS)


class KernelParser:
    """Parser for Linux kernel logs."""

    name = "kernel"
    signs = (_WORDS, FAULT_MARKS, MARKS)
    title = "Linux kernel oopses, warnings, sanitizer reports, hangs and panics in dmesg, console, syslog and journal logs"
    takes = (
        "kernel version, architecture and hardware",
        "process, CPU, taint, address and modules",
        "reports that are consequences of the first",
        "inlined frames",
    )
    example = (
        "[   42.100001][ T2101] BUG: kernel NULL pointer dereference, address: 0000000000000018\n"
        "[   42.100004][ T2101] #PF: supervisor read access in kernel mode\n"
        "[   42.100009][ T2101] Oops: 0000 [#1] PREEMPT SMP\n"
        "[   42.100013][ T2101] CPU: 1 PID: 2101 Comm: mount Not tainted 6.1.0 #1\n"
        "[   42.100017][ T2101] RIP: 0010:ledger_find+0x1c/0x90\n"
        "[   42.100021][ T2101] Call Trace:\n"
        "[   42.100023][ T2101]  <TASK>\n"
        "[   42.100026][ T2101]  ? ledger_open+0x20/0x70\n"
        "[   42.100030][ T2101]  ledger_mount+0x88/0x140\n"
        "[   42.100034][ T2101]  do_syscall_64+0x3c/0x90\n"
        "[   42.100037][ T2101]  </TASK>\n"
        "[   42.100040][ T2101] ---[ end trace 0000000000000000 ]---\n"
    )

    def sniff(self, text: str) -> float:
        """Return 1 if the text contains a word of kernel reports; ``parse`` decides by whole lines."""
        return 1.0 if _WORDS.occurs_in(text) or may_be_bare(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield the reports; consequences are part of the report that caused them."""
        headers = list(_headers(text))
        if not headers:
            yield from bare_reports(text)
            return
        groups = list(_groups(headers, list(_positions(text, BOOT))))
        floor = 0
        for position, group in enumerate(groups):
            limit = groups[position + 1][0].line.start if position + 1 < len(groups) else len(text)
            report = report_of(text, group, floor, limit)
            floor = report.span[1]
            yield report


def _headers(text: str) -> Iterator[KernelHeader]:
    """Yield every line that identifies a report, in order."""
    after = 0
    for position in heapq.merge(*(_positions(text, anchor) for anchor in _ANCHORS.found_in(text))):
        if position < after:
            continue
        floor = max(position - PREFIX_LIMIT, after)
        start = text.rfind("\n", floor, position) + 1 or floor
        if start in {0, after} or text[start - 1] == "\n":
            header = _header(text, start)
            if header:
                yield header
        cut = text.find("\n", position)
        after = cut + 1 if cut >= 0 else len(text)


def _positions(text: str, anchor: str) -> Iterator[int]:
    """Yield the positions of the anchor, at most one per line."""
    position = text.find(anchor)
    while position >= 0:
        yield position
        cut = text.find("\n", position)
        position = text.find(anchor, cut) if cut >= 0 else -1


def _header(text: str, start: int) -> KernelHeader | None:
    """Identify the line at ``start``; of several matching kinds, the one of highest precedence."""
    line = line_of(text, start, len(text))
    fitting: list[tuple[int, ReportKind, re.Pattern[str], int]] = []
    for anchor in ANCHORS:
        at = line.body.find(anchor)
        if 0 <= at <= LEADING_LIMIT and _may_begin(line, at, anchor):
            fitting.extend((index, kind, pattern, at) for index, kind, pattern in PATTERNS[anchor])
    for _, kind, pattern, at in sorted(fitting, key=itemgetter(0)):
        if kind.needs not in line.body or (kind.logged and not line.logged):
            continue
        match = pattern.match(line.body, at)
        if match and (kind.title != REBOOT or _is_reset(text, start)):
            return KernelHeader(line, kind, match)
    return None


def _may_begin(line: KernelLine, at: int, anchor: str) -> bool:
    """Whether ``at`` can be the start of a report, rather than inside a word or sentence."""
    if anchor[0].isupper() and line.body[at - 1 : at].isalpha():
        return False
    return line.logged or bool(line.tag) or LEADING.match(line.body[:at]) is not None


def _is_reset(text: str, start: int) -> bool:
    """Whether the boot at ``start`` followed earlier output without an orderly shutdown."""
    above = text[max(0, start - CONSOLE_LIMIT) : start]
    loader = min((at for at in (above.find(word) for word in LOADERS) if at >= 0), default=-1)
    return loader > 0 and not above[:loader].isspace() and not any(word in above for word in SHUTDOWNS)


def _groups(headers: Sequence[KernelHeader], boots: Sequence[int]) -> Iterator[list[KernelHeader]]:
    """Group each report with its consequences; no group spans one of the ``boots``."""
    group: list[KernelHeader] = []
    for header in headers:
        if group and not _follows(group, header, boots):
            yield group
            group = []
        group.append(header)
    if group:
        yield group


def _follows(group: Sequence[KernelHeader], header: KernelHeader, boots: Sequence[int]) -> bool:
    last, first = group[-1], group[0]
    if header.kind.rank is Rank.REMARK and not header.kind.logged:
        return True
    if header.kind.rules == LEAK and last.kind.rules == LEAK:
        # A leak is reported on two lines; the next such line is another leak.
        return last.kind.anchor == "BUG: " and header.kind.anchor != "BUG: "
    if bisect_left(boots, header.line.start) > bisect_left(boots, last.line.start):
        return False
    gap = _seconds_between(last.line, header.line)
    if gap is None:
        return header.line.start - last.line.end <= FOLLOW_CHARACTERS
    if header.kind.rank is Rank.END:
        return gap <= REPEAT_SECONDS
    if first.kind.rules in HANGS and header.kind.rules in HANGS:
        return gap <= REPEAT_SECONDS
    return gap <= FOLLOW_SECONDS


def _seconds_between(first: KernelLine, then: KernelLine) -> float | None:
    """Seconds between two lines; ``None`` if the log has no times."""
    since, until = first.since_boot, then.since_boot
    if since is not None and until is not None:
        return until - since
    begin, end = first.seconds_of_day, then.seconds_of_day
    # Times may wrap at midnight, and step back a little where several CPUs print.
    return None if begin is None or end is None else (end - begin + DAY / 2) % DAY - DAY / 2
