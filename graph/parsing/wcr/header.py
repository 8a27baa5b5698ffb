"""The header of a VisualWorks dump: user, site, versions and cause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SITE = re.compile(r"((?:[^()]*[^\s()])?)\s*+\(([^()]*+)\)\s*+$")
RUNTIME = re.compile(r"'?\s*+((?:[^,'\d]*?[^\W\d](?!\w))?)\W++(?<=\s)(?:Release )?(\d[\w.]*)")
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

# Facts of the environment; every other known line goes into the extra facts.
ENVIRONMENT_FIELDS = {
    "Whats'On Build": "build",
    "COMPUTERNAME": "host",
    "HOSTNAME": "host",
}
EXTRA_FIELDS = {
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
class DumpHeader:
    """The parsed header. ``lines`` is its number of lines, ``offset`` the time zone in seconds east of Greenwich."""

    lines: int = 0
    cause: str = ""
    offset: int = 0
    product: str | None = None
    version: str | None = None
    site: str | None = None
    user: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)


def parse_header(lines: list[str]) -> DumpHeader:
    """Parse the header at the start of the dump's lines, none of them blank."""
    header = DumpHeader()
    fields = _read_fields(lines, header)
    header.user = fields.get("Whats'On User") or fields.get("USERNAME") or None
    header.version = fields.get("Whats'On Version") or None
    header.offset = _parse_offset(fields.get("TimeZone offset", ""))
    _sort_fields(fields, header)
    _parse_site(fields.get("Whats'On Site", ""), header)
    _parse_runtime(fields.get("Smalltalk Version", ""), header)
    if any(name.startswith("Whats'On ") for name in fields):
        header.product = "WHATS'ON"
    else:
        header.product = _program_name(fields.get("Command Line", ""))
    return header


def _read_fields(lines: list[str], header: DumpHeader) -> dict[str, str]:
    """Name and value of every header line; the value of a version line may be on the next line."""
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
        name, value = _parse_field(line)
        if name:
            fields.setdefault(name, value)
            last = name if not value and name.endswith("Server Version") else ""
        elif last:
            fields[last], last = line.strip(), ""
        elif line.startswith("PostgreSQL "):
            fields.setdefault("PostgreSQL Server Version", line.strip())
    return fields


def _parse_field(line: str) -> tuple[str, str]:
    """Name and value of ``Name: value`` or ``NAME=value``; two empty strings for any other line."""
    name, sign, value = line.partition(":")
    if not sign or len(name) > 40:
        name, sign, value = line.partition("=")
    name = name.strip().replace("\u2019", "'")
    if not sign or not name or len(name) > 40 or not name[0].isalpha():
        return "", ""
    return name, value.strip()


def _sort_fields(fields: Mapping[str, str], header: DumpHeader) -> None:
    """Sort the fields into the environment and the extra facts."""
    for name, value in fields.items():
        vendor = VENDOR.fullmatch(name)
        if not value or value == "???":
            continue
        if name in ENVIRONMENT_FIELDS:
            header.environment[ENVIRONMENT_FIELDS[name]] = value
        elif name == "Whats'On Version on database":
            if "not available" not in value:
                header.environment["database_version"] = value
        elif vendor:
            key = "database" if vendor[2] == "Server" else "database_client"
            header.environment.setdefault(key, value if vendor[1].lower() in value.lower() else f"{vendor[1]} {value}")
        elif name in EXTRA_FIELDS:
            header.extra[EXTRA_FIELDS[name]] = value.strip("'") if name == "Smalltalk Version" else value


def _parse_site(text: str, header: DumpHeader) -> None:
    """Split ``SITE(DATABASE)`` into the site and the name of its database."""
    match = SITE.match(text)
    header.site = (match[1] if match and match[1] else text) or None
    if match and match[2].strip():
        header.environment["database_name"] = match[2].strip()


def _parse_runtime(text: str, header: DumpHeader) -> None:
    """Shorten ``'VisualWorks®, 9.1.1 of …'`` to ``VisualWorks 9.1.1``: the date depends on the machine's language."""
    match = RUNTIME.match(text[:200])
    if match:
        header.environment["runtime"] = f"{match[1]} {match[2]}"
    elif text:
        header.environment["runtime"] = text.strip("'")


def _parse_offset(text: str) -> int:
    """Time zone offset in seconds; 0 if it is no number or exceeds a day."""
    try:
        seconds = int(text)
    except ValueError:
        return 0
    return seconds if abs(seconds) < 86_400 else 0


def _program_name(text: str) -> str | None:
    """Name of the program in a command line, without folder and ending."""
    first = text.strip().strip('"').replace("\\", "/").split('"')[0].split("/")[-1].split(" ")[0]
    name = first.rsplit(".", 1)[0] if first.lower().endswith((".exe", ".im", ".sh")) else first
    return name or None
