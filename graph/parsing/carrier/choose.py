"""Parse a text with and without its carriers, and keep the better reading."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from graph.model.report import Cause, ParsedReport
from graph.parsing.carrier.lines import CarriedLine, Part
from graph.parsing.carrier.undo import undo
from graph.parsing.text.log.record import parse_record, starts_record
from graph.parsing.text.times import STAMP, parse_time_value, stamp_time

ParsePlain: TypeAlias = Callable[[str], Sequence[ParsedReport]]

LOG = "log"


@dataclass(frozen=True, slots=True)
class _Located:
    """A report with its span in the original text, and the spans of its lines and of those printed together with them."""

    report: ParsedReport
    lines: list[tuple[int, int]]

    def with_report(self, report: ParsedReport) -> _Located:
        """The same place with the other reading of it, unless that has fewer facts; it has the carrier's time for none."""
        if _facts(report) < _facts(self.report):
            return self
        return _Located(replace(report, occurred_at=report.occurred_at or self.report.occurred_at), self.lines)


def _facts(report: ParsedReport) -> int:
    stated = (report.product, report.version, report.site, report.user, report.session)
    return sum(map(bool, stated)) + len(report.environment) + len(report.extra)


def read_carried(text: str, parse: ParsePlain) -> list[ParsedReport]:
    """The reports that ``parse`` finds in a text after its carriers are undone; spans are positions in ``text``.

    The text as it is is parsed as well and wins if it has more stacks, or as many with more frames. Log records without a
    stack come from there too, with the facts that their carrier states, except the lines that belong to a stack.
    """
    plain = list(parse(text))
    parts = undo(text)
    if not parts:
        return plain
    carried = [located for part in parts for located in _located(part, parse(part.text), text)]
    stacks = [located for located in carried if located.report.format != LOG]
    plain_stacks = [report for report in plain if report.format != LOG]
    if not _is_better([located.report for located in stacks], plain_stacks):
        return plain
    if stacks and [_error(located.report) for located in stacks] == list(map(_error, plain_stacks)):
        stacks = [located.with_report(report) for located, report in zip(stacks, plain_stacks, strict=True)]
    else:
        stacks += _better_records([located for located in carried if located.report.format == LOG], plain)
    taken = sorted(line for located in stacks for line in located.lines)
    harmless = _harmless_records(parts) if any(report.format == LOG for report in plain) else set()
    records = [
        report
        for report in plain
        if report.format == LOG and report.span[0] not in harmless and not _overlaps(report.span, taken)
    ]
    return sorted([*(located.report for located in stacks), *records], key=lambda report: report.span)


def _error(report: ParsedReport) -> tuple[object, ...]:
    return report.error_type, report.message, report.frames, report.causes


def _better_records(carried: Sequence[_Located], plain: Sequence[ParsedReport]) -> Iterator[_Located]:
    """The log records that were read as several, not at all or without facts of their carrier in the text as it is."""
    starts = [report.span[0] for report in plain]
    for located in carried:
        record = located.report
        first = max(bisect_left(starts, record.span[0]) - 1, 0)
        others = [other for other in plain[first : bisect_left(starts, record.span[1])] if other.span[1] > record.span[0]]
        outer = others[0] if len(others) == 1 else None
        if outer is None or not (outer.product or outer.environment or outer.extra):
            yield located
        elif outer.message != record.message and outer.message.endswith(record.message):
            facts = replace(record, product=outer.product, environment=outer.environment, extra=outer.extra)
            yield _Located(facts, located.lines)


def _harmless_records(parts: Sequence[Part]) -> set[int]:
    """Starts of lines that carry a log record below an error, whatever level the carrier states."""
    starts = set()
    for part in parts:
        for line in part.lines:
            record = parse_record(line.text) if starts_record(line.text) else None
            if record and not record.is_error:
                starts.add(line.start)
    return starts


def _is_better(carried: Sequence[ParsedReport], plain: Sequence[ParsedReport]) -> bool:
    """Whether errors with a type have more frames, or as many in no more reports, or without any frames are as many."""
    frames, plain_frames = _typed_frames(carried), _typed_frames(plain)
    if frames == plain_frames:
        return len(carried) <= len(plain) if frames else len(carried) >= len(plain)
    return frames > plain_frames


def _typed_frames(reports: Sequence[ParsedReport]) -> int:
    count = 0
    for report in reports:
        chain: tuple[ParsedReport | Cause, ...] = (report, *report.causes)
        count += sum(len(error.frames) for error in chain if error.error_type)
    return count


def _located(part: Part, reports: Sequence[ParsedReport], text: str) -> Iterator[_Located]:
    """The reports of a part with positions in the original text."""
    for report in reports:
        indices = part.indices(report.span)
        # Where a service lists records backwards, the lines of a report are in another order in the text.
        lines = sorted((part.lines[index] for index in indices), key=lambda line: line.start)
        pieces = _pieces(lines, text)
        span = (pieces[0][0], pieces[-1][1])
        time = report.occurred_at or _time(part.lines[indices[0]].stamp)
        around = [(line.start, line.end) for line in part.lines_around(indices)]
        yield _Located(replace(report, span=span, pieces=pieces if len(pieces) > 1 else (), occurred_at=time), around)


def _pieces(lines: Sequence[CarriedLine], text: str) -> tuple[tuple[int, int], ...]:
    """The parts of the original text that carried these lines, adjacent ones joined, each with its last line end."""
    pieces: list[tuple[int, int]] = []
    for line in lines:
        end = line.end + text.startswith("\n", line.end)
        if pieces and pieces[-1][1] >= line.start:
            pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]))
        else:
            pieces.append((line.start, end))
    return tuple(pieces)


def _time(stamp: str) -> datetime | None:
    """The time of a carrier in UTC; ``None`` without a time zone."""
    match = STAMP.match(stamp)
    return stamp_time(match) if match else parse_time_value(stamp)


def _overlaps(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    index = bisect_left(taken, (span[0] + 1,)) - 1
    return any(start < span[1] and span[0] < end for start, end in taken[max(index, 0) : index + 2])
