"""What native programs say when they end themselves: failed checks and assertions, fatal messages, uncaught exceptions."""

from __future__ import annotations

import re

from graph.parsing.protocol import line_at
from graph.parsing.sanitizer.error_types import bug_type, check_type
from graph.parsing.sanitizer.line import LINE_LIMIT, Head, Line, Reader, Role

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
    re.compile(r"(?:[^\n:]{1,400}: )?([^\s:][^\n:]{0,400}):(\d{1,9}): ([^\n]{0,8000}?): Assertion [`'](.*?)['’]? ?failed\.?$"),
    re.compile(r"([^\s:][^\n:]{0,400}):(\d{1,9}): ([^\n]{0,2000}?): assertion \"(.*)\" failed"),
    re.compile(
        r"[^\n:]{0,80}:ERROR:([^\n:]{1,400}):(\d{1,9}):([^\n]{0,2000}?): assertion failed(?: \([^\n]{0,2000}\))?: ?(.*)"
    ),
    re.compile(r"([^\s:][^\n:]{0,400}):(\d{1,9}): ()(?:libc\+\+ Hardening )?assertion (.*?) failed(?:: |$)"),
)
CRITICAL = re.compile(r"\b[\w:~]{1,200}: assertion ['`](.*)['’] failed")
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


def _chromium(here: Line) -> Head | None:
    found = CHROMIUM.match(here.line, max(0, here.line.rfind("[", 0, here.at)))
    if not found:
        return None
    name, message = check_type(found[5])
    pid = (found[1] or "").partition(":")[0]
    place = f"{found[2]}:{found[3] or found[4]}"
    return Head(here.start, here.end, Role.CLAIM, name, message, "", place, pid if pid.isdigit() else "")


def _glog(here: Line) -> Head | None:
    found = GLOG.search(here.line, 0, 4_000)
    if not found or (found.start() and here.line[found.start() - 1] not in " \t|:]"):
        return None
    name, message = check_type(found[4])
    return Head(here.start, here.end, Role.CLAIM, name, message, "", f"{found[2]}:{found[3]}", found[1])


def _bracketed(here: Line) -> Head | None:
    found = BRACKETED.match(here.line, max(0, here.line.rfind("[critical]", 0, here.at)))
    return Head(here.start, here.end, Role.CLAIM, "ASSERT", found[2], "", found[1]) if found else None


def _v8(here: Line) -> Head | None:
    found = V8.match(here.line, here.at)
    if not found or here.line[: here.at].strip(" \t#"):
        return None
    title, end = found[1].rstrip(), here.end
    place = V8_PLACE.match(title)
    more: list[str] = []
    while here.text.startswith("#", end) and len(more) < 40:
        further, after = line_at(here.text, end, len(here.text))
        if further.startswith("#FailureMessage"):
            break
        if words := further.lstrip("#").strip():
            more.append(words[:LINE_LIMIT])
        end = after
    name, message = _v8_error(title, "\n".join(more))
    return Head(here.start, end, Role.CLAIM, name, message, "", f"{place[1]}:{place[2]}" if place and place[1] else "")


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


def _abort(here: Line) -> Head | None:
    found = ABORT.match(here.line, here.at)
    return Head(here.start, here.end, Role.CLAIM, "ASSERT", found[1], "", found[2] or "") if found else None


def _node(here: Line) -> Head | None:
    found = NODE.match(here.line, here.at)
    return Head(here.start, here.end, Role.CLAIM, "Out-of-memory", found[1]) if found else None


def _assertion(here: Line) -> Head | None:
    line = here.line
    begin = line.rfind("] ", 0, here.at) + 2 if "] " in line[: here.at] else 0
    for form in ASSERTION:
        if found := form.match(line, begin):
            facts = {"function": found[3]} if found[3] else {}
            return Head(here.start, here.end, Role.CLAIM, "ASSERT", found[4], "", f"{found[1]}:{found[2]}", facts=facts)
    if line.startswith("Assertion failed: ", here.at):
        return _failed(here, line[here.at + 18 :])
    if line.startswith("ASSERTION FAILED: ", here.at):
        below, after = line_at(here.text, here.end, len(here.text))
        place = BELOW.match(below[:LINE_LIMIT])
        where = f"{place[1]}:{place[2]}" if place else ""
        return Head(here.start, after if place else here.end, Role.CLAIM, "ASSERT", line[here.at + 18 :], "", where)
    # Assertions of GLib are warnings, unless the process ends by them.
    found = CRITICAL.search(line, max(0, here.at - 200))
    return Head(here.start, here.end, Role.HINT, "ASSERT", found[1]) if found else None


