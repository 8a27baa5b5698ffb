"""Warnings that Python prints: the place, the class and the text. Read only where a text tells of nothing worse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.python.modules import place
from graph.rules import severity
from graph.rules.culprit import culprit

NAME = "pywarning"
SIGN = "Warning: "
CLASS = re.compile(r"[A-Za-z_][\w.]{0,200}Warning")
# A path, where a log or a container's runtime has put something before it.
PATH = re.compile(r"(?:[A-Za-z]:\\|[~/<])[^|\n]{0,1000}$")
LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Printed:
    """A warning and where it stands; ``said`` is where its text begins."""

    file: str
    line: int
    error_type: str
    said: int
    span: tuple[int, int]


class PythonWarningParser:
    """Printed warnings of Python."""

    name = NAME
    title = "Warnings that Python prints, where nothing worse is told"
    takes = ("the place that the warning blames", "each place and text once")
    example = "/srv/shop/pricing.py:12: DeprecationWarning: tariff() is old, use price()\n  total = tariff(cart)\n"

    def sniff(self, text: str) -> float:
        """0.5 where a warning's place stands before its class."""
        return 0.5 if SIGN in text and next(_warnings(text), None) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report for each warning that differs from those before it."""
        seen: set[tuple[str, int, str]] = set()
        for found in _warnings(text):
            message, _ = line_at(text, found.said, found.span[1])
            key = (found.file, found.line, message[:MESSAGE_LIMIT])
            if key not in seen:
                seen.add(key)
                yield _report(found, message)


def _warnings(text: str) -> Iterator[Printed]:
    """Each printed warning, the source line below it included."""
    position = text.find(SIGN)
    while position >= 0:
        floor = max(0, position - LOOKED_AT)
        start = text.rfind("\n", floor, position) + 1
        found = _placed(text[start : position + len(SIGN) - 2]) if start or not floor else None
        after = position + 1
        if found:
            after = text.find("\n", position) + 1 or len(text)
            below, end = line_at(text, after, len(text))
            end = end if below[:2] == "  " and below.strip() else after
            yield Printed(*found, said=position + len(SIGN), span=(start, end))
        position = text.find(SIGN, after)


def _placed(before: str) -> tuple[str, int, str] | None:
    """File, line and class of a warning, of what stands before its text: ``/srv/a.py:12: UserWarning``."""
    place_told, blank, name = before.rpartition(" ")
    path, colon, number = place_told.removesuffix(":").rpartition(":")
    if not (blank and colon and place_told.endswith(":") and number.isdecimal() and len(number) < 10 and CLASS.fullmatch(name)):
        return None
    if " " in path or "\t" in path:
        inner = PATH.search(path)
        path = inner[0] if inner else path[path.rfind(" ") + 1 :]
    return (path[:NAME_LIMIT], int(number), name) if path else None


def _report(found: Printed, message: str) -> ParsedReport:
    module, in_app = place(found.file)
    frame = StackFrame("?", module[:NAME_LIMIT], found.file, found.line, in_app)
    # A warning that the interpreter itself blames has no place.
    frames = () if found.file == "sys" else (frame,)
    return ParsedReport(
        format=NAME,
        error_type=found.error_type,
        message=message[:MESSAGE_LIMIT],
        frames=frames,
        culprit=culprit(frames, "python"),
        severity=severity.infer(found.error_type, message),
        span=found.span,
    )
