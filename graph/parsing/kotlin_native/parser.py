"""Kotlin/Native: uncaught and printed exceptions with their causes, on Apple's systems, Linux and Windows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.kotlin_native.frames import RULES, parse_frame
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, line_at
from graph.parsing.text.lines import Lines, fold_repeats, line_start, lines_above, lines_from
from graph.parsing.text.report import complete

UNCAUGHT = "Uncaught Kotlin exception: "
CERTAIN, SYMBOLS = SharedLiterals(UNCAUGHT), SharedLiterals("kfun:")
ANCHOR = re.compile(rf"{UNCAUGHT}|^[^\n]{{0,200}}?\bat 0[ \t]{{1,8}}[^\n]{{0,200}}?0x[0-9a-fA-F]{{4,16}}[ \t]", re.MULTILINE)
TYPE = re.compile(r"(?P<type>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*){0,30})(?:: (?P<message>[^\n]*))?$")
NESTED = re.compile(r"[ \t]*(?P<relation>Caused by|Suppressed): (?=[A-Za-z_$])")
SKIPPED = re.compile(r"[ \t]*\.\.\. (?:and )?\d{1,6} (?:more|common)")
ENDINGS = ("Exception", "Error", "Throwable", "Failure")
MESSAGE_LINES = 40


@dataclass(slots=True)
class _Error:
    error_type: str
    lines: list[str]
    relation: str = "cause"
    frames: list[StackFrame] = field(default_factory=list)

    @property
    def message(self) -> str:
        return "\n".join(self.lines).strip()[:MESSAGE_LIMIT]


class KotlinNativeParser:
    """Parser for exceptions of Kotlin/Native."""

    name = "kotlin-native"
    signs = (CERTAIN, SYMBOLS)
    title = "Kotlin/Native exceptions with their causes"
    takes = ("the chain of causes", "source file and line where printed", "lambdas and coroutines as the function around them")
    example = (
        "Uncaught Kotlin exception: kotlin.IllegalStateException: basket is closed\n"
        "    at 0   Shop       0x10ae1939f    kfun:kotlin.Throwable#<init>(kotlin.String?){} + 119 \n"
        "    at 1   Shop       0x10ae131fb    kfun:kotlin.IllegalStateException#<init>(kotlin.String?){} + 115 \n"
        "    at 2   Shop       0x10b8e4b53    kfun:com.example.shop.Basket#total(){}kotlin.Int + 270 (/src/Basket.kt:31:9)\n"
        "    at 3   Shop       0x10b8e4c00    kfun:com.example.shop#main(){} + 40 (/src/Main.kt:4:5)\n"
    )

    def sniff(self, text: str) -> float:
        """1 for an uncaught exception, 0.9 for frames with Kotlin's symbols."""
        if CERTAIN.occurs_in(text):
            return 1.0
        return 0.9 if SYMBOLS.occurs_in(text) and "at 0 " in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per exception."""
        position = floor = 0
        while match := ANCHOR.search(text, position):
            position = match.end()
            report = _uncaught(text, match, floor) if match[0] == UNCAUGHT else _printed(text, match, floor)
            if report:
                floor = position = max(position, report.span[1])
                yield report


def _uncaught(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    lines = lines_from(text, match.start(), floor)
    start = lines.position
    first = line_at(text, match.end(), match.end() + MESSAGE_LIMIT)[0].rstrip()
    lines.skip()
    return _report(first, lines, start)


def _printed(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    """An exception that the program printed: the name of its class is in the line above the frames, or further up."""
    at = line_start(text, match.end() - 1, floor)
    for begin, line in lines_above(text, at, floor, MESSAGE_LINES):
        error = TYPE.match(line.strip())
        if error and error["type"].endswith(ENDINGS):
            lines = Lines(text, begin)
            lines.skip()
            return _report(line.strip(), lines, begin)
        if not line.strip():
            break
    return None


def _report(first: str, lines: Lines, start: int) -> ParsedReport | None:
    errors = [_error(first, "cause")]
    end = _read(lines, errors)
    error = errors[0]
    if not error.error_type:
        return None
    return complete(
        ParsedReport(
            format="kotlin-native",
            error_type=error.error_type,
            message=error.message,
            frames=fold_repeats(error.frames),
            causes=tuple(Cause(c.relation, c.error_type, c.message, fold_repeats(c.frames)) for c in errors[1:]),
            span=(start, end),
        ),
        RULES,
    )


def _error(header: str, relation: str) -> _Error:
    match = TYPE.match(header)
    return _Error(match["type"], [match["message"] or ""], relation) if match else _Error(header[:200], [], relation)


def _read(lines: Lines, errors: list[_Error]) -> int:
    """Read messages, frames and causes from the current line on; return their end."""
    end, unread = lines.position, 0
    while (line := lines.line) is not None and unread < MESSAGE_LINES:
        frame, nested = parse_frame(line), NESTED.match(line)
        if frame:
            errors[-1].frames.append(frame)
        elif nested:
            relation = "suppressed" if nested["relation"] == "Suppressed" else "cause"
            errors.append(_error(line[nested.end() :].rstrip(), relation))
        elif errors[-1].frames and not SKIPPED.match(line):
            break
        elif not errors[-1].frames:
            errors[-1].lines.append(line)
            unread += 1
            lines.skip()
            continue
        lines.skip()
        end, unread = lines.position, 0
    if not errors[-1].frames:
        # Without frames only the first line is certain.
        del errors[-1].lines[1:]
    return end