def _failed(here: Line, rest: str) -> Head | None:
    """``expression, function f, file f.c, line 3.`` and ``expression (f.c: f: 3)``."""
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
    return Head(here.start, here.end, Role.CLAIM, "ASSERT", expression, "", f"{file}:{line[0]}" if file and line else "")


def _reached(here: Line) -> Head | None:
    """WebKit's words for code that should not run, with the place on the next line."""
    if here.line[: here.at].strip():
        return None
    below, after = line_at(here.text, here.end, len(here.text))
    place = BELOW.match(below[:LINE_LIMIT])
    if not place:
        return None
    return Head(here.start, after, Role.CLAIM, "ASSERT", here.line.strip(), "", f"{place[1]}:{place[2]}")


def _bug(here: Line) -> Head | None:
    found = BUG.match(here.line, here.at)
    if not found or "PySecSan" in found[1]:
        return None
    more: list[str] = []
    end = here.end
    while here.text.startswith("===", end) and len(more) < 10:
        further, end = line_at(here.text, end, len(here.text))
        more.append(further.strip("= ")[:LINE_LIMIT])
    return Head(here.start, end, Role.CLAIM, bug_type(found[1]), "\n".join([found[1], *more]))


def _exceeded(here: Line) -> Head | None:
    found = EXCEEDED.match(here.line, here.at)
    if not found:
        return None
    words = found[1].lower()
    name = "Stack-overflow" if "stack" in words else "Out-of-memory" if "rss" in words else "Timeout"
    return Head(here.start, here.end, Role.CLAIM, name, found[1])


def _heap(here: Line) -> Head | None:
    found = HEAP.search(here.line, max(0, here.line.rfind("*** Error in", 0, here.at)))
    # glibc writes these words at the beginning of a line or behind stars; elsewhere they are only talked about.
    if not found or here.line[: found.start()].strip(" *\t"):
        return None
    # A kernel's console mixes in what programs print; that is no crash of the kernel.
    if KERNEL.match(here.text, here.end) or KERNEL.match(here.text, here.text.rfind("\n", 0, max(here.start - 1, 0)) + 1):
        return None
    words = found[1].strip()
    name = next((name for begin, name in HEAP_TYPES.items() if begin in words), "Heap-corruption")
    return Head(here.start, here.end, Role.CLAIM, name, words)


def _uncaught(here: Line) -> Head | None:
    found = UNCAUGHT.match(here.line, here.at if here.line.startswith("terminate", here.at) else 0)
    if not found:
        return None
    message, end = found[3] or "", here.end
    what, after = line_at(here.text, end, len(here.text))
    if found[1] and (begin := what[:40].find("what():")) >= 0:
        message, end = what[begin + 7 :].strip(), after
    return Head(here.start, end, Role.CLAIM, found[1] or found[2], message)


def _library(here: Line) -> Head | None:
    found = LIBRARY.match(here.line, here.at)
    if not found:
        return None
    return Head(here.start, here.end, Role.CLAIM, "Missing-library", f"library {found[1] or found[2]} not found")


CLAIMS: tuple[tuple[str, Reader], ...] = (
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
    ("SHOULD NEVER BE REACHED", _reached),
    ("===BUG DETECTED: ", _bug),
    ("========= ", _exceeded),
    ("double free or corruption", _heap),
    ("free(): ", _heap),
    ("alloc(): ", _heap),
    ("malloc_consolidate(): ", _heap),
    ("munmap_chunk(): ", _heap),
    ("corrupted ", _heap),
    ("stack smashing detected", _heap),
    ("buffer overflow detected", _heap),
    ("terminate called after throwing", _uncaught),
    (" uncaught exception of type ", _uncaught),
    ("CANNOT LINK EXECUTABLE", _library),
    ("error while loading shared libraries", _library),
)
