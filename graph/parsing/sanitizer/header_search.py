"""Find the headers of native errors: the lines with which sanitizers, fuzzers and failed checks begin a report.

Each kind of header has a literal to search for; only lines that contain one are parsed.
"""

from __future__ import annotations

import re

from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, SharedLiterals, line_at
from graph.parsing.sanitizer.error_types import ENDINGS, POSIX, fuzzer_type, memory_type, undefined_type
from graph.parsing.sanitizer.failed_checks import FAILED_CHECKS
from graph.parsing.sanitizer.header import LINE_LIMIT, CandidateLine, HeaderReader, Role, SanitizerHeader

PID = re.compile(r"==(\d{1,9})==\s?(?:ERROR:|WARNING:|FATAL:)?\Z|\(pid[= ](\d{1,9})\)")
TOOL = re.compile(r"(?:HW)?Address\Z|(?:Memory|Thread|Leak|UndefinedBehavior|DataFlow|Type|Realtime|Numerical)\Z")
# Messages of a sanitizer about itself.
SELF_MESSAGES = (
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
GWP_ASAN = re.compile(
    r"(Use After Free|Double Free|Invalid \(Wild\) Free|Buffer Overflow|Buffer Underflow) at (0x[0-9a-f]{1,16})"
    r"(?: \(([\w ]{1,80}? a \d{1,12}-byte allocation)[^)\n]{0,60}\))?"
)
GWP_ASAN_TYPES = {
    "Use After Free": "Heap-use-after-free",
    "Double Free": "Heap-double-free",
    "Invalid (Wild) Free": "Bad-free",
    "Buffer Overflow": "Heap-buffer-overflow",
    "Buffer Underflow": "Heap-buffer-overflow",
}
SUMMARY = re.compile(r"SUMMARY: (libFuzzer|\w{1,30}Sanitizer): ([^\n]*)")


def find_headers(text: str) -> list[SanitizerHeader]:
    """Return every header in the text, in order of position; headers do not overlap."""
    found_headers: list[SanitizerHeader] = []
    tried: set[int] = set()
    start = end = after = 0
    for at, number in _candidates(text):
        if at < end:
            continue
        if at >= after:
            start = max(text.rfind("\n", after, at) + 1, after)
            line, after = line_at(text, start, len(text))
            tried.clear()
        # Only the beginning of a line is parsed, once by each reader.
        if at - start > LINE_LIMIT or number in tried:
            continue
        tried.add(number)
        header = READERS[number][1](CandidateLine(text, start, after, line[:LINE_LIMIT], at - start))
        if header is not None:
            header.error_type, header.message = header.error_type[:NAME_LIMIT], header.message[:MESSAGE_LIMIT].strip()
            found_headers.append(header)
            end = after = max(header.end, after)
    return found_headers


def _candidates(text: str) -> list[tuple[int, int]]:
    """Positions of the literals with the index of their reader, in order of position."""
    places: list[tuple[int, int]] = []
    literals_found = LITERALS.found_in(text)
    for number, (literal, _) in enumerate(READERS):
        at = text.find(literal) if literal in literals_found else -1
        while at >= 0:
            places.append((at + (literal[0] == "\n"), number))
            at = text.find(literal, at + len(literal))
    if text.startswith("F"):
        places.append((0, GLOG_READER))
    return sorted(places)


def _sanitizer(candidate: CandidateLine) -> SanitizerHeader | None:
    word = TOOL.search(candidate.line, max(0, candidate.at - 40), candidate.at)
    if not word:
        return None
    before, body = candidate.line[: word.start()].rstrip(), candidate.line[candidate.at + 11 :]
    if not before.endswith(("ERROR:", "WARNING:", "FATAL:", "==")) or any(words in body[:60] for words in SELF_MESSAGES):
        return None
    tool = f"{word[0]}Sanitizer"
    name = memory_type(tool, body)
    role = Role.TERMINATION if name in ENDINGS else Role.ERROR
    pid = PID.search(before[-40:]) or PID.search(body[-60:])
    return SanitizerHeader(
        candidate.start,
        candidate.end,
        role,
        name,
        body,
        tool,
        pid=next(filter(None, pid.groups()), "") if pid else "",
        body=body,
    )


def _internal_error(candidate: CandidateLine) -> SanitizerHeader | None:
    """Read the header of a sanitizer that ran out of memory, or failed a check of its own."""
    word = TOOL.search(candidate.line, max(0, candidate.at - 40), candidate.at)
    body = candidate.line[candidate.at + 10 :]
    if not word or not candidate.line[: word.start()].rstrip().endswith(("ERROR:", "==", ":")):
        return None
    pid = PID.search(candidate.line[: word.start()].rstrip()[-40:])
    name = "Out-of-memory" if body.startswith("failed to") else "Sanitizer CHECK failure"
    tool = f"{word[0]}Sanitizer"
    return SanitizerHeader(
        candidate.start, candidate.end, Role.ERROR, name, body, tool, pid=(pid[1] or pid[2]) if pid else "", body=body
    )


def _undefined(candidate: CandidateLine) -> SanitizerHeader | None:
    place = PLACE.search(candidate.line, max(0, candidate.at - 2_000), candidate.at)
    if not place:
        return None
    message = candidate.line[candidate.at + 15 :]
    # A log prefix ends with a space, and paths in these lines rarely contain one.
    file = candidate.line[: place.start()].rpartition(" ")[2]
    tool = "UndefinedBehaviorSanitizer"
    return SanitizerHeader(
        candidate.start, candidate.end, Role.ERROR, undefined_type(message), message, tool, f"{file}:{place[1]}", body=message
    )


def _fuzzer(candidate: CandidateLine) -> SanitizerHeader | None:
    match = FUZZER.search(candidate.line, max(0, candidate.at - 20))
    if not match:
        return None
    name = fuzzer_type(match[2])
    role = Role.TERMINATION if name in ENDINGS else Role.ERROR
    return SanitizerHeader(candidate.start, candidate.end, role, name, match[2], "libFuzzer", pid=match[1], body=match[2])


def _received(candidate: CandidateLine) -> SanitizerHeader | None:
    match = RECEIVED.match(candidate.line, candidate.at)
    if not match or candidate.line[: candidate.at].strip() or match[1] not in POSIX:
        return None
    facts = {"address": f"0x{match[2]}"} if match[2] else {}
    return _signal(candidate, POSIX[match[1]], match[0], facts)


def _crashed(candidate: CandidateLine) -> SanitizerHeader | None:
    match = CRASHED.match(candidate.line, candidate.at)
    if not match or match[1] not in POSIX:
        return None
    return _signal(
        candidate, POSIX[match[1]], f"{match[1]} received", {"address": match[2]} if match[2] else {}, match[3] or ""
    )


def _honggfuzz(candidate: CandidateLine) -> SanitizerHeader | None:
    match = HONGGFUZZ.match(candidate.line.strip())
    below = candidate.text[candidate.end : candidate.end + 400]
    if not match or match[1] not in POSIX or "PC: " not in below:
        return None
    address = FAULT.search(below)
    return _signal(candidate, POSIX[match[1]], f"{match[1]} received", {"address": address[1]} if address else {})


def _gwp_asan(candidate: CandidateLine) -> SanitizerHeader | None:
    """Read the sampling detector of allocators; the error is on the next line."""
    body, end = line_at(candidate.text, candidate.end, len(candidate.text))
    match = GWP_ASAN.match(body[:LINE_LIMIT])
    if not match:
        return None
    message = f"{match[1]}, {match[3]}" if match[3] else match[1]
    name, facts = GWP_ASAN_TYPES[match[1]], {"address": match[2]}
    return SanitizerHeader(candidate.start, end, Role.ERROR, name, message, "GWP-ASan", body=body, facts=facts)


def _signal(candidate: CandidateLine, name: str, message: str, facts: dict[str, str], pid: str = "") -> SanitizerHeader:
    role = Role.TERMINATION if name in ENDINGS else Role.ERROR
    return SanitizerHeader(candidate.start, candidate.end, role, name, message, "signal", pid=pid, body=message, facts=facts)


def _summary(candidate: CandidateLine) -> SanitizerHeader | None:
    match = SUMMARY.match(candidate.line, candidate.at)
    if not match:
        return None
    tool, body = match[1], match[2]
    if tool == "libFuzzer":
        name = fuzzer_type(body)
    elif "leaked in" in body:
        name = "Direct-leak"
    else:
        name = "UNKNOWN" if body.startswith("undefined-behavior") else memory_type(tool, body)
    role = Role.TERMINATION if name in ENDINGS else Role.ERROR
    return SanitizerHeader(candidate.start, candidate.end, role, name, body, tool, body=body, truncated=True)


READERS: tuple[tuple[str, HeaderReader], ...] = (
    ("SUMMARY: ", _summary),
    ("Sanitizer: ", _sanitizer),
    ("Sanitizer failed to allocate ", _internal_error),
    ("Sanitizer CHECK failed: ", _internal_error),
    ("runtime error: ", _undefined),
    ("ERROR: libFuzzer: ", _fuzzer),
    ("Received signal ", _received),
    ("*** SIG", _crashed),
    ("SIGNAL: SIG", _honggfuzz),
    ("GWP-ASan detected", _gwp_asan),
    *FAILED_CHECKS,
)
LITERALS = SharedLiterals(*(literal for literal, _ in READERS))
GLOG_READER = next(number for number, (literal, _) in enumerate(READERS) if literal == "\nF")
