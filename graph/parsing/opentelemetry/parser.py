"""Exceptions recorded by OpenTelemetry, and stacks in the JSON records of loggers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.opentelemetry import key_values
from graph.parsing.opentelemetry.collector_text import MARKS, records_in_text
from graph.parsing.opentelemetry.json_records import ANY_MARKED, ANY_MESSAGE, ExceptionRecord, may_have_records, records_in
from graph.parsing.opentelemetry.record import ReadStack, report_of
from graph.parsing.protocol import SharedLiterals

EXACT_MARKS = SharedLiterals('"exception.stacktrace"', '"exception.type"', '"error.stack_trace"', *MARKS)


class OpenTelemetryParser:
    """Parser for OTLP/JSON, collector text, and records with a stack: JSON (ECS, GELF, pino and others) or ``key=value``."""

    name = "opentelemetry"
    signs = (EXACT_MARKS, ANY_MARKED, ANY_MESSAGE, key_values.ANY_MARK)
    title = "OpenTelemetry exceptions (OTLP/JSON, collector text), and records of JSON or key=value logs with a stack"
    takes = (
        "the stack in the format of its language, with its chain of causes",
        "program, version and site from the resource (service.name, service.version, deployment.environment)",
        "operating system, runtime and host",
        "time, thread, trace and span",
    )
    example = (
        '{"resourceLogs":[{"resource":{"attributes":['
        '{"key":"service.name","value":{"stringValue":"shop"}},{"key":"service.version","value":{"stringValue":"2.4.1"}},'
        '{"key":"deployment.environment.name","value":{"stringValue":"north"}}]},'
        '"scopeLogs":[{"logRecords":[{"timeUnixNano":"1773914674000000000","severityNumber":17,"severityText":"ERROR",'
        '"body":{"stringValue":"payment failed"},"attributes":['
        '{"key":"exception.type","value":{"stringValue":"KeyError"}},'
        '{"key":"exception.message","value":{"stringValue":"\'NZ\'"}},'
        '{"key":"exception.stacktrace","value":{"stringValue":"Traceback (most recent call last):\\n'
        '  File \\"/srv/shop/pricing.py\\", line 12, in price_of\\n    return tariffs[cart.country]\\nKeyError: \'NZ\'\\n"}}'
        "]}]}]}]}\n"
    )

    def __init__(self, read: ReadStack) -> None:
        """``read`` parses the text of a stack in any other format."""
        self._read = read

    def sniff(self, text: str) -> float:
        """Return 1 for field names of OpenTelemetry, 0.5 for names under which loggers store a stack."""
        if EXACT_MARKS.occurs_in(text):
            return 1.0
        return 0.5 if may_have_records(text) or key_values.may_have_records(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per record or event with an exception."""
        floor = 0
        records = list(records_in_text(text)) if any(mark in text for mark in MARKS) else []
        if may_have_records(text):
            records += records_in(text)
        if key_values.may_have_records(text):
            records += key_values.records_in_lines(text)
        for record in sorted(records, key=lambda record: record.span):
            if record.span[0] < floor or _is_of_php(text, record):
                continue
            report = report_of(record.fields, record.resource, record.span, self._read)
            if report is not None:
                floor = record.span[1]
                yield replace(report, truncated=report.truncated or record.truncated)


def _is_of_php(text: str, record: ExceptionRecord) -> bool:
    """Whether a record is only the context behind a line that PHP's loggers print, which describes the exception in words."""
    described = record.fields.get("exception")
    before = text[text.rfind("\n", 0, record.span[0]) + 1 : record.span[0]]
    return isinstance(described, str) and described.startswith("[object] (") and bool(before.strip())
