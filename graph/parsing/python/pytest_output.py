"""Failed tests of pytest, in its long, short and one-line styles. Its native style is a plain traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.python.trace import EXCEPTION, PythonException, chain_relation
from graph.parsing.text.lines import fold_repeats
from graph.parsing.text.python_modules import module_and_in_app

SIGN = "\nE   "
SECTION = re.compile(r"_{3,}+ ?(\S.*?) ?(?<!_)_{3,}+\s*+$")
LOCATION = re.compile(
    r"(?P<file>[^\s>:][^\n:]{0,1000}\.pyx?|[A-Za-z]:\\[^\n:]{0,1000}\.pyx?):(?P<line>\d{1,9}):(?: (?P<rest>.*))?$"
)
DEFINITION = re.compile(r"[> ]   (?:async )?def (\w+)\(")
END = ("=====", "----- Captured", "----------")
NAME = re.compile(r"[A-Za-z_][\w.]*$")
LINE_LIMIT = 4_000
UNKNOWN = "?"
ERROR_LINES = 200


@dataclass(slots=True)
class PytestFailure:
    """One failed test; its exceptions in printed order, the reported one last. ``start`` is -1 until it is known."""

    test: str = ""
    start: int = -1
    end: int = 0
    exceptions: list[PythonException] = field(default_factory=list)
    frames: list[StackFrame] = field(default_factory=list)
    error_lines: list[str] = field(default_factory=list)
    function: str = ""
    over: bool = False

    @property
    def has_frames(self) -> bool:
        """Whether an exception and its location are known."""
        return any(exception.frames for exception in self.exceptions)

    def close(self, name: str = "") -> None:
        """Complete the current exception; ``name`` is its class, if printed with the last location."""
        if self.error_lines:
            error_type, message = _type_and_message(self.error_lines, name)
            self.exceptions.append(
                PythonException(error_type, message, fold_repeats(self.frames[::-1]), (self.start, self.end))
            )
        self.frames, self.error_lines, self.function = [], [], ""


def failed_tests(text: str) -> Iterator[PytestFailure]:
    """The failed tests with an exception and its location."""
    failure = PytestFailure()
    position = 0
    while position < len(text):
        line, after = line_at(text, position, len(text))
        line = line[:LINE_LIMIT]
        section = SECTION.match(line) if line.startswith("___") else None
        if section or line.startswith("====="):
            failure.close()
            if failure.has_frames:
                yield failure
            failure = PytestFailure(section[1][:NAME_LIMIT], position) if section else PytestFailure()
        elif not failure.over:
            before = len(failure.exceptions)
            _take_line(failure, line, position, after)
            # Outside a section, every exception with a location below it is a failure.
            begun = len(failure.exceptions) > before and not failure.exceptions[-1].relation
            if not failure.test and begun and not _chain_follows(text, after):
                if failure.has_frames:
                    yield failure
                failure = PytestFailure()
        position = after
    failure.close()
    if failure.has_frames:
        yield failure


def _chain_follows(text: str, position: int) -> bool:
    line, after = line_at(text, position, len(text))
    return bool(chain_relation(line) or chain_relation(line_at(text, after, len(text))[0]))


def _take_line(failure: PytestFailure, line: str, position: int, after: int) -> None:
    if line[:4] in {"E   ", "E"}:
        if len(failure.error_lines) < ERROR_LINES:
            failure.error_lines.append(line[1:])
        _extend_span(failure, position, after)
        return
    relation = chain_relation(line)
    match = LOCATION.match(line)
    definition = DEFINITION.match(line) if not failure.function else None
    if relation:
        failure.close()
        if failure.exceptions:
            failure.exceptions[-1].relation = relation
    elif match:
        _take_location(failure, match, position, after)
    elif definition:
        failure.function = definition[1]
        failure.start = position if failure.start < 0 else failure.start
    elif line.startswith(END) and failure.error_lines:
        failure.close()
        failure.over = True


def _take_location(failure: PytestFailure, match: re.Match[str], position: int, after: int) -> None:
    rest = (match["rest"] or "").strip()
    inner = rest.removeprefix("in ") if rest.startswith("in ") else ""
    file = match["file"]
    module, in_app = module_and_in_app(file)
    known = failure.function or (failure.test.rpartition(".")[2].partition("[")[0] if not failure.frames else "")
    name = (inner or known or UNKNOWN)[:NAME_LIMIT]
    frame = StackFrame(name, module[:NAME_LIMIT], file, int(match["line"]), in_app)
    error_class = rest.partition(": ")[0]
    if rest and not inner and not (failure.error_lines and NAME.match(error_class)):
        return
    failure.frames.append(frame)
    failure.function = ""
    _extend_span(failure, position, after)
    if rest and not inner:
        failure.close(error_class)


def _extend_span(failure: PytestFailure, position: int, after: int) -> None:
    failure.start = position if failure.start < 0 else failure.start
    failure.end = after


def _type_and_message(error_lines: list[str], name: str) -> tuple[str, str]:
    """Class and message from the lines marked with an E; ``name`` is the class, if printed elsewhere."""
    margin = min((len(line) - len(line.lstrip()) for line in error_lines if line.strip()), default=0)
    first, *rest = (line[margin:] for line in error_lines)
    raised = EXCEPTION.match(first)
    printed = raised[1].rpartition(".")[2] if raised else ""
    error_type, message = name, first
    if raised and (printed == name.rpartition(".")[2] or (not name and raised[2] is not None and printed[:1].isupper())):
        error_type, message = raised[1], raised[2] or ""
    text = "\n".join([message, *rest])[:MESSAGE_LIMIT].strip("\n").rstrip()
    return (error_type or "AssertionError")[:NAME_LIMIT], text
