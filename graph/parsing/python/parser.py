"""Python tracebacks: plain, chained, exception groups, syntax errors, recursion, truncated, several in one text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

from graph.model.report import ParsedReport
from graph.parsing.protocol import SharedLiterals, line_at, without_overlaps
from graph.parsing.python.exception_elsewhere import announces_traceback, exception_elsewhere, with_call_stack
from graph.parsing.python.exception_group import split_group, starts_group
from graph.parsing.python.faulthandler import FATAL, FIRST, fault_reports
from graph.parsing.python.flattened import ESCAPED, JOINED, flattened_tracebacks
from graph.parsing.python.notebook import CELL_START, is_notebook, read_notebook, syntax_errors
from graph.parsing.python.py4j import JAVA_ERROR, Bridge, JavaReader, take_java_causes
from graph.parsing.python.pytest_output import SIGN, PytestFailure, failed_tests
from graph.parsing.python.report import causes, report_of
from graph.parsing.python.rich_output import is_box, read_box
from graph.parsing.python.trace import (
    CHAINS,
    FRAME,
    HEADER,
    PythonException,
    chain_relation,
    exception_without_traceback,
    joins_exceptions,
    read_block,
)

# Characters between two exceptions of a chain: a sentence, and further paragraphs of a message.
GAP_LIMIT = 20_000
# Characters above a chain's sentence searched for its exception.
ABOVE_LIMIT = 4_000
# Characters before " Traceback" where a tool draws its own: the side of a box, or padding after the error's name.
BEFORE = frozenset(" ─━═-")
HEADERS = SharedLiterals(HEADER)
OTHERS = SharedLiterals('File "', FATAL, CELL_START, ".py:")


class PythonParser:
    """Python tracebacks."""

    name = "python"
    signs = (HEADERS, OTHERS)
    title = "Python tracebacks"
    takes = (
        "the chain of exceptions, and the members of an exception group",
        "the number of repetitions of a recursive frame",
        "library or application code, by file path",
        "the location of a syntax error",
        "the thread of a failed interpreter, and the test that failed",
    )
    example = (
        "Traceback (most recent call last):\n"
        '  File "/srv/shop/checkout.py", line 41, in pay\n'
        "    total = price_of(cart)\n"
        '  File "/srv/shop/pricing.py", line 12, in price_of\n'
        "    return tariffs[cart.country]\n"
        "KeyError: 'NZ'\n"
    )

    def __init__(self, read_java: JavaReader | None = None) -> None:
        """``read_java`` reads the stack trace of an error that py4j passes on from Java."""
        self._bridge = partial(take_java_causes, read_java=read_java, read_python=exceptions) if read_java else None

    def sniff(self, text: str) -> float:
        """1 with a traceback's header, less with only a frame line or signs of a tool's own layout."""
        if HEADERS.occurs_in(text):
            return 1.0
        if ('File "' in text and '", line ' in text) or FATAL in text:
            return 0.8
        return 0.7 if CELL_START in text or ((SIGN in text or text.startswith(SIGN[1:])) and ".py:" in text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per chain of tracebacks; the last one is the error."""
        others = _reports_in_other_layouts(text)
        if others:
            yield from without_overlaps(_chain_reports(text, self._bridge), sorted(others, key=lambda report: report.span))
        else:
            yield from _chain_reports(text, self._bridge)


def _reports_in_other_layouts(text: str) -> list[ParsedReport]:
    """Reports in other layouts: dumps of a failed interpreter, failed tests, notebook cells, tracebacks on one line."""
    reports: list[ParsedReport] = []
    if FIRST in text or FATAL in text:
        reports += fault_reports(text)
    if SIGN in text or text.startswith(SIGN[1:]):
        reports += (_test_report(text, failure) for failure in failed_tests(text))
    if CELL_START in text:
        reports += (report_of(text, [exception]) for exception in syntax_errors(text))
    if any(sign in text for sign in (*ESCAPED, *JOINED)):
        for start, end, lines in flattened_tracebacks(text):
            reports += (replace(report, span=(start, end)) for report in islice(_chain_reports(lines), 1))
    return reports


def _test_report(text: str, failure: PytestFailure) -> ParsedReport:
    report = report_of(text, failure.exceptions)
    extra = {**report.extra, "test": failure.test} if failure.test else report.extra
    return replace(report, extra=extra, span=(failure.start, failure.end), truncated=False)


def _chain_reports(text: str, bridge: Bridge | None = None) -> Iterator[ParsedReport]:
    chain: list[PythonException] = []
    floor = end = 0
    for exception in exceptions(text, bridge):
        if chain and announces_traceback(text, chain[-1], exception):
            # A traceback within the message, from another process: the cause.
            exception.relation = "cause"
            chain.insert(len(chain) - 1, exception)
            end = max(end, exception.span[1])
            continue
        if chain:
            relation = _relation(text, end, exception.span[0])
            if not relation:
                yield report_of(text, chain)
                floor, chain = end, []
                end = 0
            else:
                chain[-1].relation = relation
        if not chain:
            chain.extend(_exception_never_raised(text, exception, floor))
        chain.append(exception)
        end = max(end, exception.span[1])
    if chain:
        yield report_of(text, chain)


