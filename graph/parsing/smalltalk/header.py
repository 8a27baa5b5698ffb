"""The error above a stack of Smalltalk, in the words of each dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.text.lines import lines_above

NOT_UNDERSTOOD = "MessageNotUnderstood"
OCCURRED = re.compile(r"(?:ERROR )?(?:an? )?(?P<type>[A-Z]\w{1,100}) occurred \(error \d{1,6}\)(?:, ?(?P<message>.*))?$")
UNHANDLED = re.compile(r"(?:Unhandled [Ee]xception|Walkback|Exception|ERROR)(?: \d{1,5})?: ?(?:\([A-Z]\w+\) ?)?(?P<rest>\S.*)$")
NAMED = re.compile(r"(?P<type>[A-Z]\w{1,100}(?:\.[A-Z]\w{1,100}){0,6}): ?(?P<message>.*)$")
PLAIN = re.compile(r"(?P<type>ZeroDivide|\w{1,80}(?:Error|Exception)|Halt|NotFound|OutOfMemory|SubscriptOutOfBounds)$")
SENTENCE = re.compile(
    r"(?:.{0,200}\b(?:does not|did not) understand:? {0,2}#?|Message not understood: #?|doesNotUnderstand: #?)'?[\w:]"
)
GNU = re.compile(r"Object: .{1,200}? error: (?P<message>.{1,2000})$")
NOT_TYPES = frozenset({
    "VM", "Image", "Receiver", "Restricted", "Arguments", "Directory", "Trusted", "Class", "Process", "Date", "Time", "Version",
    "User", "FileAccess", "Stack", "Context", "Warnings", "Changes", "INFO", "WARN", "DEBUG", "Note", "State", "Sources",
    "Number", "Platform",
})  # fmt: skip
ABOVE_LINES = 24
LINE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Header:
    """An error, and the start of its line."""

    error_type: str
    message: str
    start: int


def header_above(text: str, position: int, floor: int) -> Header | None:
    """The nearest error above a stack."""
    for begin, line in lines_above(text, position, floor, ABOVE_LINES):
        error = error_of(line.strip()[:LINE_LIMIT])
        if error:
            return Header(*error, begin)
    return None


def error_of(line: str) -> tuple[str, str] | None:
    """Type and message in a line; ``None`` for any other line."""
    gnu = GNU.match(line)
    if gnu:
        return (NOT_UNDERSTOOD if "not understand" in gnu["message"] else "Error"), gnu["message"]
    unhandled = UNHANDLED.match(line)
    rest = unhandled["rest"] if unhandled else line
    occurred = OCCURRED.match(rest.removeprefix("Error:").lstrip())
    if occurred:
        return occurred["type"], (occurred["message"] or "").strip()
    sentence = SENTENCE.match(rest)
    named = NAMED.match(rest)
    if named and named["type"] not in NOT_TYPES and not (sentence and "not understood" in rest):
        return named["type"], named["message"].strip()
    if sentence:
        return NOT_UNDERSTOOD, rest
    plain = PLAIN.match(rest)
    if plain:
        return plain["type"], ""
    return ("Error", rest) if unhandled and unhandled[0].startswith("Unhandled") else None
