"""One error of .NET as it is printed: exceptions within exceptions, the frames of the innermost first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from graph.model.report import Cause, StackFrame
from graph.parsing.dotnet.frames import frame_of
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at

MARKS = (
    r"Unhandled [Ee]xception[.:]|\[ERROR\] FATAL UNHANDLED EXCEPTION:|Exception Info:|Fatal error\.|Exception:"
    r"|Unbehandelte Ausnahme:|Exception non gérée *:|Excepción no controlada:|Необработанное исключение:|Eccezione non gestita:"
)
HEAD = re.compile(
    rf"\s*(?P<mark>{MARKS})?\s*(?P<type>[^\W\d][\w.+`]*+(?:\[[^\s:]{{1,500}}\])?)"
    r"(?: \((?P<code>0x[0-9A-Fa-f]{1,16}|-?\d{1,12})[^()\n]{0,100}\))?(?P<colon>:)?(?P<message>.*)",
    re.DOTALL,
)
FATAL = re.compile(r"\s*(?P<type>Stack overflow|Process terminated|Fatal error|Out of memory)\.(?P<message>.*)", re.DOTALL)
INNER = re.compile(r"(?:^|\s)---> ")
MEMBER = re.compile(r"---> \(.{1,40} #\d{1,6}\) ?")
PREVIOUS = (
    "previous location",
    "vorherigen",
    "précédent",
    "anterior",
    "precedente",
    "предыдущ",
    "poprzedni",
    "předchozí",
    "以前",
    "上一",
)
REPEAT = re.compile(r"Repeat (\d{1,9}) times:")
ENDINGS = ("Exception", "Error", "Fault", "Failure")


@dataclass(slots=True)
class Thrown:
    """One exception, its frames innermost first."""

    error_type: str
    message: str
    code: str = ""
    frames: list[StackFrame] = field(default_factory=list)

    def add(self, frame: StackFrame, times: int = 1) -> None:
        """Put a frame outside the others, or count it when it repeats the last one."""
        last = self.frames[-1] if self.frames else None
        if last and replace(last, repeated=1) == frame:
            self.frames[-1] = replace(last, repeated=last.repeated + times)
        else:
            self.frames.append(replace(frame, repeated=times) if times > 1 else frame)


@dataclass(slots=True)
class Chain:
    """An exception and those within it, outermost first; ``open`` is how many of them still wait for frames."""

    thrown: list[Thrown] = field(default_factory=list)
    open: list[Thrown] = field(default_factory=list)


def head_of(line: str, *, near: bool = False) -> Thrown | None:
    """The exception that a line begins with. ``near``: it is known that it must begin with one."""
    fatal = FATAL.match(line)
    found = HEAD.match(line)
    if found and (found["mark"] or not fatal):
        name, rest = found["type"], found["message"]
        plain = name.split("`")[0].split("[")[0].endswith(ENDINGS)
        told = bool(found["colon"]) or not rest.strip()
        if told and not name.endswith(".") and (plain or ((found["mark"] or near) and (found["colon"] or "." in name))):
            return Thrown(name[:NAME_LIMIT], rest.strip(), found["code"] or "")
    return Thrown(fatal["type"], fatal["message"].strip()) if fatal else None


@dataclass(slots=True)
class Block:
    """Lines of an error while they are read. ``end`` is where the last one that belongs to it ends."""

    chains: list[Chain]
    end: int
    truncated: bool = False
    text: list[str] = field(default_factory=list)
    nested: list[Chain] = field(default_factory=list)
    times: int = 1

    @property
    def chain(self) -> Chain:
        """The one whose lines are being read."""
        return self.nested[-1]

    def begin(self, line: str) -> None:
        """A member of a group, or the whole error, starts with this line."""
        chain = Chain()
        self.chains.append(chain)
        self.nested.append(chain)
        self.text = [line]

    def settle(self) -> None:
        """The text so far was one exception or several within each other; frames or an end follow."""
        if not self.text:
            return
        for part in INNER.split("\n".join(self.text)):
            found = head_of(part, near=True) or Thrown("", part.strip())
            thrown = replace(found, message=found.message[:MESSAGE_LIMIT].strip("\n").rstrip())
            self.chain.thrown.append(thrown)
            self.chain.open.append(thrown)
        self.text = []

    def frame(self, frame: StackFrame) -> None:
        """A frame of the innermost exception that still waits for some."""
        self.settle()
        if self.chain.open:
            self.chain.open[-1].add(frame, self.times)

    def close_inner(self) -> None:
        """The innermost exception is complete."""
        self.settle()
        if len(self.chain.open) > 1:
            self.chain.open.pop()

    def close_member(self) -> None:
        """A member of a group is complete."""
        self.settle()
        if len(self.nested) > 1:
            self.nested.pop()


def read_block(text: str, start: int, first_frame: int, limit: int, body: Callable[[str], str | None], block: Block) -> None:
    """Read the error whose head has begun in ``block``, from the line at ``start``; its first frame is at ``first_frame``."""
    position = start
    while position < limit:
        line, after = line_at(text, position, limit)
        content = body(line)
        bare = (line if content is None and position < first_frame else content or "").strip()
        if content is None and position >= first_frame:
            break
        if not _take(block, bare, content or bare, headed=position < first_frame) and not (
            not bare and _goes_on(text, after, limit, body)
        ):
            block.truncated = after >= limit and bare.startswith("at ")
            block.end = after if block.truncated else block.end
            break
        position = after
        if bare:
            block.end = after
    block.settle()


def _take(block: Block, bare: str, content: str, *, headed: bool) -> bool:
    """Whether a line belongs to the error; ``headed``: frames are still to come, so anything does."""
    frame = frame_of(bare.removesuffix("<---").rstrip())
    repeat = REPEAT.match(bare)
    if frame:
        block.frame(frame)
        if bare.endswith("<---"):
            block.close_member()
    elif repeat:
        block.settle()
        block.times = max(1, int(repeat[1]))
    elif len(bare) > 8 and not bare.strip("-"):
        block.settle()
        block.times = block.times if not block.chain.open[-1].frames else 1
    elif bare.startswith("---") and bare.endswith("---"):
        if not any(word in bare for word in PREVIOUS):
            block.close_inner()
    elif MEMBER.match(bare):
        block.settle()
        block.begin(bare[MEMBER.match(bare).end() :])  # type: ignore[union-attr]  # it has just matched
    elif block.text and (headed or len(block.nested) > 1):
        block.text.append(content)
    else:
        return bare == "<---"
    return True


def _goes_on(text: str, position: int, limit: int, body: Callable[[str], str | None]) -> bool:
    """Whether more of the error follows a blank line."""
    bare = (body(line_at(text, position, limit)[0]) or "").strip()
    return frame_of(bare) is not None or MEMBER.match(bare) is not None or (bare.startswith("--- ") and bare.endswith(" ---"))


def causes_of(chains: list[Chain]) -> Iterator[Cause]:
    """What hangs on the error that is first of the first chain: what it was raised for, then the members of a group."""
    if not chains:
        return
    first, *members = chains
    for one in first.thrown[1:]:
        yield Cause("cause", one.error_type, one.message, tuple(one.frames))
    told = {(one.error_type, one.message) for one in first.thrown[1:2]}
    for member in members:
        for index, one in enumerate(member.thrown):
            if (one.error_type, one.message) in told and not index:
                break
            yield Cause("cause" if index else "member", one.error_type, one.message, tuple(one.frames))
