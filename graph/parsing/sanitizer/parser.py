"""Errors of native programs reported by tools or by the programs: sanitizers, fuzzers, failed checks, signals.

One crash is often reported several times: a check fails, the process aborts, a sanitizer reports the abort, a fuzzer
reports a deadly signal. All of these become one report with the first reason and the best stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.native.blame import frames_from_place
from graph.parsing.native.names import function_of
from graph.parsing.protocol import SharedLiterals
from graph.parsing.sanitizer.culprit import culprit_of
from graph.parsing.sanitizer.finding import Finding, read_finding, with_worst_leak
from graph.parsing.sanitizer.header import Role
from graph.parsing.sanitizer.header_search import find_headers
from graph.rules import severity

FAILED_CHECK_DISTANCE = 100_000
"""Maximum characters between a failed check and the end of its process."""
END_DISTANCE = 4_000
"""Maximum characters between an error and the end of its process if no process number connects them."""
SIGNAL_DISTANCE = 300
"""Maximum characters between an error and a signal reported by the program itself."""
ABOVE_LIMIT = 400
BELOW_LIMIT = 6_000
UNINFORMATIVE_CHECKS = frozenset({"0", "false", "FALSE"})
"""Conditions that always fail: they explain no more than the abort that follows."""
LITERALS = (
    "Sanitizer: ",
    "Sanitizer failed to allocate ",
    "Sanitizer CHECK failed: ",
    "SHOULD NEVER BE REACHED",
    "runtime error: ",
    "ERROR: libFuzzer: ",
    "FATAL:",
    "heck failed: ",
    "CHECK failed: ",
    "# Fatal ",
    "# Runtime error",
    "# V8 ",
    "abort: CSA_",
    "FATAL ERROR: ",
    "ssertion ",
    "ASSERTION FAILED: ",
    "ASSERT failure in ",
    'ASSERT: "',
    "GWP-ASan detected",
    "] assert failure: ",
    "[critical]",
    "===BUG DETECTED: ",
    "Received signal ",
    "*** SIG",
    "\nF",
    "========= ",
    "double free or corruption",
    "free(): ",
    "alloc(): ",
    "corrupted ",
    " detected ***",
    "terminate called after throwing",
    " uncaught exception of type ",
    "CANNOT LINK EXECUTABLE",
    "error while loading shared libraries",
    "SIGNAL: SIG",
)


HEADERS = SharedLiterals("Sanitizer: ", "ERROR: libFuzzer: ")
_LITERALS = SharedLiterals(*LITERALS)


class SanitizerParser:
    """Parser for reports of sanitizers and fuzzers, and failed checks of native programs."""

    name = "sanitizer"
    title = "Errors of native programs reported by sanitizers, fuzzers and failed checks"
    takes = (
        "the crash type, in the spelling of fuzzing services",
        "address, kind and size of a bad access, thread and process",
        "the stacks of the other access, the release and the allocation",
        "all leaks of a report",
        "the failed check before an abort",
    )
    example = (
        "=================================================================\n"
        "==4242==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000014 at pc 0x55d1c0 bp 0x7f10 sp 0x7f08\n"
        "READ of size 4 at 0x602000000014 thread T0\n"
        "    #0 0x55d1bf in shop::Cart::price(int) const /srv/shop/cart.cc:31:12\n"
        "    #1 0x55d2e8 in main /srv/shop/main.cc:9:3\n"
        "    #2 0x7f3a10 in __libc_start_main (/lib/x86_64-linux-gnu/libc.so.6+0x29d8f)\n"
        "\n"
        "0x602000000014 is located 0 bytes to the right of 4-byte region [0x602000000010,0x602000000014)\n"
        "allocated by thread T0 here:\n"
        "    #0 0x4c1f in operator new(unsigned long) (/srv/shop/shop+0x4c1f)\n"
        "    #1 0x55d0aa in shop::Cart::Cart() /srv/shop/cart.cc:12:15\n"
        "\n"
        "SUMMARY: AddressSanitizer: heap-buffer-overflow /srv/shop/cart.cc:31:12 in shop::Cart::price(int) const\n"
        "==4242==ABORTING\n"
    )

    def sniff(self, text: str) -> float:
        """Return 1 for the header of a sanitizer or fuzzer, 0.6 for other signs of a failed check."""
        if HEADERS.occurs_in(text):
            return 1.0
        return 0.6 if text.startswith("F") or _LITERALS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per crash, however often it is reported."""
        findings = list(_merged_findings(text))
        floor = 0
        for finding, following in zip_longest(findings, findings[1:]):
            start = max(_start(text, finding.start, floor), floor)
            floor = max(_end(text, finding.end, following.start if following else len(text)), start)
            yield _report(finding, (start, floor))


def _merged_findings(text: str) -> Iterator[Finding]:
    """Yield the findings, those of one crash merged."""
    headers = find_headers(text)
    current: Finding | None = None
    for number, header in enumerate(headers):
        limit = headers[number + 1].start if number + 1 < len(headers) else len(text)
        finding = read_finding(text, header, limit)
        if current is None:
            current = finding
            continue
        joined = _merge(current, finding)
        if joined is None:
            if current.role is not Role.WARNING:
                yield current
            current = finding
        else:
            current = joined
    if current is not None and current.role is not Role.WARNING:
        yield current


