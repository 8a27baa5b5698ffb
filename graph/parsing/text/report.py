"""The last step of a parser: the frame to blame and the severity, by the rules."""

from __future__ import annotations

from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.rules import severity
from graph.rules.culprit import culprit


def complete(report: ParsedReport, platform: str) -> ParsedReport:
    """The report with culprit and severity by the rules of ``platform``; type and message are cut to their limits."""
    error_type, message = report.error_type[:NAME_LIMIT], report.message[:MESSAGE_LIMIT]
    return replace(
        report,
        error_type=error_type,
        message=message,
        culprit=culprit(report.frames, platform),
        severity=report.severity or severity.infer(error_type, message),
    )
