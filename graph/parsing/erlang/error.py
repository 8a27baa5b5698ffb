"""An error of the Erlang virtual machine, and the errors within printed terms."""

from __future__ import annotations

from dataclasses import dataclass

from graph.model.report import StackFrame
from graph.parsing.erlang.reasons import kind_of_term
from graph.parsing.erlang.terms import read_term, stack_in
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import next_line


@dataclass(slots=True)
class ErlangError:
    """``kind`` is the first atom of the reason, ``end`` the end of the error in the text."""

    kind: str
    message: str
    frames: tuple[StackFrame, ...]
    end: int


def error_in_term(text: str, position: int) -> ErlangError | int:
    """An error in a term: its stack trace, and the reason beside it; without a stack the end of the term."""
    term = read_term(text, position)
    reason, frames = stack_in(text, term)
    if not frames:
        return term.end
    message = reason.text(text) if reason else ""
    kind = kind_of_term(message) or kind_of_term(term.text(text)[:1_000]) or "error"
    return ErlangError(kind, " ".join(message[:MESSAGE_LIMIT].split()), frames, next_line(text, max(term.end, position)))