def _merge(first: Finding, second: Finding) -> Finding | None:
    """Merge two findings of one crash; ``None`` if they belong to different crashes."""
    distance = second.start - first.end
    if second.truncated:
        return _with_summary(first, second)
    if first.role in {Role.FAILED_CHECK, Role.WARNING}:
        return _merge_failed_check(first, second) if distance <= FAILED_CHECK_DISTANCE else None
    if _is_same(first, second):
        return _better_of(first, second)
    if second.role is Role.TERMINATION and _same_process(first, second, distance):
        return _with_termination(first, second)
    if second.header.tool == "signal" and not second.header.pid and distance <= SIGNAL_DISTANCE:
        return _with_termination(first, second)
    if "-leak" in first.error_type and "-leak" in second.error_type:
        leaks = [
            first,
            *(_member(cause, first) for cause in first.causes),
            second,
            *(_member(cause, second) for cause in second.causes),
        ]
        return with_worst_leak(replace(first, end=second.end), leaks)
    return None


def _member(cause: Cause, finding: Finding) -> Finding:
    return replace(finding, error_type=cause.error_type, message=cause.message, frames=cause.frames, causes=())


def _with_summary(first: Finding, second: Finding) -> Finding | None:
    """Add a summary to a complete error: it has no news, but its stack may follow it."""
    if first.role in {Role.FAILED_CHECK, Role.WARNING}:
        return _merge_failed_check(first, second)
    if not first.frames and second.header.tool == first.header.tool:
        return replace(first, end=second.end, frames=second.frames, named_frames=second.named_frames)
    return replace(first, end=second.end)


def _merge_failed_check(first: Finding, second: Finding) -> Finding | None:
    """Merge a failed check with its consequence."""
    if second.role is Role.TERMINATION:
        return _with_termination(first, second)
    if second.role in {Role.FAILED_CHECK, Role.WARNING}:
        if first.role is Role.WARNING or (first.message == second.message and first.error_type == second.error_type):
            return _better_of(first, second) if first.role is not Role.WARNING else None
        return None
    accessed = second.error_type.startswith(("UNKNOWN", "Null-dereference", "Segv"))
    if not accessed or first.role is Role.WARNING:
        return None
    if first.error_type == "Fatal error" and second.error_type.startswith("UNKNOWN"):
        # The process was ending, but a bad memory access ended it.
        context = Cause("context", first.error_type, first.message, first.frames)
        return replace(second, header=replace(second.header, start=first.start), causes=(context, *second.causes))
    return _with_termination(first, second)


def _with_termination(first: Finding, second: Finding) -> Finding:
    """Add the end of the process to an error; the stack is the better one of the two."""
    better = second.named_frames > first.named_frames or (
        second.named_frames == first.named_frames and _lines(second) > _lines(first)
    )
    # An error keeps its own stack; that of the end only replaces a missing one.
    taken = (
        second
        if better and (first.role in {Role.FAILED_CHECK, Role.WARNING, Role.TERMINATION} or not first.named_frames)
        else first
    )
    role = Role.TERMINATION if first.role is Role.TERMINATION else Role.ERROR
    facts = {**second.facts, **first.facts}
    return replace(first, end=second.end, frames=taken.frames, named_frames=taken.named_frames, role=role, facts=facts)


def _lines(finding: Finding) -> int:
    return sum(frame.line is not None for frame in finding.frames)


def _is_same(first: Finding, second: Finding) -> bool:
    """Whether the same error is reported again, as in a log followed by its unsymbolised version."""
    if first.error_type != second.error_type or first.header.tool != second.header.tool:
        return False
    if first.header.place or second.header.place:
        return (first.header.place, first.header.body) == (second.header.place, second.header.body)
    if first.header.body != second.header.body or first.header.pid != second.header.pid:
        return False
    # Addresses distinguish errors of one process; without them, the frames do.
    return "0x" in first.header.body or not (first.frames and second.frames) or first.frames == second.frames


def _better_of(first: Finding, second: Finding) -> Finding:
    taken = second if second.named_frames > first.named_frames else first
    return replace(taken, header=first.header, end=second.end, facts={**second.facts, **first.facts})


def _same_process(first: Finding, second: Finding, distance: int) -> bool:
    if first.header.pid and second.header.pid:
        return first.header.pid == second.header.pid or (
            first.role is Role.TERMINATION and not (first.frames and second.frames)
        )
    return distance <= END_DISTANCE


def _report(finding: Finding, span: tuple[int, int]) -> ParsedReport:
    frames = finding.frames
    return ParsedReport(
        format=SanitizerParser.name,
        error_type=finding.error_type,
        message=finding.message,
        frames=frames,
        culprit=culprit_of(finding.error_type, _from_failed_check(finding)),
        causes=finding.causes,
        severity=severity.infer(finding.error_type, finding.message),
        extra=finding.facts,
        span=span,
        truncated=finding.truncated,
        echo=finding.role is Role.TERMINATION or finding.message in UNINFORMATIVE_CHECKS,
    )


def _from_failed_check(finding: Finding) -> Sequence[StackFrame]:
    """The frames from the failed check on; all frames of any other error."""
    header = finding.header
    if header.role is not Role.FAILED_CHECK or not header.place:
        return finding.frames
    return frames_from_place(finding.frames, header.place, function_of(header.facts.get("function", "")))


def _start(text: str, start: int, floor: int) -> int:
    """Include the separator and the ``DEADLYSIGNAL`` line directly above the header."""
    floor = max(floor, start - ABOVE_LIMIT)
    while start > floor:
        above = max(text.rfind("\n", floor, start - 1) + 1, floor)
        line = text[above : start - 1].strip()
        if not (line.endswith(":DEADLYSIGNAL") or line.startswith("ASAN:") or (line and not line.strip("="))):
            break
        start = above
    return start


def _end(text: str, end: int, limit: int) -> int:
    """Include the ``ABORTING`` line shortly below, up to ``limit``."""
    end = min(end, limit)
    aborting = text.find("==ABORTING", end, min(end + BELOW_LIMIT, limit))
    if aborting < 0 or "Traceback (" in text[end:aborting]:
        return end
    stop = text.find("\n", aborting, limit)
    return limit if stop < 0 else stop + 1
