"""The memory report at the end of a VisualWorks dump: what the image may use, what it uses, and what fills it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

KILOBYTES = re.compile(r"([\d][\d., \u00a0\u202f']{0,40})\s*KB", re.IGNORECASE)
COUNTED = re.compile(r"\s*([A-Za-z_][\w.]{0,200}(?: class)?)\s+(\d{1,15})\s+(\d{1,18})\s*$")
REPORT_LINES = 40
OBJECT_LINES = 2_000
LARGEST = 5

LIMITS = {
    "Config file memory limit": "memory_config_limit",
    "Memory limit upper bound": "memory_limit",
    "Growth limit upper bound": "memory_growth_limit",
    "Free memory upper bound": "memory_free_limit",
}
USED = {
    "Total": "memory_used",
    "Old": "memory_old",
    "Perm": "memory_permanent",
    "Large": "memory_large",
    "Eden": "memory_eden",
    "Survivor": "memory_survivor",
    "Incremental garbage collector state": "collector_state",
}


@dataclass(slots=True)
class Memory:
    """Kilobytes by the report's own names; ``facts`` say the same for people."""

    kilobytes: dict[str, int] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes the image may use, else what it used; 0 when neither is told."""
        for name in ("Memory limit upper bound", "Config file memory limit", "Total"):
            if self.kilobytes.get(name):
                return self.kilobytes[name] * 1024
        return 0


def memory_of(lines: Sequence[str]) -> Memory:
    """The memory report in a dump's lines (none of them blank)."""
    memory = Memory()
    begin = next((index for index in range(len(lines) - 1, -1, -1) if lines[index].startswith("Memory Report")), None)
    if begin is None:
        return memory
    for index, line in enumerate(lines[begin + 1 : begin + REPORT_LINES], begin + 1):
        if line.startswith("All objects"):
            _take_objects(lines[index + 1 : index + 1 + OBJECT_LINES], memory)
            break
        _take(line, memory)
    return memory


def _take(line: str, memory: Memory) -> None:
    key, _, value = line.partition(":")
    key, value = key.strip(), value.strip()
    number = KILOBYTES.match(value[:60])
    name = LIMITS.get(key) or USED.get(key)
    if number:
        digits = "".join(character for character in number[1] if character in "0123456789")
        memory.kilobytes.setdefault(key, int(digits))
        if name:
            memory.facts.setdefault(name, f"{int(digits)} KB")
    elif name == "collector_state" and value:
        memory.facts.setdefault(name, value[:60])


def _take_objects(lines: Sequence[str], memory: Memory) -> None:
    """Lines of class, number of instances and bytes: the classes that take most are told."""
    counted: list[tuple[int, str, int]] = []
    for line in lines:
        found = COUNTED.match(line[:300])
        if not found:
            break
        counted.append((int(found[3]), found[1], int(found[2])))
    largest = sorted(counted, reverse=True)[:LARGEST]
    if largest:
        memory.facts["largest_objects"] = ", ".join(f"{name} {size // 1024} KB ({count})" for size, name, count in largest)
