"""One .NET error as printed: nested exceptions, the frames of the innermost one first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from graph.model.report import Cause, StackFrame
from graph.parsing.dotnet.frames import parse_frame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.text.lines import fold_repeats

MARKS = (
    r"Unhandled [Ee]xception[.:]|\[ERROR\] FATAL UNHANDLED EXCEPTION:|Exception Info:|Fatal error\.|Exception:"
    r"|Unbehandelte Ausnahme:|Exception non gérée *:|Excepción no controlada:|Необработанное исключение:|Eccezione non gestita:"
)
HEADER = re.compile(
    rf"\s*+(?P<mark>{MARKS})?\s*+(?P<type>[^\W\d][\w.+`]*+(?:\[[^\s:]{{1,500}}\])?)"
    r"(?: \((?P<code>0x[0-9A-Fa-f]{1,16}|-?\d{1,12})[^()\n]{0,100}\))?(?P<colon> ?:)?(?P<message>.*)",
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
ADDED = ("ClientConnectionId:", "Error Number:")
DATA = "Exception data:"
"""What exceptions of databases print below their frames: lines, or a heading and indented fields."""
REPEAT = re.compile(r"Repeat (\d{1,9}) times:")
LABEL = re.compile(r"\s*Stack ?[Tt]race:?\s*")
"""The heading that a test runner or a logger prints between a message and its frames."""
CLASS_ENDINGS = ("Exception", "Error", "Fault", "Failure")


@dataclass(slots=True)
class DotnetException:
    """One exception, its frames as printed, innermost first."""

    error_type: str
    message: str
    code: str = ""
    printed_frames: list[StackFrame] = field(default_factory=list)

    @property
    def frames(self) -> tuple[StackFrame, ...]:
        """The frames, recursion folded."""
        return fold_repeats(self.printed_frames)


@dataclass(slots=True)
class ExceptionChain:
    """An exception and its inner ones, outermost first, and those of them with frames still to come."""

    exceptions: list[DotnetException] = field(default_factory=list)
    incomplete: list[DotnetException] = field(default_factory=list)


def parse_header(line: str, *, near: bool = False) -> DotnetException | None:
    """Parse the exception that a line starts with. ``near``: the line must start with one."""
    fatal = FATAL.match(line)
    match = HEADER.match(line)
    if match and (match["mark"] or not fatal):
        name, rest = match["type"], match["message"]
        named_as_exception = name.split("`")[0].split("[")[0].endswith(CLASS_ENDINGS)
        ends_name = bool(match["colon"]) or not rest.strip()
        expected = (match["mark"] or near) and (match["colon"] or "." in name)
        if ends_name and not name.endswith(".") and (named_as_exception or expected):
            return DotnetException(name[:NAME_LIMIT], rest.strip(), match["code"] or "")
    return DotnetException(fatal["type"], fatal["message"].strip()) if fatal else None


@dataclass(slots=True)
class ErrorBlock:
    """State of an error while its lines are read. ``end`` is the end of the last line that belongs to it.

    ``margin`` is the indentation of the error, which its message does not include.
    """

    chains: list[ExceptionChain]
    end: int
    margin: int = 0
    truncated: bool = False
    header_lines: list[str] = field(default_factory=list)
    open_chains: list[ExceptionChain] = field(default_factory=list)
    times: int = 1
    in_data: bool = False

    @property
    def chain(self) -> ExceptionChain:
        """The chain being read."""
        return self.open_chains[-1]

    def begin(self, line: str) -> None:
        """Begin the error, or a member of a group, with this line."""
        chain = ExceptionChain()
        self.chains.append(chain)
        self.open_chains.append(chain)
        self.header_lines = [line]

    def finish_header(self) -> None:
        """Turn the header lines into one exception or several nested ones."""
        if len(self.header_lines) > 1 and LABEL.fullmatch(self.header_lines[-1]):
            self.header_lines.pop()
        if not self.header_lines:
            return
        for part in INNER.split("\n".join(self.header_lines)):
            header = parse_header(part, near=True) or DotnetException("", part.strip())
            exception = replace(header, message=header.message[:MESSAGE_LIMIT].strip("\n").rstrip())
            self.chain.exceptions.append(exception)
            self.chain.incomplete.append(exception)
        self.header_lines = []

    def add_frame(self, frame: StackFrame) -> None:
        """Add a frame to the innermost incomplete exception."""
        self.finish_header()
        if self.chain.incomplete:
            self.chain.incomplete[-1].printed_frames.append(replace(frame, repeated=self.times) if self.times > 1 else frame)

    def close_inner(self) -> None:
        """Complete the innermost exception."""
        self.finish_header()
        if len(self.chain.incomplete) > 1:
            self.chain.incomplete.pop()

    def close_member(self) -> None:
        """Complete a member of a group."""
        self.finish_header()
        if len(self.open_chains) > 1:
            self.open_chains.pop()


def read_block(
    text: str,
    start: int,
    first_frame: int,
    limit: int,
    strip_prefix: Callable[[str], str | None],
    block: ErrorBlock,
) -> None:
    """Read the error begun in ``block`` from the line at ``start`` on; its first frame is in the line at ``first_frame``."""
    position = start
    while position < limit:
        line, after = line_at(text, position, limit)
        content = strip_prefix(line)
        before_frames = position < first_frame
        bare = (line if content is None and before_frames else content or "").strip()
        if content is None and not before_frames:
            break
        belongs = _take_line(block, bare, content or bare, before_frames=before_frames)
        if not belongs and not (not bare and _continues(text, after, limit, strip_prefix)):
            block.truncated = after >= limit and bare.startswith("at ")
            block.end = after if block.truncated else block.end
            break
        position = after
        if bare:
            block.end = after
    block.finish_header()


def _take_line(block: ErrorBlock, bare: str, content: str, *, before_frames: bool) -> bool:
    """Add a line to the error; whether it belongs to it, as every line ``before_frames`` does."""
    frame = parse_frame(bare.removesuffix("<---").rstrip())
    repeat = REPEAT.match(bare)
    if frame:
        block.add_frame(frame)
        if bare.endswith("<---"):
            block.close_member()
    elif repeat:
        block.finish_header()
        block.times = max(1, int(repeat[1]))
    elif len(bare) > 8 and not bare.strip("-"):
        block.finish_header()
        block.times = block.times if not block.chain.incomplete[-1].printed_frames else 1
    elif bare.startswith("---") and bare.endswith("---") and bare.strip("-"):
        if not any(word in bare for word in PREVIOUS):
            block.close_inner()
    elif member := MEMBER.match(bare):
        block.finish_header()
        block.begin(bare[member.end() :])
    elif block.header_lines and (before_frames or len(block.open_chains) > 1):
        block.header_lines.append(content[block.margin :] if content[: block.margin].isspace() else content)
    else:
        block.in_data = bare == DATA or (block.in_data and content[block.margin :].startswith("    "))
        return block.in_data or bare == "<---" or bare.startswith(ADDED)
    return True


def _continues(text: str, position: int, limit: int, strip_prefix: Callable[[str], str | None]) -> bool:
    """Whether more of the error follows a blank line."""
    bare = (strip_prefix(line_at(text, position, limit)[0]) or "").strip()
    return (
        parse_frame(bare) is not None or MEMBER.match(bare) is not None or (bare.startswith("--- ") and bare.endswith(" ---"))
    )


def causes_of(chains: list[ExceptionChain]) -> Iterator[Cause]:
    """The inner exceptions of the reported error, which is the first of the first chain, then the members of a group."""
    if not chains:
        return
    first, *members = chains
    for exception in first.exceptions[1:]:
        yield Cause("cause", exception.error_type, exception.message, exception.frames)
    # A group names its first member as its inner exception too.
    inner = {(exception.error_type, exception.message) for exception in first.exceptions[1:2]}
    for member in members:
        for index, exception in enumerate(member.exceptions):
            if (exception.error_type, exception.message) in inner and not index:
                break
            yield Cause("cause" if index else "member", exception.error_type, exception.message, exception.frames)
