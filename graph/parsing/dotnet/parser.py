"""Errors of .NET, .NET Framework, Mono and Unity, from consoles, logs and the Windows event log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from graph.model.report import ParsedReport
from graph.parsing.dotnet.error_page import SIGNS as PAGES
from graph.parsing.dotnet.error_page import error_pages, has_error_page
from graph.parsing.dotnet.frames import (
    FLUSH_FRAME,
    FRAME_SEARCH,
    LOCAL_SEARCH,
    LOCAL_SIGN,
    LOCAL_START,
    UNITY_SEARCH,
    has_local_frames,
    parse_frame,
)
from graph.parsing.dotnet.header import ErrorHeader, ErrorSearch
from graph.parsing.dotnet.powershell import CATEGORY, SCRIPT_LINE, script_errors
from graph.parsing.dotnet.trace import ErrorBlock, causes_of, parse_header, read_block
from graph.parsing.dotnet.unity import SIGN, logged_errors
from graph.parsing.protocol import SharedLiterals, is_same_error, merge_continuations, without_overlaps
from graph.parsing.text.lines import line_start
from graph.parsing.text.log.prefix import RECORD, context_lines, exception_in_record, prefix_stripper
from graph.rules import severity
from graph.rules.culprit import culprit

SIGNS = SharedLiterals(
    ":line ",
    "Unhandled exception. ",
    "Unhandled Exception:",
    "--- End of ",
    "[0x0000",
    "   at System.",
    "   at Microsoft.",
)
CERTAIN, FRAMES = SharedLiterals(CATEGORY, SCRIPT_LINE, SIGN), SharedLiterals("  at ", "(at ")
FLUSH = SharedLiterals("\nat ")
REPETITION = "FATAL UNHANDLED EXCEPTION:"
UNHANDLED = re.compile(r"\s*(?:Unhandled [Ee]xception[.:]|Unbehandelte Ausnahme:|Exception non gérée *:)\s*$")
EVENT = re.compile(
    r"\s*(?:Application: (?P<application>[^\n]{1,260})|(?:\.NET|CoreCLR|Framework) Version: (?P<runtime>[^\n]{1,60})"
    r"|(?:Description|Message): [^\n]*+)\s*+$"
)
GAP = 200
FRAME_LIMIT = 4_000


class DotnetParser:
    """.NET errors."""

    name = "dotnet"
    signs = (CERTAIN, PAGES, FRAMES, FLUSH, LOCAL_SIGN, LOCAL_START)
    title = ".NET, Mono and Unity exceptions, error pages of ASP.NET, and errors of PowerShell"
    takes = (
        "inner exceptions, and the members of an AggregateException",
        "error codes such as 0x80131904",
        "program and runtime from a Windows event log entry",
        "library or application code, by namespace",
    )
    example = (
        "Unhandled exception. System.InvalidOperationException: the cart is closed\n"
        " ---> System.Collections.Generic.KeyNotFoundException: The given key 'NZ' was not present in the dictionary.\n"
        "   at System.Collections.Generic.Dictionary`2.get_Item(TKey key)\n"
        "   at Shop.Pricing.PriceOf(Cart cart) in /srv/shop/Pricing.cs:line 12\n"
        "   --- End of inner exception stack trace ---\n"
        "   at Shop.Checkout.Pay(Cart cart) in /srv/shop/Checkout.cs:line 41\n"
        "   at Shop.Program.Main(String[] args) in /srv/shop/Program.cs:line 9\n"
    )

    def sniff(self, text: str) -> float:
        """0.9 with a sign that only .NET prints, less with only a possible frame location."""
        if CERTAIN.occurs_in(text) or has_error_page(text):
            return 0.9
        if FRAMES.occurs_in(text):
            if SIGNS.occurs_in(text):
                return 0.9
            return 0.5 if "(" in text else 0.0
        if (FLUSH.occurs_in(text) and FLUSH_FRAME.search(text)) or has_local_frames(text):
            return 0.6
        return 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error with frames; an error that Mono prints twice is one report."""
        printed = merge_continuations(_reports_as_printed(text), partial(_is_repetition, text))
        pages = error_pages(text) if has_error_page(text) else ()
        others = [*pages, *script_errors(text), *(logged_errors(text) if SIGN in text else ())]
        yield from without_overlaps(printed, sorted(others, key=lambda report: report.span)) if others else printed


def _is_repetition(text: str, before: ParsedReport, report: ParsedReport) -> bool:
    """Whether Mono printed an error a second time."""
    if text.find(REPETITION, before.span[1] - 1, report.span[0] + GAP) < 0 or report.span[0] - before.span[1] > GAP:
        return False
    return is_same_error(before, report)


