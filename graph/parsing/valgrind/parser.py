"""Errors found by Valgrind's tools: Memcheck, Helgrind and DRD, as text or XML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graph.model.report import Cause, ParsedReport
from graph.parsing.native.blame import blame
from graph.parsing.native.folding import fold_native_frames
from graph.parsing.native.termination import ABORTED, termination_above
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals
from graph.parsing.valgrind.errors import ValgrindError, error_type_of
from graph.parsing.valgrind.lines import COMMAND, errors_in
from graph.parsing.valgrind.xml_output import is_xml, xml_errors
from graph.rules import severity

MARKS = SharedLiterals("==    at 0x", "==   at 0x", "==  at 0x")
XML = SharedLiterals("<valgrindoutput>", "<protocoltool>")
MEMBERS = 50
HEADER_LIMIT = 4_000


class ValgrindParser:
    """Parser for errors found by Valgrind's tools."""

    name = "valgrind"
    signs = (MARKS, XML)
    title = "Errors found by Valgrind (Memcheck, Helgrind and DRD; text and XML)"
    takes = (
        "the error type, in the spelling of sanitizers",
        "the stacks of the release, the allocation and the other access",
        "all leaks of a process as one report",
        "the signal that ended the process, as part of the error before it",
    )
    example = (
        "==4242== Memcheck, a memory error detector\n"
        "==4242== Command: /opt/shop/bin/checkout --once\n"
        "==4242== \n"
        "==4242== Invalid read of size 4\n"
        "==4242==    at 0x10915E: shop::Basket::total() const (basket.cpp:17)\n"
        "==4242==    by 0x1091A0: main (main.cpp:32)\n"
        "==4242==  Address 0x4a8d048 is 8 bytes inside a block of size 16 free'd\n"
        "==4242==    at 0x483CA3F: free (vg_replace_malloc.c:540)\n"
        "==4242==    by 0x109191: shop::Basket::clear() (basket.cpp:24)\n"
    )

    def sniff(self, text: str) -> float:
        """Return 1 for a frame with the prefix of Valgrind, or for its XML."""
        return 1.0 if MARKS.occurs_in(text) or is_xml(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per error; the leaks of a process are one."""
        errors = xml_errors(text) if is_xml(text) else errors_in(text)
        floor = 0
        for group in _grouped(errors):
            report = _report(text, group, floor)
            if report is not None:
                # Lines of several processes may be mixed.
                start = max(report.span[0], floor)
                floor = max(report.span[1], start)
                yield replace(report, span=(start, floor))


def _grouped(errors: Iterable[ValgrindError]) -> Iterator[list[ValgrindError]]:
    """Group the leaks of a process, and each error with the signal that it caused."""
    group: list[ValgrindError] = []
    for error in errors:
        if group and not _belongs(group, error):
            yield group
            group = []
        group.append(error)
    if group:
        yield group


def _belongs(group: list[ValgrindError], error: ValgrindError) -> bool:
    first = group[0]
    if first.pid != error.pid:
        return False
    if first.is_leak:
        return error.is_leak
    is_same = error.frames == first.frames or error_type_of(first) == "Stack-overflow"
    return error.is_signal and not first.is_signal and is_same


def _report(text: str, group: list[ValgrindError], floor: int) -> ParsedReport | None:
    error = min(group, key=lambda leak: error_type_of(leak) != "Direct-leak") if group[0].is_leak else group[0]
    error_type = error_type_of(error)
    if not error_type:
        return None
    start, message = error.start, _message(error)
    ending = termination_above(text, floor, start) if error_type == ABORTED else None
    if ending is not None:
        error_type, message, start = ending.error_type, ending.message, ending.at
    frames = fold_native_frames(error.frames)
    causes = [Cause("context", title, "", fold_native_frames(stack)) for title, stack in error.stacks[1:] if stack]
    members = [_member(leak) for leak in group if leak is not error and leak.is_leak]
    return ParsedReport(
        format=ValgrindParser.name,
        error_type=error_type,
        message=message[:MESSAGE_LIMIT],
        frames=frames,
        culprit=blame(frames, error_type),
        causes=(*causes, *members[:MEMBERS]),
        severity=severity.infer(error_type, message),
        extra=_facts(text, error),
        span=(min(start, group[0].start), group[-1].end),
        echo=error_type == ABORTED,
    )


def _member(leak: ValgrindError) -> Cause:
    return Cause("member", error_type_of(leak), leak.title, fold_native_frames(leak.frames))


def _message(error: ValgrindError) -> str:
    """The title, and where the address lies; the address itself changes from run to run."""
    place = next((remark.partition(" is ")[2] for remark in error.remarks if remark.startswith("Address 0x")), "")
    return f"{error.title}, {place}" if place else error.title


def _facts(text: str, error: ValgrindError) -> dict[str, str]:
    command = COMMAND.search(text, max(0, error.start - HEADER_LIMIT), error.start)
    process = command[1].rpartition("/")[2] if command else ""
    facts = {"process": process, "pid": error.pid, "address": error.address}
    return {name: value for name, value in facts.items() if value}
