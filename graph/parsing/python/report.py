"""A report from a chain of Python exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.model.report import Cause, ParsedReport
from graph.parsing.python.trace import PythonException, chain_relation
from graph.rules import severity
from graph.rules.culprit import culprit


def causes(chain: Sequence[PythonException], relation: str = "") -> Iterator[Cause]:
    """The causes and members of the last exception of a chain, nearest first; with ``relation`` that exception too."""
    for position in range(len(chain) - 1, -1, -1):
        exception = chain[position]
        if relation:
            yield Cause(relation, exception.error_type, exception.message, exception.frames)
        yield from exception.members
        relation = chain[position - 1].relation if position else ""


def report_of(text: str, chain: Sequence[PythonException]) -> ParsedReport:
    """Build the report of a chain in ``text``; its error is the last exception."""
    error = chain[-1]
    extra = {}
    if error.location:
        extra = {"error_file": error.location[0], "error_line": str(error.location[1])}
    tail = text[error.span[1] : error.span[1] + 200]
    return ParsedReport(
        format="python",
        error_type=error.error_type,
        message=error.message,
        frames=error.frames,
        culprit=culprit(error.frames, "python"),
        causes=tuple(causes(chain)),
        severity=severity.infer(error.error_type, error.message),
        extra=extra,
        span=(chain[0].span[0], max(exception.span[1] for exception in chain)),
        truncated=any(exception.truncated for exception in chain)
        or bool(chain_relation(tail.split("\n\n")[0] if tail else "")),
    )
