"""Native crashes of Windows: cdb and WinDbg, bug checks, Visual Studio, crash handlers of programs, the event log."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.native.blame import blame
from graph.parsing.native.folding import fold_native_frames, recursive_part
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import SharedLiterals, line_at
from graph.parsing.windows.anchors import ANY_MARK, CrashGroup, groups, has_anchor
from graph.parsing.windows.event_log import application_error
from graph.parsing.windows.facts import (
    PROCESS,
    THROWN,
    address_of,
    debugger_error,
    environment_of,
    is_bugcheck,
    is_crash,
    thrown_error,
    time_of,
)
from graph.parsing.windows.frames import find_listed_stacks, probable_cause, read_debugger_frames, read_listed_frames
from graph.parsing.windows.wine import read_wine_frames, wine_error
from graph.rules import severity

LISTED = SharedLiterals(" Line ")

# Maximum lines between an exception and its stack.
STACK_DISTANCE = 60
OVERFLOW = "Stack-overflow"
# A name of one word is a field only with the two spaces of the debugger: `ERROR: cannot open` is a line of a logger.
ANALYSIS_FIELD = re.compile(r"[A-Z](?=[A-Z0-9]{0,60}_)[A-Z0-9_]{3,60}: |[A-Z][A-Z0-9]{3,60}:  ")
ANALYSIS_LINES = 80
FAILED = re.compile(
    r"(?P<kind>Fatal error|LowLevelFatalError|Assertion failed|Ensure condition failed):?(?P<expression>[^\n]{0,2000}?)\[File:"
)
CAUSE_DISTANCE = 2_000
"""Maximum characters between a bug check and the probable cause that a debugger names."""
LOGGER = re.compile(r"(?:\[[^\]\n]{1,40}\]){0,3}\w{1,40}: (?:\w{1,12}: )?")


class WindowsParser:
    """Parser for native crashes of Windows."""

    name = "windows"
    signs = (ANY_MARK, LISTED)
    title = "Native crashes of Windows (WinDbg, cdb, Visual Studio, event log)"
    takes = (
        "the exception by name, and the kind of a memory access",
        "the name of a bug check",
        "frames with file and line, and inlined frames",
        "process, system and time of a debugger session",
    )
    example = (
        "(14a8.c04): Access violation - code c0000005 (!!! second chance !!!)\n"
        "*******************************************************************************\n"
        "*                        Exception Analysis                                   *\n"
        "*******************************************************************************\n"
        "\n"
        "ExceptionAddress: 00fd13de (checkout!shop::Basket::total+0x0000001e)\n"
        "   ExceptionCode: c0000005 (Access violation)\n"
        "Attempt to read from address 00000010\n"
        "PROCESS_NAME:  checkout.exe\n"
        "STACK_TEXT:\n"
        "002df7e4 00fd1423 00fd1078 00fd1078 7f956000 checkout!shop::Basket::total+0x1e [d:\\src\\basket.cpp @ 17]\n"
        "002df8b8 00fd1969 00000001 00328df8 0032e9c0 checkout!wmain+0x23 [d:\\src\\main.cpp @ 32]\n"
        "002df924 770bad1f 7f956000 719abd8a 00000000 KERNEL32!BaseThreadInitThunk+0x24\n"
    )

    def sniff(self, text: str) -> float:
        """Return 1 for output of a debugger or crash handler, 0.9 for a stack of Visual Studio alone."""
        if has_anchor(text):
            return 1.0
        return 0.9 if LISTED.occurs_in(text) and "!" in text and any(find_listed_stacks(text, 0, len(text))) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per crash; several outputs of a debugger about one crash are merged."""
        crashes = list(groups(text))
        floor = 0
        for number, group in enumerate(crashes):
            limit = crashes[number + 1].start if number + 1 < len(crashes) else len(text)
            yield from _bare_stacks(text, floor, group.start)
            report = _report(text, group, limit)
            floor = report.span[1] if report else group.start
            if report:
                yield report
        yield from _bare_stacks(text, floor, len(text))


def _report(text: str, group: CrashGroup, limit: int) -> ParsedReport | None:
    if group.holds("faulting"):
        return _faulting(text, group, limit)
    if group.holds("wine"):
        return _wine(text, group, limit)
    if group.holds("failed"):
        return _failed(text, group, limit)
    if group.holds("thrown"):
        return _thrown(text, group, limit)
    frames, end = _debugger_stack(text, group, limit)
    end = _analysis_end(text, end, limit)
    part = text[group.start : end]
    if not frames and is_bugcheck(part):
        frames, end = probable_cause(text, end, min(limit, end + CAUSE_DISTANCE))
    if not frames and not group.holds("banner") and not is_crash(part) and not is_bugcheck(part):
        return None
    error_type, message = debugger_error(part)
    process = PROCESS.search(part)
    return _build_report(
        text, error_type, message, frames, (group.start, end), part, process[1] if process else "", debugged=True
    )


