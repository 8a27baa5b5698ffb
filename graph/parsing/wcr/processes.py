"""The processes of a VisualWorks image at the time of a dump: the active one, the quiescent and the suspended ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graph.model.report import Cause
from graph.parsing.wcr.frames import NUMBERED, numbered_frames

STATES = {"active process": "active", "quiescent process": "quiescent", "suspended process": "suspended"}
ENDS = ("unhandled exception", "initial context", "transcript", "external database", "scheduled windows", "memory report")
NAMED = "Process named:"
PRIORITY = "Process priority:"
# An error that is being raised leaves such frames; an interrupt for lack of memory strikes several processes at once.
RAISING = re.compile(
    r"\w*(?:Exception|Error|Interrupt|Notification)(?: class)?\b[^>]{0,200}>>(?:raise|signal|interrupt|propagate)\w*"
)
MEMBERS = 8
NAMES = 40


@dataclass(slots=True)
class Process:
    """One process; ``stack`` are the lines of its context stack."""

    state: str
    name: str = ""
    priority: str = ""
    stack: list[str] = field(default_factory=list)

    @property
    def is_raising(self) -> bool:
        """Whether an error was being raised in it."""
        return any(RAISING.search(line[:500]) for line in self.stack)


def processes_of(lines: Sequence[str]) -> list[Process]:
    """All processes in a dump's lines, in order."""
    found: list[Process] = []
    state = ""
    for line in lines:
        start = line[:40].lower()
        told = next((name for mark, name in STATES.items() if start.startswith(mark)), None)
        if told:
            state = told
            if told == "active":
                found.append(Process(told))
        elif start.startswith(ENDS):
            state = ""
        elif state:
            _take(line, state, found)
    return found


def _take(line: str, state: str, found: list[Process]) -> None:
    if line.startswith(NAMED):
        name = line.partition(":")[2].strip().strip("'").replace("''", "'")
        if state != "active" or not found:
            found.append(Process(state))
        found[-1].name = name
    elif line.startswith(PRIORITY) and found:
        found[-1].priority = line.partition(":")[2].strip()
    elif found and NUMBERED.match(line):
        found[-1].stack.append(line)


def facts_of(processes: Sequence[Process]) -> Iterator[tuple[str, str]]:
    """How many processes there were beside the active one, by state and name."""
    for state in ("quiescent", "suspended"):
        names = [one.name or "unnamed" for one in processes if one.state == state]
        if names:
            told = ", ".join(sorted(set(names))[:NAMES])
            yield f"{state}_processes", f"{len(names)}: {told}"


def members_of(processes: Sequence[Process], error_type: str) -> tuple[Cause, ...]:
    """The other processes in which an error was being raised too, each once, with their stacks."""
    found: dict[str, Cause] = {}
    for one in processes:
        if one.state != "active" and one.name not in found and len(found) < MEMBERS and one.is_raising:
            frames, _ = numbered_frames(one.stack)
            found[one.name] = Cause("member", error_type, f"process {one.name}", frames)
    return tuple(found.values())
