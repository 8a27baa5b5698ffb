"""The line that names a JavaScript error, the message below it, and the source excerpt above it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.text.lines import lines_above

ENDINGS = ("Error", "Exception", "Rejection", "Warning", "Failure", "Violation")
TOKEN = re.compile(r"[\w$.-]+")
BEGIN = re.compile(
    r"(?:[>\]})] )?\[?(?:error: )?(?:Uncaught (?:\(in promise\):? )?|Unhandled Rejection \()?(?:Uncaught )?(?:<rejected> )?"
)
NAMED = re.compile(r"([A-Za-z_$][\w$.]*) \[([A-Za-z_$][\w$.]*)\](?=:|\s*$| \{)")
LOOSE = re.compile(r"([A-Za-z_$][\w$.]{0,100})(?:: (.*)|\s*$)")
UNCAUGHT = re.compile(r"(?:.*\s)?Uncaught (?:\(in promise\):? )?(\S.*)$")
STATED = re.compile(r"([A-Z][A-Za-z0-9_$]{1,100}): (\S.*)$")
FAILED = re.compile(r"\b(?:[Ss]erver|[Bb]uild|[Tt]ransform|[Cc]ompilation|request) error(?:: |\](?: \[\w+\]){0,4} )(\S.*)$")
DETAILS = frozenset({"File", "Plugin", "Line", "Module", "Location", "Stack", "Require stack"})
"""Headings of what a tool adds below the message of an error."""
CODE = re.compile(r"[A-Z][A-Z0-9_]*$")
CARETS = re.compile(r"\s*[\^~]+\s*$")
SOURCE_LINE = re.compile(r"\s*+>?\s*+\d{1,7} ?\||\s*+\|\s*+[\^~]++\s*+$")
LOGGED = re.compile(r"\s([A-Z][a-z]\w{1,100}): (.*)$")
LOCATION = re.compile(r"(\S[^\n]{0,1000}?):(\d{1,9})(?::\d{1,9})?\s*$")
JAZZER = "Uncaught Exception: Jazzer.js:"
# Headings of stacks that show where an error was observed, not where it was raised.
OBSERVATIONS = (
    "Emitted 'error' event",
    "Thrown at:",
    "The above error occurred in",
    "Component Stack:",
    "Component stack:",
    "This error is located at:",
)
# Names under which a runtime reports an uncaught error; the error itself is the message.
UNCAUGHT_NAMES = ("UnhandledPromiseRejectionWarning", "UnhandledPromiseRejection", "UnhandledRejection", "UncaughtException")
# One component of a user interface around the one that failed; a name alone, or with its file.
COMPONENT = re.compile(r"[ \t]{1,40}(?:in|at) [\w$.()<>]{1,200}(?: \((?:at|created by) [^()\n]{1,500}\))?\s*$")
# What React Native adds to a message.
ENGINE = re.compile(r"(?:, js engine: \w{1,20})?(?:, stack:)?$")
TEST = "● "
ABOVE_LINES = 60


@dataclass(slots=True)
class JavascriptHeader:
    """The error named by the line at ``start``. ``opens``: a block of properties follows; ``weak``: it may be no error."""

    error_type: str
    message: str
    start: int
    code: str = ""
    opens: bool = False
    weak: bool = False


def named_error(body: str, start: int, *, anywhere: bool) -> JavascriptHeader | None:
    """The error class and message in a line: at its start or, with ``anywhere``, after other words."""
    text = body.strip()
    named = NAMED.match(text)
    if (
        named
        and (named[2].endswith(ENDINGS) or CODE.match(named[2]))
        and (named[1].endswith(ENDINGS) or not CODE.match(named[2]))
    ):
        code = named[2] if CODE.match(named[2]) else ""
        return _build_header(named[1], text[named.end() :], start, code)
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
                return _build_header(name, rest, start, code[1] if code else "", boxed=boxed)
        if not anywhere:
            break
    return None


def _ends_name(text: str, end: int) -> bool:
    following = text[end : end + 2]
    return following[:1] in {"", ":", "]"} or following in {" [", " {"}


def _build_header(name: str, rest: str, start: int, code: str, *, boxed: bool = False) -> JavascriptHeader:
    opens = rest.endswith(" {")
    message = rest.removesuffix(" {").removeprefix(":").strip()
    inner = named_error(message, start, anywhere=False) if name in UNCAUGHT_NAMES else None
    if inner and inner.error_type not in UNCAUGHT_NAMES:
        inner.opens = inner.opens or opens
        return inner
    return JavascriptHeader(name, message.removesuffix("]") if boxed else message, start, code, opens)


def loosely_named_error(body: str, start: int) -> JavascriptHeader | None:
    """The error in the line directly above the frames, whatever its class is called."""
    text = body.strip()
    uncaught = UNCAUGHT.match(text)
    if uncaught:
        # Classes of errors need not be called so; one that was thrown names itself.
        stated = STATED.match(uncaught[1])
        return JavascriptHeader(
            stated[1] if stated else "Uncaught", stated[2] if stated else uncaught[1], start, weak=not stated
        )
    failed = FAILED.search(text)
    if failed:
        return JavascriptHeader("Error", failed[1].strip(), start, weak=True)
    named = LOOSE.match(text) or (LOGGED.search(text) if text[:1].isdigit() or text[:1] == "[" else None)
    if not named:
        return None
    inner = LOOSE.match(named[2]) if named[2] and named[1][0].islower() and named[2][0].isupper() else None
    if inner and inner[2] is not None:
        named = inner
    if named[1] in DETAILS:
        return None
    name = "Error" if named[1] == "error" else named[1]
    return JavascriptHeader(name, (named[2] or "").strip(), start, weak=True)


def is_observation(body: str) -> bool:
    """Whether the stack below this line shows an observation, not an error."""
    return any(sign in body for sign in OBSERVATIONS)


def header_above(text: str, frames: int, floor: int, prefix: str) -> JavascriptHeader | None:
    """The error above the frames at ``frames``, not before ``floor``; lines may start with ``prefix``."""
    below: list[str] = []
    near: JavascriptHeader | None = None
    for count, (begin, full_line) in enumerate(lines_above(text, frames, floor, ABOVE_LINES)):
        line = full_line.rstrip()
        body = line[len(prefix) :] if prefix and line.startswith(prefix) else line
        if body.lstrip().startswith("at ") and count:
            break
        if is_observation(body) and not count:
            return JavascriptHeader("", "", begin, weak=True)
        header = named_error(body, begin, anywhere=False)
        if header:
            further = without_source([line for line in below[::-1] if not COMPONENT.match(line) and not is_observation(line)])
            header.message = ENGINE.sub("", "\n".join([header.message, *further]).strip("\n").rstrip())
            return header
        if not any(below) and near is None and body.strip():
            near = named_error(body, begin, anywhere=True) or (loosely_named_error(body, begin) if count == 0 else None)
            if near and not near.weak:
                return near
        below.append(body)
    return near


def failed_test_above(text: str, frames: int, floor: int) -> JavascriptHeader | None:
    """The failed test that a runner lists above the frames at ``frames``, with a message that names no class."""
    below: list[str] = []
    for begin, full_line in lines_above(text, frames, floor, ABOVE_LINES):
        line = full_line.strip()
        if line.startswith(TEST):
            message = "\n".join(without_source(below[::-1])).strip()
            return JavascriptHeader("Error", message, begin) if message else None
        if line.startswith("at "):
            break
        below.append(full_line.strip() if not SOURCE_LINE.match(full_line) else full_line)
    return None


def without_source(lines: list[str]) -> list[str]:
    """The lines of a message without the source that the runtime quotes in it."""
    kept: list[str] = []
    for line in lines:
        if CARETS.match(line):
            del kept[-1:]
        elif not SOURCE_LINE.match(line):
            kept.append(line)
    return kept


def excerpt_above(text: str, start: int, floor: int) -> tuple[int, tuple[str, int] | None]:
    """Start and location of the source that Node quotes above an error; ``start`` and ``None`` without one."""
    lines, starts = list[str](), list[int]()
    for begin, line in lines_above(text, start, floor, 5):
        lines.append(line.rstrip())
        starts.append(begin)
    if lines and JAZZER in lines[0]:
        return starts[0], None
    skipped = 0
    while skipped < len(lines) and not lines[skipped]:
        skipped += 1
    if len(lines) < skipped + 3 or not CARETS.match(lines[skipped]):
        return start, None
    location = LOCATION.match(lines[skipped + 2])
    return (starts[skipped + 2], (location[1], int(location[2]))) if location else (start, None)
