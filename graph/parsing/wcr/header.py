"""The header of a VisualWorks dump: who, where, which versions, and the cause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SITE = re.compile(r"([^()]*?)\s*\(([^()]*)\)\s*$")
RUNTIME = re.compile(r"'?\s*([^,'\d]*?)\W*,?\s+(?:Release )?(\d[\w.]*)")
VENDOR = re.compile(r"(.{1,40}?) (Server|Client) Version")
STOPS = (
    "Command Line:",
    "Smalltalk Version:",
    "Object Memory versionId:",
    "Class creating this dump:",
    "Active Process",
    "-----",
)
HEADER_LINES = 80
CAUSE_LINES = 30

# Facts that have a place of their own in the graph; every other ``Whats'On`` line goes into the extra facts.
PLACES = {
    "Whats'On Build": "build",
    "COMPUTERNAME": "host",
    "HOSTNAME": "host",
}
EXTRAS = {
    "Whats'On Minor Version": "minor_version",
    "Whats'On DB Hash": "database_hash",
    "Whats'On Connector Version": "connector_version",
    "Smalltalk Version": "smalltalk_version",
    "Frame rate mode": "frame_rate_mode",
    "Frame rate": "frame_rate",
    "Database encoding": "database_encoding",
    "Session encoding": "session_encoding",
    "Command Line": "command_line",
    "Object Memory versionId": "object_memory_version",
    "Class creating this dump": "dumper",
    "USERNAME": "os_user",
    "TimeZone offset": "time_zone_offset",
}


@dataclass(slots=True)
class Header:
    """What the header says. ``lines`` is how many lines it has, ``offset`` seconds east of Greenwich."""

    lines: int = 0
    cause: str = ""
    offset: int = 0
    product: str | None = None
    version: str | None = None
    site: str | None = None
    user: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)


def header_of(lines: list[str]) -> Header:
    """The header at the beginning of the dump's lines (none of them blank)."""
    header = Header()
    fields = _fields(lines, header)
    header.user = fields.get("Whats'On User") or fields.get("USERNAME") or None
    header.version = fields.get("Whats'On Version") or None
    header.offset = _offset(fields.get("TimeZone offset", ""))
    _place(fields, header)
    _site(fields.get("Whats'On Site", ""), header)
    _runtime(fields.get("Smalltalk Version", ""), header)
    if any(name.startswith("Whats'On ") for name in fields):
        header.product = "WHATS'ON"
    else:
        header.product = _command(fields.get("Command Line", ""))
    return header


def _fields(lines: list[str], header: Header) -> dict[str, str]:
    """Name and value of every header line; the values of version lines may stand on the next line."""
    fields: dict[str, str] = {}
    last, cause = "", -1
    for index, line in enumerate(lines[:HEADER_LINES]):
        if line.startswith(("-----", "Active Process")):
            break
        header.lines = index + 1
        if line.startswith("Cause of Dump:"):
            cause, header.cause, last = index, line.partition(":")[2].strip(), ""
            continue
        if (
            cause >= 0
            and index - cause < CAUSE_LINES
            and not line.startswith(STOPS)
            and cause == index - 1 - header.cause.count("\n")
        ):
            header.cause += "\n" + line
            continue
        name, value = _field(line)
        if name:
            fields.setdefault(name, value)
            last = name if not value and name.endswith("Server Version") else ""
        elif last:
            fields[last], last = line.strip(), ""
        elif line.startswith("PostgreSQL "):
            fields.setdefault("PostgreSQL Server Version", line.strip())
    return fields


def _field(line: str) -> tuple[str, str]:
    """Name and value of ``Name: value`` or ``NAME=value``; two empty texts for any other line."""
    name, sign, value = line.partition(":")
    if not sign or len(name) > 40:
        name, sign, value = line.partition("=")
    name = name.strip().replace("\u2019", "'")
    if not sign or not name or len(name) > 40 or not name[0].isalpha():
        return "", ""
    return name, value.strip()


def _place(fields: Mapping[str, str], header: Header) -> None:
    """Sort the fields into the environment and the extra facts."""
    for name, value in fields.items():
        vendor = VENDOR.fullmatch(name)
        if not value or value == "???":
            continue
        if name in PLACES:
            header.environment[PLACES[name]] = value
        elif name == "Whats'On Version on database":
            if "not available" not in value:
                header.environment["database_version"] = value
        elif vendor:
            key = "database" if vendor[2] == "Server" else "database_client"
            header.environment.setdefault(key, value if vendor[1].lower() in value.lower() else f"{vendor[1]} {value}")
        elif name in EXTRAS:
            header.extra[EXTRAS[name]] = value.strip("'") if name == "Smalltalk Version" else value


def _site(text: str, header: Header) -> None:
    """``SITE(DATABASE)``: a site and the name of its database."""
    found = SITE.match(text)
    header.site = (found[1] if found and found[1] else text) or None
    if found and found[2].strip():
        header.environment["database_name"] = found[2].strip()


def _runtime(text: str, header: Header) -> None:
    """``'VisualWorks®, 9.1.1 of …'`` as ``VisualWorks 9.1.1``: the date's language differs between machines."""
    found = RUNTIME.match(text[:200])
    if found:
        header.environment["runtime"] = f"{found[1]} {found[2]}"
    elif text:
        header.environment["runtime"] = text.strip("'")


def _offset(text: str) -> int:
    """Seconds; 0 when it is no number or more than a day."""
    try:
        seconds = int(text)
    except ValueError:
        return 0
    return seconds if abs(seconds) < 86_400 else 0


def _command(text: str) -> str | None:
    """The program a command line starts, without its folder and ending."""
    first = text.strip().strip('"').replace("\\", "/").split('"')[0].split("/")[-1].split(" ")[0]
    name = first.rsplit(".", 1)[0] if first.lower().endswith((".exe", ".im", ".sh")) else first
    return name or None
