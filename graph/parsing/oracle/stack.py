"""An error stack of Oracle: errors, the latest first, each with the program lines it passed through."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graph.model.report import StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.text.lines import Lines, is_library
from graph.parsing.text.times import STAMP

ERROR = re.compile(r"(ORA|TNS)-(\d{1,5})(?:: ?| (?=signalled during|caused by))(.*)$")
PASSED = "ORA-06512"
"""Number of the line that names a program and its line; its words depend on the language of the session."""
PLACE = re.compile(r"[^\"\n]{0,40}?(?:\"([^\"\n]{1,300})\"[^\d\n]{0,40})?(\d{1,9})\s*$")
# A line about where the lines around it come from.
REMOTE = ("ORA-02063", "ORA-06544", "ORA-06553")
STATEMENT = "signalled during"
"""Start of the line below an error stack that repeats its number with the statement."""
BLOCK = "anonymous block"
LINES = 2_000


@dataclass(slots=True)
class OracleError:
    """One error of a stack with the frames it passed through, innermost first."""

    error_type: str
    message: str
    frames: list[StackFrame] = field(default_factory=list)


def error_number(line: str) -> tuple[str, str] | None:
    """Number, in five digits, and message of the error in a line."""
    match = ERROR.match(line)
    return (f"{match[1]}-{int(match[2]):05}", match[3].strip()) if match else None


def read_stack(lines: Lines) -> list[OracleError]:
    """Read the errors from the current line on; further lines of a message count only if another error follows."""
    errors: list[OracleError] = []
    for _ in range(LINES):
        number = error_number(lines.line) if lines.line is not None else None
        if number is None:
            is_further = bool(lines.line) and bool(errors) and not STAMP.match(lines.line or "")
            following = lines.peek() if is_further else None
            if following is None or error_number(following) is None:
                break
            errors[-1].message = f"{errors[-1].message}\n{lines.line}"[:MESSAGE_LIMIT]
        elif number[0] == PASSED and errors:
            frame = _frame(number[1])
            errors[-1].frames += [frame] if frame else []
        elif number[0] not in REMOTE and not (errors and number[1].startswith(STATEMENT)):
            errors.append(OracleError(number[0], number[1][:MESSAGE_LIMIT]))
        lines.skip()
    return errors


def _frame(text: str) -> StackFrame | None:
    match = PLACE.match(text)
    if not match:
        return None
    name = (match[1] or BLOCK)[:NAME_LIMIT]
    return StackFrame(name, "", None, int(match[2]), not is_library("oracle", name, None))
