"""Blocks of lines under a line of their own that states where they come from, and texts that are indented as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import TIME, is_of_a_stack

HEADER = re.compile(
    rf"(?P<supervisor>(?P<time>{TIME}) DEBG '(?P<program>[^'\n]{{1,200}})' (?P<stream>stdout|stderr) output:)$"
    rf"|\[ (?P<time2>{TIME}) +(?P<process>\d{{1,9}}: *\d{{1,9}}) (?P<tag>[VDIWEFA]/[^\n]{{1,200}}?) *\]$"
)
"""Line above a block: supervisord at level debug, and logcat in its long format."""

GROUP = "  + Exception Group Traceback"
"""A Python exception group is indented."""


def split_blocks(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The lines below headers by source, and last those above the first header; ``None`` if no stack is there."""
    headers = [HEADER.match(line.text) for line in lines]
    if not any(headers):
        return None
    sources: dict[str, list[CarriedLine]] = {}
    rest: list[CarriedLine] = []
    current, stamp = rest, ""
    for index, (line, header) in enumerate(zip(lines, headers, strict=True)):
        if header:
            source = header["program"] + header["stream"] if header["supervisor"] else f"{header['process']} {header['tag']}"
            current, stamp = sources.setdefault(source, []), header["time"] or header["time2"]
        elif line.text.strip() or not any(headers[index + 1 : index + 2]):
            current.append(CarriedLine(line.text, line.start, line.end, line.stamp or stamp))
    if not any(is_of_a_stack(line.text) for block in sources.values() for line in block):
        return None
    return [part for part in (*sources.values(), rest) if part]


def dedent(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The lines without the blanks that all of them start with; ``None`` if there are none."""
    if not lines[0].text[:1].isspace() and lines[0].text:
        return None
    indents = [line.text[: len(line.text) - len(line.text.lstrip(" \t"))] for line in lines if line.text.strip()]
    if not indents or not indents[0]:
        return None
    shared = min(indents, key=len)
    if lines[0].text.startswith(GROUP) or not shared or not all(indent.startswith(shared) for indent in indents):
        return None
    return [[line.with_text(line.text[len(shared) :] if line.text.strip() else "") for line in lines]]
