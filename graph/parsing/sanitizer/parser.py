"""Errors of native programs that tools and the programs themselves tell of: sanitizers, fuzzers, failed checks, signals.

A crash is often told several times over: a check fails, the process aborts, a sanitizer reports the abort, a fuzzer
reports a deadly signal. All of that is one report: the reason that was told first, with the best stack there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from graph.model.report import Cause, ParsedReport
from graph.parsing.protocol import LiteralSet
from graph.parsing.sanitizer.blame import blamed
from graph.parsing.sanitizer.headers import heads
from graph.parsing.sanitizer.line import Role
from graph.parsing.sanitizer.report import Story, story_of, told_leak
from graph.rules import severity

CLAIM_DISTANCE = 100_000
"""Characters between a failed check and the end of its process."""
END_DISTANCE = 4_000
"""Characters between an error and the end of its process, where no process number tells that they belong together."""
SIGNAL_DISTANCE = 300
"""Characters between an error and the signal that the program itself tells of."""
ABOVE = 400
BELOW = 6_000
SAYING_NOTHING = frozenset({"0", "false", "FALSE"})
"""Checks that can only fail: such a failure tells no more than the abort behind it."""
SIGNS = (
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


# Encoded once per text; tried on texts of every format, so it must be quick.
_SIGNS = LiteralSet(*SIGNS)


class SanitizerParser:
    """Reports of sanitizers and fuzzers, and failed checks of native programs."""

    name = "sanitizer"
    title = "Errors of native programs told by sanitizers, fuzzers and failed checks"
    takes = (
        "the crash type by the name that fuzzing services give it",
        "address, kind and size of a bad access, thread and process",
        "the stacks of the other access, of the release and of the allocation",
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
        """1 with the first line of a sanitizer or fuzzer, less with other signs of a failed check."""
        if "Sanitizer: " in text or "ERROR: libFuzzer: " in text:
            return 1.0
        return 0.6 if text.startswith("F") or _SIGNS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """A report for each crash, however often it is told."""
        stories = list(_folded(text))
        floor = 0
        for story, following in zip_longest(stories, stories[1:]):
            start = max(_start(text, story.start, floor), floor)
            floor = max(_end(text, story.end, following.start if following else len(text)), start)
            yield _report(story, (start, floor))


def _folded(text: str) -> Iterator[Story]:
    """The stories of the text, those of one crash as one."""
    told = heads(text)
    current: Story | None = None
    for number, head in enumerate(told):
        limit = told[number + 1].start if number + 1 < len(told) else len(text)
        story = story_of(text, head, limit)
        if current is None:
            current = story
            continue
        joined = _joined(current, story)
        if joined is None:
            if current.role is not Role.HINT:
                yield current
            current = story
        else:
            current = joined
    if current is not None and current.role is not Role.HINT:
        yield current


def _joined(first: Story, second: Story) -> Story | None:
    """Both as one where they tell of the same crash, else ``None``."""
    distance = second.start - first.end
    if second.cut:
        return _with_summary(first, second)
    if first.role in {Role.CLAIM, Role.HINT}:
        return _claimed(first, second) if distance <= CLAIM_DISTANCE else None
    if _is_same(first, second):
        return _better_of(first, second)
    if second.role is Role.END and _same_process(first, second, distance):
        return _ended(first, second)
    if second.head.tool == "signal" and not second.head.pid and distance <= SIGNAL_DISTANCE:
        return _ended(first, second)
    if "-leak" in first.error_type and "-leak" in second.error_type:
        leaks = [
            first,
            *(_member(cause, first) for cause in first.causes),
            second,
            *(_member(cause, second) for cause in second.causes),
        ]
        return told_leak(replace(first, end=second.end), leaks)
    return None


def _member(cause: Cause, story: Story) -> Story:
    return replace(story, error_type=cause.error_type, message=cause.message, frames=cause.frames, causes=())


def _with_summary(first: Story, second: Story) -> Story | None:
    """The summary of an error that was told in full says nothing new, but its stack may stand below it."""
    if first.role in {Role.CLAIM, Role.HINT}:
        return _claimed(first, second)
    if not first.frames and second.head.tool == first.head.tool:
        return replace(first, end=second.end, frames=second.frames, named=second.named)
    return replace(first, end=second.end)


def _claimed(first: Story, second: Story) -> Story | None:
    """A failed check and what follows it."""
    if second.role is Role.END:
        return _ended(first, second)
    if second.role in {Role.CLAIM, Role.HINT}:
        if first.role is Role.HINT or (first.message == second.message and first.error_type == second.error_type):
            return _better_of(first, second) if first.role is not Role.HINT else None
        return None
    accessed = second.error_type.startswith(("UNKNOWN", "Null-dereference", "Segv"))
    if not accessed or first.role is Role.HINT:
        return None
    if first.error_type == "Fatal error" and second.error_type.startswith("UNKNOWN"):
        # The program was ending, but what ended it is a bad access.
        context = Cause("context", first.error_type, first.message, first.frames)
        return replace(second, head=replace(second.head, start=first.start), causes=(context, *second.causes))
    return _ended(first, second)


def _ended(first: Story, second: Story) -> Story:
    """The error, its process having ended; the stack is that of the end where it is the better one."""
    better = second.named > first.named or (second.named == first.named and _lines(second) > _lines(first))
    # An error has its own stack; that of the end is only taken where it has none.
    taken = second if better and (first.role in {Role.CLAIM, Role.HINT, Role.END} or not first.named) else first
    role = Role.END if first.role is Role.END else Role.ERROR
    facts = {**second.facts, **first.facts}
    return replace(first, end=second.end, frames=taken.frames, named=taken.named, role=role, facts=facts)


def _lines(story: Story) -> int:
    return sum(frame.line is not None for frame in story.frames)


def _is_same(first: Story, second: Story) -> bool:
    """Whether the same error is told again, as where a log is followed by its unsymbolised version."""
    if first.error_type != second.error_type or first.head.tool != second.head.tool:
        return False
    if first.head.place or second.head.place:
        return (first.head.place, first.head.body) == (second.head.place, second.head.body)
    if first.head.body != second.head.body or first.head.pid != second.head.pid:
        return False
    # An address tells one error from the next of the same process; without one, the frames do.
    return "0x" in first.head.body or not (first.frames and second.frames) or first.frames == second.frames


def _better_of(first: Story, second: Story) -> Story:
    taken = second if second.named > first.named else first
    return replace(taken, head=first.head, end=second.end, facts={**second.facts, **first.facts})


def _same_process(first: Story, second: Story, distance: int) -> bool:
    if first.head.pid and second.head.pid:
        return first.head.pid == second.head.pid or (first.role is Role.END and not (first.frames and second.frames))
    return distance <= END_DISTANCE


def _report(story: Story, span: tuple[int, int]) -> ParsedReport:
    frames = story.frames
    return ParsedReport(
        format=SanitizerParser.name,
        error_type=story.error_type,
        message=story.message,
        frames=frames,
        culprit=blamed(story.error_type, frames),
        causes=story.causes,
        severity=severity.infer(story.error_type, story.message),
        extra=story.facts,
        span=span,
        truncated=story.cut,
        echo=story.role is Role.END or story.message in SAYING_NOTHING,
    )


def _start(text: str, start: int, floor: int) -> int:
    """Where the rule and the cry of a sanitizer begin that stand right above its first line."""
    floor = max(floor, start - ABOVE)
    while start > floor:
        above = max(text.rfind("\n", floor, start - 1) + 1, floor)
        line = text[above : start - 1].strip()
        if not (line.endswith(":DEADLYSIGNAL") or line.startswith("ASAN:") or (line and not line.strip("="))):
            break
        start = above
    return start


def _end(text: str, end: int, limit: int) -> int:
    """Where the last line of a sanitizer ends that stands near below; no further than ``limit``."""
    end = min(end, limit)
    found = text.find("==ABORTING", end, min(end + BELOW, limit))
    if found < 0 or "Traceback (" in text[end:found]:
        return end
    stop = text.find("\n", found, limit)
    return limit if stop < 0 else stop + 1
