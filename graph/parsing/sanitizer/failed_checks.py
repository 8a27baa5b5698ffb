"""Messages of native programs that end themselves: failed checks and assertions, fatal errors, uncaught exceptions."""

from __future__ import annotations

import re

from graph.parsing.protocol import line_at
from graph.parsing.sanitizer.error_types import bug_type, check_type
from graph.parsing.sanitizer.header import LINE_LIMIT, CandidateLine, HeaderReader, Role, SanitizerHeader

CHROMIUM = re.compile(r"\[(?:([^\]\n]{0,120}?):)?FATAL:([^\]\n()]{1,400}?)(?:\((\d{1,9})\)|:(\d{1,9}))\] ?([^\n]*)")
GLOG = re.compile(r"F(?:\d{8}|\d{4}) \d\d:\d\d:\d\d(?:\.\d{1,9})?\s{1,8}(\d{1,9}) ([^\s:\]]{1,400}):(\d{1,9})\] ?([^\n]*)")
BRACKETED = re.compile(r"\[critical\][^\n ]{0,60} ([^\s\]]{1,400}:\d{1,9})\] (?:assert failure|panic): ?([^\n]*)")
V8 = re.compile(
    r"# ((?:Fatal error|Fatal process out of memory|Fatal JavaScript|Runtime error|V8 correctness failure|V8 sandbox violation)"
    r"[^\n]*)"
)
V8_PLACE = re.compile(r"(?:Fatal|Runtime) error in ([^\n]{0,400}?), line (\d{1,9})")
ABORT = re.compile(r"abort: (CSA_\w{1,20} failed: [^\n\[]*)(?:\[([^\]\n]{1,400})\])?")
NODE = re.compile(r"FATAL ERROR: ([^\n]*(?:out of memory|Allocation failed)[^\n]*)")
# Groups: file, line, function, expression.
ASSERTION = (
    re.compile(
        r"(?:[^\n:]{1,400}: )?([^\s:][^\n:]{0,400}):(\d{1,9}): ?(?>([^\n]{0,8000}?): Assertion [`'])(.*?)['’]? ?failed\.?$"
    ),
    re.compile(r"([^\s:][^\n:]{0,400}):(\d{1,9}): (?>([^\n]{0,2000}?): assertion \")(.*)\" failed"),
    re.compile(
        r"[^\n:]{0,80}:ERROR:([^\n:]{1,400}):(\d{1,9}):(?>([^\n]{0,2000}?): assertion failed)(?: \([^\n]{0,2000}\))?: ?(.*)"
    ),
    re.compile(r"([^\s:][^\n:]{0,400}):(\d{1,9}): ()(?:libc\+\+ Hardening )?assertion (.*?) failed(?:: |$)"),
)
CRITICAL = re.compile(r"(?>.*?\b[\w:~]{1,200}: assertion ['`])(.*)['’] failed")
NODE_PLACE = re.compile(
    r"\s{0,8}#\s{1,8}(?:[^\s:]{1,80}: )?(?P<function>[^\n]{1,1000}?) at (?P<place>[^\s:]{1,400}:\d{1,9})\s*$", re.MULTILINE
)
QT = re.compile(
    r"ASSERT(?: failure in [^\n\"]{1,400}?)?: \"(?P<message>[^\n]{1,2000}?)\",?"
    r" (?:in )?file (?P<file>[^\n,]{1,400}), line (?P<line>\d{1,9})"
)
BELOW = re.compile(r"([^\s(][^\n(]{0,400})\((\d{1,9})\) : ")
BUG = re.compile(r"===BUG DETECTED: ([^\n=]{1,200}?) ?===")
EXCEEDED = re.compile(r"========= ((?:Timeout|RSS limit|Stack limit|Per-\w{1,10} timeout)\b[^\n]{0,80}? exceeded\b[^\n]*)")
HEAP = re.compile(
    r"(?:\*\*\* Error in `[^'\n]{0,400}': )?(double free or corruption[^\n*:]{0,40}|(?:free|malloc|realloc|munmap_chunk"
    r"|malloc_consolidate)\(\): [^\n*:]{1,80}|corrupted (?:size|double-linked)[^\n*:]{0,80}|stack smashing detected"
    r"|buffer overflow detected)"
)
KERNEL = re.compile(r"(?:<\d{1,3}>)?\[ {0,8}\d{1,8}\.\d{6}\]")
HEAP_TYPES = {
    "double free": "Heap-double-free",
    "stack smashing": "Stack-buffer-overflow",
    "buffer overflow": "Buffer-overflow",
}
UNCAUGHT = re.compile(
    r"terminate called after throwing an instance of '([^'\n]{1,1000})'"
    r"|[^\n]{0,80}?terminating (?:due to|with) uncaught exception of type ([^\s:]{1,400}(?:::[^\s:]{1,400}){0,20})"
    r"(?:: ([^\n]*))?"
)
LIBRARY = re.compile(
    r"CANNOT LINK EXECUTABLE[^\n\"]{0,40}(?:\"[^\"\n]{0,400}\")?[^\n\"]{0,40}\"([^\"\n]{1,400})\" not found"
    r"|error while loading shared libraries: ([^\s:]{1,400}): "
)