def exceptions(text: str, bridge: Bridge | None = None) -> Iterator[PythonException]:
    """All exceptions with a traceback in the text, in order of position. ``bridge`` completes those that Java raised."""
    position, floor, limit = 0, 0, len(text)
    header = text.find(HEADER)
    frame = _next_frame(text, 0)
    while header >= 0 or frame >= 0:
        exception = None
        if header >= 0 and (frame < 0 or header < frame):
            start = max(text.rfind("\n", floor, header) + 1, floor)
            position = text.find("\n", header)
            position = limit if position < 0 else position + 1
            if starts_group(text, header):
                exception, end = _read_group(text, start, limit)
                position = max(position, end)
            elif text[header - 1 : header] == " " and text[header - 2 : header - 1] in BEFORE:
                exception = _read_drawn_traceback(text, start, limit)
            exception = exception or read_block(text, start, _line_end(text, header) + 1, limit)
            if exception is None or not exception.error_type:
                exception = exception_elsewhere(text, exception or _without_frames(start, position), floor)
        else:
            position = text.find("\n", frame)
            position = limit if position < 0 else position + 1
            exception = read_block(text, frame, frame, limit)
            if exception:
                exception.truncated = exception.truncated or exception.location is None
                exception = _below_its_error(text, exception, floor)
        if exception:
            exception = with_call_stack(text, exception)
            if bridge and exception.error_type.endswith(JAVA_ERROR):
                bridge(text, exception)
            position = max(position, exception.span[1])
            yield exception
        floor = position
        header = text.find(HEADER, position) if 0 <= header < position else header
        frame = _next_frame(text, position) if 0 <= frame < position else frame


def _below_its_error(text: str, traceback: PythonException, floor: int) -> PythonException:
    """Frames without a header directly below an error, as trackers print them: the innermost one comes first."""
    start = traceback.span[0]
    if traceback.error_type or not traceback.frames or text[max(floor, start - 2) : start].strip(" ") in {"\n\n", "\r\n\n"}:
        return traceback
    named = exception_elsewhere(text, traceback, floor)
    if named is None or not named.error_type:
        return traceback
    return replace(named, frames=named.frames[::-1])


def _without_frames(start: int, end: int) -> PythonException:
    return PythonException("", "", (), (start, end))


def _read_drawn_traceback(text: str, start: int, limit: int) -> PythonException | None:
    """Parse the traceback of a tool with its own layout; the header is in the line at ``start``."""
    line, _ = line_at(text, start, limit)
    if is_box(line):
        return read_box(text, start, limit)
    return read_notebook(text, start, limit) if is_notebook(line) else None


def _next_frame(text: str, position: int) -> int:
    """Start of the next frame line at or after ``position``, or -1."""
    while True:
        at = text.find('File "', position)
        if at < 0:
            return -1
        start = max(text.rfind("\n", position, at) + 1, position)
        if FRAME.match(text, at, _line_end(text, at)):
            return start
        position = _line_end(text, at)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _read_group(text: str, start: int, limit: int) -> tuple[PythonException | None, int]:
    """Parse the exception group with its header line at ``start``; returns it with its members, and its end."""
    pieces, end = split_group(text, start, limit)
    first, *rest = (_chain_of(piece) for piece in pieces) if pieces else ([],)
    if not first:
        return None, end
    members = [cause for chain in rest for cause in causes(chain, "member")]
    group = first[-1]
    return PythonException(
        group.error_type, group.message, group.frames, (start, end), members=tuple(members), truncated=group.truncated
    ), end


def _chain_of(piece: str) -> list[PythonException]:
    """The exceptions in one piece of a group, the reported one last; none if the piece is only remarks."""
    chain: list[PythonException] = []
    lines = piece.split("\n")
    part: list[str] = []
    for line in [*lines, None]:
        if line is not None and not joins_exceptions(line):
            part.append(line)
            continue
        body = "\n".join(part)
        part = []
        exception = next(exceptions(body), None) or exception_without_traceback(body, 0, len(body))
        if exception:
            exception.relation = chain_relation(line) if line is not None else ""
            chain.append(exception)
    return chain


def _relation(text: str, end: int, start: int) -> str:
    """Relation stated between two neighbouring exceptions; empty if there is none."""
    if start - end > GAP_LIMIT:
        return ""
    gap = text[end:start]
    return chain_relation(gap)


def _exception_never_raised(text: str, exception: PythonException, floor: int) -> list[PythonException]:
    """The exception above a chain's sentence that has no traceback, as after ``raise … from ValueError()``."""
    floor = max(floor, exception.span[0] - ABOVE_LIMIT)
    gap = text[floor : exception.span[0]]
    at, relation = max((gap.rfind(marker), relation) for marker, relation in CHAINS.items())
    if at < 0 or gap[at:].count("\n") > 3:
        return []
    above = gap[:at].rstrip()
    exception.truncated = exception.truncated or not above
    begin = max(above.rfind("\n\n"), above.rfind("\n\r\n"))
    paragraph = above[begin:].lstrip("\r\n") if begin >= 0 else above
    bare = exception_without_traceback(paragraph, 0, len(paragraph)) if paragraph else None
    if not bare:
        exception.truncated = True
        return []
    start = floor + len(above) - len(paragraph)
    bare.span, bare.relation = (start, start + len(paragraph)), relation
    return [bare]