def _debugger_stack(text: str, group: CrashGroup, limit: int) -> tuple[list[StackFrame], int]:
    """The stack of the analysis, or else the one listed after it; returned with the end of both."""
    stack: list[StackFrame] = []
    end = max(line_at(text, anchor.end(), limit)[1] for anchor in group.anchors.values())
    for kind in ("stack", "listed"):
        if kind in group.anchors:
            start = line_at(text, group.anchors[kind].end(), limit)[1]
            frames, after = read_debugger_frames(text, start, limit)
            end = max(end, after)
            stack = stack or frames
    if not stack and "frames" in group.anchors:
        stack, after = read_debugger_frames(text, group.anchors["frames"].start(), limit)
        end = max(end, after)
    return stack, min(end, limit)


def _analysis_end(text: str, position: int, limit: int) -> int:
    """End of the fields that an analysis prints below its stack, such as ``OS_VERSION:  10.0.26100.1``."""
    end = position
    for _ in range(ANALYSIS_LINES):
        if position >= limit:
            break
        line, position = line_at(text, position, limit)
        if ANALYSIS_FIELD.match(line):
            end = position
        elif line.strip() and not line.startswith((" ", "\t", "---------", "Followup:")):
            break
    return end


def _thrown(text: str, group: CrashGroup, limit: int) -> ParsedReport | None:
    anchor = group.anchors["thrown"]
    line, after = line_at(text, anchor.start(), limit)
    thrown = THROWN.match(line[:4_000])
    if not thrown:
        return None
    error_type, message = thrown_error(thrown)
    frames, end = read_listed_frames(text, after, limit, STACK_DISTANCE)
    image = (thrown["image"] or "").strip()
    return _build_report(text, error_type, message, frames, (group.start, end if frames else after), line, image)


def _faulting(text: str, group: CrashGroup, limit: int) -> ParsedReport | None:
    """Read an application error of the event log: program, module and offset."""
    error = application_error(text, group.start, limit)
    if error is None:
        return None
    frame = frame_of("", "", error.module, error.offset)
    return ParsedReport(
        format="windows",
        error_type=error.error_type,
        message=f"in {error.module}",
        frames=(frame,),
        culprit=frame,
        severity=severity.infer(error.error_type, ""),
        product=error.app,
        version=error.version or None,
        environment={"os": "Windows"},
        span=(group.start, line_at(text, error.end, limit)[1]),
    )


def _wine(text: str, group: CrashGroup, limit: int) -> ParsedReport:
    line, after = line_at(text, group.anchors["wine"].start(), limit)
    error_type, message = wine_error(line[:4_000])
    frames, end = read_wine_frames(text, after, limit)
    return _build_report(text, error_type, message, frames, (group.start, end), line, "")


def _failed(text: str, group: CrashGroup, limit: int) -> ParsedReport | None:
    """Read a failed check or fatal error of the Unreal engine; the explanation is on the next line, the stack below."""
    line, after = line_at(text, group.anchors["failed"].start(), limit)
    failed = FAILED.match(line[:4_000])
    if not failed:
        return None
    below = LOGGER.sub("", line_at(text, after, limit)[0][:4_000]).strip()
    message = failed["expression"].strip() or below
    frames, end = read_listed_frames(text, after, limit, STACK_DISTANCE)
    error_type = "Fatal error" if failed["kind"].endswith("rror") else "ASSERT"
    return _build_report(text, error_type, message, frames, (group.start, end if frames else after), line, "")


def _bare_stacks(text: str, position: int, limit: int) -> Iterator[ParsedReport]:
    """Yield stacks of Visual Studio without an exception."""
    for start in find_listed_stacks(text, position, limit):
        if start >= position:
            frames, position = read_listed_frames(text, start, limit, 1)
            if len(frames) > 1:
                yield _build_report(text, "Crash", "", frames, (start, position), "", "")


def _build_report(
    text: str,
    error_type: str,
    message: str,
    frames: list[StackFrame],
    span: tuple[int, int],
    part: str,
    process: str,
    *,
    debugged: bool = False,
) -> ParsedReport:
    stack = fold_native_frames(frames)
    facts = {"process": process, "address": address_of(part)}
    header = text[max(0, span[0] - 4_000) : span[1]] if debugged else ""
    return ParsedReport(
        format="windows",
        error_type=error_type,
        message=message,
        frames=stack,
        culprit=blame(recursive_part(stack) if error_type == OVERFLOW else stack, error_type),
        occurred_at=time_of(header),
        severity=severity.infer(error_type, message),
        environment=environment_of(header),
        extra={name: value for name, value in facts.items() if value},
        span=span,
    )
