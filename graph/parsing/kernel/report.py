"""Build the report of a group of kernel messages: title, culprit, consequences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.kernel.content import KernelContent, KernelHeader, read_content
from graph.parsing.kernel.kinds import DEADLOCK, RUST, Rank, ReportKind
from graph.parsing.kernel.lines import zoned_time
from graph.parsing.kernel.stack import KernelStack
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.rules import frame_rules, severity
from graph.rules.culprit import blamed

PLATFORM = "kernel"
STALL, OOM = "stall", "oom"
FOLLOWERS = 20
"""Maximum number of consequences listed by name."""
CULPRIT_DEPTH = 1_000
"""Frames searched for the culprit; stacks of kernel threads are shorter."""
NAME_LENGTH = 200
ACCESS = "{access}"
# Removed from titles: numbers, addresses, and details after the error.
NUMBER = re.compile(r"(?<![A-Za-z_\d])\d{1,40}+(?![A-Za-z_\d])|(?<=[a-z])\d{3,40}+(?![A-Za-z_])")
ADDRESS = re.compile(r"0x[0-9a-f]{1,40}+|\b(?=[0-9a-f]{0,16}[a-f])[0-9a-f]{8,16}\b")
DETAILS = re.compile(r"(?<!\s)\s++(?:for |exitcode|---)|[;\[]")


def report_of(text: str, group: Sequence[KernelHeader], floor: int, limit: int) -> ParsedReport:
    """Build the report of a group of headers, read between ``floor`` and ``limit``."""
    header = _cause(group)
    followers = [follower for follower in group if follower.line.start > header.line.start]
    content = read_content(text, header, followers, floor, limit)
    error_type = _title(header, content.facts.values.get("access", ""), content.next)
    message = _message(header, content)
    frames, culprit = _blame(header, content)
    return ParsedReport(
        format=PLATFORM,
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=culprit,
        occurred_at=_occurred_at(text, header.line.start),
        severity=severity.infer(error_type, message),
        environment=content.facts.environment(),
        extra={**content.facts.extra(), **_followed(followers)},
        span=(content.start, content.end),
        truncated=_is_cut(header, content)
        or (header.kind.stack and (content.own.has_only_guesses or not (culprit or header.kind.rules == OOM))),
    )


def _cause(group: Sequence[KernelHeader]) -> KernelHeader:
    """The first of the most significant headers, up to the one that took the kernel down."""
    end = next((place for place, header in enumerate(group) if header.kind.rank is Rank.END), len(group))
    return min(group[: end + 1], key=lambda header: header.kind.rank)


def _is_cut(header: KernelHeader, content: KernelContent) -> bool:
    """Whether the lines required after the header are missing."""
    return ACCESS in header.kind.title and "access" not in content.facts.values


def _followed(followers: Sequence[KernelHeader]) -> dict[str, str]:
    names = (_title(follower, "", "") + (f" in {follower.function}" if follower.function else "") for follower in followers)
    return {"followed_by": "; ".join(list(dict.fromkeys(names))[:FOLLOWERS])} if followers else {}


def _title(header: KernelHeader, access: str, following: str) -> str:
    """Error type; ``access`` is ``Read``, ``Write`` or empty, ``following`` the line after the header."""
    title = header.kind.title
    if title == RUST:
        return _without_variables(following) or "rust panic"
    for position, group in enumerate(header.match.groups()):
        mark = f"{{{position}}}"
        if group and mark in title:
            title = title.replace(mark, group.strip() if header.kind.verbatim else _without_variables(group, header.kind.rank))
    return title.replace(ACCESS, access).strip()


def _without_variables(words: str, rank: Rank = Rank.CAUSE) -> str:
    """Replace numbers and addresses in a message; for the end of the kernel, also drop the details of the reason."""
    details = DETAILS.search(words) if rank is Rank.END else None
    words = words[: details.start()] if details and details.start() else words
    return NUMBER.sub("NUM", ADDRESS.sub("ADDR", words)).strip(" .")[:NAME_LENGTH]


def _message(header: KernelHeader, content: KernelContent) -> str:
    """Text of a warning, which is printed above the header, else the header itself."""
    warning = " ".join(content.above) if header.kind.title.startswith("WARNING") else ""
    return " ".join((warning or header.line.body).split())[:MESSAGE_LIMIT]


def _occurred_at(text: str, start: int) -> datetime | None:
    stamp = zoned_time(text, start)
    try:
        return datetime.fromisoformat(stamp.replace(",", ".")) if stamp else None
    except ValueError:
        return None


def _blame(header: KernelHeader, content: KernelContent) -> tuple[tuple[StackFrame, ...], StackFrame | None]:
    """Frames and culprit: from the functions that the report names, else from its stacks."""
    kind = header.kind
    stacks = list(_stacks(kind, content))
    main = _reporting_frames(stacks)
    if kind.rules == OOM:
        # The process that requested memory last did not necessarily use it up.
        return tuple(main), None
    named_frames = [_frame_named(name, main) for name in _named_functions(header, content)]
    is_certain = kind.blames_named or _is_cut(header, content)
    for frame in named_frames:
        if is_certain or blamed([frame], PLATFORM, kind.rules):
            return _prepend(frame, main), frame
    for stack in stacks:
        # Inlining depends on the compiler, so the culprit is a function that every build has.
        physical = [frame for frame in stack.frames[:CULPRIT_DEPTH] if not frame.inlined]
        culprit = blamed(physical, PLATFORM, kind.rules)
        if culprit:
            return tuple(main if culprit in main else stack.frames), culprit
    return _prepend(named_frames[0], main) if named_frames else tuple(main), None


def _named_functions(header: KernelHeader, content: KernelContent) -> list[str]:
    return content.places if header.kind.place else [header.function] if header.function else []


def _frame_named(name: str, frames: Sequence[StackFrame]) -> StackFrame:
    """The innermost frame of the function, or a frame with the name alone."""
    return next((frame for frame in frames if frame.function == name), StackFrame(name))


def _prepend(frame: StackFrame, frames: Sequence[StackFrame]) -> tuple[StackFrame, ...]:
    return tuple(frames) if frame in frames else (frame, *frames)


def _stacks(kind: ReportKind, content: KernelContent) -> Iterator[KernelStack]:
    """Yield the stacks, most relevant first."""
    own = content.own.finished()
    first = [stack for stack in own if kind.label and kind.label in stack.label]
    first += [stack for stack in own if kind.title == DEADLOCK and stack.label.startswith("-> #")]
    first += [stack for stack in own if "stack backtrace" in stack.label]
    rest = [stack for stack in own if not stack.is_unrelated and stack not in first]
    if kind.rules != STALL:
        yield from (*first, *rest)
        return
    elsewhere = (stack for stacks in content.others.values() for stack in stacks.finished() if not stack.is_unrelated)
    yield from (*first, *sorted(rest, key=_is_elsewhere), *elsewhere)


def _reporting_frames(stacks: Sequence[KernelStack]) -> list[StackFrame]:
    """Frames of the reporting thread."""
    own = [stack for stack in stacks if "stack backtrace" in stack.label or not stack.is_unrelated]
    return (own or list(stacks))[0].frames if stacks else []


def _is_elsewhere(stack: KernelStack) -> bool:
    """Whether a stack of a stall lacks the code that the timer interrupted."""
    interrupt = frame_rules(PLATFORM, STALL).interrupt_names
    return not any(interrupt.fullmatch(frame.function) for frame in stack.frames)
