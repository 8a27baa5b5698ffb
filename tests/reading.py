"""The one report of a text, and what tests compare of it."""

from __future__ import annotations

from graph.model.report import ParsedReport
from graph.parsing.read import read


def only_report(format: str, text: str) -> ParsedReport:
    """The report in a text that holds no other, of whatever format."""
    [report] = read(text).reports
    assert report.format == format
    return report


def names(report: ParsedReport) -> list[str]:
    """Qualified names of the frames."""
    return [frame.qualified for frame in report.frames]


def blamed(report: ParsedReport) -> str:
    """Qualified name of the culprit."""
    assert report.culprit is not None
    return report.culprit.qualified
