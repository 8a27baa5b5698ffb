"""The memory report at the end of a VisualWorks dump: limits, usage, and the classes that take most."""

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
class MemoryReport:
    """Kilobytes by the dump's own names, and ``facts`` in the form stored with the report."""

    kilobytes: dict[str, int] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes the image may use, else the bytes it used; 0 if neither is known."""
        for name in ("Memory limit upper bound", "Config file memory limit", "Total"):
            if self.kilobytes.get(name):
                return self.kilobytes[name] * 1024
        return 0


def parse_memory(lines: Sequence[str]) -> MemoryReport:
    """Parse the memory report in a dump's lines, none of them blank."""
    memory = MemoryReport()
    begin = next((index for index in range(len(lines) - 1, -1, -1) if lines[index].startswith("Memory Report")), None)
    if begin is None:
        return memory
    for index, line in enumerate(lines[begin + 1 : begin + REPORT_LINES], begin + 1):
        if line.startswith("All objects"):
            _take_objects(lines[index + 1 : index + 1 + OBJECT_LINES], memory)
            break
        _take_line(line, memory)
    return memory


def _take_line(line: str, memory: MemoryReport) -> None:
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


def _take_objects(lines: Sequence[str], memory: MemoryReport) -> None:
    """Add the classes that take most, from lines of class, number of instances and bytes."""
    counted: list[tuple[int, str, int]] = []
    for line in lines:
        match = COUNTED.match(line[:300])
        if not match:
            break
        counted.append((int(match[3]), match[1], int(match[2])))
    largest = sorted(counted, reverse=True)[:LARGEST]
    if largest:
        memory.facts["largest_objects"] = ", ".join(f"{name} {size // 1024} KB ({count})" for size, name, count in largest)
