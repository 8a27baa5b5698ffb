"""The line that names an error of JavaScript, the message that goes on below it, and the source that is quoted above it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.text.lines import LINE_LIMIT, line_start

ENDINGS = ("Error", "Exception", "Rejection", "Warning", "Failure", "Violation")
TOKEN = re.compile(r"[\w$.-]+")
BEGIN = re.compile(
    r"(?:[>\]})] )?\[?(?:error: )?(?:Uncaught (?:\(in promise\):? )?|Unhandled Rejection \()?(?:Uncaught )?(?:<rejected> )?"
)
NAMED = re.compile(r"([A-Za-z_$][\w$.]*) \[([A-Za-z_$][\w$.]*)\](?=:|\s*$| \{)")
WEAK = re.compile(r"([A-Za-z_$][\w$.]{0,100})(?:: (.*)|\s*$)")
UNCAUGHT = re.compile(r"(?:.*\s)?Uncaught (?:\(in promise\):? )?(\S.*)$")
CODE = re.compile(r"[A-Z][A-Z0-9_]*$")
CARETS = re.compile(r"\s*[\^~]+\s*$")
SOURCE_LINE = re.compile(r"\s*>?\s*\d{1,7} ?\||\s*\|\s*[\^~]+\s*$")
LOGGED = re.compile(r"\s([A-Z][a-z]\w{1,100}): (.*)$")
PLACE = re.compile(r"(\S[^\n]{0,1000}?):(\d{1,9})(?::\d{1,9})?\s*$")
FUZZER = "Uncaught Exception: Jazzer.js:"
# Stacks that tell where something was observed, not where an error was raised.
ASIDE = ("Emitted 'error' event", "Thrown at:", "The above error occurred in", "Component Stack:", "Component stack:")
ABOVE_LINES = 60


@dataclass(slots=True)
class Head:
    """The error and where its line starts. ``lines`` are those of the message below the first; ``opens`` a block follows."""

    error_type: str
    message: str
    start: int
    code: str = ""
    opens: bool = False
    weak: bool = False


def strong_head(body: str, start: int, *, anywhere: bool) -> Head | None:
    """The error that a line names, at its beginning or, where that is allowed, behind other words."""
    text = body.strip()
    named = NAMED.match(text)
    if (
        named
        and (named[2].endswith(ENDINGS) or CODE.match(named[2]))
        and (named[1].endswith(ENDINGS) or not CODE.match(named[2]))
    ):
        code = named[2] if CODE.match(named[2]) else ""
        return _head(named[1], text[named.end() :], start, code)
    begin = BEGIN.match(text)
    at = begin.end() if begin else 0
    for token in TOKEN.finditer(text, at):
        name = token[0].strip(".-")
        if name.endswith(ENDINGS) and not name.isupper() and _ends_name(text, token.end()):
            first = token.start() == at
            if first or anywhere:
                code = re.match(r" \[([A-Z][A-Z0-9_]*)\]", text[token.end() :])
                rest = text[token.end() + (code.end() if code else 0) :]
                boxed = text[at - 1 : at] == "[" if first else text[token.start() - 1] == "["
                return _head(name, rest, start, code[1] if code else "", boxed=boxed)
        if not anywhere:
            break
    return None


def _ends_name(text: str, end: int) -> bool:
    following = text[end : end + 2]
    return following[:1] in {"", ":", "]"} or following in {" [", " {"}


def _head(name: str, rest: str, start: int, code: str, *, boxed: bool = False) -> Head:
    opens = rest.endswith(" {")
    message = rest.removesuffix(" {").removeprefix(":").strip()
    return Head(name, message.removesuffix("]") if boxed else message, start, code, opens)


def weak_head(body: str, start: int) -> Head | None:
    """The error that the line right above the frames may name in other words."""
    text = body.strip()
    found = UNCAUGHT.match(text)
    if found:
        return Head("Uncaught", found[1], start, weak=True)
    named = WEAK.match(text) or (LOGGED.search(text) if text[:1].isdigit() or text[:1] == "[" else None)
    if not named:
        return None
    inner = WEAK.match(named[2]) if named[2] and named[1][0].islower() and named[2][0].isupper() else None
    if inner and inner[2] is not None:
        named = inner
    name = "Error" if named[1] == "error" else named[1]
    return Head(name, (named[2] or "").strip(), start, weak=True)


def is_aside(body: str) -> bool:
    """Whether a stack below this line is no error of its own."""
    return any(sign in body for sign in ASIDE)


def head_above(text: str, frames: int, floor: int, prefix: str) -> Head | None:
    """The error that stands above the frames at ``frames``, not before ``floor``; lines may begin with ``prefix``."""
    end, below = frames, list[str]()
    near: Head | None = None
    for count in range(ABOVE_LINES):
        if end <= floor:
            break
        begin = line_start(text, end - 1, floor)
        line = text[begin : min(end, begin + LINE_LIMIT)].rstrip()
        body = line[len(prefix) :] if prefix and line.startswith(prefix) else line
        if body.lstrip().startswith("at ") and count:
            break
        if is_aside(body) and not count:
            return Head("", "", begin, weak=True)
        head = strong_head(body, begin, anywhere=False)
        if head:
            head.message = "\n".join([head.message, *quoted_out(below[::-1])]).strip("\n").rstrip()
            return head
        if not any(below) and near is None and body.strip():
            near = strong_head(body, begin, anywhere=True) or (weak_head(body, begin) if count == 0 else None)
            if near and not near.weak:
                return near
        below.append(body)
        end = begin
    return near


def quoted_out(lines: list[str]) -> list[str]:
    """The lines of a message without the source that a runtime quotes in it."""
    kept: list[str] = []
    for line in lines:
        if CARETS.match(line):
            del kept[-1:]
        elif not SOURCE_LINE.match(line):
            kept.append(line)
    return kept


def excerpt_above(text: str, start: int, floor: int) -> tuple[int, tuple[str, int] | None]:
    """Where the source begins that Node quotes above an error, and its place; ``start`` and nothing when it quotes none."""
    lines, ends = list[str](), [start]
    for _ in range(5):
        if ends[-1] <= floor:
            break
        begin = line_start(text, ends[-1] - 1, floor)
        lines.append(text[begin : min(ends[-1], begin + LINE_LIMIT)].rstrip())
        ends.append(begin)
    if lines and FUZZER in lines[0]:
        return ends[1], None
    skipped = 0
    while skipped < len(lines) and not lines[skipped]:
        skipped += 1
    if len(lines) < skipped + 3 or not CARETS.match(lines[skipped]):
        return start, None
    place = PLACE.match(lines[skipped + 2])
    return (ends[skipped + 3], (place[1], int(place[2]))) if place else (start, None)
