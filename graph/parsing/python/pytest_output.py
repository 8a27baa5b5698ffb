"""Failed tests as pytest prints them, in its long, short and one-line styles. Its native style is a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.python.modules import place
from graph.parsing.python.trace import EXCEPTION, Link, chain_word, folded

SIGN = "\nE   "
SECTION = re.compile(r"_{3,} ?(\S.*?) ?_{3,}\s*$")
PLACE = re.compile(
    r"(?P<file>[^\s>:][^\n:]{0,1000}\.pyx?|[A-Za-z]:\\[^\n:]{0,1000}\.pyx?):(?P<line>\d{1,9}):(?: (?P<rest>.*))?$"
)
DEFINITION = re.compile(r"[> ]   (?:async )?def (\w+)\(")
END = ("=====", "----- Captured", "----------")
NAME = re.compile(r"[A-Za-z_][\w.]*$")
LINE_LIMIT = 4_000
UNKNOWN = "?"
ERROR_LINES = 200


@dataclass(slots=True)
class Failure:
    """One failed test; ``links`` as they are printed, the reported error last. ``start`` is -1 before it begins."""

    test: str = ""
    start: int = -1
    end: int = 0
    links: list[Link] = field(default_factory=list)
    frames: list[StackFrame] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    function: str = ""
    over: bool = False

    @property
    def placed(self) -> bool:
        """Whether it is told what was raised and where."""
        return any(link.frames for link in self.links)

    def close(self, name: str = "") -> None:
        """An error is complete; ``name`` is its class where it stands at the last place."""
        if self.said:
            error_type, message = _error(self.said, name)
            self.links.append(Link(error_type, message, folded(self.frames[::-1]), (self.start, self.end)))
        self.frames, self.said, self.function = [], [], ""


def failures(text: str) -> Iterator[Failure]:
    """Every failed test that is told with what was raised."""
    failure = Failure()
    position = 0
    while position < len(text):
        line, after = line_at(text, position, len(text))
        line = line[:LINE_LIMIT]
        section = SECTION.match(line) if line.startswith("___") else None
        if section or line.startswith("====="):
            failure.close()
            if failure.placed:
                yield failure
            failure = Failure(section[1][:NAME_LIMIT], position) if section else Failure()
        elif not failure.over:
            before = len(failure.links)
            _take(failure, line, position, after)
            # Without a section of its own each error that has its place below it is a failure.
            begun = len(failure.links) > before and not failure.links[-1].relation
            if not failure.test and begun and not _chained(text, after):
                if failure.placed:
                    yield failure
                failure = Failure()
        position = after
    failure.close()
    if failure.placed:
        yield failure


def _chained(text: str, position: int) -> bool:
    line, after = line_at(text, position, len(text))
    return bool(chain_word(line) or chain_word(line_at(text, after, len(text))[0]))


def _take(failure: Failure, line: str, position: int, after: int) -> None:
    if line[:4] in {"E   ", "E"}:
        if len(failure.said) < ERROR_LINES:
            failure.said.append(line[1:])
        _extend(failure, position, after)
        return
    relation = chain_word(line)
    found = PLACE.match(line)
    definition = DEFINITION.match(line) if not failure.function else None
    if relation:
        failure.close()
        if failure.links:
            failure.links[-1].relation = relation
    elif found:
        _place(failure, found, position, after)
    elif definition:
        failure.function = definition[1]
        failure.start = position if failure.start < 0 else failure.start
    elif line.startswith(END) and failure.said:
        failure.close()
        failure.over = True


def _place(failure: Failure, found: re.Match[str], position: int, after: int) -> None:
    rest = (found["rest"] or "").strip()
    inner = rest.removeprefix("in ") if rest.startswith("in ") else ""
    file = found["file"]
    module, in_app = place(file)
    known = failure.function or (failure.test.rpartition(".")[2].partition("[")[0] if not failure.frames else "")
    name = (inner or known or UNKNOWN)[:NAME_LIMIT]
    frame = StackFrame(name, module[:NAME_LIMIT], file, int(found["line"]), in_app)
    told = rest.partition(": ")[0]
    if rest and not inner and not (failure.said and NAME.match(told)):
        return
    failure.frames.append(frame)
    failure.function = ""
    _extend(failure, position, after)
    if rest and not inner:
        failure.close(told)


def _extend(failure: Failure, position: int, after: int) -> None:
    failure.start = position if failure.start < 0 else failure.start
    failure.end = after


def _error(said: list[str], name: str) -> tuple[str, str]:
    """Class and message of what the lines marked with an E say; ``name`` is the class where it is told."""
    margin = min((len(line) - len(line.lstrip()) for line in said if line.strip()), default=0)
    first, *rest = (line[margin:] for line in said)
    raised = EXCEPTION.match(first)
    told = raised[1].rpartition(".")[2] if raised else ""
    error_type, message = name, first
    if raised and (told == name.rpartition(".")[2] or (not name and raised[2] is not None and told[:1].isupper())):
        error_type, message = raised[1], raised[2] or ""
    text = "\n".join([message, *rest])[:MESSAGE_LIMIT].strip("\n").rstrip()
    return (error_type or "AssertionError")[:NAME_LIMIT], text
