"""One report of the kernel: what it is called, which function is to blame, and what followed from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.kernel.content import Content, Head, read_content
from graph.parsing.kernel.kinds import DEADLOCK, RUST, Kind, Rank
from graph.parsing.kernel.lines import zoned
from graph.parsing.kernel.stack import Stack
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.rules import frame_rules, severity
from graph.rules.culprit import blamed

PLATFORM = "kernel"
STALL, OOM = "stall", "oom"
FOLLOWERS = 20
"""Consequences of a report that are listed by name."""
LOOKED_AT = 1_000
"""Frames among which the one to blame is looked for; the stack of a kernel thread holds fewer."""
NAME_LENGTH = 200
ACCESS = "{access}"
# What a name does without: numbers, addresses, and the details after the error proper.
NUMBER = re.compile(r"(?<![A-Za-z_\d])\d{1,40}+(?![A-Za-z_\d])|(?<=[a-z])\d{3,40}+(?![A-Za-z_])")
ADDRESS = re.compile(r"0x[0-9a-f]{1,40}+|\b(?=[0-9a-f]{0,16}[a-f])[0-9a-f]{8,16}\b")
DETAILS = re.compile(r"\s+(?:for |exitcode|---)|[;\[]")


def report_of(text: str, group: Sequence[Head], floor: int, limit: int) -> ParsedReport:
    """The report that a group of heads makes, read between ``floor`` and ``limit``: the first cause, and what followed."""
    head = _cause(group)
    followers = [one for one in group if one.line.start > head.line.start]
    content = read_content(text, head, followers, floor, limit)
    error_type = _titled(head, content.facts.told.get("access", ""), content.next)
    message = _message(head, content)
    frames, culprit = _blame(head, content)
    return ParsedReport(
        format=PLATFORM,
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=culprit,
        occurred_at=_when(text, head.line.start),
        severity=severity.infer(error_type, message),
        environment=content.facts.environment(),
        extra={**content.facts.extra(), **_followed(followers)},
        span=(content.start, content.end),
        truncated=_is_cut(head, content)
        or (head.kind.stack and (content.own.guessed or not (culprit or head.kind.rules == OOM))),
    )


def _cause(group: Sequence[Head]) -> Head:
    """The first of the most telling heads of a group; what comes after the kernel went down only follows from that."""
    end = next((place for place, head in enumerate(group) if head.kind.rank is Rank.END), len(group))
    return min(group[: end + 1], key=lambda head: head.kind.rank)


def _is_cut(head: Head, content: Content) -> bool:
    """Whether the lines that should follow the first are missing."""
    return ACCESS in head.kind.title and "access" not in content.facts.told


def _followed(followers: Sequence[Head]) -> dict[str, str]:
    names = (_titled(one, "", "") + (f" in {one.function}" if one.function else "") for one in followers)
    return {"followed_by": "; ".join(list(dict.fromkeys(names))[:FOLLOWERS])} if followers else {}


def _titled(head: Head, access: str, following: str) -> str:
    """The name of the error. ``access`` is ``Read`` or ``Write`` where told, ``following`` the line after the head."""
    title = head.kind.title
    if title == RUST:
        return _steady(following) or "rust panic"
    for position, group in enumerate(head.found.groups()):
        mark = f"{{{position}}}"
        if group and mark in title:
            title = title.replace(mark, _steady(group, head.kind.rank))
    return title.replace(ACCESS, access).strip()


def _steady(words: str, rank: Rank = Rank.CAUSE) -> str:
    """A message without what differs each time; of how the kernel went down, the reason without its details."""
    details = DETAILS.search(words) if rank is Rank.END else None
    words = words[: details.start()] if details and details.start() else words
    return NUMBER.sub("NUM", ADDRESS.sub("ADDR", words)).strip(" .")[:NAME_LENGTH]


def _message(head: Head, content: Content) -> str:
    """The text of a warning, which stands above it, or the line that the report begins with."""
    said = " ".join(content.above) if head.kind.title.startswith("WARNING") else ""
    return " ".join((said or head.line.body).split())[:MESSAGE_LIMIT]


def _when(text: str, start: int) -> datetime | None:
    stamp = zoned(text, start)
    try:
        return datetime.fromisoformat(stamp.replace(",", ".")) if stamp else None
    except ValueError:
        return None


def _blame(head: Head, content: Content) -> tuple[tuple[StackFrame, ...], StackFrame | None]:
    """The frames of the report and the one to blame: of the functions it names, else of its stacks."""
    kind = head.kind
    stacks = list(_stacks(kind, content))
    main = _main(stacks)
    if kind.rules == OOM:
        # Whoever asked for memory last is not to blame for there being none.
        return tuple(main), None
    named = [_frame_of(name, main) for name in _named(head, content)]
    sure = kind.told or _is_cut(head, content)
    for frame in named:
        if sure or blamed([frame], PLATFORM, kind.rules):
            return _with(frame, main), frame
    for stack in stacks:
        # What is inlined depends on the compiler: another build of the same kernel names the function around it.
        physical = [frame for frame in stack.frames[:LOOKED_AT] if not frame.inlined]
        culprit = blamed(physical, PLATFORM, kind.rules)
        if culprit:
            return tuple(main if culprit in main else stack.frames), culprit
    return _with(named[0], main) if named else tuple(main), None


def _named(head: Head, content: Content) -> list[str]:
    return content.places if head.kind.place else [head.function] if head.function else []


def _frame_of(name: str, frames: Sequence[StackFrame]) -> StackFrame:
    """The innermost frame of the function, or one that tells nothing but the name."""
    return next((frame for frame in frames if frame.function == name), StackFrame(name))


def _with(frame: StackFrame, frames: Sequence[StackFrame]) -> tuple[StackFrame, ...]:
    return tuple(frames) if frame in frames else (frame, *frames)


def _stacks(kind: Kind, content: Content) -> Iterator[Stack]:
    """The stacks in the order in which they are believed."""
    own = content.own.finished()
    first = [stack for stack in own if kind.label and kind.label in stack.label]
    first += [stack for stack in own if kind.title == DEADLOCK and stack.label.startswith("-> #")]
    first += [stack for stack in own if "stack backtrace" in stack.label]
    rest = [stack for stack in own if not stack.other and stack not in first]
    if kind.rules != STALL:
        yield from (*first, *rest)
        return
    elsewhere = (stack for stacks in content.others.values() for stack in stacks.finished() if not stack.other)
    yield from (*first, *sorted(rest, key=_is_aside), *elsewhere)


def _main(stacks: Sequence[Stack]) -> list[StackFrame]:
    """The frames of the thread that reports."""
    own = [stack for stack in stacks if "stack backtrace" in stack.label or not stack.other]
    return (own or list(stacks))[0].frames if stacks else []


def _is_aside(stack: Stack) -> bool:
    """Whether a stack of a stall is not that of the code that was running when a timer looked."""
    interrupt = frame_rules(PLATFORM, STALL).interrupt_names
    return not any(interrupt.fullmatch(frame.function) for frame in stack.frames)
