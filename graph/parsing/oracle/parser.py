"""Oracle: errors of the alert log, and error stacks of PL/SQL as clients print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from graph.model.report import Cause, ParsedReport
from graph.parsing.oracle.stack import error_number, read_stack
from graph.parsing.protocol import SharedLiterals
from graph.parsing.text.lines import Lines, lines_above
from graph.parsing.text.report import complete
from graph.parsing.text.times import STAMP, stamp_time

NUMBER = r"(?:ORA|TNS)-\d{1,5}(?:: | signalled during| caused by)"
ANCHOR = re.compile(rf"^(?:Errors in file |{NUMBER})", re.MULTILINE)
SIGNS = SharedLiterals("ORA-", "TNS-")
IN_FILE = "Errors in file "
TRACE_FILE = re.compile(r"Errors in file (\S[^\n]{0,1000}?\.trc)")
INCIDENT = re.compile(r"\(incident=(\d{1,12})\)")
PROCESS = re.compile(r"_(\d{1,10})\.trc$")
AT_LINE = re.compile(r"ERROR(?: at line \d{1,9})?:\s*$")
INTERNAL = frozenset({"ORA-00600", "ORA-07445", "ORA-00603", "ORA-04031"})
"""Errors of the database itself: internal errors, faults of its code, the end of a session, no shared memory."""
HEAD_LINES = 4
ABOVE_LINES = 30


class OracleParser:
    """Parser for error stacks of Oracle."""

    name = "oracle"
    signs = (SIGNS,)
    title = "Oracle errors: the alert log, and error stacks of PL/SQL"
    takes = (
        "earlier errors of a stack as causes",
        "program and line of PL/SQL, innermost first",
        "the time of the entry, the incident and the process",
    )
    example = (
        "2026-03-19T10:04:34.877120+01:00\n"
        "Errors in file /u01/app/oracle/diag/rdbms/shop/shop/trace/shop_ora_2211.trc  (incident=12345):\n"
        "ORA-00600: internal error code, arguments: [15160], [], [], [], [], [], [], []\n"
    )

    def sniff(self, text: str) -> float:
        """Return 0.9 for an error number at the start of a line."""
        return 0.9 if SIGNS.occurs_in(text) and ANCHOR.search(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per error stack."""
        position = floor = 0
        while match := ANCHOR.search(text, position):
            report = _report_at(text, match.start(), floor)
            position = max(match.end(), report.span[1] if report else 0)
            if report:
                floor = position
                yield report


def _report_at(text: str, at: int, floor: int) -> ParsedReport | None:
    lines = Lines(text, at)
    facts: dict[str, str] = {}
    for _ in range(HEAD_LINES):
        if lines.line is None or not lines.line.startswith(IN_FILE):
            break
        facts |= _facts(lines.line)
        lines.skip()
    if lines.line is None or error_number(lines.line) is None:
        return None
    errors = read_stack(lines)
    if not errors:
        return None
    start, time = _entry(text, at, floor)
    error, *rest = errors
    return complete(
        ParsedReport(
            format="oracle",
            error_type=error.error_type,
            message=error.message,
            frames=tuple(error.frames),
            causes=tuple(Cause("cause", cause.error_type, cause.message, tuple(cause.frames)) for cause in rest),
            occurred_at=time,
            severity="critical" if error.error_type in INTERNAL else None,
            extra=facts,
            span=(start, lines.position),
        ),
        "oracle",
    )


def _facts(line: str) -> dict[str, str]:
    incident, file = INCIDENT.search(line), TRACE_FILE.match(line)
    process = PROCESS.search(file[1]) if file else None
    return {**({"incident": incident[1]} if incident else {}), **({"pid": process[1]} if process else {})}


def _entry(text: str, at: int, floor: int) -> tuple[int, datetime | None]:
    """Start and time of the entry around ``at``: the alert log puts the time on a line of its own above all its lines."""
    start = at
    for begin, line in lines_above(text, at, 0, ABOVE_LINES):
        stamp = STAMP.match(line)
        if stamp and not line[stamp.end() :].strip():
            return (begin if begin >= floor else start), stamp_time(stamp)
        if begin >= floor and AT_LINE.match(line) and start == at:
            return begin, None
        if not line.strip() or begin < floor - 4_000:
            break
    return start, None
