"""Marks of crashes in a text, and the groups of marks that belong to one crash."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.parsing.protocol import SharedLiterals
from graph.parsing.windows.bugchecks import NAMED

ADDRESS = r"[0-9a-f]{8}(?:`?[0-9a-f]{8})?"
# Each pattern begins with a literal, which makes the search fast.
ANCHORS = {
    "event": re.compile(r" - code [0-9a-f]{8} \((?:first chance|!!! second chance !!!|first/second chance not available)\)"),
    "banner": re.compile(r"(?:Exception|Bugcheck) Analysis {1,80}\*"),
    "record": re.compile(
        r"(?:KEY_VALUES_STRING|EXCEPTION_RECORD|FAULTING_IP|BUGCHECK_CODE|BUGCHECK_STR): |Arguments:[ \t]{0,4}\r?\nArg1: "
        r"|BugCheck [0-9A-F]{1,8}, \{|The bugcheck was: 0x"
    ),
    "stack": re.compile(r"STACK_TEXT:"),
    "listed": re.compile(r"Child(?:EBP|-SP) {1,20}RetAddr"),
    "frames": re.compile(rf"00(?<!\w00) {ADDRESS} {ADDRESS} {{1,8}}[\w.+-]{{1,80}}[!+]\S"),
    "thrown": re.compile(
        r"(?:Unhandled [eE]xception|unhandled exception|First-chance exception|Exception thrown)"
        r"(?: at 0x|: EXCEPTION_|: SIG[A-Z]{2,6}: | thrown: (?:read|write|execut)|: (?:read|write|execut))"
    ),
    "failed": re.compile(
        r"(?:Fatal error|LowLevelFatalError|Assertion failed|Ensure condition failed):? [^\n]{0,2000}?\[File:"
    ),
    "wine": re.compile(r"Unhandled exception: [^\n]{1,200}? in (?:\d\d-bit|native) code \("),
    "faulting": re.compile(
        r"Faulting application (?:name: )?|Problem Event Name:\s{1,8}(?:APPCRASH|BEX|BEX64)"
        r"|\.exe, [^,\n:]{3,20}: ?[\d.]{3,40}, [^,\n:]{3,40}: ?0x[0-9a-fA-F]{8}"
    ),
}
MARKS = {
    "event": (" - code ",),
    "banner": ("Exception Analysis ", "Bugcheck Analysis "),
    "record": ("_STRING: ", "EXCEPTION_RECORD: ", "FAULTING_IP: ", "BUGCHECK_", "\nArg1: ", "BugCheck ", "The bugcheck was: "),
    "stack": ("STACK_TEXT:",),
    "listed": ("RetAddr",),
    "frames": ("00 0",),
    "thrown": ("xception at 0x", "xception thrown", "Unhandled Exception: EXCEPTION_", "Unhandled Exception: SIG"),
    "failed": ("[File:",),
    "wine": ("-bit code (", "native code ("),
    "faulting": ("Faulting application ", "Problem Event Name:", ".exe, "),
}
ANY_MARK = SharedLiterals(*(mark for marks in MARKS.values() for mark in marks))
# An anchor of the key's kind starts another crash after an anchor of one of the listed kinds.
FOLLOWS = {
    "event": ("stack", "listed", "frames", "thrown", "failed", "wine", "faulting"),
    "banner": ("banner", "stack", "listed", "frames", "thrown", "failed", "wine", "faulting"),
    "record": ("stack", "listed", "frames", "thrown", "failed", "wine", "faulting"),
    "stack": ("stack", "thrown", "failed", "wine", "faulting"),
    "listed": ("listed", "failed", "wine", "faulting"),
    "frames": ("failed", "wine", "faulting"),
    "thrown": ("stack", "listed", "frames", "thrown", "wine", "faulting"),
    "failed": ("event", "banner", "stack", "listed", "frames", "thrown", "failed", "wine", "faulting"),
    "wine": ("event", "banner", "stack", "listed", "frames", "thrown", "failed", "wine", "faulting"),
    "faulting": ("event", "banner", "record", "stack", "listed", "frames", "thrown", "failed", "wine", "faulting"),
}
NAME_DISTANCE = 1_500
"""Maximum characters between the name of a bug check and its arguments."""


@dataclass(slots=True)
class CrashGroup:
    """The anchors of one crash: the match for each kind."""

    start: int
    anchors: dict[str, re.Match[str]] = field(default_factory=dict)

    def holds(self, *kinds: str) -> bool:
        """Whether the group has an anchor of one of the kinds."""
        return any(kind in self.anchors for kind in kinds)


def has_anchor(text: str) -> bool:
    """Whether the text has an anchor of any kind."""
    return any(ANCHORS[kind].search(text) for kind in _possible_kinds(text))


def groups(text: str) -> Iterator[CrashGroup]:
    """Yield the anchors of each crash, in order."""
    group: CrashGroup | None = None
    for start, kind, anchor in _anchors(text):
        if group is None or group.holds(*FOLLOWS[kind]):
            if group:
                yield group
            group = CrashGroup(start)
        # The debugger stopped at the last of several exceptions; of other anchors the first counts.
        if kind == "event" or kind not in group.anchors:
            group.anchors[kind] = anchor
    if group:
        yield group


def _possible_kinds(text: str) -> list[str]:
    """Kinds of anchors that may occur in the text."""
    marks_found = ANY_MARK.found_in(text)
    return [kind for kind, marks in MARKS.items() if not marks_found.isdisjoint(marks)]


def _anchors(text: str) -> Iterator[tuple[int, str, re.Match[str]]]:
    """Yield line start, kind and match of every anchor, in order."""
    return heapq.merge(*(_anchors_of_kind(text, kind) for kind in _possible_kinds(text)), key=lambda anchor: anchor[2].start())


def _anchors_of_kind(text: str, kind: str) -> Iterator[tuple[int, str, re.Match[str]]]:
    behind, line = 0, -1
    for anchor in ANCHORS[kind].finditer(text):
        floor = max(0, anchor.start() - 400)
        start = text.rfind("\n", floor, anchor.start()) + 1 or floor
        if start == line:
            continue
        line = start
        if anchor[0].startswith("Arguments:"):
            names = list(NAMED.finditer(text, max(behind, anchor.start() - NAME_DISTANCE), anchor.start()))
            start = names[-1].start() if names else start
        behind = anchor.end()
        yield start, kind, anchor
