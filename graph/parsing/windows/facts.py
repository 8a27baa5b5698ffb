"""Facts of a Windows crash besides its stack: exception, process, system, time."""

from __future__ import annotations

import re
from datetime import datetime

from graph.parsing.native.faults import VIOLATION, access_of, exception_kind, exception_name, number_of, signal_kind
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.windows.bugchecks import bugcheck_of

EVENT = re.compile(r"\([0-9a-f]{1,6}\.[0-9a-f]{1,6}\): ([^\n]{1,100}?) - code ([0-9a-f]{8}) \(([^()\n]{1,40})\)")
# Caught exceptions, debugger breaks, and thread names.
NON_FATAL = frozenset({"e06d7363", "e0434352", "80000003", "4000001f", "80000004", "406d1388"})
CODE = re.compile(
    r"(?:ExceptionCode|EXCEPTION_CODE|ERROR_CODE|[Ee]xception [Cc]ode):[ \t]{1,12}(?:\(\w{1,12}\) )?(?:0x)?([0-9a-fA-F]{8})\b"
)
EXCEPTION_TEXT = re.compile(r"(?:ExceptionCode): [0-9a-fA-F]{8} \(([^()\n]{1,80})\)")
ATTEMPT = re.compile(r"Attempt to (\w{4,8}) (?:\S{1,20} )?address ([0-9a-fA-F`]{8,20})")
FAULT_KEY = re.compile(r"Key {1,4}: AV\.Fault\s{1,40}Value: (Read|Write|Execute)")
THROWN = re.compile(
    r"(?P<how>[Uu]nhandled exception|First-chance exception|Exception thrown|Unhandled Exception)"
    r"(?: at 0x[0-9A-Fa-f`]{1,20}(?: \([^()\n]{1,200}\))?(?: in (?P<image>[^\n:]{1,200}))?| thrown)?: (?P<detail>[^\n]{1,2000})"
)
STRUCTURED = re.compile(r"0x([0-9A-Fa-f]{8})(?:[:.]|$) ?([^\n]*)")
CPP = re.compile(r"Microsoft C\+\+ exception: ([^\n]{1,600}?) at memory location")
VIOLATED = re.compile(
    r"[Aa]ccess violation (read|writ|execut)\w{0,5}|(read|write|execute) access violation"
    r"|\b(read|writ|execut)\w{0,4} (?:memory at )?address"
)
ACCESS_ADDRESS = re.compile(r"(?:location|address):? (0x[0-9A-Fa-f`]{1,20}|[0-9A-Fa-f]{8,16})")
NAMED_CODE = re.compile(r"EXCEPTION_[A-Z_]{4,60}|SIG[A-Z]{2,6}")
PARAMETER = re.compile(r"(?<!\s)\s*+(?:\(parameters?: [^()\n]{0,200}\)\.?|Occurred.*|If there is a handler.*)", re.DOTALL)
PROCESS = re.compile(r"^PROCESS_NAME:[ \t]{1,8}(\S{1,200})", re.MULTILINE)
SYSTEM = (
    re.compile(r"^(Windows (?:Server )?\w{1,12}(?: \w{1,12})? Version [\w. ]{1,40}?)(?: MP| UP| Free|\r?$)", re.MULTILINE),
    re.compile(r"^OSNAME:[ \t]{1,8}([^\r\n]{1,60})", re.MULTILINE),
)
SYSTEM_VERSION = re.compile(r"^OS_VERSION:[ \t]{1,8}([\d.]{1,40})", re.MULTILINE)
PLATFORM = re.compile(r"^OSPLATFORM_TYPE:[ \t]{1,8}(\w{1,12})", re.MULTILINE)
TIME = re.compile(
    r"Debug session time: \w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)\.\d{1,3} (\d{4}) \(UTC ([+-]) (\d{1,2}):(\d\d)\)"
)
ARGUMENTS = "\nArg1: "
"""Begins the second line of the arguments of a bug check."""
# Characters of a debugger's output that are searched for facts of the machine.
HEADER_LIMIT = 20_000


