"""Errors of PowerShell scripts, in the layouts of Windows PowerShell and of PowerShell 7."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport
from graph.parsing.protocol import line_at
from graph.parsing.text.lines import lines_above, location_frame
from graph.parsing.text.report import complete

CATEGORY = "+ CategoryInfo "
SCRIPT_LINE = "\nLine |"
INFO = re.compile(
    r"\s{0,20}\+ CategoryInfo {1,20}: (?P<category>\w{1,60}): [^\n]{0,1000}"
    r"\[(?P<command>[^\]\n]{0,200})\], (?P<type>[\w.]{1,300})"
)
ERROR_ID = re.compile(r"\s{0,20}\+ FullyQualifiedErrorId {1,20}: ([^\n]{1,500})")
PLACE = re.compile(r"(?:At|In|Bei|Au|En) (?P<file>[^\n]{1,1000}):(?P<line>\d{1,9}) [^\s:\d]{1,20}:\d{1,9}\s*$")
COMMAND = re.compile(r"[^\s:]{1,200}(?: [^\s:]{1,100}){0,3} : |[A-Z]:\\[^\n:]{1,300} : ")
CONCISE = re.compile(r"(?:\x1b\[[\d;]*m)?(?P<type>[\w.-]{1,200}): (?P<file>[^\n]{1,1000}):(?P<line>\d{1,9})\s*$")
MARGIN = re.compile(r"\s{0,12}\d{0,9} \|(?P<text>[^\n]*)$")
ABOVE = 40
BELOW = 200


def script_errors(text: str) -> Iterator[ParsedReport]:
    """One report per error of a script."""
    at, floor = text.find(CATEGORY), 0
    while at >= 0:
        report = _windows_error(text, at, floor)
        floor = report.span[1] if report else floor
        if report:
            yield report
        at = text.find(CATEGORY, max(floor, at + 1))
    at = text.find(SCRIPT_LINE)
    while at >= 0:
        report = _concise_error(text, at, floor)
        if report:
            yield report
            floor = report.span[1]
        at = text.find(SCRIPT_LINE, max(floor, at + 1))


def _windows_error(text: str, at: int, floor: int) -> ParsedReport | None:
    """The error with its category at ``at``: message, place, the quoted source and the category."""
    start = max(text.rfind("\n", floor, at) + 1, floor)
    line, end = line_at(text, start, len(text))
    info = INFO.match(line)
    if not info:
        return None
    error_id = ERROR_ID.match(line_at(text, end, len(text))[0])
    end = line_at(text, end, len(text))[1] if error_id else end
    place: re.Match[str] | None = None
    lines: list[str] = []
    for begin, above in lines_above(text, start, floor, ABOVE):
        if not place:
            place = PLACE.match(above)
            if not place and not above.lstrip().startswith("+"):
                return None
        elif not above.strip():
            break
        else:
            lines.append(above.strip())
        start = begin
    message = "\n".join(reversed(lines))
    named = COMMAND.match(message)
    message = message[named.end() :] if named else message
    extra = {"category": info["category"], "command": info["command"], "error_id": error_id[1].strip() if error_id else ""}
    return _report(info["type"], message, place, (start, end), extra)


def _concise_error(text: str, at: int, floor: int) -> ParsedReport | None:
    """The error with its source line below ``at``, in the layout of PowerShell 7."""
    start = max(text.rfind("\n", floor, at) + 1, floor)
    named = CONCISE.match(text[start:at].rstrip("\r"))
    if not named:
        return None
    end = line_at(text, at + 1, len(text))[1]
    lines: list[str] = []
    for _ in range(BELOW):
        line, after = line_at(text, end, len(text))
        margin = MARGIN.match(line)
        if not margin:
            break
        lines.append(margin["text"].strip())
        end = after
    # The source, and the mark below it, precede the message.
    marked = next((index for index, line in enumerate(lines) if line and not line.strip("~ ")), 0)
    message = "\n".join(lines[marked + 1 :])
    return _report(named["type"], message, named, (start, end), {})


def _report(
    error_type: str, message: str, place: re.Match[str] | None, span: tuple[int, int], extra: dict[str, str]
) -> ParsedReport:
    known = place is not None and place["file"] not in {"line", "Zeile", "ligne"}
    frames = (location_frame(place["file"].strip(), int(place["line"]), in_app=True),) if place and known else ()
    return complete(
        ParsedReport(
            format="dotnet",
            error_type=error_type,
            message=message.strip(),
            frames=frames,
            extra={name: value for name, value in extra.items() if value},
            span=span,
        ),
        "dotnet",
    )
