"""The stacks of a kernel report, gathered line by line: where each begins and ends, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from graph.model.report import StackFrame
from graph.parsing.kernel.frames import is_user, read_frame, read_pointer

START = re.compile(
    r"\s{0,20}+(?:Call [Tt]race:|(?:stack )?[Bb]ack ?trace:|Linux Kernel Library Stack Trace:|Stack dump"
    r"|CPU: \d{1,5} .{0,120}?Call Trace:)"
)
# Lines that say whose the frames after them are: not those of the failing code, …
UNRELATED = (
    r"Allocated by|Freed by|Allocated:|Freed:|Last potentially related|Second to last|Uninit was|Local variable"
    r"|-> #\d|Showing all locks|page last (?:allocated|free)|page allocated via|the existing dependency chain"
    r"|freed by task|the (?:shortest )?dependenc"
    r"|\{[\w -]{1,40}\} state was registered|(?:\.{3} |and this new dependency|to a |but this new|which became)"
    r"|\w{1,20}+-irq-|Preemption disabled at|Registered|originally|object pointer|hardirqs last|softirqs last|value changed"
)
# … those of another processor, thread or access, …
TURN = r"NMI backtrace for cpu|Sending NMI|(?:read|write)[\w -]{0,40} to 0x|stack backtrace:|task:\S|Task dump for"
# … or of none: the stack is over.
END = r"</TASK>|---\[ end |Kernel panic|Memory state|={20}|irq event stamp|The buggy address|Rebooting in|Last Breaking"
# What may stand between the instruction pointer and the stack that begins there.
PAUSE = r"Modules linked|CPU: \d"
SECTION = re.compile(rf"\s{{0,40}}+(?:(?P<other>{UNRELATED})|(?P<turn>{TURN})|(?P<pause>{PAUSE})|(?:{END}))")
ASIDE = ("kthread stack", "allocated by task")
"""Words anywhere in a line that say so too."""
INJECTION = frozenset({"should_fail", "should_fail_ex", "should_failslab", "__should_failslab", "should_fail_alloc_page"})
FRAME_LIMIT = 100_000
LABEL_LENGTH = 120


@dataclass(slots=True)
class KernelStack:
    """Frames of one stack, innermost first. ``label`` is the line it stands under.

    ``other`` tells that it is not the failing code's; ``pointer`` that the instruction pointer is all it holds yet, and
    ``told`` that the next frame may be the same once more.
    """

    label: str = ""
    is_unrelated: bool = False
    is_pointer_only: bool = False
    may_repeat: bool = False
    frames: list[StackFrame] = field(default_factory=list)
    guesses: list[StackFrame] = field(default_factory=list)
    """Frames found on the stack that may be left over from earlier calls."""
    caller: str = ""
    """Who called the outermost frame, where frame lines name their callers."""

    def add(self, frame: StackFrame) -> None:
        """Add a frame further out; one that follows itself is counted."""
        last = self.frames[-1] if self.frames else None
        if last and last.function == frame.function and replace(last, repeated=1) == frame:
            self.frames[-1] = replace(last, repeated=last.repeated + 1)
        elif len(self.frames) < FRAME_LIMIT:
            self.frames.append(frame)

    def merges_pointer(self, frame: StackFrame) -> bool:
        """Whether a frame is the one that the instruction pointer told before the stack began."""
        first = self.frames[-1] if self.may_repeat else None
        self.may_repeat = False
        if first is None or first.function != frame.function:
            return False
        self.frames[-1] = first if first.file else frame
        return True


class KernelStacks:
    """The stacks of one report."""

    def __init__(self) -> None:
        """None yet."""
        self._stacks: list[KernelStack] = []
        self._open: KernelStack | None = None
        self._label, self._is_unrelated = "", False

    def read_line(self, body: str) -> bool:
        """Read one line; whether it belongs to a stack."""
        if "+0x" in body and self._take_frame(body):
            return True
        if "race:" in body and START.match(body):
            self._start(body)
            return True
        if self._ends_section(body):
            return False
        if is_user(body):
            self._open = None
            return True
        return self._take_pointer(body) or self._take_frame(body)

    def _ends_section(self, body: str) -> bool:
        """Whether a line ends the stack, or says whose the next ones are."""
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
        """Whether all frames are such as may be left over from earlier calls."""
        return not any(stack.frames for stack in self._stacks)

    def finished(self) -> list[KernelStack]:
        """The stacks that hold frames, in order; only where there is no reliable frame at all, those that may be ones."""
        for stack in self._stacks:
            if stack.caller:
                stack.add(StackFrame(stack.caller))
                stack.caller = ""
            # A failure injected on purpose prints its stack into whatever is printed meanwhile.
            stack.is_unrelated = stack.is_unrelated or any(frame.function in INJECTION for frame in stack.frames)
        return [stack for stack in self._stacks if stack.frames] or [
            replace(stack, frames=stack.guesses) for stack in self._stacks if stack.guesses
        ]

    def _start(self, body: str) -> None:
        if "stack backtrace" in body:
            self._label, self._is_unrelated = body.strip()[:LABEL_LENGTH], False
        if self._open and self._open.is_pointer_only:
            # The instruction pointer told where this stack begins.
            self._open.is_pointer_only = False
        else:
            self._open_stack()

    def _open_stack(self) -> KernelStack:
        self._open = KernelStack(self._label, self._is_unrelated)
        self._stacks.append(self._open)
        return self._open

    def _take_pointer(self, body: str) -> bool:
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

    def _take_frame(self, body: str) -> bool:
        frame, unreliable, caller = read_frame(body)
        if frame is None:
            return False
        stack = self._open or self._open_stack()
        stack.is_pointer_only = False
        if unreliable:
            stack.guesses.append(frame)
            return True
        if not stack.merges_pointer(frame):
            stack.add(frame)
        stack.caller = caller
        return True
