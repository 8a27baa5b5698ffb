"""What is told below the first line of a native error: its stack, the stacks beside it, and the facts about the access."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from graph.model.report import Cause, StackFrame
from graph.parsing.native.names import function_of, place_of
from graph.parsing.sanitizer.error_types import SIGNALS, memory_type, segv_type
from graph.parsing.sanitizer.frames import Stack, read_stack
from graph.parsing.sanitizer.line import Head, Role
from graph.parsing.sanitizer.styles import STYLES, UNKNOWN
from graph.rules.culprit import culprit

FACTS_WITHIN = 6_000
"""Characters below the first line, or behind the stack, in which facts are looked for."""
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
    r"|Previous (?:atomic )?(?:read|write) of size[^\n]{0,160}"
    r"|Uninitialized value was (?:stored to memory at|created by[^\n]{0,300})|Memory was marked as uninitialized"
    r"|As if synchronized via|Mutex M\d{1,12} (?:\([^\n)]{0,40}\) )?(?:created at|acquired here)[^\n]{0,80}"
    r"|Thread T\d{1,9}[^\n]{0,80} created by[^\n]{0,60})",
    re.MULTILINE,
)
HEX = re.compile(r"(?:\s?\bat)?\s?\b0x[0-9a-fA-F]{1,16}\b")
TAIL = re.compile(r" (?:on unknown address|on address(?! which)|on 0x|at pc|\(pc |\(pid|\(thread )[^\n]*")


@dataclass(slots=True)
class Story:
    """One telling of a failure: its head, type and message, frames innermost first, and what else was told."""

    head: Head
    error_type: str
    message: str
    end: int
    frames: tuple[StackFrame, ...] = ()
    causes: tuple[Cause, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    named: int = 0
    role: Role = Role.ERROR
    cut: bool = False

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.head.start


def story_of(text: str, head: Head, limit: int) -> Story:
    """What is told from ``head`` on; nothing at or behind ``limit`` is read."""
    if head.tool == "LeakSanitizer" or (head.tool.endswith("Sanitizer") and head.body.startswith("detected memory leaks")):
        return _leaks(text, head, limit)
    if head.cut:
        return _summary(text, head, limit)
    if head.tool in {"", "signal", "honggfuzz"}:
        return _own(text, head, limit)
    if head.tool == "UndefinedBehaviorSanitizer" and head.place:
        stack = read_stack(text, head.end, limit, 12)
    else:
        stack = read_stack(text, head.end, limit, 60)
    story = Story(
        head, head.error_type, head.message, max(stack.end, head.end), stack.frames, named=stack.named, role=head.role
    )
    if head.tool == "libFuzzer":
        _told(story)
    elif head.place:
        _at_place(story)
        story.facts["sanitizer"] = head.tool
    else:
        _accessed(text, story, stack, limit)
    return story


def _told(story: Story) -> None:
    story.facts.update({"pid": story.head.pid} if story.head.pid else {})


def _own(text: str, head: Head, limit: int) -> Story:
    """What a program tells of itself: a failed check, a fatal message, a signal it received."""
    stack = read_stack(text, head.end, limit, 16, STYLES)
    story = Story(
        head, head.error_type, head.message, max(stack.end, head.end), stack.frames, named=stack.named, role=head.role
    )
    story.facts.update(head.facts)
    story.facts.pop("function", None)
    _told(story)
    if head.error_type == "UNKNOWN":
        story.error_type = segv_type(head.facts.get("address", "0x0"), None)
    _at_place(story)
    return story


def _at_place(story: Story) -> None:
    """Where no frame has a name, the place that the head tells is the only frame."""
    if story.named or not story.head.place:
        return
    file, line = place_of(story.head.place)
    function = function_of(story.head.facts.get("function", ""))
    module = "" if function else (file or "").replace("\\", "/").rpartition("/")[2]
    story.frames = (StackFrame(function or UNKNOWN, module, file, line),)


def _summary(text: str, head: Head, limit: int) -> Story:
    """A summary whose error is missing, such as ``heap-buffer-overflow src/run.c:12:5 in run``."""
    if head.tool == "libFuzzer":
        # Where stacks are symbolised afterwards, the stack stands below.
        stack = read_stack(text, head.end, limit, 20)
        end = stack.end if stack.frames else head.end
        return Story(head, head.error_type, head.message, end, stack.frames, named=stack.named, role=head.role, cut=True)
    body, _, symbol = head.body.partition(" in ")
    words, _, place = body.rpartition(" ")
    file, line = place_of(place)
    frames = (StackFrame(function_of(symbol.strip()) or UNKNOWN, "", file, line),) if line else ()
    return Story(
        head, head.error_type, words if line else head.body, head.end, frames, named=len(frames), role=head.role, cut=True
    )


def _accessed(text: str, story: Story, stack: Stack, limit: int) -> None:
    """The facts of a bad access, and the stacks that tell of the memory."""
    head = story.head
    above = text[head.end : min(limit, stack.start or limit, head.end + FACTS_WITHIN)]
    below = text[story.end : min(limit, story.end + FACTS_WITHIN)]
    access = ACCESS.search(above) or ACCESS.search(below[:400])
    caused = CAUSED.search(above)
    kind = access[1].upper().rpartition(" ")[2] if access else caused[1] if caused else None
    address = ADDRESS.search(head.body)
    facts = story.facts
    facts["sanitizer"] = head.tool
    facts.update(
        {name: found[1] for name, found in (("pc", PC.search(head.body)), ("scariness", SCARINESS.search(above))) if found}
    )
    where = address[1] if address else access[3] if access else None
    thread = _thread(head, access)
    told = {"pid": head.pid, "address": where, "access": kind, "access_size": access[2] if access else None, "thread": thread}
    facts.update({name: value for name, value in told.items() if value})
    if story.error_type == "UNKNOWN" and memory_type(head.tool, head.body) == SIGNALS["segv"]:
        story.error_type = segv_type(where, kind)
    story.message = _message(head, access, caused, HINT.search(above), LOCATED.search(below), CAUSE.search(below))
    story.causes = _sections(text, story, limit)


def _thread(head: Head, access: re.Match[str] | None) -> str:
    if access and access[4]:
        name = access[5] or access[6]
        number = access[4].removeprefix("thread ")
        return f"{number} ({name})" if name and not name.startswith("mutexes") else number
    found = THREAD_ID.search(head.body)
    return f"T{found[1]}" if found else ""


def _message(head: Head, *found: re.Match[str] | None) -> str:
    """What the tool says in words, without the addresses of this occurrence."""
    access, caused, hint, located, cause = found
    parts = []
    if access:
        parts.append(f"{access[1].upper()} of size {access[2]}")
    else:
        words = TAIL.sub("", head.body)
        words = (words if "allocat" in words else HEX.sub("", words)).strip(" :")
        parts.append(f"{words} on unknown address" if " on unknown address" in head.body else words)
    if caused and caused[1] != "UNKNOWN":
        parts.append(f"caused by a {caused[1]} memory access")
    parts.extend(one[1].strip() for one in (hint, located, cause) if one)
    return ", ".join(part for part in parts if part)


def _sections(text: str, story: Story, limit: int) -> tuple[Cause, ...]:
    """The stacks beside that of the error: of the other access, of the release and of the allocation."""
    causes: list[Cause] = []
    position = story.end
    while len(causes) < SECTIONS:
        found = SECTION.search(text, position, min(limit, position + LOOK_BEHIND))
        if not found:
            break
        stack = read_stack(text, _next_line(text, found.end(), limit), limit, 2)
        title = HEX.sub("", found[1]).strip(" :")
        if stack.frames:
            causes.append(Cause("context", title[:1].upper() + title[1:], "", stack.frames))
        position = story.end = max(stack.end, found.end())
    return tuple(causes)


def _next_line(text: str, position: int, limit: int) -> int:
    found = text.find("\n", position, limit)
    return limit if found < 0 else found + 1


def _leaks(text: str, head: Head, limit: int) -> Story:
    """A report of leaks: the first direct one in code of the application is the error, the others are its members."""
    leaks: list[Story] = []
    position = head.end
    while len(leaks) < LEAKS and (found := LEAK.search(text, position, limit)):
        stack = read_stack(text, _next_line(text, found.end(), limit), limit, 3)
        message = f"{found[1]} leak of {found[2]} byte(s) in {found[3]} object(s)"
        position = max(stack.end, found.end())
        leaks.append(Story(head, f"{found[1]}-leak", message, position, stack.frames, named=stack.named))
    facts = {"sanitizer": "LeakSanitizer", **({"pid": head.pid} if head.pid else {})}
    if not leaks:
        return Story(head, "Direct-leak", head.message, head.end, facts=facts)
    return told_leak(replace(leaks[0], end=position, facts=facts), leaks)


def told_leak(story: Story, leaks: list[Story]) -> Story:
    """``story`` told as the worst of the leaks, the others being its members."""
    worst = min(leaks, key=lambda leak: (leak.error_type != "Direct-leak", not _is_in_app(leak)))
    others = tuple(Cause("member", leak.error_type, leak.message, leak.frames) for leak in leaks if leak is not worst)[:LEAKS]
    return replace(
        story, error_type=worst.error_type, message=worst.message, frames=worst.frames, causes=others, named=worst.named
    )


def _is_in_app(leak: Story) -> bool:
    blamed = culprit(leak.frames, "native")
    return blamed is not None and blamed.in_app is not False and blamed is not leak.frames[0]
