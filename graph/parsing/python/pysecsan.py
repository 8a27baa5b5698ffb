"""Findings of PySecSan, a sanitizer for Python programs under a fuzzer: what was injected, and the Python stack."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model.report import ParsedReport
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, line_at
from graph.parsing.python.trace import read_block
from graph.rules import severity
from graph.rules.culprit import culprit

TITLE = "===BUG DETECTED: PySecSan: "
SIGNS = SharedLiterals(TITLE)
STACK = "[PYSECSAN] Stacktrace:"
END = "[PYSECSAN] Exiting"
BETWEEN = 2_000
RAISING = "abort_with_issue"


class PysecsanParser:
    """Findings of PySecSan."""

    name = "pysecsan"
    signs = (SIGNS,)
    title = "Findings of PySecSan"
    takes = ("what was injected, and through which function",)
    example = (
        "===BUG DETECTED: PySecSan: Command injection ===\n"
        "[PYSECSAN] code injection by way of os.system\n"
        "[PYSECSAN] Stacktrace:\n"
        '  File "shop.py", line 39, in main\n'
        '  File "shop.py", line 25, in list_orders\n'
        '  File "pysecsan/sanlib.py", line 76, in abort_with_issue\n'
        "[PYSECSAN] Exiting\n"
    )

    def sniff(self, text: str) -> float:
        """1 with the first line of a finding."""
        return 1.0 if SIGNS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """The findings in the text."""
        at = text.find(TITLE)
        while at >= 0:
            report = _report(text, at)
            yield report
            at = text.find(TITLE, report.span[1])


def _report(text: str, at: int) -> ParsedReport:
    title, end = line_at(text, at, len(text))
    kind = title[len(TITLE) :].strip(" =")
    stack = text.find(STACK, end, end + BETWEEN)
    words = [] if stack < 0 else [line.removeprefix("[PYSECSAN]").strip() for line in text[end:stack].splitlines()]
    message = "\n".join([kind[:MESSAGE_LIMIT], *filter(None, words)])[:MESSAGE_LIMIT]
    exception = None
    if stack >= 0:
        begin = line_at(text, stack, len(text))[1]
        closing = text.find(END, begin)
        exception = read_block(text, begin, begin, len(text) if closing < 0 else closing)
        end = max(begin, exception.span[1] if exception else 0)
        end = line_at(text, closing, len(text))[1] if 0 <= closing - end < BETWEEN else end
    frames = exception.frames if exception else ()
    return ParsedReport(
        format=PysecsanParser.name,
        error_type="PySecSan",
        message=message,
        frames=frames,
        culprit=culprit([frame for frame in frames if frame.function != RAISING] or frames, ""),
        severity=severity.infer("PySecSan", message),
        span=(text.rfind("\n", 0, at) + 1, end),
        truncated=exception is None,
    )
