"""Python tracebacks: plain, chained, exception groups, syntax errors, recursion, cut ones, several in one text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from graph.model.report import ParsedReport
from graph.parsing.protocol import line_at
from graph.parsing.python.exception_group import region, starts_group
from graph.parsing.python.faulthandler import FATAL, FIRST, faults
from graph.parsing.python.flattened import ESCAPED, JOINED, flat_lines
from graph.parsing.python.notebook import CELL_START, is_notebook, read_notebook, syntax_errors
from graph.parsing.python.pytest_output import SIGN, Failure, failures
from graph.parsing.python.report import apart, causes, report_of
from graph.parsing.python.rich_output import is_box, read_box
from graph.parsing.python.trace import CHAINS, EXCEPTION, FRAME, HEADER, Link, bare, chain_word, is_chain, read_block

# Between two exceptions of one chain stand a sentence and at most the further paragraphs of a message.
GAP_LIMIT = 20_000
# How far above a header its exception is looked for, where a tool prints it there.
ABOVE_LIMIT = 4_000
UNCAUGHT = "Uncaught Python exception"
# What stands before the blank before the header where a tool draws a traceback itself: a box, or the error's name far off.
BEFORE = frozenset(" ─━═-")


class PythonParser:
    """Python tracebacks."""

    name = "python"
    title = "Python tracebacks"
    takes = (
        "the chain of exceptions, and the members of an exception group",
        "how often a recursive frame is repeated",
        "in-app or library from the file's path",
        "the place of a syntax error",
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

    def sniff(self, text: str) -> float:
        """1 with a traceback's header, less with only a frame line or what other tools print of one."""
        if HEADER in text:
            return 1.0
        if ('File "' in text and '", line ' in text) or FATAL in text:
            return 0.8
        return 0.7 if CELL_START in text or ((SIGN in text or text.startswith(SIGN[1:])) and ".py:" in text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """The tracebacks in the text; those of one chain are one report, whose error is the last of them."""
        others = _others(text)
        if others:
            yield from apart(others, _chained(text))
        else:
            yield from _chained(text)


def _others(text: str) -> list[ParsedReport]:
    """What is no traceback of the usual shape: dumps of a failed interpreter, failed tests, cells, tracebacks on one line."""
    found: list[ParsedReport] = []
    if FIRST in text or FATAL in text:
        found += faults(text)
    if SIGN in text or text.startswith(SIGN[1:]):
        found += (_failed(text, failure) for failure in failures(text))
    if CELL_START in text:
        found += (report_of(text, [link]) for link in syntax_errors(text))
    if any(sign in text for sign in (*ESCAPED, *JOINED)):
        for start, end, lines in flat_lines(text):
            found += (replace(report, span=(start, end)) for report in islice(_chained(lines), 1))
    return found


def _failed(text: str, failure: Failure) -> ParsedReport:
    report = report_of(text, failure.links)
    extra = {**report.extra, "test": failure.test} if failure.test else report.extra
    return replace(report, extra=extra, span=(failure.start, failure.end), truncated=False)


def _chained(text: str) -> Iterator[ParsedReport]:
    chain: list[Link] = []
    floor = 0
    for link in links(text):
        if chain:
            relation = _relation(text, chain[-1].span[1], link.span[0])
            if not relation:
                yield report_of(text, chain)
                floor, chain = chain[-1].span[1], []
            else:
                chain[-1].relation = relation
        if not chain:
            chain.extend(_never_raised(text, link, floor))
        chain.append(link)
    if chain:
        yield report_of(text, chain)


def links(text: str) -> Iterator[Link]:
    """Every exception with a traceback in the text, in order of position."""
    position, floor, limit = 0, 0, len(text)
    header = text.find(HEADER)
    frame = _next_frame(text, 0)
    while header >= 0 or frame >= 0:
        link = None
        if header >= 0 and (frame < 0 or header < frame):
            start = max(text.rfind("\n", floor, header) + 1, floor)
            position = text.find("\n", header)
            position = limit if position < 0 else position + 1
            if starts_group(text, header):
                link, end = _group(text, start, limit)
                position = max(position, end)
            elif text[header - 1 : header] == " " and text[header - 2 : header - 1] in BEFORE:
                link = _drawn(text, start, limit)
            link = link or read_block(text, start, _line_end(text, header) + 1, limit)
            if link and not link.error_type:
                _take_from_above(text, link, floor)
        else:
            position = text.find("\n", frame)
            position = limit if position < 0 else position + 1
            link = read_block(text, frame, frame, limit)
            if link:
                link.truncated = link.truncated or link.location is None
        if link:
            position = max(position, link.span[1])
            yield link
        floor = position
        header = text.find(HEADER, position) if 0 <= header < position else header
        frame = _next_frame(text, position) if 0 <= frame < position else frame


def _drawn(text: str, start: int, limit: int) -> Link | None:
    """The traceback of a tool that draws its own, whose header stands in the line at ``start``."""
    line, _ = line_at(text, start, limit)
    if is_box(line):
        return read_box(text, start, limit)
    return read_notebook(text, start, limit) if is_notebook(line) else None


def _next_frame(text: str, position: int) -> int:
    """Start of the next line at or after ``position`` that is a frame line, or -1."""
    while True:
        found = text.find('File "', position)
        if found < 0:
            return -1
        start = max(text.rfind("\n", position, found) + 1, position)
        if FRAME.match(text, found, _line_end(text, found)):
            return start
        position = _line_end(text, found)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _group(text: str, start: int, limit: int) -> tuple[Link | None, int]:
    """The exception group whose header line starts at ``start``, with its members, and where it ends."""
    pieces, end = region(text, start, limit)
    head, *rest = (_chain_of(piece) for piece in pieces) if pieces else ([],)
    if not head:
        return None, end
    members = [cause for chain in rest for cause in causes(chain, "member")]
    group = head[-1]
    cut = group.truncated
    return Link(group.error_type, group.message, group.frames, (start, end), members=tuple(members), truncated=cut), end


def _chain_of(piece: str) -> list[Link]:
    """The exceptions in one piece of a group, the reported one last; none when the piece is only remarks."""
    found: list[Link] = []
    lines = piece.split("\n")
    part: list[str] = []
    for line in [*lines, None]:
        if line is not None and not is_chain(line):
            part.append(line)
            continue
        body = "\n".join(part)
        part = []
        link = next(links(body), None) or bare(body, 0, len(body))
        if link:
            link.relation = chain_word(line) if line is not None else ""
            found.append(link)
    return found


def _relation(text: str, end: int, start: int) -> str:
    """How two neighbouring exceptions hang together, or an empty text when they do not."""
    if start - end > GAP_LIMIT:
        return ""
    gap = text[end:start]
    return chain_word(gap)


def _never_raised(text: str, link: Link, floor: int) -> list[Link]:
    """The exception printed above a chain's sentence without a traceback of its own, as for ``raise … from ValueError()``."""
    floor = max(floor, link.span[0] - ABOVE_LIMIT)
    gap = text[floor : link.span[0]]
    at, relation = max((gap.rfind(marker), relation) for marker, relation in CHAINS.items())
    if at < 0 or gap[at:].count("\n") > 3:
        return []
    above = gap[:at].rstrip()
    link.truncated = link.truncated or not above
    begin = max(above.rfind("\n\n"), above.rfind("\n\r\n"))
    paragraph = above[begin:].lstrip("\r\n") if begin >= 0 else above
    found = bare(paragraph, 0, len(paragraph)) if paragraph else None
    if not found:
        link.truncated = True
        return []
    start = floor + len(above) - len(paragraph)
    found.span, found.relation = (start, start + len(paragraph)), relation
    return [found]


def _take_from_above(text: str, link: Link, floor: int) -> None:
    """Give a traceback that ends without an exception the one that was printed above its header, if there is one."""
    floor = max(floor, link.span[0] - ABOVE_LIMIT)
    above = text[floor : link.span[0]]
    mark = above.rfind(UNCAUGHT)
    begin = above.find("\n", mark) + 1 if mark >= 0 else above.rstrip("\r\n").rfind("\n") + 1
    printed = above[begin:].rstrip("\r\n")
    line, _ = line_at(printed, 0, len(printed))
    found = EXCEPTION.match(line)
    if not found or (mark < 0 and not found[1].endswith(("Error", "Exception", "Interrupt", "Exit", "Warning"))):
        return
    read = bare(printed, 0, len(printed))
    if read:
        link.error_type, link.message, link.truncated = read.error_type, read.message, False
        link.span = (floor + begin, link.span[1])
