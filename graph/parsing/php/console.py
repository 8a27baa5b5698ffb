"""PHP exceptions as the console of frameworks and content management systems print them, without ``Stack trace:``."""

from __future__ import annotations

import re

from graph.parsing.php.frames import PhpCall, function_name
from graph.parsing.php.log import PhpException
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.text.lines import LINE_LIMIT, Lines, line_start

IN_LINE = re.compile(r"In ([\w.@-]{1,200}\.php) line (\d{1,9}):\s*$")
TYPE = re.compile(r"  \[([A-Za-z_\\][\w\\]{0,500})(?: \(([\w-]{1,40})\))?\]\s*$")
HEADING = "Exception trace:"
PLACE = re.compile(r"  at (\S[^\n]{0,1000}?):(\d{1,9})\s*$")
CALL = re.compile(r" (\S[^\n]{0,1000}?)\(\) at (\S[^\n]{0,1000}?):(\d{1,9})\s*$")
CALL_WITHOUT_PLACE = re.compile(r" (\S[^\n]{0,1000}?)\(\) at n/a:n/a\s*$")
BOX_LINES = 60
# `Class: message in function() (line 3 of modules/a.php).`, then the callers with the line each was called from.
CLASS = re.compile(r"(?<![\w\\])([A-Za-z_\\][\w\\]{0,500}+): ")
FUNCTION = re.compile(r"[\w\\>:{}-]{1,500}+$")
LOCATED = re.compile(r"\(\) \(line (\d{1,9}) of ([^\n()]{1,1000})\)")
LINE_OF = "() (line "
CALLER = re.compile(r"([\w\\>:{}-]{1,500})\([^\n]*?\)(?: \(Line: \d{1,9}\))?\s*$")


def console_exception(text: str, at: int) -> PhpException | None:
    """Parse the exception in the box below ``In FILE line N:`` at ``at``, with its trace if one is printed."""
    lines = Lines(text, at)
    place = IN_LINE.match(lines.line or "")
    if not place:
        return None
    lines.skip()
    error_type, message_lines = "", list[str]()
    for _ in range(BOX_LINES):
        line = lines.line
        if line is None or (line.strip() and not line.startswith("  ")):
            break
        named = TYPE.match(line) if not message_lines else None
        if named:
            error_type = named[1]
        elif line.strip():
            message_lines.append(line.strip())
        elif message_lines and lines.peek() is not None and not (lines.peek() or "").startswith("  "):
            lines.skip()
            break
        lines.skip()
    if not message_lines:
        return None
    file, number = place[1], int(place[2])
    end, calls = lines.position, list[PhpCall]()
    lines.skip_blank()
    if lines.line is not None and lines.line.startswith(HEADING):
        lines.skip()
        located = PLACE.match(lines.line or "")
        if located:
            file, number = located[1], int(located[2])
            lines.skip()
        calls, end = _calls(lines), lines.position
    return PhpException(
        error_type or "Error", "\n".join(message_lines)[:MESSAGE_LIMIT], (file[:NAME_LIMIT], number), calls, (at, end)
    )


def _calls(lines: Lines) -> list[PhpCall]:
    calls: list[PhpCall] = []
    while (line := lines.line) is not None:
        call, internal = CALL.match(line), CALL_WITHOUT_PLACE.match(line)
        if call:
            calls.append(PhpCall(function_name(call[1])[:NAME_LIMIT], call[2], int(call[3])))
        elif internal:
            calls.append(PhpCall(function_name(internal[1])[:NAME_LIMIT]))
        else:
            break
        lines.skip()
    return calls


def described_in_function(text: str, at: int, floor: int) -> PhpException | None:
    """Parse the exception that a line describes with its function, line and file around ``at``, and the callers below."""
    begin = line_start(text, at, floor)
    lines = Lines(text, begin)
    cut = text.rfind(" in ", begin, at)
    location, function = LOCATED.match(text, at), text[cut + len(" in ") : at]
    named = CLASS.search(text, begin, cut) if cut >= 0 else None
    if not location or not named or not FUNCTION.match(function) or at - begin > LINE_LIMIT:
        return None
    lines.skip()
    end = lines.position
    lines.skip_blank()
    names: list[str] = []
    while lines.line is not None and (caller := CALLER.match(lines.line)):
        names.append(caller[1])
        lines.skip()
        end = lines.position
    if not names or names[0] != function:
        names.insert(0, function)
    calls = [PhpCall(name[:NAME_LIMIT]) for name in names]
    message = text[named.end() : cut][:MESSAGE_LIMIT]
    return PhpException(named[1], message, (location[2], int(location[1])), calls, (begin, end))
