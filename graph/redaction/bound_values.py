"""Recognise the values bound to a SQL statement, which are data of users: libraries print them behind it or before it.

Only texts are values here; a number alone says little, and a name in a mapping is the column's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.redaction.text_view import NOT_PLACEHOLDER, TextView

OPENING = re.compile(
    r"(?i)(?<![\w$])(?:sql)?(?:parameters|params|bindings|binds|bound|args)\\?['\"]?[ \t]{0,4}+(?:[:=][ \t]{0,4}+)?(?=[\[({])"
)
TOKEN = re.compile(
    r"(?P<open>[\[({])|(?P<close>[\])}])"
    rf"|(?<!\w)'(?:{NOT_PLACEHOLDER}(?P<single>(?:[^'\\\n]++|\\[^\n]|'')++)|)'(?![ \t]{{0,4}}:)"
    rf"|\\?\"(?:{NOT_PLACEHOLDER}(?P<double>(?:[^\"\\\n]++|\\[^\"\n])++)|)\\?\"(?![ \t]{{0,4}}:)"
    r"|(?<!\w)'(?:[^'\\\n]++|\\[^\n])*+'|\"(?:[^\"\\\n]++|\\[^\n])*+\""
)
LIST_LENGTH = 8_192
"""Characters of a list of values that are read."""
STATEMENT = re.compile(
    r"(?i)\b(?:insert\s+(?:or\s+\w+\s+|ignore\s+)?into|update\s+\S{1,200}\s+set|delete\s+from|select\s|merge\s+into"
    r"|replace\s+into|exec(?:ute)?\s|call\s|commandtype)"
)
BEFORE, AFTER = 6_000, 600
"""Characters around a list in which its statement is searched."""
PRINTED = re.compile(
    rf"\$\d{{1,4}} = '{NOT_PLACEHOLDER}(?P<numbered>(?:[^'\n]++|'')++)'"
    rf"|(?i:binding parameter )[\[(]\d{{1,5}}(?:\]|:\w{{1,40}}\))(?: as \[\w{{1,40}}\])?"
    rf" (?:-|<-) \[{NOT_PLACEHOLDER}(?P<bound>[^\]\n]++)\]"
    rf"|(?<=[:,] ){NOT_PLACEHOLDER}(?P<typed>[^\s,()][^,()\n]{{0,400}}+)\(String\)"
)
"""Values that PostgreSQL, Hibernate and MyBatis print each with a number or a type."""
TYPED = "Parameters: "
"""What MyBatis prints before its values."""


class BoundValueRule:
    """Texts among the values bound to a SQL statement."""

    kind = "data"
    literals = ("parameter", "params", "binding", "binds", "bound", "args", "(string)", "$1 = ")

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the values, in order."""
        spans = {match.span(match.lastgroup or 0) for match in PRINTED.finditer(view.text) if _is_bound(view.text, match)}
        position = 0
        while opening := OPENING.search(view.text, position):
            position = opening.end()
            if STATEMENT.search(view.text, max(opening.start() - BEFORE, 0), opening.end() + AFTER):
                listed, position = _listed(view.text, opening.end())
                spans.update(listed)
        end = 0
        for span in sorted(spans):
            if span[0] >= end:
                yield span
                end = span[1]

    def same(self, value: str) -> str:
        """The value itself."""
        return value


def _is_bound(text: str, match: re.Match[str]) -> bool:
    """Whether a value is one; one with its type needs the mark at the start of its line."""
    start = match.start()
    return match.lastgroup != "typed" or text.find(TYPED, text.rfind("\n", max(start - BEFORE, 0), start) + 1, start) >= 0


def _listed(text: str, start: int) -> tuple[list[tuple[int, int]], int]:
    """Spans of the texts in a list that opens at ``start``, and its end."""
    spans = []
    depth, position = 0, start
    for token in TOKEN.finditer(text, start, start + LIST_LENGTH):
        position = token.end()
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
            if not depth:
                break
        elif token.lastgroup:
            spans.append(token.span(token.lastgroup))
    return spans, position