def _reports_as_printed(text: str) -> Iterator[ParsedReport]:
    patterns = [FRAME_SEARCH, *([UNITY_SEARCH] if "(at " in text else [])]
    if has_local_frames(text):
        patterns.append(LOCAL_SEARCH)
    floor = 0
    next_frames = [_next_frame(text, pattern, 0) for pattern in patterns]
    while any(next_frame is not None for next_frame in next_frames):
        line, frame = min(next_frame for next_frame in next_frames if next_frame is not None)
        block, report = _read_error(text, floor, line, frame)
        floor = max(block.end, frame + 1)
        next_frames = [
            _next_frame(text, pattern, floor) if next_frame is not None and next_frame[1] < floor else next_frame
            for pattern, next_frame in zip(patterns, next_frames, strict=True)
        ]
        if report:
            yield report


def _next_frame(text: str, pattern: re.Pattern[str], position: int) -> tuple[int, int] | None:
    """Start of the next frame's line, and of the frame in it."""
    for match in pattern.finditer(text, position):
        at = match.start()
        if pattern is FRAME_SEARCH:
            if at and (text[at - 1].isalnum() or text[at - 1] in "_("):
                continue
        elif pattern is UNITY_SEARCH:
            start = line_start(text, at, position, FRAME_LIMIT)
            at -= len(text[start:at].lstrip())
        end = text.find("\n", at, at + FRAME_LIMIT)
        if parse_frame(text[at : end if end >= 0 else at + FRAME_LIMIT].rstrip()):
            return max(text.rfind("\n", position, at) + 1, position), at
    return None


def _read_error(text: str, floor: int, line: int, frame: int) -> tuple[ErrorBlock, ParsedReport | None]:
    """Read the error with its first frame at ``frame``, in the line that starts at ``line``."""
    before = text[line:frame]
    strip_prefix = prefix_stripper(before)
    header = _header(text, floor, line, len(before) - len(before.rstrip()), strip_prefix)
    start = header.start
    block = ErrorBlock([], line, margin=header.margin)
    block.begin(header.text)
    after = text.find("\n", start) + 1 if start < line else line
    read_block(text, after, line, len(text), strip_prefix, block)
    return block, _report(text, floor, start, block)


def _header(text: str, floor: int, line: int, indent: int, strip_prefix: Callable[[str], str | None]) -> ErrorHeader:
    """The error's first line; ``line`` and an empty text without an error."""
    above = ErrorSearch(ErrorHeader(line, ""))
    for number, (start, line_above) in enumerate(context_lines(text, line, floor)):
        content = strip_prefix(line_above)
        bare = (line_above if content is None else content).strip()
        if bare.startswith(("---> ", "--- ")) or parse_frame(bare) is not None:
            continue
        record = bool(bare) and (content is None or RECORD.match(bare) is not None)
        named = exception_in_record(bare, near=not number) if (record or not number) and " ---> " not in bare else None
        mentioned = ErrorHeader(start, bare[bare.find(named[0]) :]) if named else None
        if record:
            if above.header is None and mentioned:
                return mentioned
            if not above.passes_record(number):
                break
            continue
        margin = len(content) - len(content.lstrip()) if content is not None else 0
        error = parse_header(bare) if bare and margin <= indent else None
        if not number and error is None and (mentioned or _is_header(bare)):
            # The line directly above the frames may mention an error without starting with it.
            above.mentioned = mentioned or ErrorHeader(start, bare)
        above.take(bare, ErrorHeader(start, bare, margin, "." in error.error_type) if error else None)
    return above.found


def _is_header(line: str) -> bool:
    """Whether a line has the form of an error class with a message."""
    name = line.partition(": ")[0]
    return UNHANDLED.match(line) is not None or (name != line and "." in name and parse_header(line, near=True) is not None)


def _report(text: str, floor: int, start: int, block: ErrorBlock) -> ParsedReport | None:
    exceptions = block.chains[0].exceptions
    error = exceptions[0] if exceptions else None
    if error is None:
        return None
    frames = error.frames
    if not error.error_type and len(frames) < 2:
        return None
    facts: dict[str, str] = {}
    for begin, line in context_lines(text, start, floor) if error.error_type else ():
        event = EVENT.match(line) if len(line) < GAP * 4 else None
        if not event and not (UNHANDLED.match(line) and begin >= start - GAP):
            break
        facts = {name: value.strip() for name, value in (event.groupdict() if event else {}).items() if value} | facts
        start = begin
    runtime = facts.get("runtime", "")
    extra = {"error_code": error.code} if error.code else {}
    return ParsedReport(
        format="dotnet",
        error_type=error.error_type,
        message=error.message,
        frames=frames,
        culprit=culprit(frames, "dotnet"),
        causes=tuple(causes_of(block.chains)),
        severity=severity.infer(error.error_type, error.message),
        product=facts.get("application", "").removesuffix(".exe") or None,
        environment={"runtime": f".NET {runtime}"} if runtime else {},
        extra=extra,
        span=(start, block.end),
        truncated=block.truncated or not error.error_type,
    )
