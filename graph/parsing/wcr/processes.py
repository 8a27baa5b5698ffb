"""Processes of a VisualWorks image at the time of a dump: the active, quiescent and suspended ones."""

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
# Frames of an error being raised; an interrupt for lack of memory is raised in several processes at once.
RAISING = re.compile(
    r"(?:Exception|Error|Interrupt|Notification)(?: class)?\b[^>]{0,200}>>(?:raise|signal|interrupt|propagate)"
)
MEMBERS = 8
NAMES = 40


@dataclass(slots=True)
class ImageProcess:
    """One process; ``stack`` has the lines of its context stack."""

    state: str
    name: str = ""
    priority: str = ""
    stack: list[str] = field(default_factory=list)

    @property
    def is_raising(self) -> bool:
        """Whether the process was raising an error."""
        return any(RAISING.search(line[:500]) for line in self.stack)


def list_processes(lines: Sequence[str]) -> list[ImageProcess]:
    """All processes in a dump's lines, in order."""
    processes: list[ImageProcess] = []
    state = ""
    for line in lines:
        start = line[:40].lower()
        begun = next((name for mark, name in STATES.items() if start.startswith(mark)), None)
        if begun:
            state = begun
            if begun == "active":
                processes.append(ImageProcess(begun))
        elif start.startswith(ENDS):
            state = ""
        elif state:
            _take_line(line, state, processes)
    return processes


def _take_line(line: str, state: str, processes: list[ImageProcess]) -> None:
    if line.startswith(NAMED):
        name = line.partition(":")[2].strip().strip("'").replace("''", "'")
        if state != "active" or not processes:
            processes.append(ImageProcess(state))
        processes[-1].name = name
    elif line.startswith(PRIORITY) and processes:
        processes[-1].priority = line.partition(":")[2].strip()
    elif processes and NUMBERED.match(line):
        processes[-1].stack.append(line)


def process_facts(processes: Sequence[ImageProcess]) -> Iterator[tuple[str, str]]:
    """Number and names of the inactive processes, by state."""
    for state in ("quiescent", "suspended"):
        names = [process.name or "unnamed" for process in processes if process.state == state]
        if names:
            yield f"{state}_processes", f"{len(names)}: {', '.join(sorted(set(names))[:NAMES])}"


def raising_members(processes: Sequence[ImageProcess], error_type: str) -> tuple[Cause, ...]:
    """The other processes that were raising an error too, each name once, with their stacks."""
    members: dict[str, Cause] = {}
    for process in processes:
        wanted = process.state != "active" and process.name not in members and len(members) < MEMBERS
        if wanted and process.is_raising:
            frames, _ = numbered_frames(process.stack)
            members[process.name] = Cause("parallel", error_type, f"process {process.name}", frames)
    return tuple(members.values())
