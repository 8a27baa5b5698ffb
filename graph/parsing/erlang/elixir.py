"""Elixir: exceptions and exits as the logger, processes of OTP, Plug, Mix, IEx and ExUnit print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.erlang.elixir_frames import parse_frame
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals
from graph.parsing.text.lines import Lines, fold_repeats, lines_above, lines_from
from graph.parsing.text.log.record import starts_record
from graph.parsing.text.report import complete

MARK = "** ("
HEADERS = SharedLiterals(MARK)
STACKTRACE = SharedLiterals("stacktrace:\n")
HEADER = re.compile(
    r"\*\* \((?P<type>[A-Z]\w{0,100}(?:\.[A-Z]\w{0,100}){0,20}|exit|EXIT|throw|stop|error|EXIT from [^()\n]{1,60})\)"
    r"(?: (?P<rest>[^\n]*))?"
)
FAILED = re.compile(
    r"^( {5,8})(Assertion (?:with [^\n]{1,20} )?failed[^\n]*|Expected [^\n]{1,200}|match \(=\) failed)$", re.MULTILINE
)
TEST = re.compile(r" {1,4}\d{1,5}\) (test|property|doctest) (.{1,300}) \(([\w.]{1,200})\)$")
WRAPPERS = ("an exception was raised:", "an error was raised:")
TAIL = (
    "Last message", "State:", "Client ", "Function:", "Args:", "Initial Call:", "Ancestors:", "Neighbours:", "Start Call:",
    "Message Queue", "Messages:", "Links:", "Dictionary:", "Trapping Exits:", "Status:", "Heap Size:", "Stack Size:",
    "Reductions:", "Queue:", "Postponed:",
)  # fmt: skip
CODE = ("stacktrace:", "code:", "left:", "right:", "arguments:", "mfa:")
PROCESS = re.compile(
    r"(?P<process>(?:GenServer|GenStateMachine|GenStage|Task|Agent|Process|State machine|:gen_event handler|Ranch \w+) "
    r"[^\n]{1,300}?|#PID<[\d.]{1,30}> running [\w.]{1,200}[^\n]{0,200}?) (?:terminat|raised an exception|exited|crashed)"
)
STATE_LINES = frozenset(" \t}])>")
"""First characters of the lines on which a printed state continues."""
ERROR_NAMES = ("Error", "Exception", "Failure", "Mix", "NotFound", "Invalid", "Timeout")
MESSAGE_LINES = 80
ABOVE_LINES = 4
NESTED = 12


@dataclass(slots=True)
class _Error:
    indent: int
    error_type: str
    lines: list[str]
    frames: list[StackFrame] = field(default_factory=list)

    @property
    def message(self) -> str:
        return "\n".join(line.strip() for line in self.lines).strip()

    @property
    def is_wrapper(self) -> bool:
        """Whether it only announces the next error."""
        return self.message.endswith(WRAPPERS) and self.error_type in {"exit", "EXIT", "error"}


class ElixirParser:
    """Parser for exceptions and exits of Elixir."""

    name = "elixir"
    signs = (HEADERS, STACKTRACE)
    title = "Elixir exceptions and exits (logger, OTP processes, Phoenix and Plug, Mix, IEx, ExUnit)"
    takes = (
        "the error behind an exit and its chain",
        "the process that terminated",
        "in-app or library code, by application and module",
        "time of the log record",
    )
    example = (
        "10:15:22.555 [error] GenServer Shop.Basket terminating\n"
        '** (KeyError) key :price not found in: %{name: "tea"}\n'
        "    (shop 4.2.0) lib/shop/basket.ex:31: Shop.Basket.total/1\n"
        '    (elixir 1.16.0) lib/enum.ex:1700: Enum."-map/2-lists^map/1-1-"/2\n'
        "    (shop 4.2.0) lib/shop/basket.ex:12: Shop.Basket.handle_call/3\n"
        "    (stdlib 5.2) gen_server.erl:1113: :gen_server.try_handle_call/4\n"
        "Last message (from #PID<0.93.0>): :total\n"
        "State: %{items: []}\n"
    )  # fmt: skip

    def sniff(self, text: str) -> float:
        """0.9 for the header of an error, 0.7 for a failed assertion of ExUnit."""
        if HEADERS.occurs_in(text):
            return 0.9
        return 0.7 if STACKTRACE.occurs_in(text) and ".exs:" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error; the errors within an exit belong to it."""
        floor = 0
        for match, is_assertion in _anchors(text):
            if match.start() < floor:
                continue
            report = _report(text, match, floor, is_assertion=is_assertion)
            if report:
                floor = max(report.span[1], match.end())
                yield report


def _anchors(text: str) -> list[tuple[re.Match[str], bool]]:
    headers = [(match, False) for match in HEADER.finditer(text)]
    if "stacktrace:" in text:
        headers += [(match, True) for match in FAILED.finditer(text)]
        headers.sort(key=lambda anchor: anchor[0].start())
    return headers