def debugger_error(part: str) -> tuple[str, str]:
    """Type and message of the event at which a debugger stopped."""
    stop = _bugcheck(part)
    if stop:
        return stop
    events = EVENT.findall(part)
    # A second chance was not handled; without one, the debugger stopped at the last first chance.
    event = next((event for event in reversed(events) if "second" in event[2]), events[-1] if events else None)
    code, attempt = CODE.search(part), ATTEMPT.search(part)
    number = int(code[1], 16) if code else int(event[1], 16) if event else None
    if number is None:
        return "Crash", ""
    named = EXCEPTION_TEXT.search(part)
    message = attempt[0] if attempt else named[1] if named else event[0] if event else ""
    access = attempt or FAULT_KEY.search(part)
    return exception_kind(exception_name(number), access_of(access[1]) if access else ""), message


def _bugcheck(part: str) -> tuple[str, str] | None:
    return bugcheck_of(part, analysed="Bugcheck Analysis" in part or ARGUMENTS in part)


def is_bugcheck(part: str) -> bool:
    """Whether a debugger's output is about a bug check."""
    return _bugcheck(part) is not None


def is_crash(part: str) -> bool:
    """Whether the exceptions stopped the program; caught exceptions and debugger breaks do not."""
    return any("second" in chance or code not in NON_FATAL for _, code, chance in EVENT.findall(part))


def thrown_error(match: re.Match[str]) -> tuple[str, str]:
    """Type and message of an exception line of Visual Studio or a crash handler."""
    description = match["detail"].strip()
    cpp = CPP.search(description)
    if cpp:
        return cpp[1].strip()[:NAME_LIMIT], description
    structured, access = STRUCTURED.match(description), _access(description)
    message = PARAMETER.sub("", structured[2] if structured else description).strip()[:MESSAGE_LIMIT]
    if structured:
        return exception_kind(exception_name(int(structured[1], 16)), access), message
    named = NAMED_CODE.match(description)
    if named and named[0].startswith("SIG"):
        address = ACCESS_ADDRESS.search(description)
        return signal_kind(named[0], number_of(address[1]) if address else None, access), message
    if named:
        return exception_kind(named[0], access if named[0] == VIOLATION else ""), message
    return (access or VIOLATION, message) if "access violation" in description else ("Unhandled exception", message)


def _access(description: str) -> str:
    match = VIOLATED.search(description)
    return access_of(match[1] or match[2] or match[3]) if match else ""


def address_of(part: str) -> str:
    """Address of the access as printed; empty if it is missing."""
    attempt = ATTEMPT.search(part)
    match = attempt[2] if attempt else (ACCESS_ADDRESS.search(part) or ("", ""))[1]
    return match if match and number_of(match) is not None else ""


def environment_of(part: str) -> dict[str, str]:
    """Operating system and platform in a debugger's output."""
    part = part[:HEADER_LIMIT]
    system = next((match[1].strip() for match in (pattern.search(part) for pattern in SYSTEM) if match), "")
    version, platform = SYSTEM_VERSION.search(part), PLATFORM.search(part)
    if version and version[1] not in system:
        system = f"{system or 'Windows'} {version[1]}"
    facts = {"os": system or "Windows", "cpu": platform[1] if platform else ""}
    return {name: value for name, value in facts.items() if value}


def time_of(part: str) -> datetime | None:
    """Time of the crash, if the debugger prints it with its zone."""
    match = TIME.search(part[:HEADER_LIMIT])
    if not match:
        return None
    stamp = f"{match[2]} {match[1]} {match[4]} {match[3]} {match[5]}{int(match[6]):02}{match[7]}"
    try:
        return datetime.strptime(stamp, "%d %b %Y %H:%M:%S %z")
    except ValueError:
        return None
