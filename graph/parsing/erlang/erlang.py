"""Erlang: error, crash and supervisor reports of OTP, exceptions of shells and scripts, and records of lager-like loggers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport
from graph.parsing.erlang.error import ErlangError, error_in_term
from graph.parsing.erlang.logged import logged_error, with_reason_above
from graph.parsing.erlang.printed import failed_test, printed_error
from graph.parsing.protocol import SharedLiterals, merge_continuations
from graph.parsing.text.lines import fold_repeats, line_start, lines_above
from graph.parsing.text.report import complete

NAME = "erlang"
ECHO_DISTANCE = 500
"""Maximum characters between two reports of one crash."""
ANCHOR = re.compile(
    r"exception (?P<class>error|exit|throw): |(?P<logged>(?:terminated|crashed|exited|exit) with reason:? )"
    r"|(?:Reason for termination ?=?=?[ \t]*\r?\n(?:[^\n]{0,200}\*\* )?[ \t]*|with exit value: ?\r?\n?[ \t]*"
    r"|init terminating in do_boot\"?,? ?\(?|[Rr]eason: {1,20}|Failure/Error: |\*\*(?:error|exit|throw):)(?P<term>(?=\{))"
    r"|(?P<test>\*failed\*(?=[ \t]*\r?\n[ \t]*in function ))|(?P<bare>\[\{file,\")"
)
OPENED = re.compile(r"[{\[]")
REPORT = re.compile(r"=(?:ERROR|CRASH|SUPERVISOR|INFO|WARNING|PROGRESS) REPORT====|[ \]>]crasher:\s*$")
PROCESS = re.compile(
    r"registered_name: (?P<registered>[\w.@']{1,200})|[Ii]nitial call: (?P<initial>[\w.:/@']{1,200})"
    r"|\*\* (?:Generic server|State machine|Generic event handler|Task) (?P<generic>[^\s]{1,200}) (?:terminating|crashed)"
    r"|(?:gen_\w{1,60}+|[Pp]rocess) (?P<process>[^\s]{1,200}) (?:with \d|terminated)"
)
ABOVE_LINES = 25
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
                message=error.message.strip(),
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


def _error(text: str, match: re.Match[str], floor: int) -> ErlangError | int:
    """The error at an anchor, or the position up to which there is none."""
    if match["class"]:
        return printed_error(text, match, floor)
    if match["test"]:
        return failed_test(text, match)
    if match["logged"]:
        return logged_error(text, match.end())
    if match["term"] is not None:
        return error_in_term(text, match.end())
    start = line_start(text, match.start(), floor)
    opened = OPENED.search(text, start, match.end())
    error = error_in_term(text, opened.start()) if opened else match.end()
    return with_reason_above(text, error, start, floor) if opened and isinstance(error, ErlangError) else error


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
