"""Erlang: error, crash and supervisor reports of OTP, exceptions of shells and scripts, and records of lager-like loggers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.erlang.names import count_arguments, erlang_name
from graph.parsing.erlang.reasons import kind_of_term, kind_of_words
from graph.parsing.erlang.terms import erlang_frame, read_term, stack_in
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, merge_continuations
from graph.parsing.text.lines import LINE_LIMIT, Lines, fold_repeats, line_start, lines_above, lines_from, next_line
from graph.parsing.text.report import complete

NAME = "erlang"
ECHO_DISTANCE = 500
"""Maximum characters between two reports of one crash."""
ORDINARY = frozenset({"normal", "shutdown", "killed", "noproc", "noconnection"})
"""Reasons with which processes end without a fault of their own."""
ANCHOR = re.compile(
    r"exception (?P<class>error|exit|throw): |(?P<logged>(?:terminated|crashed|exited|exit) with reason:? )"
    r"|(?:Reason for termination ?=?=?[ \t]*\r?\n(?:[^\n]{0,200}\*\* )?[ \t]*|with exit value: ?\r?\n?[ \t]*"
    r"|init terminating in do_boot\"?,? ?\(?|[Rr]eason: {1,20}|Failure/Error: |\*\*(?:error|exit|throw):)(?P<term>(?=\{))"
    r"|(?P<test>\*failed\*(?=[ \t]*\r?\n[ \t]*in function ))|(?P<bare>\[\{file,\")"
)
CALL = re.compile(
    r"[ \t]*+(?:in function|in call from)[ \t]++(?P<name>[^\s(]{1,300}|'[^'\n]{1,200}'[^\s(]{0,200})"
    r"(?:\((?P<arguments>[^\n]*)\))?[ \t]*(?:\((?P<file>[^(),\n]{1,300}), line (?P<line>\d{1,9})\))?[ \t]*(?:\r?$)"
)
UNMATCHED = re.compile(
    r"(?P<words>no function clause matching) (?P<module>'[^']{1,200}'|[\w.@]{1,200}):(?P<function>'[^']{1,200}'|[\w@-]{1,200})"
    r"\((?P<arguments>[^\n]{0,8000}?)\)(?: \((?P<file>[^(),\n]{1,300}), line (?P<line>\d{1,9})\))?$"
)
OPENED = re.compile(r"[{\[]")
EXPLANATION = re.compile(r"[ \t]*+(?:called as |\*\*\* argument \d)")
"""Lines below a call that show its arguments and which of them are wrong."""
CALLED = re.compile(r"(?P<module>'[^']{1,200}'|[\w.@]{1,200}):(?P<function>'[^'\n]{1,200}'|[^\s/()]{1,200})/(?P<arity>\d{1,3})")
IN_PLACE = re.compile(
    r" (?:in|at) (?P<name>'?[\w.@]{1,200}'?:'?[^\s/()]{1,200}'?/\d{1,3})"
    r"(?: line (?P<line>\d{1,9})|\(line:(?P<line2>\d{1,9})\))?"
)
NEXT_PLACE = re.compile(r"(?: <=|,)? ?(?P<name>'?[\w.@]{1,200}'?:'?[^\s/()]{1,200}'?/\d{1,3})\(line:(?P<line>\d{1,9})\)")
REPORT = re.compile(r"=(?:ERROR|CRASH|SUPERVISOR|INFO|WARNING|PROGRESS) REPORT====|[ \]>]crasher:\s*$")
PROCESS = re.compile(
    r"registered_name: (?P<registered>[\w.@']{1,200})|[Ii]nitial call: (?P<initial>[\w.:/@']{1,200})"
    r"|\*\* (?:Generic server|State machine|Generic event handler|Task) (?P<generic>[^\s]{1,200}) (?:terminating|crashed)"
    r"|(?:gen_\w+|[Pp]rocess) (?P<process>[^\s]{1,200}) (?:with \d|terminated)"
)
FIELD = re.compile(
    r"[ \t]{0,12}(?:ancestors|messages?|links|dictionary|trap_exit|status|heap_size|stack_size|reductions|neighbours?"
    r"|message_queue_len|[Oo]ffender|initial call|pid|registered_name|process_label)\b"
)
REASON = re.compile(r"Reason for termination = (?P<class>error|exit|throw):(?P<reason>.{1,2000})$")
RAISED = re.compile(r"[ \t]*\*\*(?P<class>error|exit|throw):(?P<reason>[^\n]*?)[ \t]*$")
STACK_BEHIND = re.compile(r" and stack ?trace (?=\[)")
REASON_LINES = 8
TAIL_LINES = 60
ABOVE_LINES = 25
MESSAGE_LINES = 12
FRAME_LIMIT = 200
SNIFFED = SharedLiterals(
    " REPORT====", "exception error: ", "exception exit: ", "exception throw: ", "with reason: ", "with exit value:",
    "crasher:", ",[{file,", "in call from ", "init terminating in do_boot", "exit with reason ",
)  # fmt: skip


class ErlangParser:
    """Parser for errors of Erlang/OTP."""

    name = NAME
    signs = (SNIFFED,)
    title = "Erlang/OTP error and crash reports, exceptions of shells, escripts and tests, lager-like logs"
    takes = (
        "the reason of the error (badmatch, undef, …), from sentences and from terms",
        "the stack, also within a printed term",
        "the process or its initial call",
        "one report for the error, crash and supervisor reports of one crash",
    )
    example = (
        "=CRASH REPORT==== 2-Mar-2026::09:15:04.250731 ===\n"
        "  crasher:\n"
        "    initial call: basket:init/1\n"
        "    pid: <0.85.0>\n"
        "    registered_name: basket\n"
        "    exception error: no match of right hand side value undefined\n"
        "      in function  basket:total/2 (src/basket.erl, line 31)\n"
        "      in call from basket:handle_call/3 (src/basket.erl, line 20)\n"
        "      in call from gen_server:try_handle_call/4 (gen_server.erl, line 721)\n"
        "    ancestors: [basket_sup,<0.80.0>]\n"
        "    message_queue_len: 0\n"
    )

    def sniff(self, text: str) -> float:
        """0.85 for the words of a report or of an exception."""
        return 0.85 if SNIFFED.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error; what only repeats the error before it extends that report."""
        yield from merge_continuations(_reports(text), _is_same_crash)


