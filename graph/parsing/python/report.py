"""From a chain of Python exceptions to a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.model.report import Cause, ParsedReport
from graph.parsing.python.trace import Link, chain_word
from graph.rules import severity
from graph.rules.culprit import culprit


def causes(chain: Sequence[Link], relation: str = "") -> Iterator[Cause]:
    """What hangs on the error at the end of the chain, nearest first; with ``relation`` that error itself too."""
    for position in range(len(chain) - 1, -1, -1):
        link = chain[position]
        if relation:
            yield Cause(relation, link.error_type, link.message, link.frames)
        yield from link.members
        relation = chain[position - 1].relation if position else ""


def report_of(text: str, chain: Sequence[Link]) -> ParsedReport:
    """The report of a chain in ``text``, whose error is the last one."""
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
        span=(chain[0].span[0], error.span[1]),
        truncated=any(link.truncated for link in chain) or bool(chain_word(tail.split("\n\n")[0] if tail else "")),
    )


def apart(others: list[ParsedReport], chained: Iterator[ParsedReport]) -> Iterator[ParsedReport]:
    """Both in order of position, without those of ``chained`` that stand in what ``others`` were read from."""
    others.sort(key=lambda report: report.span)
    ends = place = 0
    for report in chained:
        while place < len(others) and others[place].span[0] < report.span[1]:
            if others[place].span[0] >= ends:
                yield others[place]
                ends = others[place].span[1]
            place += 1
        if report.span[0] >= ends:
            yield report
            ends = report.span[1]
    for report in others[place:]:
        if report.span[0] >= ends:
            yield report
            ends = report.span[1]
