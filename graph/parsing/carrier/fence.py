"""Code fences of Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import is_of_a_stack

FENCE = re.compile(r"[ \t]{0,12}(?:`{3,}|~{3,})[\w.+-]{0,30}[ \t]*$")


def split_fenced(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """Each fenced block, and last the text around them; ``None`` unless a stack is fenced."""
    blocks: list[list[CarriedLine]] = []
    around: list[CarriedLine] = []
    inside = fenced = False
    for line in lines:
        if FENCE.match(line.text):
            inside = not inside
            if inside:
                blocks.append([])
        elif inside:
            blocks[-1].append(line)
            fenced = fenced or is_of_a_stack(line.text)
        else:
            around.append(line)
    if not fenced:
        return None
    return [part for part in (*blocks, around) if part]
