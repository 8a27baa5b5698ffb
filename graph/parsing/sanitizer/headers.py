"""Where native errors begin in a text: the lines with which sanitizers, fuzzers and failed checks open what they tell.

Each kind of line has a literal that is searched for; only the lines that hold one are looked at closely.
"""

from __future__ import annotations

import re

from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.sanitizer.claims import CLAIMS
from graph.parsing.sanitizer.error_types import ENDINGS, POSIX, fuzzer_type, memory_type, undefined_type
from graph.parsing.sanitizer.line import LINE_LIMIT, Head, Line, Reader, Role

PID = re.compile(r"==(\d{1,9})==\s?(?:ERROR:|WARNING:|FATAL:)?\Z|\(pid[= ](\d{1,9})\)")
TOOL = re.compile(r"(?:HW)?Address\Z|(?:Memory|Thread|Leak|UndefinedBehavior|DataFlow|Type|Realtime|Numerical)\Z")
# Lines of sanitizers that tell of themselves.
NOT_ERRORS = (
    "can not provide",
    "cannot provide",
    "nested bug",
    "while reporting a bug",
    "failed to ",
    "Failed to ",
    "WARNING: ",
    "ignoring",
    "reading suppressions",
    "DEADLYSIGNAL",
    "has encountered a fatal error",
)
PLACE = re.compile(r":(\d{1,9}):\d{1,9}: \Z")
FUZZER = re.compile(r"==\s?(\d{1,9})\s?==\s?ERROR: libFuzzer: ([^\n]*)")
RECEIVED = re.compile(r"Received signal (\d{1,3})\b(?: [A-Z_]{1,20})?(?: ([0-9a-f]{8,16})\b)?")
CRASHED = re.compile(
    r"\*\*\* (SIG[A-Z]{2,8}) (?:\(@?(0x[0-9a-f]{1,16})?[^)\n]{0,40}\) )?received (?:at time=|by PID (\d{1,9}))"
)
HONGGFUZZ = re.compile(r"SIGNAL: (SIG[A-Z]{2,8})")
FAULT = re.compile(r"^FAULT ADDRESS: (0x[0-9a-f]{1,16})", re.MULTILINE)
SUMMARY = re.compile(r"SUMMARY: (libFuzzer|\w{1,30}Sanitizer): ([^\n]*)")


def heads(text: str) -> list[Head]:
    """Every head in the text, in order of position; heads do not overlap."""
    found: list[Head] = []
    tried: set[int] = set()
    start = end = after = 0
    for at, number in _candidates(text):
        if at < end:
            continue
        if at >= after:
            start = max(text.rfind("\n", after, at) + 1, after)
            line, after = line_at(text, start, len(text))
            tried.clear()
        # Only the beginning of a line is looked at, by each reader once.
        if at - start > LINE_LIMIT or number in tried:
            continue
        tried.add(number)
        head = READERS[number][1](Line(text, start, after, line[:LINE_LIMIT], at - start))
        if head is not None:
            head.error_type, head.message = head.error_type[:NAME_LIMIT], head.message[:MESSAGE_LIMIT].strip()
            found.append(head)
            end = after = max(head.end, after)
    return found


def _candidates(text: str) -> list[tuple[int, int]]:
    """Where the literals stand, with the number of who reads the line, in order of position."""
    places: list[tuple[int, int]] = []
    for number, (literal, _) in enumerate(READERS):
        at = text.find(literal)
        while at >= 0:
            places.append((at + (literal[0] == "\n"), number))
            at = text.find(literal, at + len(literal))
    if text.startswith("F"):
        places.append((0, GLOG_READER))
    return sorted(places)


def _sanitizer(here: Line) -> Head | None:
    word = TOOL.search(here.line, max(0, here.at - 40), here.at)
    if not word:
        return None
    before, body = here.line[: word.start()].rstrip(), here.line[here.at + 11 :]
    if not before.endswith(("ERROR:", "WARNING:", "FATAL:", "==")) or any(words in body[:60] for words in NOT_ERRORS):
        return None
    tool = f"{word[0]}Sanitizer"
    name = memory_type(tool, body)
    role = Role.END if name in ENDINGS else Role.ERROR
    pid = PID.search(before[-40:]) or PID.search(body[-60:])
    return Head(
        here.start, here.end, role, name, body, tool, pid=next(filter(None, pid.groups()), "") if pid else "", body=body
    )


