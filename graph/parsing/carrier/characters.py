"""Characters that copying, web pages and collectors put in place of others: blanks, terminal codes, HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import FRAMED, HEADED
from graph.parsing.text.terminal import SEQUENCE

BLANKS = str.maketrans(
    dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
)
INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
INDENTED = re.compile("[ \t]*[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]")
COLOUR = re.compile(r"(?:\^\[|\\u001[bB]|\\x1[bB]|\\033|\\e|#033|\u241b)\[[\d;]{0,20}+[mK]")
LOST_ESCAPE = re.compile(r"\[\d{1,3}(?:;\d{1,3}){0,5}m")
RESET = re.compile(r"\[(?:0|39|22)m")
ENTITY = re.compile(r"&(?:lt|gt|quot|amp|nbsp|#39|#x27|#34);")


def plain_characters(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The lines with ordinary blanks, without terminal codes and HTML; ``None`` if nothing is to be changed."""
    text = "\n".join(line.text for line in lines)
    changed = list(lines)
    if not text.isascii() and any(INDENTED.match(line.text) for line in lines):
        changed = [line.with_text(INVISIBLE.sub("", line.text.translate(BLANKS))) for line in changed]
    if "\x1b" in text:
        changed = [line.with_text(SEQUENCE.sub("", line.text)) for line in changed]
    if COLOUR.search(text):
        changed = [line.with_text(COLOUR.sub("", line.text)) for line in changed]
    elif RESET.search(text):
        changed = [line.with_text(LOST_ESCAPE.sub("", line.text)) for line in changed]
    if ENTITY.search(text) and any(_is_marked_up(line.text) for line in changed):
        changed = [line.with_text(html.unescape(line.text).translate(BLANKS)) for line in changed]
    return [changed] if any(new.text != old.text for new, old in zip(changed, lines, strict=True)) else None


def _is_marked_up(line: str) -> bool:
    """Whether a line of a stack is written in HTML."""
    if "&" not in line or not ENTITY.search(line):
        return False
    plain = html.unescape(line).translate(BLANKS).lstrip(" \t>|")
    return bool(FRAMED.match(plain) or HEADED.match(plain))
