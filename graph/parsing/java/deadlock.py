"""Deadlocks that the Java virtual machine reports in a thread dump."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model.report import StackFrame
from graph.parsing.java.trace import JavaException, JavaTrace, read_frames
from graph.parsing.protocol import line_at

DEADLOCK = "Java-level deadlock"
DUMP = "Full thread dump"
STACKS = "Java stack information for the threads listed above"
THREAD_NAME = re.compile(r'\s*"([^\n]{1,300})":\s*$')
WAITS = re.compile(r"\s*waiting (?:to lock|for) [^\n]{0,300}?\ba(?:n)? ([\w$.]{1,300})\)?,?\s*$")
LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class DeadlockedThread:
    """A thread of a deadlock, the class of the object it waits for, and its frames."""

    thread: str
    waits_for: str
    frames: tuple[StackFrame, ...]


def deadlocks(text: str) -> Iterator[tuple[int, int, list[DeadlockedThread]]]:
    """Start and end of each deadlock, the thread dump around it included, and its threads in printed order."""
    floor, dump, searched = 0, -1, 0
    at = text.find(DEADLOCK)
    while at >= 0:
        limit = text.find(DEADLOCK, at + len(DEADLOCK))
        limit = min(len(text) if limit < 0 else text.rfind("\n", 0, limit) + 1, at + LIMIT)
        dump, searched = max(dump, text.rfind(DUMP, searched, at)), at
        start = max(text.rfind("\n", floor, dump if dump >= floor else at) + 1, floor)
        end, threads = _threads(text, at, limit)
        if threads:
            yield start, end, threads
            floor = end
        at = text.find(DEADLOCK, max(end, at + 1))


def _threads(text: str, at: int, limit: int) -> tuple[int, list[DeadlockedThread]]:
    stacks = text.find(STACKS, at, limit)
    waits = _awaited_classes(text, at, stacks if stacks >= 0 else limit)
    position = end = limit if stacks < 0 else text.find("\n", stacks, limit) + 1 or limit
    threads: list[DeadlockedThread] = []
    while position < limit:
        line, after = line_at(text, position, limit)
        name = THREAD_NAME.match(line)
        if name:
            trace = JavaTrace([JavaException("", "")], after, after)
            read_frames(text, after, limit, lambda line: line, trace)
            threads.append(DeadlockedThread(name[1], waits.get(name[1], ""), trace.exceptions[0].frames))
            end = position = trace.end
            continue
        if line.strip().strip("="):
            end = after if line.startswith("Found ") else end
            break
        position = after
    if not threads:
        threads = [DeadlockedThread(thread, waits_for, ()) for thread, waits_for in waits.items()]
    return end, threads


def _awaited_classes(text: str, start: int, end: int) -> dict[str, str]:
    """Class of the object that each thread waits for, by thread name."""
    classes: dict[str, str] = {}
    thread = ""
    position = start
    while position < end:
        line, position = line_at(text, position, end)
        name, awaited = THREAD_NAME.match(line), WAITS.match(line)
        if name:
            thread = name[1]
        elif awaited and thread:
            classes.setdefault(thread, awaited[1])
    return classes