@dataclass(slots=True)
class _Error:
    kind: str
    message: str
    frames: tuple[StackFrame, ...]
    end: int


def _reports(text: str) -> Iterator[ParsedReport]:
    position = floor = 0
    while match := ANCHOR.search(text, position):
        position = match.end()
        error = _error(text, match, floor)
        if isinstance(error, int):
            # A term without a stack has none in its parts either.
            position = max(position, error)
            continue
        start, process = _heading(text, match.start(), floor)
        floor = position = max(position, error.end)
        yield complete(
            ParsedReport(
                format=NAME,
                error_type=error.kind,
                message=error.message.strip()[:MESSAGE_LIMIT],
                frames=fold_repeats(error.frames),
                extra={"process": process} if process else {},
                span=(start, floor),
            ),
            NAME,
        )


def _is_same_crash(previous: ParsedReport, report: ParsedReport) -> bool:
    """Whether a report repeats the one before: OTP prints a crash as error, crash and supervisor report."""
    if report.span[0] - previous.span[1] > ECHO_DISTANCE or previous.error_type != report.error_type:
        return False
    return previous.frames[:1] == report.frames[:1] or not report.frames


def _error(text: str, match: re.Match[str], floor: int) -> _Error | int:
    """The error at an anchor, or the position up to which there is none."""
    if match["class"]:
        return _printed(text, match, floor)
    if match["test"]:
        return _failed_test(text, match)
    if match["logged"]:
        return _logged(text, match.end())
    if match["term"] is not None:
        return _from_term(text, match.end())
    start = line_start(text, match.start(), floor)
    opened = OPENED.search(text, start, match.end())
    error = _from_term(text, opened.start()) if opened else match.end()
    return _with_reason_above(text, error, start, floor) if opened and isinstance(error, _Error) else error


def _printed(text: str, match: re.Match[str], floor: int) -> _Error:
    """An exception as the shell prints it: a sentence or term, and the calls below it."""
    lines = lines_from(text, match.start(), floor)
    first = text[match.end() : max(min(lines.after, match.end() + MESSAGE_LIMIT), match.end())].strip()
    lines.skip()
    message, frames = [first], list[StackFrame]()
    while (line := lines.line) is not None:
        called = CALL.match(line)
        if called:
            frame = _called(called)
            if frame and len(frames) < FRAME_LIMIT:
                frames.append(frame)
        elif EXPLANATION.match(line):
            pass
        elif frames or len(message) >= MESSAGE_LINES or not line[:1].isspace() or not line.strip() or FIELD.match(line):
            break
        else:
            message.append(line.strip())
        lines.skip()
    source = "\n".join(message)
    if not frames and source[:1] in "{[":
        term = _from_term(text, match.end())
        if isinstance(term, _Error):
            lines.position = max(lines.position, term.end)
            return _Error(term.kind, term.message, term.frames, _skip_fields(lines))
    unmatched = UNMATCHED.match(" ".join(source.split()))
    if unmatched:
        # The function without a matching clause is the innermost; its arguments are data.
        name = erlang_name(unmatched["module"], unmatched["function"], str(count_arguments(unmatched["arguments"])))
        frames.insert(0, erlang_frame(name, unmatched["file"], int(unmatched["line"]) if unmatched["line"] else None))
        source = unmatched["words"]
    fallback = {"throw": "nocatch"}.get(match["class"], match["class"])
    return _Error(kind_of_words(source, fallback), source, tuple(frames), _skip_fields(lines))


