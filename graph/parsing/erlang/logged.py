"""Errors in records of lager-like loggers: a sentence with the place of the error, or a term."""

from __future__ import annotations

import re
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.erlang.erlang_frames import FRAME_LIMIT, named_frame
from graph.parsing.erlang.error import ErlangError, error_in_term
from graph.parsing.erlang.reasons import kind_of_words
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import LINE_LIMIT, lines_above, next_line

ORDINARY = frozenset({"normal", "shutdown", "killed", "noproc", "noconnection"})
"""Reasons with which processes end without a fault of their own."""
IN_PLACE = re.compile(
    r" (?:in|at) (?P<name>'?[\w.@]{1,200}'?:'?[^\s/()]{1,200}'?/\d{1,3})"
    r"(?: line (?P<line>\d{1,9})|\(line:(?P<line2>\d{1,9})\))?"
)
NEXT_PLACE = re.compile(r"(?: <=|,)? ?(?P<name>'?[\w.@]{1,200}'?:'?[^\s/()]{1,200}'?/\d{1,3})\(line:(?P<line>\d{1,9})\)")
REASON = re.compile(r"Reason for termination = (?P<class>error|exit|throw):(?P<reason>.{1,2000})$")
STACK_BEHIND = re.compile(r" and stack ?trace (?=\[)")
REASON_LINES = 8


def logged_error(text: str, position: int) -> ErlangError | int:
    """An error in one line of a lager-like logger: a sentence with the place of the error, or a term."""
    if text.startswith(("{", "["), position):
        return error_in_term(text, position)
    end = next_line(text, position)
    behind = STACK_BEHIND.search(text, position, min(end, position + LINE_LIMIT))
    if behind:
        message = text[position : behind.start()].strip()
        error = error_in_term(text, behind.end())
        if isinstance(error, ErlangError):
            return replace(error, kind=kind_of_words(message, "error"), message=message)
    line = text[position : min(end, position + MESSAGE_LIMIT)].rstrip()
    place = IN_PLACE.search(line)
    message = line[: place.start()] if place else line
    frames: list[StackFrame] = []
    while place and len(frames) < FRAME_LIMIT:
        line_number = place["line"] or (place["line2"] if place.re is IN_PLACE else None)
        frame = named_frame(place["name"], None, line_number)
        frames += [frame] if frame else []
        place = NEXT_PLACE.match(line, place.end())
    kind = kind_of_words(message, "")
    return ErlangError(kind, message, tuple(frames), end) if kind and (frames or kind not in ORDINARY) else position


def with_reason_above(text: str, error: ErlangError, start: int, floor: int) -> ErlangError:
    """The error with the reason that is printed above a stack instead of beside it."""
    if error.message:
        return error
    for _, line in lines_above(text, start, floor, REASON_LINES):
        reason = REASON.search(line)
        if reason:
            return replace(error, kind=kind_of_words(reason["reason"], reason["class"]), message=reason["reason"].strip())
    return error
