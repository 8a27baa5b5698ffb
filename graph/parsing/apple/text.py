"""Crash reports as text: header, exception, last exception backtrace, threads, binary images.

The same layout is written by the system, by PLCrashReporter and by Crashlytics' download.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import ParsedReport
from graph.parsing.apple.crash import Crash, report_of
from graph.parsing.apple.failure import Failure, exception_in
from graph.parsing.apple.frames import AppleFrame, Image, address_frames, parse_frame
from graph.parsing.protocol import line_at

START = re.compile(
    r"^[ \t]{0,8}(?:Incident Identifier: |Process: [^\n]{1,200}\[|Hardware Model: |Exception Type: |Thread \d{1,5} Crashed:?|"
    r"Fatal Exception: |Crashed: [^\n]|# Crashlytics - |Last Exception Backtrace:)",
    re.MULTILINE,
)
FIELD = re.compile(r"[ \t]{0,8}(?:# )?([A-Z][A-Za-z/ ]{2,40}):(?:[ \t]++([^\n]*))?$")
FIELDS = {
    "Exception Subtype": "subtype",
    "Exception Codes": "codes",
    "Exception Message": "subtype",
    "Termination Reason": "termination",
    "Termination Description": "termination",
    "Identifier": "product",
    "Bundle Identifier": "product",
    "Version": "version",
    "OS Version": "system",
    "Hardware Model": "device",
    "Device": "device",
    "Code Type": "cpu",
    "Date/Time": "time",
    "Date": "time",
}
OTHER_FIELDS = frozenset(
    {
        "Incident Identifier", "CrashReporter Key", "Path", "Parent Process", "Responsible", "Coalition", "Role",
        "User ID", "Launch Time", "Report Version", "Exception Note", "Exception Reason", "Termination Signal",
        "Terminating Process", "Triggered by Thread", "Crashed Thread", "Highlighted by Thread", "Baseband Version",
        "Release Type", "Time Awake Since Boot", "System Integrity Protection", "Anonymous UUID",
        "Bridge OS Version", "Beta Identifier", "App Variant", "AppVariant", "AppStoreTools", "Beta", "Translated",
        "PlugIn Path", "Platform", "Issue", "Session", "Sleep/Wake UUID", "Build Info", "Interval Since Last Report",
        "Dyld Error Message", "Filtered syslog", "VM Region Info", "VM Regions Near",
    }
)  # fmt: skip
BEGINNINGS = frozenset({"Incident Identifier", "Process", "Hardware Model"})
THREAD = re.compile(r"[ \t]{0,8}Thread (\d{1,5})( name)?( Crashed| Attributed)?(?: \S)?:[^\n]*$")
STATE = re.compile(r"Thread \d{1,5} crashed with ")
EXCEPTION_STACK = re.compile(
    r"[ \t]{0,8}(?:Last Exception Backtrace|Application Specific Backtrace \d{1,3})(?: \(\d{1,3} of \d{1,3}\))?:"
)
INFORMATION = ("Application Specific Information:", "Application Specific Signatures:", "Dyld Error Message:")
ADDRESSES = re.compile(r"[ \t]{0,8}\((0x[0-9a-f]{1,16}(?: 0x[0-9a-f]{1,16}){0,400}+)\)\s*$")
IMAGE = re.compile(
    r"[ \t]*+(0x[0-9a-fA-F]{1,16})[ \t]++-[ \t]++(0x[0-9a-fA-F]{1,16}|\?{3})[ \t]++\+?(\S(?:[^\n<(]{0,200}?[^\s])??)"
    r"(?:[ \t]++(?:arm\w*|x86\w*|i386|unknown-arch))?[ \t]++(?:\([^()\n]{0,100}\) ?)?<[^<>\n]{1,60}>[ \t]*+([^\n]*)"
)
UNKNOWN_LINES = 80
"""Lines without any known part after which a report ends: registers and instruction bytes take up to fifty."""
LINE_LIMIT = 4_000
INFORMATION_LINES = 60


@dataclass(slots=True)
class _Section:
    """Where the reading of a report is."""

    name: str = ""
    seen: set[str] = field(default_factory=set)
    information: list[str] = field(default_factory=list)
    threads: int = 0
    has_frames: bool = False
    pending: list[AppleFrame] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)


def text_reports(text: str) -> Iterator[ParsedReport]:
    """One report per crash."""
    position = 0
    while match := START.search(text, position):
        crash = _read(text, match.start())
        position = max(crash.end, match.end())
        if _is_crash(crash):
            yield report_of(crash)


def _is_crash(crash: Crash) -> bool:
    return bool(crash.frames or crash.exception_frames or crash.exception.startswith(("EXC_", "SIG")))


def _read(text: str, start: int) -> Crash:
    crash, section = Crash(start, start), _Section()
    position, unknown = start, 0
    while position < len(text) and unknown < UNKNOWN_LINES:
        line, after = line_at(text, position, len(text))
        known = _read_line(line[:LINE_LIMIT], crash, section)
        if known is None:
            break
        unknown = 0 if known else unknown + 1
        crash.end = after if known else crash.end
        position = after
    crash.information = "\n".join(section.information)
    if section.addresses:
        crash.exception_frames = address_frames(section.addresses, crash.images)
    if not crash.frames and not crash.exception_frames:
        crash.frames = section.pending
    crash.truncated = bool(crash.exception) and not crash.frames and not crash.exception_frames
    return crash


def _read_line(line: str, crash: Crash, section: _Section) -> bool | None:
    """Read a line; whether it is part of the report, or ``None`` if it begins another one."""
    if not line.strip():
        if (section.name == "information" and section.information) or section.has_frames:
            section.name, section.has_frames = "", False
        return False
    numbered = parse_frame(line) if section.name in {"exception", "crashed", "thread", "first"} else None
    if numbered:
        _add_frame(numbered, crash, section)
        return True
    addresses = ADDRESSES.match(line) if section.name == "exception" else None
    if addresses:
        section.addresses = addresses[1].split()
        return True
    return _heading(line, crash, section)


def _add_frame(numbered: tuple[int, AppleFrame], crash: Crash, section: _Section) -> None:
    number, frame = numbered
    section.has_frames = True
    frames = {"exception": crash.exception_frames, "crashed": crash.frames, "first": section.pending}.get(section.name)
    if frames is not None and frames and number == 0:
        section.name = "thread"
    elif frames is not None:
        frames.append(frame)


def _heading(line: str, crash: Crash, section: _Section) -> bool | None:
    if EXCEPTION_STACK.match(line):
        section.name = "thread" if crash.exception_frames else "exception"
        return True
    if line.lstrip().startswith("Binary Images"):
        section.name = "images"
        return True
    if STATE.match(line.lstrip()):
        section.name = ""
        return True
    thread = THREAD.match(line)
    if thread:
        section.has_frames = False
        return _thread(thread, line, crash, section)
    if line.lstrip().startswith(INFORMATION):
        section.name = "information"
        return True
    if section.name == "images":
        return _image(line, crash)
    if section.name == "information" and not _is_field(line) and len(section.information) < INFORMATION_LINES:
        section.information.append(line)
        return True
    return _field(line, crash, section)


def _is_field(line: str) -> bool:
    match = FIELD.match(line)
    return match is not None and match[1] in {"Exception Type", *BEGINNINGS, *FIELDS, *OTHER_FIELDS}


def _thread(thread: re.Match[str], line: str, crash: Crash, section: _Section) -> bool | None:
    if thread[2]:
        section.name = f"named {line.partition(':')[2].strip()}"
        return True
    if thread[3]:
        if crash.frames:
            return None
        named = section.name.removeprefix("named ") if section.name.startswith("named ") else ""
        crash.thread = line.partition(thread[3])[2].strip(" :") or named
        section.name = "crashed"
        return True
    section.name = "first" if not section.threads else "thread"
    section.threads += 1
    return True


def _image(line: str, crash: Crash) -> bool:
    match = IMAGE.match(line)
    if not match:
        return False
    base = int(match[1], 16)
    end = int(match[2], 16) + 1 if match[2] != "???" else base + 1
    crash.images.add(Image(match[3], base, end, match[4].strip()))
    return True


def _field(line: str, crash: Crash, section: _Section) -> bool | None:
    match = FIELD.match(line)
    if not match:
        return _exception_type(line, crash, section)
    name, value = match[1], (match[2] or "").strip()
    if name in {"Fatal Exception", "Crashed"}:
        return _crashlytics(name, value, crash, section)
    if name in BEGINNINGS and name in section.seen and (crash.exception or crash.frames):
        return None
    if section.threads or crash.frames or crash.exception_frames:
        # The header is above the threads: a field below them belongs to the next report.
        return None if name in BEGINNINGS or name == "Exception Type" else False
    section.seen.add(name)
    if name == "Process":
        crash.process = value.partition(" [")[0]
    elif name == "Exception Type":
        crash.exception = crash.exception or value
    elif name in FIELDS:
        _set(crash, FIELDS[name], value)
    elif name not in OTHER_FIELDS:
        return False
    return True


def _set(crash: Crash, attribute: str, value: str) -> None:
    if attribute == "cpu":
        value = value.partition(" (")[0]
    if attribute == "subtype" and crash.subtype:
        crash.subtype += f": {value}"
    elif not getattr(crash, attribute) or attribute == "termination":
        setattr(crash, attribute, value)


def _crashlytics(name: str, value: str, crash: Crash, section: _Section) -> bool | None:
    """Crashlytics names the exception or the crashed thread directly above its frames."""
    if crash.frames or crash.exception_frames:
        return None
    if name == "Crashed":
        crash.thread, section.name = value, "crashed"
    else:
        error_type, _, message = value.partition(": ")
        crash.failure, section.name = Failure(error_type, message), "exception"
    return True


def _exception_type(line: str, crash: Crash, section: _Section) -> bool:
    """A line below Crashlytics' heading: the message of the exception, or the kind of exception."""
    if section.name == "exception" and crash.failure and not crash.failure.message and not crash.exception_frames:
        crash.failure = exception_in(line) or Failure(crash.failure.error_type, line.strip())
        return True
    if section.name == "crashed" and not crash.frames and line.startswith("EXC_"):
        crash.exception = line.split(maxsplit=1)[0]
        return True
    return False