def _chromium(candidate: CandidateLine) -> SanitizerHeader | None:
    match = CHROMIUM.match(candidate.line, max(0, candidate.line.rfind("[", 0, candidate.at)))
    if not match:
        return None
    name, message = check_type(match[5])
    pid = (match[1] or "").partition(":")[0]
    place = f"{match[2]}:{match[3] or match[4]}"
    return SanitizerHeader(
        candidate.start, candidate.end, Role.FAILED_CHECK, name, message, "", place, pid if pid.isdigit() else ""
    )


def _glog(candidate: CandidateLine) -> SanitizerHeader | None:
    match = GLOG.search(candidate.line, 0, 4_000)
    if not match or (match.start() and candidate.line[match.start() - 1] not in " \t|:]"):
        return None
    name, message = check_type(match[4])
    return SanitizerHeader(
        candidate.start, candidate.end, Role.FAILED_CHECK, name, message, "", f"{match[2]}:{match[3]}", match[1]
    )


def _bracketed(candidate: CandidateLine) -> SanitizerHeader | None:
    match = BRACKETED.match(candidate.line, max(0, candidate.line.rfind("[critical]", 0, candidate.at)))
    return (
        SanitizerHeader(candidate.start, candidate.end, Role.FAILED_CHECK, "ASSERT", match[2], "", match[1]) if match else None
    )


def _v8(candidate: CandidateLine) -> SanitizerHeader | None:
    match = V8.match(candidate.line, candidate.at)
    if not match or candidate.line[: candidate.at].strip(" \t#"):
        return None
    title, end = match[1].rstrip(), candidate.end
    place = V8_PLACE.match(title)
    more: list[str] = []
    while candidate.text.startswith("#", end) and len(more) < 40:
        further, after = line_at(candidate.text, end, len(candidate.text))
        if further.startswith("#FailureMessage"):
            break
        if words := further.lstrip("#").strip():
            more.append(words[:LINE_LIMIT])
        end = after
    name, message = _v8_error(title, "\n".join(more))
    return SanitizerHeader(
        candidate.start, end, Role.FAILED_CHECK, name, message, "", f"{place[1]}:{place[2]}" if place and place[1] else ""
    )


def _v8_error(title: str, message: str) -> tuple[str, str]:
    if title.startswith("V8 sandbox violation"):
        return "V8 sandbox violation", title
    if title.startswith("V8 correctness failure"):
        return "V8 correctness failure", message
    if "out of memory" in title:
        return "Out-of-memory", title
    if title.startswith("Runtime error"):
        return "RUNTIME_ASSERT", message
    name, message = check_type(message)
    return name, message.removesuffix(".") or title


def _abort(candidate: CandidateLine) -> SanitizerHeader | None:
    match = ABORT.match(candidate.line, candidate.at)
    return (
        SanitizerHeader(candidate.start, candidate.end, Role.FAILED_CHECK, "ASSERT", match[1], "", match[2] or "")
        if match
        else None
    )


def _node(candidate: CandidateLine) -> SanitizerHeader | None:
    match = NODE.match(candidate.line, candidate.at)
    return SanitizerHeader(candidate.start, candidate.end, Role.FAILED_CHECK, "Out-of-memory", match[1]) if match else None


