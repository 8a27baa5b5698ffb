"""Blocks of lines under a line of their own that states where they come from, and texts indented or spaced out as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import TIME, carries_stack, is_of_a_stack
from graph.parsing.text.escapes import unescape

HEADER = re.compile(
    rf"(?P<supervisor>(?P<time>{TIME}) DEBG '(?P<program>[^'\n]{{1,200}})' (?P<stream>stdout|stderr) output:)$"
    rf"|\[ (?P<time2>{TIME}) +(?P<process>\d{{1,9}}: *\d{{1,9}}) (?P<tag>[VDIWEFA]/[^\n]{{1,200}}?) *\]$"
)
"""Line above a block: supervisord at level debug, and logcat in its long format."""
STRING = re.compile(r'[ \t]*+"((?:[^"\\]++|\\.)*+)",?[ \t]*+$')
ENTRY_START = re.compile(rf"(?:(?:[A-Z][a-z]{{2}} )?{TIME} \[s=|__CURSOR=)")
"""First line of an entry of the journal in its verbose and export formats."""

LINE_LIMIT = 400
SPACED_OUT = 3
"""Least lines of a stack, with a blank one behind every line between them, that show that the text is spaced out."""
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
    if not any(carries_stack(line.text) for block in sources.values() for line in block):
        return None
    return [part for part in (*sources.values(), rest) if part]


def split_entries(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The messages of entries of the journal, with all fields or for export, by source; ``None`` if none is of a stack."""
    starts = [index for index, line in enumerate(lines) if ENTRY_START.match(line.text)]
    if not starts:
        return None
    sources: dict[str, list[CarriedLine]] = {}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        entry = lines[start:end]
        fields = dict(line.text.strip().partition("=")[::2] for line in entry[1:])
        message = next((line for line in entry if line.text.lstrip().startswith("MESSAGE=")), None)
        if message:
            source = "\n".join(fields.get(name, "") for name in ("_HOSTNAME", "_PID", "SYSLOG_IDENTIFIER"))
            stamp = fields.get("__REALTIME_TIMESTAMP", "") or entry[0].text.partition(" [")[0].partition(" ")[2]
            text = message.text.partition("=")[2]
            sources.setdefault(source, []).append(CarriedLine(text, entry[0].start, entry[-1].end, message.stamp or stamp))
    if not any(carries_stack(line.text) for block in sources.values() for line in block):
        return None
    return [part for part in (*sources.values(), list(lines[: starts[0]])) if part]


def split_strings(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """Lines that are strings in a JSON list, one line of a program each; ``None`` if none is of a stack."""
    strings = [STRING.match(line.text) for line in lines]
    blocks: list[list[CarriedLine]] = [[]]
    rest: list[CarriedLine] = []
    for line, string in zip(lines, strings, strict=True):
        if string:
            blocks[-1].append(line.with_text(unescape(string[1])))
        else:
            rest.append(line)
            blocks += [[]] if blocks[-1] else []
    stacks = [block for block in blocks if len(block) > 1 and any(carries_stack(line.text) for line in block)]
    if not stacks:
        return None
    taken = {line.start for block in stacks for line in block}
    return [*stacks, [line for line in lines if line.start not in taken]]


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


def single_spaced(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The lines without the blank one that a wrong conversion of line ends put after each; ``None`` unless it did."""
    texts = [line.text.strip()[:LINE_LIMIT] for line in lines]
    if texts.count("") * 3 < len(texts):
        return None
    stack = [index for index, text in enumerate(texts) if text and is_of_a_stack(text)]
    if len(stack) < SPACED_OUT:
        return None
    if any(texts[index] and texts[index + 1] for index in range(stack[0], stack[-1])):
        return None
    kept: list[CarriedLine] = []
    is_doubled = False
    for line, text in zip(lines, texts, strict=True):
        is_doubled = not text and not is_doubled
        if not is_doubled:
            kept.append(line)
    return [kept]
