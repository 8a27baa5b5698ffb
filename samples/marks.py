"""Marks in the sample application's sources: which statement is which fault.

A line ``# defect: FORM`` or ``# defect: FORM when WORDS`` marks the statement below it (several may stand above one
statement). ``WORDS`` must then occur in ``Type: message`` of the error. Marks are taken out when a release is laid out,
so that no report can show one; what they said is kept apart, by file and line.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from threading import Lock

_MARK = re.compile(r"^\s*# defect: (?P<form>[a-z0-9/-]+)(?: when (?P<when>.+?))?\s*$")


_PARSING = Lock()
"""CPython 3.11 counts the depth of what all threads parse together: a switch between two of them ends in a SystemError."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Lines ``first`` to ``last`` (1-based, both included) are the fault of ``form``, if ``when`` occurs in the error."""

    form: str
    first: int
    last: int
    when: str = ""


def take_marks(source: str) -> tuple[str, list[Mark]]:
    """The source with each mark blanked (line numbers stay), and the marks.

    Raises:
        ValueError: a mark with no statement below it.
    """
    lines = source.splitlines()
    with _PARSING:
        tree = ast.parse(source)
    spans = _statement_spans(tree)
    marks = []
    for index, line in enumerate(lines):
        found = _MARK.match(line)
        if found:
            marks.append(_mark_below(lines, index, found, spans))
    return "\n".join("" if _MARK.match(line) else line for line in lines) + "\n", marks


def _mark_below(lines: list[str], index: int, found: re.Match[str], spans: dict[int, int]) -> Mark:
    first = next((at + 1 for at in range(index + 1, len(lines)) if not _MARK.match(lines[at])), 0)
    if first not in spans:
        raise ValueError(f"no statement below the mark {found['form']!r} in line {index + 1}")
    return Mark(found["form"], first, spans[first], found["when"] or "")


def _statement_spans(tree: ast.Module) -> dict[int, int]:
    """First to last line of every statement; of compound ones the header only."""
    spans: dict[int, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
            spans[node.lineno] = max(node.lineno, last)
    return spans
