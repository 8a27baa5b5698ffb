"""Text output of ``minidump_stackwalk``: human-readable, and machine-readable with fields separated by ``|``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.minidump.crash import MinidumpCrash, native_frame, report_of
from graph.parsing.protocol import line_at

SYSTEM = "Operating system: "
REASON = "Crash reason:"
THREAD = re.compile(r"Thread \d{1,9} ?(?P<name>.{0,200}?)\s{0,2}\((?:crashed|requested dump)[^()\n]{0,60}\)")
ANY_THREAD = re.compile(r"Thread \d{1,9}\b")
FRAME = re.compile(r"[ \t]{0,4}\d{1,6}[ \t]{1,3}(?P<rest>\S.*)", re.DOTALL)
PLACE = re.compile(r" \[(?P<file>(?:(?! \[)[^\n]){1,2000}?) : (?P<line>\d{1,9})(?: \+ 0x[0-9a-fA-F]{1,16})?\]\s*\Z")
OFFSET = re.compile(r" \+ (0x[0-9a-fA-F]{1,16})\s*\Z")
MODULE = re.compile(
    r"0x[0-9a-fA-F]{1,16} - 0x[0-9a-fA-F]{1,16}\s{1,4}(?P<name>\S[^\n]{0,200}?)\s{2}"
    r"(?P<version>\S{1,60})(?P<main>[^\n]{0,80}\(main\))?"
)
INLINED = "Found by: inlining"
MODULES = "Loaded modules:"
MACHINE = re.compile(r"\n(?=OS\|[^|\n]{0,100}\|[^\n]{0,300}\r?\n)")
LINE_LIMIT = 20_000


def human_reports(text: str) -> Iterator[ParsedReport]:
    """Yield one report per crash in human-readable output."""
    start, behind = _find_crash(text, 0)
    while start >= 0:
        following, after = _find_crash(text, behind)
        yield from _human(text, start, following if following >= 0 else len(text))
        start, behind = following, after


def _find_crash(text: str, position: int) -> tuple[int, int]:
    """Find the next crash: its start, at the operating system or else the reason, and the end of the word for the reason.

    The start is -1 if there is none.
    """
    reason = text.find(REASON, position)
    if reason < 0:
        return -1, position
    system = text.find(SYSTEM, position, reason)
    at = system if system >= 0 else reason
    start = text.rfind("\n", position, at) + 1
    return max(start, position) if start else at, reason + len(REASON)


def _human(text: str, start: int, limit: int) -> Iterator[ParsedReport]:
    crash = MinidumpCrash()
    position, end, section = start, start, "head"
    while position < limit:
        line, after = line_at(text, position, limit)
        line = line[:LINE_LIMIT]
        crashed = THREAD.match(line)
        if crashed and not crash.frames:
            section, crash.thread, end = "crashed", crashed["name"].strip(), after
        elif ANY_THREAD.match(line):
            section, end = "other", after
        elif line.startswith(MODULES):
            section, end = "modules", after
        elif section == "modules":
            if not line.strip():
                break
            end = after
            _module(crash, line)
        elif section == "crashed":
            end = after if _stack_line(crash, line) else end
        elif section == "other" and line.strip():
            end = after
        elif section == "head":
            end = after if _head_line(crash, line, text, after, limit) else end
        position = after
    if crash.reason:
        yield report_of(crash, (start, end))


def _head_line(crash: MinidumpCrash, line: str, text: str, after: int, limit: int) -> bool:
    """Read a line about the crash as a whole; returns whether it is one."""
    name, mark, value = line.strip().partition(":")
    value = value.strip()
    if not mark:
        return False
    match name:
        case "Operating system" | "CPU":
            # The version is on the line below.
            more = line_at(text, after, limit)[0]
            more = more.strip() if more[:1] in {" ", "\t"} else ""
            if name == "CPU":
                crash.environment |= {"cpu": value, "cpu_model": more}
            else:
                crash.environment["os"] = f"{value} {more}".strip()
        case "Crash reason":
            crash.reason = value
        case "Crash address":
            crash.address = value
        case "Assertion":
            crash.assertion = value
        case "Access type":
            crash.access = crash.access or value
        case "Process uptime":
            return True
        case _:
            return False
    return True


def _stack_line(crash: MinidumpCrash, line: str) -> bool:
    if INLINED in line and crash.frames:
        crash.frames[-1] = replace(crash.frames[-1], inlined=True)
        return True
    match = FRAME.match(line)
    if not match or "=" in line.partition("!")[0]:
        return bool(line.strip())
    rest = match["rest"]
    place = PLACE.search(rest[-2100:])
    if place:
        rest = rest[: rest.rindex(" [")]
    offset = OFFSET.search(rest[-30:])
    rest = rest[: rest.rindex(" + ")] if offset else rest
    module, mark, symbol = rest.partition("!")
    file, number = (place["file"], int(place["line"])) if place else ("", None)
    if not mark and module.startswith("0x"):
        module = ""
    crash.frames.append(native_frame(symbol.strip(), file, number, module.strip(), offset[1] if offset else ""))
    return True


def _module(crash: MinidumpCrash, line: str) -> None:
    match = MODULE.match(line.strip())
    if match and match["main"]:
        crash.product, crash.version = match["name"].strip(), match["version"]


def machine_reports(text: str) -> Iterator[ParsedReport]:
    """Yield one report per crash in machine-readable output."""
    starts = [match.start() for match in MACHINE.finditer("\n" + text)]
    for start, limit in zip(starts, [*starts[1:], len(text)], strict=True):
        yield from _machine(text, start, limit)


def _machine(text: str, start: int, limit: int) -> Iterator[ParsedReport]:
    crash = MinidumpCrash()
    thread: str | None = None
    position, end = start, start
    while position < limit:
        line, position = line_at(text, position, limit)
        parts = line[:LINE_LIMIT].split("|")
        match parts:
            case ["OS", name, version, *_]:
                crash.environment["os"] = f"{name} {version}".strip()
            case ["CPU", name, model, count, *_]:
                crash.environment |= {"cpu": name, "cpu_model": model, "cpu_count": count}
            case ["Crash", reason, address, number, *_]:
                crash.reason, crash.address, thread = reason, address, number.strip()
            case ["Assertion", expression, *_]:
                crash.assertion = expression
            case ["Module", name, version, _, _, _, _, "1", *_]:
                crash.product, crash.version = name, version
            case [number, _, module, *symbol, file, line_number, offset] if thread and number == thread and symbol:
                source_line = (
                    int(line_number) if line_number.isascii() and line_number.isdigit() and len(line_number) < 9 else None
                )
                crash.frames.append(native_frame("|".join(symbol), file, source_line, module, offset.strip()))
            case [_, _, *_]:
                pass
            case _:
                continue
        end = position
    if crash.reason and not crash.reason.startswith("No crash"):
        yield report_of(crash, (start, end))
