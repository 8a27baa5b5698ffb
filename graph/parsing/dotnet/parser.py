"""Errors of .NET, .NET Framework, Mono and Unity, on consoles, in logs and in the Windows event log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from graph.model.report import ParsedReport
from graph.parsing.dotnet.frames import LOCAL_SEARCH, LOCAL_SIGN, SEARCH, UNITY_SEARCH, frame_of
from graph.parsing.dotnet.trace import Block, causes_of, head_of, read_block
from graph.parsing.java.header import lines_above
from graph.parsing.java.lines import RECORD, bodies, head_within
from graph.parsing.protocol import joined
from graph.rules import severity
from graph.rules.culprit import culprit

SURE = (
    ":line ",
    "Unhandled exception. ",
    "Unhandled Exception:",
    "--- End of ",
    "[0x0000",
    "   at System.",
    "   at Microsoft.",
)
AGAIN = "FATAL UNHANDLED EXCEPTION:"
UNHANDLED = re.compile(r"\s*(?:Unhandled [Ee]xception[.:]|Unbehandelte Ausnahme:|Exception non gérée *:)\s*$")
EVENT = re.compile(
    r"\s*(?:Application: (?P<application>[^\n]{1,260})|(?:\.NET|CoreCLR|Framework) Version: (?P<runtime>[^\n]{1,60})"
    r"|(?:Description|Message): [^\n]*)\s*$"
)
GAP = 200
FRAME_LIMIT = 4_000


class DotnetParser:
    """Errors of .NET."""

    name = "dotnet"
    title = ".NET, Mono and Unity exceptions"
    takes = (
        "inner exceptions, and the members of an AggregateException",
        "error codes such as 0x80131904",
        "program and runtime of an entry of the Windows event log",
        "library or not from the name space",
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
        """0.9 with what only .NET prints, less with only what could be the place of a frame."""
        if "  at " in text or "(at " in text:
            if any(sign in text for sign in SURE):
                return 0.9
            return 0.5 if "(" in text else 0.0
        return 0.6 if LOCAL_SIGN.search(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """A report for each error with frames; one that Mono prints twice is one."""
        yield from joined(_reports(text), partial(_is_again, text))


def _is_again(text: str, before: ParsedReport, report: ParsedReport) -> bool:
    if text.find(AGAIN, before.span[1] - 1, report.span[0] + GAP) < 0 or report.span[0] - before.span[1] > GAP:
        return False
    return (before.error_type, before.message, before.frames) == (report.error_type, report.message, report.frames)


def _reports(text: str) -> Iterator[ParsedReport]:
    patterns = [SEARCH, *([UNITY_SEARCH] if "(at " in text else [])]
    if LOCAL_SIGN.search(text):
        patterns.append(LOCAL_SEARCH)
    floor = 0
    places = [_next(text, pattern, 0) for pattern in patterns]
    while any(place is not None for place in places):
        line, frame = min(place for place in places if place is not None)
        block, report = _read(text, floor, line, frame)
        floor = max(block.end, frame + 1)
        places = [
            _next(text, pattern, floor) if place is not None and place[1] < floor else place
            for pattern, place in zip(patterns, places, strict=True)
        ]
        if report:
            yield report


def _next(text: str, pattern: re.Pattern[str], position: int) -> tuple[int, int] | None:
    """Where the line of the next frame starts, and the frame in it."""
    for found in pattern.finditer(text, position):
        at = found.start()
        if pattern is SEARCH:
            if at and (text[at - 1].isalnum() or text[at - 1] in "_("):
                continue
        elif pattern is LOCAL_SEARCH:
            at += 3
        else:
            start = max(text.rfind("\n", max(position, at - FRAME_LIMIT), at) + 1, position)
            at = start + len(text[start:at]) - len(text[start:at].lstrip())
        end = text.find("\n", at, at + FRAME_LIMIT)
        if frame_of(text[at : end if end >= 0 else at + FRAME_LIMIT].rstrip()):
            return max(text.rfind("\n", position, at) + 1, position), at
    return None


def _read(text: str, floor: int, line: int, frame: int) -> tuple[Block, ParsedReport | None]:
    """The error whose first frame is at ``frame``, in the line that starts at ``line``."""
    before = text[line:frame]
    body = bodies(before)
    start, head = _head(text, floor, line, len(before) - len(before.rstrip()), before)
    block = Block([], line)
    block.begin(head)
    after = text.find("\n", start) + 1 if start < line else line
    read_block(text, after, line, len(text), body, block)
    return block, _report(text, floor, start, block)


def _head(text: str, floor: int, line: int, indent: int, before: str) -> tuple[int, str]:
    """Where the error's head starts, and its first line from the error on; ``line`` and nothing when none is told."""
    body = bodies(before)
    spoken = (line, "")
    for number, (start, found) in enumerate(lines_above(text, floor, line)):
        content = body(found)
        bare = (found if content is None else content).strip()
        if bare.startswith(("---> ", "--- ")) or frame_of(bare) is not None:
            continue
        if content is not None and len(content) - len(content.lstrip()) <= indent and head_of(bare):
            return start, bare
        record = RECORD.match(bare) or content is None
        named = head_within(bare) if (record or not number) and " ---> " not in bare else None
        if named and record:
            return start, bare[bare.find(named.error_type) :]
        if not number:
            # Directly above the frames a line names an error though it does not begin with it, or is not called one.
            spoken = (start, bare[bare.find(named.error_type) :]) if named else (start, bare) if _named(bare) else spoken
        if record and bare:
            break
    return spoken


def _named(line: str) -> bool:
    """Whether a line is written as an error's class with a message."""
    name = line.partition(": ")[0]
    return UNHANDLED.match(line) is not None or (name != line and "." in name and head_of(line, near=True) is not None)


def _report(text: str, floor: int, start: int, block: Block) -> ParsedReport | None:
    thrown = block.chains[0].thrown
    error = thrown[0] if thrown else None
    frames = tuple(error.frames) if error else ()
    told = error is not None and bool(error.error_type)
    if error is None or (not told and len(frames) < 2):
        return None
    facts: dict[str, str] = {}
    for begin, line in lines_above(text, floor, start) if told else ():
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
        truncated=block.truncated or not told,
    )