def _itself(here: Line) -> Head | None:
    """A sanitizer that has no memory left, or whose own check failed."""
    word = TOOL.search(here.line, max(0, here.at - 40), here.at)
    body = here.line[here.at + 10 :]
    if not word or not here.line[: word.start()].rstrip().endswith(("ERROR:", "==", ":")):
        return None
    pid = PID.search(here.line[: word.start()].rstrip()[-40:])
    name = "Out-of-memory" if body.startswith("failed to") else "Sanitizer CHECK failure"
    tool = f"{word[0]}Sanitizer"
    return Head(here.start, here.end, Role.ERROR, name, body, tool, pid=(pid[1] or pid[2]) if pid else "", body=body)


def _undefined(here: Line) -> Head | None:
    place = PLACE.search(here.line, max(0, here.at - 2_000), here.at)
    if not place:
        return None
    message = here.line[here.at + 15 :]
    # A prefix of a log ends with a blank, and paths in these lines seldom have one.
    file = here.line[: place.start()].rpartition(" ")[2]
    tool = "UndefinedBehaviorSanitizer"
    return Head(here.start, here.end, Role.ERROR, undefined_type(message), message, tool, f"{file}:{place[1]}", body=message)


def _fuzzer(here: Line) -> Head | None:
    found = FUZZER.search(here.line, max(0, here.at - 20))
    if not found:
        return None
    name = fuzzer_type(found[2])
    role = Role.END if name in ENDINGS else Role.ERROR
    return Head(here.start, here.end, role, name, found[2], "libFuzzer", pid=found[1], body=found[2])


def _received(here: Line) -> Head | None:
    found = RECEIVED.match(here.line, here.at)
    if not found or here.line[: here.at].strip() or found[1] not in POSIX:
        return None
    facts = {"address": f"0x{found[2]}"} if found[2] else {}
    return _signal(here, POSIX[found[1]], found[0], facts)


def _crashed(here: Line) -> Head | None:
    found = CRASHED.match(here.line, here.at)
    if not found or found[1] not in POSIX:
        return None
    return _signal(here, POSIX[found[1]], f"{found[1]} received", {"address": found[2]} if found[2] else {}, found[3] or "")


def _honggfuzz(here: Line) -> Head | None:
    found = HONGGFUZZ.match(here.line.strip())
    below = here.text[here.end : here.end + 400]
    if not found or found[1] not in POSIX or "PC: " not in below:
        return None
    address = FAULT.search(below)
    return _signal(here, POSIX[found[1]], f"{found[1]} received", {"address": address[1]} if address else {})


def _signal(here: Line, name: str, message: str, facts: dict[str, str], pid: str = "") -> Head:
    role = Role.END if name in ENDINGS else Role.ERROR
    return Head(here.start, here.end, role, name, message, "signal", pid=pid, body=message, facts=facts)


def _summary(here: Line) -> Head | None:
    found = SUMMARY.match(here.line, here.at)
    if not found:
        return None
    tool, body = found[1], found[2]
    if tool == "libFuzzer":
        name = fuzzer_type(body)
    elif "leaked in" in body:
        name = "Direct-leak"
    else:
        name = "UNKNOWN" if body.startswith("undefined-behavior") else memory_type(tool, body)
    role = Role.END if name in ENDINGS else Role.ERROR
    return Head(here.start, here.end, role, name, body, tool, body=body, cut=True)


READERS: tuple[tuple[str, Reader], ...] = (
    ("SUMMARY: ", _summary),
    ("Sanitizer: ", _sanitizer),
    ("Sanitizer failed to allocate ", _itself),
    ("Sanitizer CHECK failed: ", _itself),
    ("runtime error: ", _undefined),
    ("ERROR: libFuzzer: ", _fuzzer),
    ("Received signal ", _received),
    ("*** SIG", _crashed),
    ("SIGNAL: SIG", _honggfuzz),
    *CLAIMS,
)
GLOG_READER = next(number for number, (literal, _) in enumerate(READERS) if literal == "\nF")
