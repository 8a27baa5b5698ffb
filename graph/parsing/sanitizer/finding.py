"""Read the body of a finding below its header: its stack, further stacks, and facts about the memory access."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from graph.model.report import Cause, StackFrame
from graph.parsing.native.blame import blame
from graph.parsing.native.names import frame_of, function_of, place_of
from graph.parsing.sanitizer.error_types import SIGNALS, memory_type, segv_type
from graph.parsing.sanitizer.frame_styles import STYLES, UNKNOWN, numbered_backtrace_line
from graph.parsing.sanitizer.header import Role, SanitizerHeader
from graph.parsing.sanitizer.stack import SanitizerStack, read_stack

FACTS_WITHIN = 6_000
"""Characters below the header, or after the stack, that are searched for facts."""
SECTIONS = 8
LEAKS = 50
LOOK_BEHIND = 200_000

ADDRESS = re.compile(r"\b(?:on|at)(?: unknown| address)*:? (0x[0-9a-fA-F]{1,16}|[0-9a-f]{8,16}\b)")
PC = re.compile(r"\bpc:? (0x[0-9a-fA-F]{1,16})")
THREAD_ID = re.compile(r" T(\d{1,9})\)")
ACCESS = re.compile(
    r"^[^\n]{0,80}?\b(READ|WRITE|ACCESS|[Rr]ead|[Ww]rite|[Aa]tomic (?:read|write)) of size (\d{1,18})\b"
    r"(?: at (0x[0-9a-f]{1,16}))?(?: tags: \S{1,20} \(ptr/mem\))?"
    r"(?: (?:by|in)? ?((?:main )?thread(?: T\d{1,9})?)(?: '([^'\n]{1,60})'| \(([^)\n]{1,60})\))?)?",
    re.MULTILINE,
)
CAUSED = re.compile(r"caused by an? (READ|WRITE|UNKNOWN) memory access")
HINT = re.compile(r"(?:Hint|HINT): ((?:address points to|this fault was caused by)[^\n.(:]{1,120})")
SCARINESS = re.compile(r"SCARINESS: (\d{1,4}) \(([^)\n]{1,100})\)")
LOCATED = re.compile(r"\bis located (\d{1,18} bytes [^\n\[]{1,80}?|[^\n\[]{1,80}?)(?: ?\[0x|,? ?\(?0x|\n|$)")
CAUSE = re.compile(r"^[^\n]{0,80}?\bCause: ([a-z][\w -]{1,60})", re.MULTILINE)
LEAK = re.compile(r"\b(Direct|Indirect) leak of (\d{1,18}) byte\(s\) in (\d{1,18}) object\(s\) allocated from:")
SECTION = re.compile(
    r"^[^\n]{0,80}?((?:previously )?(?:freed|allocated) by (?:main )?thread[^\n]{0,100}? here|(?:freed|allocated) here"
    r"|Previous (?:(?:atomic )?(?:read|write) of size|(?:modifying |read )?access of )[^\n]{0,160}"
    r"|Uninitialized value was (?:stored to memory at|created by[^\n]{0,300})|Memory was marked as uninitialized"
    r"|As if synchronized via|Mutex M\d{1,12} (?:\([^\n)]{0,40}\) )?(?:created at|acquired here)[^\n]{0,80}"
    r"|Thread T\d{1,9}[^\n]{0,80} created by[^\n]{0,60})",
    re.MULTILINE,
)
GWP_ASAN = "GWP-ASan"
DEALLOCATED = re.compile(r"\bwas ((?:de)?allocated) by thread [^\n]{0,60}? here:")
SUMMARY_MODULE = re.compile(
    r"(\S[^\n(]{0,80}?) \((\S{1,400})\+(0x[0-9a-fA-F]{1,16})\)(?: \(BuildId: [0-9a-f]{1,64}\))?(?: in ([^\n]{1,2000}))?"
)
HEX = re.compile(r"(?:\s?\bat)?\s?\b0x[0-9a-fA-F]{1,16}\b")
TAIL = re.compile(r" (?:on unknown address|on address(?! which)|on 0x|at pc|\(pc |\(pid|\(thread )[^\n]*")


@dataclass(slots=True)
class Finding:
    """One error as reported once: header, type and message, frames innermost first, and facts."""

    header: SanitizerHeader
    error_type: str
    message: str
    end: int
    frames: tuple[StackFrame, ...] = ()
    causes: tuple[Cause, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    named_frames: int = 0
    role: Role = Role.ERROR
    truncated: bool = False

    @property
    def start(self) -> int:
        """Start of the header."""
        return self.header.start


def read_finding(text: str, header: SanitizerHeader, limit: int) -> Finding:
    """Read the finding of a header, up to ``limit``."""
    if header.tool == "LeakSanitizer" or (
        header.tool.endswith("Sanitizer") and header.body.startswith("detected memory leaks")
    ):
        return _leaks(text, header, limit)
    if header.truncated:
        return _summary(text, header, limit)
    if header.tool == GWP_ASAN:
        return _sampled(text, header, limit)
    if header.tool in {"", "signal", "honggfuzz"}:
        return _self_reported(text, header, limit)
    if header.tool == "UndefinedBehaviorSanitizer" and header.place:
        stack = read_stack(text, header.end, limit, 12)
    else:
        stack = read_stack(text, header.end, limit, 60)
    finding = _with_stack(header, stack)
    if header.tool == "libFuzzer":
        _add_pid(finding)
    elif header.place:
        _frame_from_place(finding)
        finding.facts["sanitizer"] = header.tool
    else:
        _add_memory_access(text, finding, stack, limit)
    return finding


def _with_stack(header: SanitizerHeader, stack: SanitizerStack) -> Finding:
    return Finding(
        header,
        header.error_type,
        header.message,
        max(stack.end, header.end),
        stack.frames,
        named_frames=stack.named_frames,
        role=header.role,
    )


def _sampled(text: str, header: SanitizerHeader, limit: int) -> Finding:
    """Read a finding of GWP-ASan, with the stacks of release and allocation."""
    stack = read_stack(text, header.end, limit, 4, (numbered_backtrace_line,))
    finding = _with_stack(header, stack)
    finding.facts.update({**header.facts, "sanitizer": GWP_ASAN})
    position = finding.end
    causes: list[Cause] = []
    while match := DEALLOCATED.search(text, position, min(limit, position + FACTS_WITHIN)):
        part = read_stack(text, _next_line(text, match.end(), limit), limit, 2, (numbered_backtrace_line,))
        causes += [Cause("context", match[1].capitalize(), "", part.frames)] if part.frames else []
        position = finding.end = max(part.end, match.end())
    finding.causes = tuple(causes)
    return finding


def _add_pid(finding: Finding) -> None:
    finding.facts.update({"pid": finding.header.pid} if finding.header.pid else {})


def _self_reported(text: str, header: SanitizerHeader, limit: int) -> Finding:
    """Read an error reported by the program itself: a failed check, a fatal message, a received signal."""
    stack = read_stack(text, header.end, limit, 16, STYLES)
    finding = _with_stack(header, stack)
    finding.facts.update(header.facts)
    finding.facts.pop("function", None)
    _add_pid(finding)
    if header.error_type == "UNKNOWN":
        finding.error_type = segv_type(header.facts.get("address", "0x0"), None)
    _frame_from_place(finding)
    return finding


def _frame_from_place(finding: Finding) -> None:
    """If no frame has a name, use the location in the header as the only frame."""
    if finding.named_frames or not finding.header.place:
        return
    file, line = place_of(finding.header.place)
    function = function_of(finding.header.facts.get("function", ""))
    module = "" if function else (file or "").replace("\\", "/").rpartition("/")[2]
    finding.frames = (StackFrame(function or UNKNOWN, module, file, line),)


def _summary(text: str, header: SanitizerHeader, limit: int) -> Finding:
    """Read a summary whose error is missing, such as ``heap-buffer-overflow src/run.c:12:5 in run``."""
    if header.tool == "libFuzzer":
        # A log that was symbolised afterwards has the stack below the summary.
        stack = read_stack(text, header.end, limit, 20)
        end = stack.end if stack.frames else header.end
        return Finding(
            header,
            header.error_type,
            header.message,
            end,
            stack.frames,
            named_frames=stack.named_frames,
            role=header.role,
            truncated=True,
        )
    module = SUMMARY_MODULE.search(header.body)
    if module:
        frame = frame_of(module[4] or "", "", module[2], module[3])
        named = frame.function != f"+{module[3]}"
        words, message = header.error_type, module[1]
        return Finding(header, words, message, header.end, (frame,), named_frames=named, role=header.role, truncated=True)
    body, _, symbol = header.body.partition(" in ")
    words, _, place = body.rpartition(" ")
    file, line = place_of(place)
    frames = (StackFrame(function_of(symbol.strip()) or UNKNOWN, "", file, line),) if line else ()
    return Finding(
        header,
        header.error_type,
        words if line else header.body,
        header.end,
        frames,
        named_frames=len(frames),
        role=header.role,
        truncated=True,
    )


def _add_memory_access(text: str, finding: Finding, stack: SanitizerStack, limit: int) -> None:
    """Add the facts of a bad memory access, and the stacks about the memory."""
    header = finding.header
    above = text[header.end : min(limit, stack.start or limit, header.end + FACTS_WITHIN)]
    below = text[finding.end : min(limit, finding.end + FACTS_WITHIN)]
    access = ACCESS.search(above) or ACCESS.search(below[:400])
    caused = CAUSED.search(above)
    kind = access[1].upper().rpartition(" ")[2] if access else caused[1] if caused else None
    address = ADDRESS.search(header.body)
    facts = finding.facts
    facts["sanitizer"] = header.tool
    facts.update(
        {name: match[1] for name, match in (("pc", PC.search(header.body)), ("scariness", SCARINESS.search(above))) if match}
    )
    where = address[1] if address else access[3] if access else None
    thread = _thread(header, access)
    values = {
        "pid": header.pid,
        "address": where,
        "access": kind,
        "access_size": access[2] if access else None,
        "thread": thread,
    }
    facts.update({name: value for name, value in values.items() if value})
    if finding.error_type == "UNKNOWN" and memory_type(header.tool, header.body) == SIGNALS["segv"]:
        finding.error_type = segv_type(where, kind)
    finding.message = _message(header, access, caused, HINT.search(above), LOCATED.search(below), CAUSE.search(below))
    finding.causes = _sections(text, finding, limit)


def _thread(header: SanitizerHeader, access: re.Match[str] | None) -> str:
    if access and access[4]:
        name = access[5] or access[6]
        number = access[4].removeprefix("thread ")
        return f"{number} ({name})" if name and not name.startswith("mutexes") else number
    match = THREAD_ID.search(header.body)
    return f"T{match[1]}" if match else ""


def _message(header: SanitizerHeader, *matches: re.Match[str] | None) -> str:
    """Message of the tool without the addresses of this occurrence."""
    access, caused, hint, located, cause = matches
    parts = []
    if access:
        parts.append(f"{access[1].upper()} of size {access[2]}")
    else:
        words = TAIL.sub("", header.body)
        words = (words if "allocat" in words else HEX.sub("", words)).strip(" :")
        parts.append(f"{words} on unknown address" if " on unknown address" in header.body else words)
    if caused and caused[1] != "UNKNOWN":
        parts.append(f"caused by a {caused[1]} memory access")
    parts.extend(match[1].strip() for match in (hint, located, cause) if match)
    return ", ".join(part for part in parts if part)


def _sections(text: str, finding: Finding, limit: int) -> tuple[Cause, ...]:
    """Read the further stacks: of the other access, of the release and of the allocation."""
    causes: list[Cause] = []
    position = finding.end
    while len(causes) < SECTIONS:
        match = SECTION.search(text, position, min(limit, position + LOOK_BEHIND))
        if not match:
            break
        stack = read_stack(text, _next_line(text, match.end(), limit), limit, 2)
        title = HEX.sub("", match[1]).strip(" :")
        if stack.frames:
            causes.append(Cause("context", title[:1].upper() + title[1:], "", stack.frames))
        position = finding.end = max(stack.end, match.end())
    return tuple(causes)


def _next_line(text: str, position: int, limit: int) -> int:
    line_end = text.find("\n", position, limit)
    return limit if line_end < 0 else line_end + 1


def _leaks(text: str, header: SanitizerHeader, limit: int) -> Finding:
    """Read a leak report: the first direct leak in application code is the error, the others are its members."""
    leaks: list[Finding] = []
    position = header.end
    while len(leaks) < LEAKS and (match := LEAK.search(text, position, limit)):
        stack = read_stack(text, _next_line(text, match.end(), limit), limit, 3)
        message = f"{match[1]} leak of {match[2]} byte(s) in {match[3]} object(s)"
        position = max(stack.end, match.end())
        leaks.append(Finding(header, f"{match[1]}-leak", message, position, stack.frames, named_frames=stack.named_frames))
    facts = {"sanitizer": "LeakSanitizer", **({"pid": header.pid} if header.pid else {})}
    if not leaks:
        return Finding(header, "Direct-leak", header.message, header.end, facts=facts)
    return with_worst_leak(replace(leaks[0], end=position, facts=facts), leaks)


def with_worst_leak(finding: Finding, leaks: list[Finding]) -> Finding:
    """Return ``finding`` with the worst leak as its error and the others as members."""
    worst = min(leaks, key=lambda leak: (leak.error_type != "Direct-leak", not _is_in_app(leak)))
    others = tuple(Cause("member", leak.error_type, leak.message, leak.frames) for leak in leaks if leak is not worst)[:LEAKS]
    return replace(
        finding,
        error_type=worst.error_type,
        message=worst.message,
        frames=worst.frames,
        causes=others,
        named_frames=worst.named_frames,
    )


def _is_in_app(leak: Finding) -> bool:
    culprit_frame = blame(leak.frames)
    return culprit_frame is not None and culprit_frame.in_app is not False and culprit_frame is not leak.frames[0]
