"""Characters that copying, web pages and collectors put in place of others: blanks, terminal codes, HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import carries_stack
from graph.parsing.text.terminal import SEQUENCE

SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
BLANKS = str.maketrans(dict.fromkeys(SPACES, " "))
INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
ODD_INDENT = re.compile(rf"^[ \t]*[{SPACES}\u200b\ufeff]|[ {SPACES}][{SPACES}]|[{SPACES}] ", re.MULTILINE)
COLOUR = re.compile(r"(?:\^\[|\\u001[bB]|\\x1[bB]|\\033|\\e|#033|\u241b)\[[\d;]{0,20}+[mK]")
LOST_ESCAPE = re.compile(r"\[\d{1,3}(?:;\d{1,3}){0,5}m")
RESET = re.compile(r"\[(?:0|39|22)m")
ENTITY = re.compile(r"&(?:lt|gt|quot|amp|nbsp|#39|#x27|#34);")
TAG = re.compile(r"</?(?:a|b|code|div|em|font|i|li|p|pre|samp|small|span|strong|td|tr|tt)(?:\s[^<>\n]{0,300})?>")
BREAK_TAG = re.compile(r"<br ?/?>")
LINE_BREAK = re.compile(r"(?<![ \t])[ \t]*+<br ?/?>[ \t]*+$")


def plain_characters(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The lines with ordinary blanks, without terminal codes and HTML; ``None`` if nothing is to be changed."""
    text = "\n".join(line.text for line in lines)
    changed = list(lines)
    for change in _changes(text):
        changed = [line.with_text(change(line.text)) for line in changed]
    return [changed] if any(new.text != old.text for new, old in zip(changed, lines, strict=True)) else None


def _changes(text: str) -> list[Callable[[str], str]]:
    """What to do to each line."""
    changes: list[Callable[[str], str]] = []
    if not text.isascii() and (ODD_INDENT.search(text) or text.count("\u00a0") > text.count(" ")):
        changes.append(lambda line: INVISIBLE.sub("", line.translate(BLANKS)))
    if "\x1b" in text:
        changes.append(lambda line: SEQUENCE.sub("", line))
    if COLOUR.search(text):
        changes.append(lambda line: COLOUR.sub("", line))
    elif RESET.search(text):
        changes.append(lambda line: LOST_ESCAPE.sub("", line))
    if _is_html(text):
        changes.append(_without_markup)
    return changes


def _is_html(text: str) -> bool:
    """Whether a text is written in HTML: it has no bare bracket outside tags, or its lines end with tags."""
    lines = text.split("\n")
    if (
        "<br" in text
        and sum(map(bool, map(LINE_BREAK.search, lines))) > 1
        and any(carries_stack(_without_markup(line)) for line in lines)
    ):
        return True
    if not ENTITY.search(text):
        return False
    bare = TAG.sub("", BREAK_TAG.sub("", text)) if "<" in text else text
    if "<" in bare or ("&quot;" in text and '"' in bare) or ("&gt;" in text and ">" in bare):
        return False
    # A message may quote HTML.
    return (
        "&quot;" in text
        or "&#39;" in text
        or any("&" in piece and carries_stack(_without_markup(piece)) for line in lines for piece in BREAK_TAG.split(line))
    )


def _without_markup(line: str) -> str:
    line = LINE_BREAK.sub("", line)
    if "<" in line:
        line = TAG.sub("", line)
    return html.unescape(line).translate(BLANKS) if "&" in line else line
