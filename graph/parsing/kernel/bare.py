"""Kernel messages without the line that names the error: stacks pasted from the middle of a report, and faults of processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.kernel.content import KernelHeader
from graph.parsing.kernel.kinds import ReportKind
from graph.parsing.kernel.lines import KernelLine, line_of
from graph.parsing.kernel.report import report_of
from graph.parsing.native.faults import signal_kind
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import SharedLiterals
from graph.rules import severity

# What the kernel prints at the beginning of registers and stacks.
ANCHOR = re.compile(
    r"\b(?:CPU: \d{1,5} (?:UID: \d{1,10} )?PID: |Pid: \d{1,10}, comm: |RIP: 00|EIP: |pc : |PC is at |NIP \[|epc : |Krnl PSW : "
    r"|Call [Tt]race:)"
)
MARKS = SharedLiterals("RIP: 00", "EIP: ", "pc : ", "PC is at ", "NIP [", "epc : ", "Krnl PSW", "Call Trace:", "Call trace:")
OFFSET = re.compile(r"\+0x(?<=[\w\])]\+0x)[0-9a-f]{1,8}/0x[0-9a-f]{1,8}")
"""Offset and size of a function, as no program but the kernel prints them. The literal at its start makes the search fast."""
POINTERS = ("RIP: ", "EIP: ", "pc : ", "PC is at", "NIP [", "epc : ", "Krnl PSW")
NOTHING = re.compile("")
"""What the header of a report would match in the missing line."""
OOPS = "Oops"
TRACE = ReportKind("", "", "Crash")
IP = r" r?ip[: ](?P<ip>[0-9a-f]{1,16}) r?sp[: ][0-9a-f]{1,16} error[: ](?P<error>[0-9a-f]{1,8})"
FAULT = re.compile(
    r"(?P<comm>[^\n\[\]]{1,64})\[(?P<pid>\d{1,10})\]:? (?:segfault at (?P<address>[0-9a-f]{1,16})|(?:trap )?"
    r"(?P<trap>general protection(?: fault)?|divide error|invalid opcode|int3|stack segment|alignment check|overflow|bounds))"
    + IP
    + r"(?: in (?P<file>[^\n\[]{1,300})\[(?:[0-9a-f]{1,16},)?(?P<base>[0-9a-f]{1,16})\+[0-9a-f]{1,16}\])?"
)
DUMPED = re.compile(r"Process (\d{1,10}) \(")
FAULT_MARKS = SharedLiterals(": segfault at ", "traps: ")
TRAPS = {"divide error": "Divide-by-zero", "invalid opcode": "SIGILL", "int3": "SIGTRAP", "alignment check": "SIGBUS"}
WRITE, FETCH = 2, 16
"""Bits of the error code of a page fault."""


def may_be_bare(text: str) -> bool:
    """Whether the text may have such messages."""
    return FAULT_MARKS.occurs_in(text) or (MARKS.occurs_in(text) and bool(OFFSET.search(text)))


def bare_reports(text: str) -> Iterator[ParsedReport]:
    """Yield the reports of a text in which no line names an error."""
    faults = list(_process_faults(text))
    if faults:
        yield from faults
    elif OFFSET.search(text):
        yield from _stacks(text)


def _stacks(text: str) -> Iterator[ParsedReport]:
    floor = 0
    anchor = ANCHOR.search(text)
    while anchor:
        start = max(text.rfind("\n", floor, anchor.start()) + 1, floor)
        line = line_of(text, start, len(text))
        # The report begins with this line; there is no line above it that names the error.
        empty = KernelLine(start, start, "", line.tag, line.stamp, line.clock, line.logged)
        match = NOTHING.match("")
        report = report_of(text, [KernelHeader(empty, TRACE, match)], floor, len(text)) if match else None
        if report is not None and report.frames:
            part = text[slice(*report.span)]
            title = OOPS if any(pointer in part for pointer in POINTERS) else TRACE.title
            yield replace(report, error_type=title, severity=severity.infer(title, ""), truncated=True)
        floor = max(report.span[1] if report else 0, line.end)
        anchor = ANCHOR.search(text, floor)


def _process_faults(text: str) -> Iterator[ParsedReport]:
    """Yield the faults of processes that the kernel logs, unless the core of the process is in the text as well."""
    if not FAULT_MARKS.occurs_in(text):
        return
    dumped = set(DUMPED.findall(text)) if "dumped core" in text else set()
    floor = 0
    for fault in FAULT.finditer(text):
        start = max(text.rfind("\n", floor, fault.start()) + 1, floor)
        line = line_of(text, start, len(text))
        if fault["pid"] in dumped:
            continue
        floor = line.end
        yield _process_fault(fault, line)


def _process_fault(fault: re.Match[str], line: KernelLine) -> ParsedReport:
    code = int(fault["error"], 16)
    access = "EXECUTE" if code & FETCH else "WRITE" if code & WRITE else "READ"
    if fault["trap"]:
        error_type = TRAPS.get(fault["trap"], "SIGSEGV")
    else:
        error_type = signal_kind("SIGSEGV", int(fault["address"], 16), access)
    offset = int(fault["ip"], 16) - int(fault["base"] or "0", 16)
    has_offset = fault["base"] is not None and offset >= 0
    frame = frame_of("", "", (fault["file"] or "").strip(), f"0x{offset:x}" if has_offset else "")
    process = fault["comm"].rpartition(": ")[2].strip()
    facts = {"process": process, "pid": fault["pid"], "address": fault["address"] or ""}
    return ParsedReport(
        format="kernel",
        error_type=error_type,
        message=fault["trap"] or "segfault",
        frames=(frame,),
        culprit=frame,
        severity=severity.infer(error_type, ""),
        extra={name: value for name, value in facts.items() if value},
        span=(line.start, line.end),
    )