def _assertion(candidate: CandidateLine) -> SanitizerHeader | None:
    line = candidate.line
    begin = line.rfind("] ", 0, candidate.at) + 2 if "] " in line[: candidate.at] else 0
    for form in ASSERTION:
        if match := form.match(line, begin):
            facts = {"function": match[3]} if match[3] else {}
            return SanitizerHeader(
                candidate.start, candidate.end, Role.FAILED_CHECK, "ASSERT", match[4], "", f"{match[1]}:{match[2]}", facts=facts
            )
    if line.startswith("Assertion failed: ", candidate.at) and line[: candidate.at].strip() == "#":
        return _node_assertion(candidate)
    if line.startswith("Assertion failed: ", candidate.at):
        return _bsd_assertion(candidate, line[candidate.at + 18 :])
    if line.startswith("ASSERTION FAILED: ", candidate.at):
        below, after = line_at(candidate.text, candidate.end, len(candidate.text))
        place = BELOW.match(below[:LINE_LIMIT])
        where = f"{place[1]}:{place[2]}" if place else ""
        return SanitizerHeader(
            candidate.start,
            after if place else candidate.end,
            Role.FAILED_CHECK,
            "ASSERT",
            line[candidate.at + 18 :],
            "",
            where,
        )
    # A GLib assertion is a warning unless the process ends.
    match = CRITICAL.match(line, max(0, candidate.at - 200))
    return SanitizerHeader(candidate.start, candidate.end, Role.WARNING, "ASSERT", match[1]) if match else None


def _node_assertion(candidate: CandidateLine) -> SanitizerHeader:
    """Read a failed check of Node: function and location are on the line above."""
    floor = max(0, candidate.start - LINE_LIMIT)
    begin = candidate.text.rfind("\n", floor, max(candidate.start - 1, floor)) + 1
    above = NODE_PLACE.match(candidate.text, begin, candidate.start)
    message = candidate.line[candidate.at + 18 :]
    start = begin if above else candidate.start
    place, facts = (above["place"], {"function": above["function"]}) if above else ("", {})
    return SanitizerHeader(start, candidate.end, Role.FAILED_CHECK, "ASSERT", message, "", place, facts=facts)


def _qt_assertion(candidate: CandidateLine) -> SanitizerHeader | None:
    match = QT.match(candidate.line, candidate.at)
    if not match:
        return None
    place = f"{match['file']}:{match['line']}"
    return SanitizerHeader(candidate.start, candidate.end, Role.FAILED_CHECK, "ASSERT", match["message"], "", place)


def _bsd_assertion(candidate: CandidateLine, rest: str) -> SanitizerHeader | None:
    """Read ``expression, function f, file f.c, line 3.`` or ``expression (f.c: f: 3)``."""
    number = rest.rfind(", line ")
    if number >= 0:
        head, _, file = rest[:number].rpartition(", file ")
        expression = head.partition(", function ")[0]
        if expression.startswith("(") and ", function " in head:
            expression = expression[1:].removesuffix(")")
    else:
        expression, _, where = rest.rpartition(" (")
        parts = where.rstrip(")").split(": ")
        if not expression or len(parts) < 3 or not parts[-1].isdigit():
            return None
        file, number, rest = parts[0], 0, f"xxxxxxx{parts[-1]}"
    line = re.match(r"\d{1,9}", rest[number + 7 :])
    return SanitizerHeader(
        candidate.start,
        candidate.end,
        Role.FAILED_CHECK,
        "ASSERT",
        expression,
        "",
        f"{file}:{line[0]}" if file and line else "",
    )


def _unreachable(candidate: CandidateLine) -> SanitizerHeader | None:
    """Read WebKit's message for unreachable code, with the location on the next line."""
    if candidate.line[: candidate.at].strip():
        return None
    below, after = line_at(candidate.text, candidate.end, len(candidate.text))
    place = BELOW.match(below[:LINE_LIMIT])
    if not place:
        return None
    return SanitizerHeader(
        candidate.start, after, Role.FAILED_CHECK, "ASSERT", candidate.line.strip(), "", f"{place[1]}:{place[2]}"
    )


