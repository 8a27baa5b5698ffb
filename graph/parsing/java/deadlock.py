"""Deadlocks that the virtual machine finds when it is asked for its threads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.parsing.java.trace import Link, Trace, read_frames
from graph.parsing.protocol import line_at

FOUND = "Java-level deadlock"
DUMP = "Full thread dump"
STACKS = "Java stack information for the threads listed above"
NAME = re.compile(r'\s*"([^\n]{1,300})":\s*$')
WAITS = re.compile(r"\s*waiting (?:to lock|for) [^\n]{0,300}?\ba(?:n)? ([\w$.]{1,300})\)?,?\s*$")
LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Waiter:
    """A thread of a deadlock: what it waits for, and its frames."""

    thread: str
    waits_for: str
    link: Link


def deadlocks(text: str) -> Iterator[tuple[int, int, list[Waiter]]]:
    """Each deadlock with the thread dump that tells of it: where it starts and ends, and its threads in order."""
    floor, dump, seen = 0, -1, 0
    found = text.find(FOUND)
    while found >= 0:
        limit = text.find(FOUND, found + len(FOUND))
        limit = min(len(text) if limit < 0 else text.rfind("\n", 0, limit) + 1, found + LIMIT)
        dump, seen = max(dump, text.rfind(DUMP, seen, found)), found
        start = max(text.rfind("\n", floor, dump if dump >= floor else found) + 1, floor)
        end, waiters = _waiters(text, found, limit)
        if waiters:
            yield start, end, waiters
            floor = end
        found = text.find(FOUND, max(end, found + 1))


def _waiters(text: str, found: int, limit: int) -> tuple[int, list[Waiter]]:
    stacks = text.find(STACKS, found, limit)
    waits = _waits(text, found, stacks if stacks >= 0 else limit)
    position = end = limit if stacks < 0 else text.find("\n", stacks, limit) + 1 or limit
    waiters: list[Waiter] = []
    while position < limit:
        line, after = line_at(text, position, limit)
        name = NAME.match(line)
        if name:
            trace = Trace([Link("", "")], after, after)
            read_frames(text, after, limit, lambda one: one, trace)
            waiters.append(Waiter(name[1], waits.get(name[1], ""), trace.links[0]))
            end = position = trace.end
            continue
        if line.strip().strip("="):
            end = after if line.startswith("Found ") else end
            break
        position = after
    if not waiters:
        waiters = [Waiter(thread, waited, Link("", "")) for thread, waited in waits.items()]
    return end, waiters


def _waits(text: str, start: int, end: int) -> dict[str, str]:
    """What each thread waits for: the class of the object that another one holds."""
    found: dict[str, str] = {}
    thread = ""
    position = start
    while position < end:
        line, position = line_at(text, position, end)
        name, waited = NAME.match(line), WAITS.match(line)
        if name:
            thread = name[1]
        elif waited and thread:
            found.setdefault(thread, waited[1])
    return found
