"""Warnings printed by Python: location, class and text. Read only where a text contains nothing worse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, SharedLiterals, line_at
from graph.parsing.text.python_modules import module_and_in_app
from graph.rules import severity
from graph.rules.culprit import culprit

NAME = "pywarning"
SIGN = "Warning: "
SIGNS = SharedLiterals(SIGN)
CLASS = re.compile(r"[A-Za-z_][\w.]{0,200}Warning")
# A path after a prefix of a log or a container runtime.
PATH = re.compile(r"(?:[A-Za-z]:\\|[~/<])[^|\n]{0,1000}$")
SCAN_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class PrintedWarning:
    """A warning and its span; ``message_start`` is the start of its text."""

    file: str
    line: int
    error_type: str
    message_start: int
    span: tuple[int, int]


class PythonWarningParser:
    """Printed warnings of Python."""

    name = NAME
    signs = (SIGNS,)
    title = "Warnings printed by Python, where the text contains nothing worse"
    takes = ("the location that the warning blames", "each location and text once")
    example = "/srv/shop/pricing.py:12: DeprecationWarning: tariff() is old, use price()\n  total = tariff(cart)\n"

    def sniff(self, text: str) -> float:
        """0.5 with a warning class after a location."""
        return 0.5 if SIGNS.occurs_in(text) and next(_warnings(text), None) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per distinct warning."""
        seen: set[tuple[str, int, str]] = set()
        for warning in _warnings(text):
            message, _ = line_at(text, warning.message_start, warning.span[1])
            key = (warning.file, warning.line, message[:MESSAGE_LIMIT])
            if key not in seen:
                seen.add(key)
                yield _report(warning, message)


def _warnings(text: str) -> Iterator[PrintedWarning]:
    """All printed warnings, including the source line below each."""
    position = text.find(SIGN)
    while position >= 0:
        floor = max(0, position - SCAN_LIMIT)
        start = text.rfind("\n", floor, position) + 1
        location = _parse_location(text[start : position + len(SIGN) - 2]) if start or not floor else None
        after = position + 1
        if location:
            after = text.find("\n", position) + 1 or len(text)
            below, end = line_at(text, after, len(text))
            end = end if below[:2] == "  " and below.strip() else after
            yield PrintedWarning(*location, message_start=position + len(SIGN), span=(start, end))
        position = text.find(SIGN, after)


def _parse_location(before: str) -> tuple[str, int, str] | None:
    """File, line and class from the text before a warning's message: ``/srv/a.py:12: UserWarning``."""
    location, blank, name = before.rpartition(" ")
    path, colon, number = location.removesuffix(":").rpartition(":")
    if not (blank and colon and location.endswith(":") and number.isdecimal() and len(number) < 10 and CLASS.fullmatch(name)):
        return None
    if " " in path or "\t" in path:
        inner = PATH.search(path)
        path = inner[0] if inner else path[path.rfind(" ") + 1 :]
    return (path[:NAME_LIMIT], int(number), name) if path else None


def _report(warning: PrintedWarning, message: str) -> ParsedReport:
    module, in_app = module_and_in_app(warning.file)
    frame = StackFrame("?", module[:NAME_LIMIT], warning.file, warning.line, in_app)
    # A warning that blames the interpreter itself has no location.
    frames = () if warning.file == "sys" else (frame,)
    return ParsedReport(
        format=NAME,
        error_type=warning.error_type,
        message=message[:MESSAGE_LIMIT],
        frames=frames,
        culprit=culprit(frames, "python"),
        severity=severity.infer(warning.error_type, message),
        span=warning.span,
    )
