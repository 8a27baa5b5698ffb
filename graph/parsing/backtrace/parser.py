"""Backtraces that native programs print when they crash, and stacks recorded by systemd-coredump."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.backtrace.servers import first_record
from graph.parsing.backtrace.stacks import ANY_MARK, has_stack, interrupted_frame, stacks
from graph.parsing.native.blame import blame
from graph.parsing.native.faults import number_of, signal_kind, signal_name
from graph.parsing.native.folding import fold_native_frames
from graph.parsing.native.termination import ABORT_FUNCTIONS, ABORTED, termination_above
from graph.parsing.protocol import line_at
from graph.rules import severity

SIGNAL = re.compile(
    r"\b(?P<name>SIG(?:SEGV|ABRT|BUS|FPE|ILL|TRAP|SYS|TERM|QUIT|PIPE|STKFLT))\b"
    r"|\b[Ss]ignal(?: number)?:? ?#?\(?(?P<number>\d{1,2})\b"
    r"|\b(?P<word>[Ss]egmentation [Ff]ault|segfault|[Bb]us error|[Ff]loating[ -]point exception|[Ii]llegal instruction"
    r"|Aborted(?! at ))\b"
)
SIGNAL_BY_WORD = {"se": "SIGSEGV", "bu": "SIGBUS", "fl": "SIGFPE", "il": "SIGILL", "ab": "SIGABRT"}
# What servers and engines print when they catch a signal; settings and advice may separate it from the stack.
BANNER = re.compile(
    r"\b(?:[gG]ot signal:? |[Cc]rashed (?:by|with) signal:? |[Cc]aught signal |[Rr]eceived signal )"
    r"(?=\d{1,2}\b|SIG[A-Z]|Segm|Abort|Bus|Float|Illeg)"
)
BANNER_LIMIT = 12_000
"""Distance above a stack, in characters, in which such a banner is searched."""
FAULT_ADDRESS = re.compile(r"(?:\(@?|address:? |\[\(?)(?P<address>0x[0-9a-fA-F]{1,16}|\(?nil\b)")
ABORTED_AT = "*** Aborted at "
# Marks above a stack printed by a sanitizer, a fuzzer or a failed check: the sanitizer parser reads those.
FOREIGN_MARKS = (
    "Sanitizer",
    "libFuzzer",
    "Check fail",
    "FATAL",
    "Fatal error in",
    "Fatal process",
    "C stack trace",
    "== ERROR",
    "GWP-ASan",
)
SUMMARY = "\nSUMMARY: "
"""The last line of a sanitizer's report; a stack below it is of another crash."""
PACKAGE = re.compile(r"\bPackage: ([^\s/]{1,200})/(\S{1,100})")
PROCESS = re.compile(r"\bProcess \d{1,9} \(([^()\n]{1,200})\) of user|\bExecutable: (\S{1,500})")
# Distance above a stack, in characters and lines, in which its cause is searched.
ABOVE_LIMIT = 1_600
DUMP_LIMIT = 5_000
ABOVE_LINES = 14
BELOW_LIMIT = 300
EMPTY = re.compile(r"(?:\[[ \d.]{1,20}\] )?\(EE\)\s{0,8}")
"""An empty line of an X server."""
TIMESTAMP = re.compile(r"Timestamp: \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
HANDLERS = re.compile(r"(?i)(?:sig(?:nal|segv|abrt|fault)?|crash|fault|segv|fatal)_?(?:signal)?_?(?:handler|action|catcher)")
RESTORER = re.compile(
    r"__(?:GI___)?(?:kernel_)?(?:rt_)?(?:sigreturn|restore_rt)|killpg|_sigtramp|funlockfile|__sigaction|<unknown>"
    r"|(?:libc|libpthread)[-.\d]*\.so[.\d]*\.\+0x\w+"
)
STARTERS = re.compile(r"__libc_start_\w+|_start|start_thread|_?_?clone3?|main")
# Number of innermost frames that may hold a signal handler and its callers.
HANDLER_REACH = 7
UNKNOWN = "Crash"


class BacktraceParser:
    """Parser for backtraces printed by native programs."""

    name = "backtrace"
    signs = (ANY_MARK,)
    title = "Backtraces printed by native programs themselves (glibc, Boost, folly, backward-cpp, Godot, systemd-coredump)"
    takes = (
        "the signal printed next to the stack, and a failed assertion or uncaught exception above it",
        "simple C++ and Rust names, demangled",
        "the culprit among the frames below the program's own signal handler",
        "package and process of a core dump",
    )
    example = (
        "*** Segmentation fault\n"
        "Backtrace:\n"
        "/opt/shop/bin/checkout(_ZNK4shop6Basket5totalEv+0x10)[0x55d0c0ffe1d0]\n"
        "/opt/shop/bin/checkout(_ZN4shop3payERKNS_6BasketE+0x4a)[0x55d0c0ffe21a]\n"
        "/opt/shop/bin/checkout(main+0x1e)[0x55d0c0ffe200]\n"
        "/lib/x86_64-linux-gnu/libc.so.6(__libc_start_main+0x8b)[0x7f000002a28b]\n"
        "/opt/shop/bin/checkout(_start+0x25)[0x55d0c0ffe0e5]\n"
    )

    def sniff(self, text: str) -> float:
        """Return 0.9 if a line looks like the first line of a stack."""
        return 0.9 if has_stack(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per stack, with the cause printed next to it."""
        floor = 0
        for kind, start, frames, end in stacks(text):
            above = text[max(floor, start - ABOVE_LIMIT) : start]
            above = above[above.rfind(SUMMARY) + len(SUMMARY) :].partition("\n")[2] if SUMMARY in above else above
            if kind != "coredump" and any(mark in above for mark in FOREIGN_MARKS):
                continue
            context = _read_context(text, kind, floor, start, end)
            report = _report(text, context, frames, (start, end))
            floor = report.span[1]
            yield report


@dataclass(frozen=True, slots=True)
class _StackContext:
    """Facts printed next to a stack: the signal, the fault address, and the span of stack and facts."""

    signal: str
    address: int | None
    start: int
    end: int
    header: str
    is_coredump: bool
    floor: int
    interrupted: StackFrame | None


def _read_context(text: str, kind: str, floor: int, start: int, end: int) -> _StackContext:
    is_coredump = kind == "coredump"
    above = _lines_above(
        text, max(floor, start - (DUMP_LIMIT if is_coredump else ABOVE_LIMIT)), start, 60 if is_coredump else ABOVE_LINES
    )
    # systemd prints the header on the first line of the stack.
    header = text[above : line_at(text, start, len(text))[1] if is_coredump else start]
    signals = list(SIGNAL.finditer(header))
    signal = signals[-1] if signals else None
    begin = start
    banner = None if signal or is_coredump else _banner_above(text, max(floor, start - BANNER_LIMIT), start)
    if banner is not None:
        above, header = banner, text[banner:start]
        signal = SIGNAL.search(header)
    if signal:
        aborted = text.find(ABORTED_AT, above, above + signal.start())
        begin = max(text.rfind("\n", 0, aborted if aborted >= 0 else above + signal.start()) + 1, above)
    elif kind in {"backward", "brackets"}:
        signal, header, end = _signal_below(text, header, end)
    if kind == "records":
        begin = first_record(text, floor, begin)
    process = PROCESS.search(header) if is_coredump else None
    if process:
        begin = min(begin, text.rfind("\n", 0, above + process.start()) + 1)
    address = FAULT_ADDRESS.search(header, signal.start()) if signal else None
    number = None if address is None else 0 if "nil" in address["address"] else number_of(address["address"])
    name = _signal_name_of(signal) if signal else ""
    interrupted = interrupted_frame(text, floor, start) if kind == "at_signs" else None
    return _StackContext(name, number, max(begin, floor), end, header, is_coredump, floor, interrupted)


def _banner_above(text: str, floor: int, start: int) -> int | None:
    """Start of the line of the nearest banner above a stack."""
    banners = [banner.start() for banner in BANNER.finditer(text, floor, start)]
    return max(text.rfind("\n", floor, banners[-1]) + 1, floor) if banners else None


def _signal_below(text: str, header: str, end: int) -> tuple[re.Match[str] | None, str, int]:
    """The signal directly below a stack, the text that holds it, and its end; X servers print an empty line first."""
    position = end
    for _ in range(2):
        line, after = line_at(text, position, min(len(text), position + BELOW_LIMIT))
        signal = SIGNAL.search(line)
        if signal:
            below = text[position : position + BELOW_LIMIT].partition("\n\n")[0]
            return SIGNAL.search(below), below, after
        if line.strip() and not EMPTY.fullmatch(line):
            break
        position = after
    return None, header, end


def _lines_above(text: str, floor: int, start: int, lines: int) -> int:
    """Position of the start of the line ``lines`` above ``start``, not before ``floor``."""
    position = start
    for _ in range(lines):
        if position <= floor:
            break
        position = max(text.rfind("\n", floor, position - 1) + 1, floor)
    return position


def _signal_name_of(match: re.Match[str]) -> str:
    if match["name"]:
        return match["name"]
    return signal_name(int(match["number"])) if match["number"] else SIGNAL_BY_WORD[match["word"][:2].lower()]


def _report(text: str, context: _StackContext, frames: Sequence[StackFrame], span: tuple[int, int]) -> ParsedReport:
    interrupted = [context.interrupted] if context.interrupted and context.interrupted not in frames[:HANDLER_REACH] else []
    stack = fold_native_frames([*interrupted, *frames])
    aborts = any(ABORT_FUNCTIONS.fullmatch(frame.function) for frame in stack[:8])
    signal = context.signal or (ABORTED if aborts else UNKNOWN)
    termination = (
        termination_above(text, max(context.floor, context.start - ABOVE_LIMIT), context.start)
        if signal in {ABORTED, UNKNOWN}
        else None
    )
    error_type = termination.error_type if termination else signal_kind(signal, context.address)
    message = termination.message if termination else ""
    package = PACKAGE.search(context.header) if context.is_coredump else None
    return ParsedReport(
        format="backtrace",
        error_type=error_type,
        message=message,
        frames=stack,
        culprit=blame([*interrupted, *_faulting_frames(stack[len(interrupted) :])], error_type),
        occurred_at=_occurred_at(context),
        severity=severity.infer(error_type, message),
        product=package[1] if package else None,
        version=package[2] if package else None,
        extra=_facts(context, signal, error_type),
        span=(termination.at if termination else context.start, max(context.end, span[1])),
        # If another parser found the cause above this stack, the stack shows how the process ended.
        echo=termination is None and not context.is_coredump and signal in {ABORTED, UNKNOWN},
    )


def _occurred_at(context: _StackContext) -> datetime | None:
    """Time at which systemd received the core, if printed with its zone."""
    match = TIMESTAMP.search(context.header) if context.is_coredump else None
    try:
        return datetime.strptime(f"{match[1]} +0000", "%Y-%m-%d %H:%M:%S %z") if match else None
    except ValueError:
        return None


def _facts(context: _StackContext, signal: str, error_type: str) -> dict[str, str]:
    process = PROCESS.search(context.header) if context.is_coredump else None
    facts = {
        "signal": signal if signal not in {error_type, UNKNOWN} else "",
        "process": ((process[1] or process[2]) if process else "").rpartition("/")[2],
    }
    return {name: value for name, value in facts.items() if value}


def _faulting_frames(stack: Sequence[StackFrame]) -> Sequence[StackFrame]:
    """Drop the frames of the program's signal handler and its callers: the rest starts where the signal was raised."""
    for place, frame in enumerate(stack[:HANDLER_REACH]):
        below = stack[place + 1 :]
        if not below:
            break
        if RESTORER.fullmatch(frame.qualified) and not STARTERS.fullmatch(below[0].function):
            return below
    named = [place for place, frame in enumerate(stack[:HANDLER_REACH]) if HANDLERS.search(frame.function.rpartition("::")[2])]
    return stack[named[-1] + 1 :] or stack if named else stack
