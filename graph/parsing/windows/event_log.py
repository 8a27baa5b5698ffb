"""Application errors of the event log and of error reporting: program, module, exception and offset, in any language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.native.faults import exception_kind, exception_name

# The labels are translated; the order and the shapes of the values are not.
RECORD = re.compile(
    r"[^\n:]{3,60}: ?(?P<app>[^,\n:]{1,200}), [^,\n:]{3,20}: ?(?P<version>[^,\n]{1,60})(?:, [^,\n:]{3,40}: ?0x[0-9a-fA-F]{8})?"
    r"[\s,]{1,20}[^\n:]{3,60}: ?(?P<module>[^,\n]{1,200}), [^,\n:]{3,20}: ?[^,\n]{1,60}?(?:, [^,\n:]{3,40}: ?0x[0-9a-fA-F]{8})?"
    r"[\s,]{1,20}[^\n:]{3,40}: ?(?:0x)?(?P<code>[0-9a-fA-F]{8})[\s,]{1,20}[^\n:]{3,40}: ?(?P<offset>0x[0-9a-fA-F]{1,16})"
)
OLD_RECORD = re.compile(
    r"Faulting application (?P<app>[^,\n]{1,200}), version (?P<version>[^,\n]{1,60}), "
    r"faulting module (?P<module>[^,\n]{1,200}), version [^,\n]{1,60}, fault address (?P<offset>0x[0-9a-fA-F]{1,16})"
)
FIELDS = {
    "app": re.compile(r"Application Name:\s{1,8}([^\r\n]{1,200})"),
    "version": re.compile(r"Application Version:\s{1,8}([^\r\n]{1,60})"),
    "module": re.compile(r"Fault Module Name:\s{1,8}([^\r\n]{1,200})"),
    "code": re.compile(r"Exception Code:\s{1,8}(?:0x)?([0-9a-fA-F]{8})"),
    "offset": re.compile(r"Exception Offset:\s{1,8}(?:0x)?([0-9a-fA-F]{1,16})"),
}
FIELDS_LIMIT = 1_500


@dataclass(frozen=True, slots=True)
class ApplicationError:
    """One application error; ``offset`` in hexadecimal with ``0x``, ``end`` the end of the values read."""

    app: str
    version: str
    module: str
    error_type: str
    offset: str
    end: int


def application_error(text: str, start: int, limit: int) -> ApplicationError | None:
    """Read the application error that begins on the line at ``start``."""
    limit = min(limit, start + FIELDS_LIMIT)
    record = RECORD.match(text, start, limit) or OLD_RECORD.search(text, start, limit)
    if record:
        parts = record.groupdict()
        code = parts.get("code") or ""
        return _error(parts["app"], parts["version"], parts["module"], code, parts["offset"].lower(), record.end())
    matches = {name: pattern.search(text, start, limit) for name, pattern in FIELDS.items()}
    if not matches["app"] or not matches["module"]:
        return None
    values = {name: match[1] if match else "" for name, match in matches.items()}
    end = max(match.end() for match in matches.values() if match)
    offset = f"0x{values['offset'].lower()}" if values["offset"] else ""
    return _error(values["app"], values["version"], values["module"], values["code"], offset, end)


def _error(app: str, version: str, module: str, code: str, offset: str, end: int) -> ApplicationError:
    kind = exception_kind(exception_name(int(code, 16))) if code else "Crash"
    return ApplicationError(app.strip(), version.strip(), module.strip(), kind, offset, end)