def _bug_detector(candidate: CandidateLine) -> SanitizerHeader | None:
    match = BUG.match(candidate.line, candidate.at)
    if not match or "PySecSan" in match[1]:
        return None
    more: list[str] = []
    end = candidate.end
    while candidate.text.startswith("===", end) and len(more) < 10:
        further, end = line_at(candidate.text, end, len(candidate.text))
        more.append(further.strip("= ")[:LINE_LIMIT])
    return SanitizerHeader(candidate.start, end, Role.FAILED_CHECK, bug_type(match[1]), "\n".join([match[1], *more]))


def _exceeded(candidate: CandidateLine) -> SanitizerHeader | None:
    match = EXCEEDED.match(candidate.line, candidate.at)
    if not match:
        return None
    words = match[1].lower()
    name = "Stack-overflow" if "stack" in words else "Out-of-memory" if "rss" in words else "Timeout"
    return SanitizerHeader(candidate.start, candidate.end, Role.FAILED_CHECK, name, match[1])


def _heap_check(candidate: CandidateLine) -> SanitizerHeader | None:
    match = HEAP.search(candidate.line, max(0, candidate.line.rfind("*** Error in", 0, candidate.at)))
    # glibc prints these messages at the start of a line or after asterisks; anywhere else they are quoted.
    if not match or candidate.line[: match.start()].strip(" *\t"):
        return None
    # A kernel console interleaves the output of programs; that is not a crash of the kernel.
    if KERNEL.match(candidate.text, candidate.end) or KERNEL.match(
        candidate.text, candidate.text.rfind("\n", 0, max(candidate.start - 1, 0)) + 1
    ):
        return None
    words = match[1].strip()
    name = next((name for begin, name in HEAP_TYPES.items() if begin in words), "Heap-corruption")
    return SanitizerHeader(candidate.start, candidate.end, Role.FAILED_CHECK, name, words)


def _uncaught(candidate: CandidateLine) -> SanitizerHeader | None:
    match = UNCAUGHT.match(candidate.line, candidate.at if candidate.line.startswith("terminate", candidate.at) else 0)
    if not match:
        return None
    message, end = match[3] or "", candidate.end
    what_line, after = line_at(candidate.text, end, len(candidate.text))
    if match[1] and (begin := what_line[:40].find("what():")) >= 0:
        message, end = what_line[begin + 7 :].strip(), after
    return SanitizerHeader(candidate.start, end, Role.FAILED_CHECK, match[1] or match[2], message)


def _library(candidate: CandidateLine) -> SanitizerHeader | None:
    match = LIBRARY.match(candidate.line, candidate.at)
    if not match:
        return None
    return SanitizerHeader(
        candidate.start, candidate.end, Role.FAILED_CHECK, "Missing-library", f"library {match[1] or match[2]} not found"
    )


FAILED_CHECKS: tuple[tuple[str, HeaderReader], ...] = (
    ("FATAL:", _chromium),
    ("] Check failed: ", _glog),
    ("] CHECK failed: ", _glog),
    ("] RAW: ", _glog),
    ("\nF", _glog),
    ("] assert failure: ", _bracketed),
    ("] panic: ", _bracketed),
    ("# Fatal ", _v8),
    ("# Runtime error", _v8),
    ("# V8 ", _v8),
    ("abort: CSA_", _abort),
    ("FATAL ERROR: ", _node),
    ("Assertion ", _assertion),
    ("assertion ", _assertion),
    ("ASSERTION FAILED: ", _assertion),
    ("ASSERT failure in ", _qt_assertion),
    ('ASSERT: "', _qt_assertion),
    ("SHOULD NEVER BE REACHED", _unreachable),
    ("===BUG DETECTED: ", _bug_detector),
    ("========= ", _exceeded),
    ("double free or corruption", _heap_check),
    ("free(): ", _heap_check),
    ("alloc(): ", _heap_check),
    ("malloc_consolidate(): ", _heap_check),
    ("munmap_chunk(): ", _heap_check),
    ("corrupted ", _heap_check),
    ("stack smashing detected", _heap_check),
    ("buffer overflow detected", _heap_check),
    ("terminate called after throwing", _uncaught),
    (" uncaught exception of type ", _uncaught),
    ("CANNOT LINK EXECUTABLE", _library),
    ("error while loading shared libraries", _library),
)
