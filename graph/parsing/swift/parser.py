"""Swift: failed checks with or without a stack, crashes read by its backtracer, failed assertions of XCTest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import SharedLiterals, is_same_error, merge_continuations
from graph.parsing.swift.frames import read_frames
from graph.parsing.text.lines import Lines, line_start, location_frame, next_line
from graph.parsing.text.report import complete

KINDS = r"Fatal error|fatal error|Precondition failed|Assertion failed|Fatal access conflict detected"
PLACE_FIRST = (
    rf"\.swift:(?P<line>\d{{1,9}}): (?:(?P<kind>{KINDS})(?:: (?P<message>[^\n]*))?"
    r"|error: [\w.\[\] -]{1,200}? : (?P<check>XCT\w{1,60}|failed)(?: failed)?(?::? -? ?(?P<message3>[^\n]*))?)"
)
FILE = re.compile(r"[^\s:]{1,300}$")
# The place, if any, is at the end of the line.
PLACE_LAST = rf"(?P<kind2>{KINDS}): (?P<rest>[^\n]{{1,8000}})"
PLACE = re.compile(r"(?:: )?file ([^\n]{1,300}\.swift), line (\d{1,9})")
CRASHED = r"(?:\*{3}|💣) (?P<crashed>Program crashed: |Fatal error: )(?P<reason>[^\n*]{1,400})"
ANCHOR = re.compile(rf"{CRASHED}|{PLACE_FIRST}|{PLACE_LAST}")
STACK = re.compile(r"Current stack trace:[ \t]*\r?\n|(?:\*{3}|💣) Program crashed: [^\n]{0,500}\n")
ADDRESS = re.compile(r" at 0x[0-9a-f]{4,16}\b")
CRASHES, FILES = SharedLiterals("Program crashed: "), SharedLiterals(".swift")
FAILURES = SharedLiterals(
    "atal error", "Precondition failed", "Assertion failed", " : XCT", " : failed", "Fatal access conflict"
)
CRASHED_THREAD = re.compile(r"^Thread \d{1,5}(?: \"([^\"\n]{0,200})\")? crashed:", re.MULTILINE)
STACK_WITHIN = 1_000
HEADING_WITHIN = 2_000
LIBRARY = "Swift/"


@dataclass(slots=True)
class _Failure:
    error_type: str
    message: str
    place: tuple[str, int] | None


class SwiftParser:
    """Parser for failures of Swift programs."""

    name = "swift"
    signs = (CRASHES, FILES)
    title = "Swift fatal errors, crashes read by its backtracer, failed assertions of XCTest"
    takes = ("the failed check and its place", "frames of the crashed thread, inlined ones marked", "in-app or library code")
    example = (
        "shop/Basket.swift:31: Fatal error: Unexpectedly found nil while unwrapping an Optional value\n"
        "\n"
        "*** Program crashed: Illegal instruction at 0x000055d0f3a1 ***\n"
        "\n"
        'Thread 0 "shop" crashed:\n'
        "\n"
        "0 0x000055d0f3a1 Basket.total() + 32 in shop at /src/Sources/shop/Basket.swift:31:15\n"
        "1 [ra] 0x000055d0f402 closure #1 in Cart.refresh(_:) + 80 in shop at /src/Sources/shop/Cart.swift:12:9\n"
        "2 [ra] [system] 0x00007f1a7a11 __libc_start_main + 128 in libc.so.6\n"
    )

    def sniff(self, text: str) -> float:
        """0.9 for the words of a failed check with a Swift file, or of the backtracer."""
        if CRASHES.occurs_in(text):
            return 0.9
        return 0.9 if FILES.occurs_in(text) and FAILURES.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per failure; a program writes it to its output and to the system's log."""
        yield from merge_continuations(_reports(text), _is_repeated)


def _reports(text: str) -> Iterator[ParsedReport]:
    position = floor = 0
    while match := ANCHOR.search(text, position):
        failure = _failure(text, match)
        position = match.end()
        if failure:
            report = _report(text, match, failure, floor)
            floor = position = max(position, report.span[1])
            yield report


def _is_repeated(previous: ParsedReport, report: ParsedReport) -> bool:
    return report.span[0] - previous.span[1] <= 1 and is_same_error(previous, report)


def _report(text: str, match: re.Match[str], failure: _Failure, floor: int) -> ParsedReport:
    start, end = line_start(text, match.start(), floor), next_line(text, match.end())
    following = ANCHOR.search(text, match.end(), match.end() + STACK_WITHIN)
    stack = STACK.search(text, match.start(), match.end() + STACK_WITHIN)
    frames: tuple[StackFrame, ...] = ()
    thread = ""
    # A crash that the backtracer reports right below a failed check is its end.
    if stack and (following is None or following["crashed"] or stack.start() < following.start()):
        frames, thread, end = _stack(text, stack, end)
    if not frames and failure.place:
        file, line = failure.place
        frames = (location_frame(file, line, in_app=not file.startswith(LIBRARY)),)
    return complete(
        ParsedReport(
            format="swift",
            error_type=failure.error_type,
            message=failure.message,
            frames=frames,
            extra={"thread": thread} if thread else {},
            span=(start, end),
        ),
        "swift",
    )


def _failure(text: str, match: re.Match[str]) -> _Failure | None:
    if match["crashed"]:
        reason = match["reason"].strip()
        return _Failure(ADDRESS.sub("", reason), reason, None)
    if match["check"]:
        kind = match["check"] if match["check"].startswith("XCT") else "XCTFail"
        return _Failure(kind, (match["message3"] or "").strip(), _place(text, match))
    if match["kind"]:
        return _Failure(_kind(match["kind"]), (match["message"] or "").strip(), _place(text, match))
    rest = match["rest"]
    at = max(rest.rfind(": file "), 0 if rest.startswith("file ") else -1)
    place = PLACE.match(rest, at) if at >= 0 else None
    return _Failure(_kind(match["kind2"]), rest[:at].strip(), (place[1], int(place[2]))) if place else None


def _place(text: str, match: re.Match[str]) -> tuple[str, int]:
    """The file with a name that ends where the match begins, and the line."""
    name = FILE.search(text[max(0, match.start() - 300) : match.start()])
    return f"{name[0] if name else ''}.swift", int(match["line"])


def _kind(words: str) -> str:
    return words[:1].upper() + words[1:]


def _stack(text: str, stack: re.Match[str], end: int) -> tuple[tuple[StackFrame, ...], str, int]:
    """Frames and name of the crashed thread, and the end of its stack."""
    if stack[0].startswith("Current"):
        lines = Lines(text, stack.end())
        frames = read_frames(lines, stop_at_blank=True)
        return frames, "", max(end, lines.position)
    heading = CRASHED_THREAD.search(text, stack.end(), stack.end() + HEADING_WITHIN)
    lines = Lines(text, next_line(text, heading.end()) if heading else stack.end())
    frames = read_frames(lines, stop_at_blank=False)
    return frames, (heading[1] or "") if heading else "", max(end, lines.position if frames else stack.end())
