"""Parse a text with and without its carriers, and keep the better reading."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from graph.model.report import Cause, ParsedReport
from graph.parsing.carrier.lines import Part
from graph.parsing.carrier.undo import undo
from graph.parsing.text.times import STAMP, stamp_time

ParsePlain: TypeAlias = Callable[[str], Sequence[ParsedReport]]

LOG = "log"


def read_carried(text: str, parse: ParsePlain) -> list[ParsedReport]:
    """The reports that ``parse`` finds in a text after its carriers are undone; spans are positions in ``text``.

    The text as it is is parsed as well and wins if it has more stacks, or as many with more frames. Log records without a
    stack come from there too, with the facts that their carrier states, except the lines that belong to a stack.
    """
    plain = list(parse(text))
    parts = undo(text)
    if not parts:
        return plain
    carried = [found for part in parts for found in _located(part, parse(part.text))]
    stacks = [(report, lines) for report, lines in carried if report.format != LOG]
    plain_stacks = [report for report in plain if report.format != LOG]
    weight, plain_weight = _weight(report for report, _ in stacks), _weight(plain_stacks)
    if weight < plain_weight:
        return plain
    if stacks and [_error(report) for report, _ in stacks] == list(map(_error, plain_stacks)):
        return _with_times(plain, [report.occurred_at for report, _ in stacks])
    stacks += [(report, lines) for report, lines in carried if report.format == LOG and _replaces(report, plain)]
    taken = sorted(span for _, lines in stacks for span in lines)
    records = [report for report in plain if report.format == LOG and not _overlaps(report.span, taken)]
    return sorted([*(report for report, _ in stacks), *records], key=lambda report: report.span)


def _error(report: ParsedReport) -> tuple[object, ...]:
    return report.error_type, report.message, report.frames, report.causes


def _with_times(plain: Sequence[ParsedReport], times: Sequence[datetime | None]) -> list[ParsedReport]:
    """The reports with the times of their carrier where they have none."""
    left = iter(times)
    return [report if report.format == LOG else _with_time(report, next(left)) for report in plain]


def _with_time(report: ParsedReport, time: datetime | None) -> ParsedReport:
    return report if report.occurred_at or time is None else replace(report, occurred_at=time)


def _replaces(record: ParsedReport, plain: Sequence[ParsedReport]) -> bool:
    """Whether a log record was read as several, or not at all, in the text as it is."""
    return sum(other.span[0] < record.span[1] and record.span[0] < other.span[1] for other in plain) != 1


def _weight(reports: Iterable[ParsedReport]) -> tuple[int, int]:
    """The number of stacks with an error type, causes included, and of their frames."""
    counts: list[int] = []
    for report in reports:
        chain: tuple[ParsedReport | Cause, ...] = (report, *report.causes)
        counts += [len(error.frames) for error in chain if error.error_type and error.frames]
    return len(counts), sum(counts)


def _located(part: Part, reports: Sequence[ParsedReport]) -> Iterator[tuple[ParsedReport, list[tuple[int, int]]]]:
    """The reports of a part with their span in the original text, and the spans of their lines there."""
    for report in reports:
        lines = [part.lines[index] for index in part.indices(report.span)]
        time = report.occurred_at or _time(lines[0].stamp)
        spans = [(line.start, line.end) for line in lines]
        span = (min(start for start, _ in spans), max(end for _, end in spans))
        yield replace(report, span=span, occurred_at=time), spans


def _time(stamp: str) -> datetime | None:
    match = STAMP.match(stamp)
    return stamp_time(match) if match else None


def _overlaps(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    index = bisect_left(taken, (span[0] + 1,)) - 1
    return any(start < span[1] and span[0] < end for start, end in taken[max(index, 0) : index + 2])
