"""Perl: errors with the place where the program died, with and without a backtrace of Carp or Devel::StackTrace."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport
from graph.parsing.perl.frames import HANDLE, PLACE, read_frames
from graph.parsing.protocol import SharedLiterals
from graph.parsing.text.lines import Lines, line_start, next_line
from graph.parsing.text.log.record import parse_record, starts_record
from graph.parsing.text.report import complete

DIED = re.compile(
    rf" at {PLACE}{HANDLE}"
    r"(?:\.|(?=, near )|(?=,? referer:)|(?=\.?\"$)|(?=[ \t]*\r?\n))"
)
ENDINGS = (".pl", ".pm", ".t", ".cgi", ".psgi", ".PL", ".plx", ".fcgi", ".al", "-e", ")", "]", "script")
LITERALS = SharedLiterals(
    ".pl line ", ".pm line ", ".t line ", ".cgi line ", ".psgi line ", ".fcgi line ", " -e line ", ") line "
)
TRACE = "Trace begun"
# What perl and its modules print where the program goes on.
WARNINGS = re.compile(
    r"(?:Use of (?:uninitialized|implicit|inherited|literal|freed|code)|Argument \".{0,200}\" isn't numeric|Deep recursion"
    r"|Odd number of |Subroutine .{1,200} redefined|Constant subroutine|Prototype mismatch|Wide character|Useless use"
    r"|Name \".{1,200}\" used only once|Possible |Scalar value|Statement unlikely|substr outside|splice\(\) offset|Smartmatch"
    r"|(?:print|readline|close|say)\w*\(\) on (?:closed|unopened)|\"(?:my|our)\" variable|Unquoted string|Unsuccessful stat"
    r"|given is|when is|Reference found|Found = in|Exiting |Negative repeat|Redundant argument|Missing argument|#   )"
)
FOLLOWING = re.compile(
    r"(?:Compilation failed in require|BEGIN failed--|Execution of .{1,300} aborted|\S{1,300} had compilation errors"
    r"|\t\.\.\.propagated)"
)
SYNTAX = re.compile(
    r"syntax error$|^Global symbol |^Bareword |^Missing right |^Unmatched |^Can.t find string|^Unrecognized character"
)
CLASS = re.compile(r"(?P<type>[A-Z]\w*(?:::\w+)+|\w*(?:Exception|Error)): (?P<message>\S.*)$", re.DOTALL)
QUOTED = re.compile(r"(?:.{0,200}?[Cc]aught exception in \S{1,200} )\"")
SPAN_LINES = 8


class PerlParser:
    """Parser for errors of Perl."""

    name = "perl"
    signs = (LITERALS,)
    title = "Perl errors with their place (die, croak), backtraces of Carp and Devel::StackTrace"
    takes = ("functions with the place reached in them", "in-app or library code, by package and file")
    example = (
        "no price for tea at lib/Shop/Basket.pm line 31.\n"
        '\tShop::Basket::price(Shop::Basket=HASH(0x55d0f3), "tea") called at lib/Shop/Basket.pm line 44\n'
        "\tShop::Basket::total(Shop::Basket=HASH(0x55d0f3)) called at bin/shop.pl line 9\n"
        "\tmain::checkout() called at bin/shop.pl line 20\n"
    )  # fmt: skip

    def sniff(self, text: str) -> float:
        """0.7 for a place in a file of Perl."""
        return 0.7 if LITERALS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error; warnings are left out."""
        position = floor = 0
        while match := DIED.search(text, position):
            position = match.end()
            report = _report(text, match, floor) if match["file"].endswith(ENDINGS) else None
            if report:
                floor = position = max(position, report.span[1])
                yield report


def _report(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    start = line_start(text, match.start(), floor)
    message = _message(text[start : match.start()])
    if message.startswith(TRACE) and start > floor:
        # Devel::StackTrace prints the message above.
        above = line_start(text, start - 1, floor)
        message, start = text[above : start - 1].strip(), above
    if not message or WARNINGS.match(message) or message.endswith(" called"):
        return None
    lines = Lines(text, next_line(text, match.end()))
    frames = read_frames(lines, match["file"], int(match["line"]))
    for _ in range(SPAN_LINES):
        if lines.line is None or not FOLLOWING.match(lines.line):
            break
        lines.skip()
    named = CLASS.match(message)
    error_type = "SyntaxError" if SYNTAX.search(message) else named["type"] if named else "Error"
    return complete(
        ParsedReport(
            format="perl",
            error_type=error_type,
            message=named["message"] if named else message,
            frames=frames,
            span=(start, lines.position),
        ),
        "perl",
    )


def _message(line: str) -> str:
    """The message in the part of a line before its place, without a logger's header."""
    record = parse_record(line) if starts_record(line) else None
    message = (record.message if record and record.message else line).strip()
    quoted = QUOTED.match(message)
    return message[quoted.end() :] if quoted else message
