"""Smalltalk: error logs of Pharo, Squeak and Cuis, stacks of GemStone's topaz, walkbacks of other dialects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import SharedLiterals
from graph.parsing.smalltalk.frames import parse_frame
from graph.parsing.smalltalk.header import NOT_UNDERSTOOD, Header, header_above
from graph.parsing.text.lines import Lines, fold_repeats, line_start, next_line
from graph.parsing.text.report import complete

FRAMES = SharedLiterals(">>")
# Dumps of VisualWorks are a format of their own.
DUMP, DUMP_END = "BEGIN RUNTIME DIAGNOSTIC DUMP", "END RUNTIME DIAGNOSTIC DUMP"
SNIFFED = re.compile(
    r"(?<!\w)[A-Z]\w*+(?: class)?(?: ?\([A-Z]\w*+(?: class)?\))? ?>> ?#?"
    r"(?:[A-Za-z_]|[-+*/\\~<>=@,%|&]{1,4}[ \t]*(?:\r?\n|\Z|\(envId|@ ?\d))"
)
FULL_STACK = "--- The full stack ---"
IMAGE = re.compile(r"^Image: ([A-Za-z]{1,40})[- ]?([\d.]{1,20}\d)?", re.MULTILINE)
SYSTEM = re.compile(r"^VM: ([^\n]{1,200}?)(?: - [^\n]{0,200})?\r?$", re.MULTILINE)
CLOSING = re.compile(r"(?:-{20,}+|(?: -){8,}+|[ \t]*+(?:- ){8,}+-?)[ \t]*+$")
DETAILS_LIMIT = 60_000
"""Maximum characters of variables between an error and its full stack."""
DETAIL_LINES = 60
LEAST_FRAMES = 2
RAISING = 4
"""Frames at the beginning of a stack that raise its error."""
LEAST_WITHOUT_ERROR = 3
START = "THERE_BE_DRAGONS_HERE"


class SmalltalkParser:
    """Parser for errors of Smalltalk outside VisualWorks' dumps."""

    name = "smalltalk"
    signs = (FRAMES,)
    title = "Smalltalk errors: Pharo, Squeak and Cuis logs, GemStone stacks, walkbacks of VA, GNU Smalltalk and VisualWorks"
    takes = (
        "the full stack; blocks count as the method that contains them",
        "image and its version, and the virtual machine's system",
        "in-app or base system, by class",
    )
    example = (
        "THERE_BE_DRAGONS_HERE\n"
        'MessageNotUnderstood: receiver of "price" is nil\n'
        "2 March 2026 9:15:04.250731 am\n"
        "\n"
        "VM: unix - Smalltalk\n"
        "Image: Pharo11.0.0 [Build information: Pharo-11.0.0+build.688 (64 Bit)]\n"
        "\n"
        "UndefinedObject(Object)>>doesNotUnderstand: #price\n"
        "\tReceiver: nil\n"
        "ShopBasket>>totalOf:\n"
        "\tReceiver: a ShopBasket\n"
        "\n"
        "--- The full stack ---\n"
        "UndefinedObject(Object)>>doesNotUnderstand: #price\n"
        "ShopBasket>>totalOf:\n"
        "[ :each | self totalOf: each ] in ShopCart>>totals in Block: [ :each | self totalOf: each ]\n"
        "OrderedCollection>>collect:\n"
        "ShopCart>>totals\n"
        "-------------------------------------------------------------------------------\n"
    )

    def sniff(self, text: str) -> float:
        """0.8 for a line with a class and a selector."""
        return 0.8 if FRAMES.occurs_in(text) and _has_frame(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per stack."""
        position = floor = 0
        dump, has_full_stacks = text.find(DUMP), FULL_STACK in text
        while (match := SNIFFED.search(text, position)) is not None:
            if 0 <= dump < match.start():
                position = floor = _end_of_dump(text, dump)
                dump = text.find(DUMP, position)
                continue
            lines = Lines(text, line_start(text, match.start(), max(floor, position)))
            first = lines.position
            if has_full_stacks:
                _move_to_full_stack(lines)
            frames = _frames(lines)
            position = max(match.end(), lines.position)
            if len(frames) < LEAST_FRAMES:
                continue
            below = Lines(text, first)
            header = header_above(text, first if parse_frame(below.line or "") else below.after, floor)
            if header is None and len(frames) < LEAST_WITHOUT_ERROR:
                continue
            report = _report(text, header, frames, (first, lines.position), floor)
            floor = lines.position
            yield report


def _has_frame(text: str) -> bool:
    at = text.find(">>")
    while at >= 0:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if SNIFFED.search(text, line_start(text, at, 0), end):
            return True
        at = text.find(">>", end)
    return False


def _end_of_dump(text: str, start: int) -> int:
    end = text.find(DUMP_END, start)
    return next_line(text, end) if end >= 0 else len(text)


def _move_to_full_stack(lines: Lines) -> None:
    """Move to the full stack that a log prints below the frames with their variables."""
    full = lines.text.find(FULL_STACK, lines.position, lines.position + DETAILS_LIMIT)
    following = lines.text.find(START, lines.position, lines.position + DETAILS_LIMIT)
    if full >= 0 and (following < 0 or full < following):
        lines.position = full
        lines.skip()


def _frames(lines: Lines) -> tuple[StackFrame, ...]:
    """The frames from the current line on, and the lines of variables between them."""
    frames: list[StackFrame] = []
    end, details = lines.position, 0
    while (line := lines.line) is not None and details < DETAIL_LINES:
        frame = parse_frame(line)
        if frame:
            frames.append(frame)
            details = 0
        elif not frames or not (line[:1] in {" ", "\t"} and line.strip()):
            break
        details += 0 if frame else 1
        lines.skip()
        end = lines.position if frame else end
    lines.position = end
    if lines.line is not None and CLOSING.match(lines.line):
        lines.skip()
    return fold_repeats(frames)


def _report(
    text: str, header: Header | None, frames: tuple[StackFrame, ...], span: tuple[int, int], floor: int
) -> ParsedReport:
    begin = header.start if header else span[0]
    above = text.rfind(START, max(floor, begin - 100), begin)
    start = above if above >= 0 else begin
    head = text[start : span[0]]
    image, system = IMAGE.search(head), SYSTEM.search(head)
    environment: dict[str, str] = {}
    if image:
        environment["runtime"] = f"{image[1]} {image[2]}" if image[2] else image[1]
    if system:
        environment["os"] = system[1]
    unknown = NOT_UNDERSTOOD if any(f.function.startswith("doesNotUnderstand:") for f in frames[:RAISING]) else "Error"
    return complete(
        ParsedReport(
            format="smalltalk",
            error_type=header.error_type if header else unknown,
            message=header.message if header else "",
            frames=frames,
            environment=environment,
            span=(start, span[1]),
        ),
        "smalltalk",
    )