def _report(text: str, match: re.Match[str], floor: int, *, is_assertion: bool) -> ParsedReport | None:
    lines = lines_from(text, match.start(), floor)
    start = lines.position
    column = match.start() - start
    before = text[start : match.start()]
    if before.strip() and lines.prefix == "" and column > 400:
        return None
    if is_assertion:
        errors = [_Error(0 if lines.prefix else column + 5, "ExUnit.AssertionError", [match[2]])]
    else:
        errors = [_error(match, 0 if lines.prefix or before.strip() else column)]
    lines.skip()
    end = _read(lines, errors)
    while len(errors) > 1 and errors[0].is_wrapper:
        del errors[0]
    error, causes = errors[0], errors[1:]
    if not error.frames and not causes and not _is_error_name(error.error_type):
        return None
    process, begin = _heading(text, start, floor)
    return complete(
        ParsedReport(
            format="elixir",
            error_type=error.error_type,
            message=error.message,
            frames=fold_repeats(error.frames),
            causes=tuple(Cause("cause", c.error_type, c.message[:MESSAGE_LIMIT], fold_repeats(c.frames)) for c in causes),
            extra={"process": process} if process else {},
            span=(begin, end),
        ),
        "elixir",
    )


def _is_error_name(name: str) -> bool:
    return name.endswith(ERROR_NAMES) or name in {"exit", "EXIT", "throw", "stop"}


def _error(match: re.Match[str], indent: int) -> _Error:
    """The error of a header. A wrapper that repeats its header in the message is passed over."""
    rest = (match["rest"] or "").rstrip()
    error_type = match["type"].partition(" ")[0]
    inner = HEADER.match(rest)
    if inner and not inner["type"].startswith("EXIT"):
        return _Error(indent, inner["type"], [inner["rest"] or ""])
    return _Error(indent, error_type, [rest])


def _read(lines: Lines, errors: list[_Error]) -> int:
    """Read messages, nested errors and frames below the first header; return their end."""
    end = paragraph = lines.position
    first_paragraph = len(errors[0].lines)
    read = 0
    open_message, is_blank_read = True, False
    while (line := lines.line) is not None and read < MESSAGE_LINES:
        header = HEADER.match(line.lstrip()) if MARK in line else None
        indent = len(line) - len(line.lstrip())
        numbered = None if header else parse_frame(line)
        if header and indent > errors[0].indent and len(errors) < NESTED:
            _add_error(errors, _error(header, indent))
            open_message, is_blank_read, read = True, False, 0
            first_paragraph, end = len(errors[-1].lines), lines.after
            paragraph = end
        elif numbered and (numbered[0] >= errors[0].indent or errors[0].error_type.startswith("ExUnit")):
            _frame_owner(errors, numbered[0]).frames.append(numbered[1])
            open_message, read, end = False, 0, lines.after
        elif line.strip().startswith(CODE) and indent:
            open_message, end = False, lines.after if errors[-1].frames else end
        elif not open_message:
            if not line.strip().startswith(TAIL):
                break
            return _tail(lines)
        elif header or starts_record(line) or line.startswith(("Last message", "State:")):
            break
        elif not line.strip():
            is_blank_read = True
        elif not is_blank_read or errors[-1].message.endswith(":"):
            errors[-1].lines.append(line)
            first_paragraph, paragraph, is_blank_read = len(errors[-1].lines), lines.after, False
        read += 1
        lines.skip()
    if open_message:
        del errors[-1].lines[first_paragraph:]
        lines.position = paragraph
        return _tail(lines)
    return end


def _add_error(errors: list[_Error], error: _Error) -> None:
    """Add a nested error; one that is announced by a wrapper replaces it."""
    if len(errors) > 1 and errors[-1].is_wrapper:
        errors[-1] = error
    else:
        errors.append(error)


def _frame_owner(errors: list[_Error], indent: int) -> _Error:
    """The innermost error that is indented less than a frame."""
    return next((error for error in reversed(errors) if error.indent < indent), errors[0])


def _tail(lines: Lines) -> int:
    """Skip what OTP prints about the process below an error: message, state, and the stack of the client."""
    end = lines.position
    inside = False
    for _ in range(MESSAGE_LINES):
        line = lines.line
        if line is None or not line.strip():
            break
        inside = line.strip().startswith(TAIL) or (inside and line[:1] in STATE_LINES and MARK not in line)
        if not inside:
            break
        lines.skip()
        end = lines.position
    return end


def _heading(text: str, start: int, floor: int) -> tuple[str, int]:
    """The process named above an error, and the start of the heading."""
    for begin, line in lines_above(text, start, floor, ABOVE_LINES):
        test = TEST.match(line)
        if test:
            return f"{test[3]}: {test[2]}", begin
        process = PROCESS.search(line)
        if process:
            return process["process"], begin
        if not line.strip() or MARK in line:
            break
    return "", start
