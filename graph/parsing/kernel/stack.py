"""Collect the stacks of a kernel report line by line: start, end and owner of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from graph.model.report import StackFrame
from graph.parsing.kernel.frames import is_user, read_frame, read_pointer

START = re.compile(
    r"\s{0,20}+(?:Call [Tt]race:|(?:stack )?[Bb]ack ?trace:|Linux Kernel Library Stack Trace:|Stack dump"
    r"|CPU: \d{1,5} .{0,120}?Call Trace:)"
)
# Lines before frames that do not belong to the failing code, …
UNRELATED = (
    r"Allocated by|Freed by|Allocated:|Freed:|Last potentially related|Second to last|Uninit was|Local variable"
    r"|-> #\d|Showing all locks|page last (?:allocated|free)|page allocated via|the existing dependency chain"
    r"|freed by task|the (?:shortest )?dependenc"
    r"|\{[\w -]{1,40}\} state was registered|(?:\.{3} |and this new dependency|to a |but this new|which became)"
    r"|\w{1,20}+-irq-|Preemption disabled at|Registered|originally|object pointer|hardirqs last|softirqs last|value changed"
)
# … before frames of another CPU, thread or access, …
TURN = r"NMI backtrace for cpu|Sending NMI|(?:read|write)[\w -]{0,40} to 0x|stack backtrace:|task:\S|Task dump for"
# … and lines that end a stack.
END = r"</TASK>|---\[ end |Kernel panic|Memory state|={20}|irq event stamp|The buggy address|Rebooting in|Last Breaking"
# Lines allowed between the instruction pointer and its stack.
PAUSE = r"Modules linked|CPU: \d"
SECTION = re.compile(rf"\s{{0,40}}+(?:(?P<other>{UNRELATED})|(?P<turn>{TURN})|(?P<pause>{PAUSE})|(?:{END}))")
ASIDE = ("kthread stack", "allocated by task")
"""Words anywhere in a line with the same meaning as ``UNRELATED``."""
INJECTION = frozenset({"should_fail", "should_fail_ex", "should_failslab", "__should_failslab", "should_fail_alloc_page"})
FRAME_LIMIT = 100_000
LABEL_LENGTH = 120


@dataclass(slots=True)
class KernelStack:
    """Frames of one stack, innermost first; ``label`` is the line above it.

    ``is_unrelated`` marks stacks of code that did not fail, ``is_pointer_only`` a stack that holds the instruction pointer
    alone so far, and ``may_repeat`` that the next frame may be the same one again.
    """

    label: str = ""
    is_unrelated: bool = False
    is_pointer_only: bool = False
    may_repeat: bool = False
    frames: list[StackFrame] = field(default_factory=list)
    guesses: list[StackFrame] = field(default_factory=list)
    """Unreliable frames, possibly left over from earlier calls."""
    caller: str = ""
    """Caller of the outermost frame, where frame lines name callers."""

    def add(self, frame: StackFrame) -> None:
        """Append a frame, or count it if it repeats the last one."""
        last = self.frames[-1] if self.frames else None
        if last and last.function == frame.function and replace(last, repeated=1) == frame:
            self.frames[-1] = replace(last, repeated=last.repeated + 1)
        elif len(self.frames) < FRAME_LIMIT:
            self.frames.append(frame)

    def merge_pointer(self, frame: StackFrame) -> bool:
        """Merge a frame with the instruction pointer read before it; returns whether they are the same function."""
        first = self.frames[-1] if self.may_repeat else None
        self.may_repeat = False
        if first is None or first.function != frame.function:
            return False
        self.frames[-1] = first if first.file else frame
        return True


class KernelStacks:
    """The stacks of one report."""

    def __init__(self) -> None:
        """Start without stacks."""
        self._stacks: list[KernelStack] = []
        self._open: KernelStack | None = None
        self._label, self._is_unrelated = "", False

    def read_line(self, body: str) -> bool:
        """Read one line; returns whether it belongs to a stack."""
        if "+0x" in body and self._read_frame(body):
            return True
        if "race:" in body and START.match(body):
            self._start(body)
            return True
        if self._ends_section(body):
            return False
        if is_user(body):
            self._open = None
            return True
        return self._read_pointer(body) or self._read_frame(body)

    def _ends_section(self, body: str) -> bool:
        """Whether a line ends the stack or labels the next one."""
        section = SECTION.match(body)
        aside = any(words in body for words in ASIDE)
        if not section and not aside:
            return False
        if aside or (section and section["other"] is not None):
            self._label, self._is_unrelated = body.strip()[:LABEL_LENGTH], True
        elif section and section["turn"] is not None:
            self._label, self._is_unrelated = body.strip()[:LABEL_LENGTH], False
        elif section and section["pause"] is not None:
            self._label, self._is_unrelated = "", False
            if self._open and self._open.is_pointer_only:
                return True
        self._open = None
        return True

    @property
    def has_only_guesses(self) -> bool:
        """Whether all frames are unreliable."""
        return not any(stack.frames for stack in self._stacks)

    def finished(self) -> list[KernelStack]:
        """The stacks with frames, in order; their unreliable frames only if no stack has any other."""
        for stack in self._stacks:
            if stack.caller:
                stack.add(StackFrame(stack.caller))
                stack.caller = ""
            # Fault injection prints its stack into the middle of other output.
            stack.is_unrelated = stack.is_unrelated or any(frame.function in INJECTION for frame in stack.frames)
        return [stack for stack in self._stacks if stack.frames] or [
            replace(stack, frames=stack.guesses) for stack in self._stacks if stack.guesses
        ]

    def _start(self, body: str) -> None:
        if "stack backtrace" in body:
            self._label, self._is_unrelated = body.strip()[:LABEL_LENGTH], False
        if self._open and self._open.is_pointer_only:
            # The stack continues from the instruction pointer.
            self._open.is_pointer_only = False
        else:
            self._open_stack()

    def _open_stack(self) -> KernelStack:
        self._open = KernelStack(self._label, self._is_unrelated)
        self._stacks.append(self._open)
        return self._open

    def _read_pointer(self, body: str) -> bool:
        frame = read_pointer(body)
        if frame is None:
            return False
        if self._open is None:
            self._open_stack().is_pointer_only = True
        if self._open and not (
            self._open.is_pointer_only and frame.function in {known.function for known in self._open.frames}
        ):
            self._open.add(frame)
            self._open.may_repeat = self._open.is_pointer_only
        return True

    def _read_frame(self, body: str) -> bool:
        frame, unreliable, caller = read_frame(body)
        if frame is None:
            return False
        stack = self._open or self._open_stack()
        stack.is_pointer_only = False
        if unreliable:
            stack.guesses.append(frame)
            return True
        if not stack.merge_pointer(frame):
            stack.add(frame)
        stack.caller = caller
        return True