def _with_reason_above(text: str, error: _Error, start: int, floor: int) -> _Error:
    """The error with the reason that is printed above a stack instead of beside it."""
    if error.message:
        return error
    for _, line in lines_above(text, start, floor, REASON_LINES):
        reason = REASON.search(line)
        if reason:
            return replace(error, kind=kind_of_words(reason["reason"], reason["class"]), message=reason["reason"].strip())
    return error


def _failed_test(text: str, match: re.Match[str]) -> _Error:
    """A failed test of EUnit: the calls, and below them class and reason."""
    lines = Lines(text, next_line(text, match.end()))
    frames = _calls(lines)
    reason = RAISED.match(lines.line or "")
    if not reason:
        return _Error("error", "", tuple(frames), lines.position)
    lines.skip()
    return _Error(kind_of_words(reason["reason"], reason["class"]), reason["reason"], tuple(frames), lines.position)


def _calls(lines: Lines) -> list[StackFrame]:
    frames: list[StackFrame] = []
    while (line := lines.line) is not None and len(frames) < FRAME_LIMIT:
        called = CALL.match(line)
        frame = _called(called) if called else None
        if frame is not None:
            frames.append(frame)
        elif not (frames and EXPLANATION.match(line)):
            break
        lines.skip()
    return frames


def _called(call: re.Match[str]) -> StackFrame | None:
    """The frame of a line ``in function  nest:open/2 (src/nest.erl, line 31)``."""
    name = CALLED.match(call["name"])
    file, line = call["file"], int(call["line"]) if call["line"] else None
    if name:
        return erlang_frame(erlang_name(name["module"], name["function"], name["arity"]), file, line)
    module, colon, function = call["name"].rpartition(":")
    if call["arguments"] is None or not colon:
        return None
    return erlang_frame(erlang_name(module, function, str(count_arguments(call["arguments"]))), file, line)


def _skip_fields(lines: Lines) -> int:
    """Skip the facts about the process below its error."""
    for _ in range(TAIL_LINES):
        if lines.line is None or not FIELD.match(lines.line):
            break
        lines.skip()
    return lines.position


def _logged(text: str, position: int) -> _Error | int:
    """An error in one line of a lager-like logger: a sentence with the place of the error, or a term."""
    if text.startswith(("{", "["), position):
        return _from_term(text, position)
    end = next_line(text, position)
    behind = STACK_BEHIND.search(text, position, min(end, position + LINE_LIMIT))
    if behind:
        message = text[position : behind.start()].strip()
        error = _from_term(text, behind.end())
        if isinstance(error, _Error):
            return replace(error, kind=kind_of_words(message, "error"), message=message)
    line = text[position : min(end, position + MESSAGE_LIMIT)].rstrip()
    place = IN_PLACE.search(line)
    message = line[: place.start()] if place else line
    frames: list[StackFrame] = []
    while place and len(frames) < FRAME_LIMIT:
        name = CALLED.match(place["name"])
        number = place["line"] or (place["line2"] if place.re is IN_PLACE else None)
        if name:
            frames.append(
                erlang_frame(
                    erlang_name(name["module"], name["function"], name["arity"]), None, int(number) if number else None
                )
            )
        place = NEXT_PLACE.match(line, place.end())
    kind = kind_of_words(message, "")
    return _Error(kind, message, tuple(frames), end) if kind and (frames or kind not in ORDINARY) else position


def _from_term(text: str, position: int) -> _Error | int:
    """An error in a term: its stack trace, and the reason beside it; without a stack the end of the term."""
    term = read_term(text, position)
    reason, frames = stack_in(text, term)
    if not frames:
        return term.end
    message = reason.text(text) if reason else ""
    kind = kind_of_term(message) or kind_of_term(term.text(text)[:1_000]) or "error"
    return _Error(kind, " ".join(message[:MESSAGE_LIMIT].split()), frames, next_line(text, max(term.end, position)))


def _heading(text: str, at: int, floor: int) -> tuple[int, str]:
    """Start of the report around an error, and the process it names."""
    start = line_start(text, at, floor)
    process = ""
    begin = start
    own = PROCESS.search(text[start:at])
    if own:
        process = next(filter(None, own.groups()), "")
    for above, line in lines_above(text, start, floor, ABOVE_LINES):
        named = PROCESS.search(line)
        if named:
            process = named["registered"] or process or next(filter(None, named.groups()), "")
            begin = above
        if REPORT.search(line):
            begin = above
            if line.startswith("="):
                break
        if not line.strip():
            break
    return begin, process
