"""Code fences of Markdown, and the output of a command between marks of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import carries_stack

FENCE = re.compile(r"[ \t]{0,12}(?:`{3,}|~{3,})[\w.+-]{0,30}[ \t]*$")
ATTACHED = re.compile(r"(?P<before>[ \t]{0,12})```(?=[^`\s])(?P<text>(?![^\n]*```)[^\n]*)$")
"""A fence of a chat right before the first line of what it holds."""
ENDED = re.compile(r"(?P<text>[^\n]*[^`\s])```[ \t]*$")
"""A fence of a chat right behind the last line."""
OPENING = re.compile(
    r"[ \t]{0,12}(?:\u2570\u2500>|->|\\_) \[\d{1,6} lines of output\]$|-{3,8} ?BEGIN [A-Z ]{0,40}(?:LOG|OUTPUT|TRACE) ?-{3,8}$"
)
CLOSING = re.compile(r"[ \t]{0,12}\[end of output\]$|-{3,8} ?END [A-Z ]{0,40}(?:LOG|OUTPUT|TRACE) ?-{3,8}$")


def split_fenced(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """Each fenced block, and last the text around them; ``None`` unless a stack is fenced."""
    blocks: list[list[CarriedLine]] = []
    around: list[CarriedLine] = []
    inside = fenced = False
    for line in lines:
        if FENCE.match(line.text) or (CLOSING if inside else OPENING).match(line.text):
            inside = not inside
            if inside:
                blocks.append([])
        elif not inside and (attached := ATTACHED.match(line.text)):
            inside = True
            blocks.append([line.with_text(attached["before"] + attached["text"])])
            fenced = fenced or carries_stack(attached["text"])
        elif inside:
            ended = ENDED.match(line.text)
            inside = not ended
            blocks[-1].append(line.with_text(ended["text"]) if ended else line)
            fenced = fenced or carries_stack(line.text)
        else:
            around.append(line)
    if not fenced:
        return None
    return [part for part in (*blocks, around) if part]
