"""Remove template and type arguments, so that ``vector<int>::at`` and ``vector<Row>::at`` are the same function."""

from __future__ import annotations

import re

_OPERATOR = re.compile(r"\boperator ?(?:<=>|<<=?|>>=?|->\*?|<=?|>=?)")
_BRACKET = re.compile(r"[<>]")


def without_arguments(text: str) -> str:
    """The text without the arguments between matching ``<`` and ``>`` after a name, in linear time.

    ``Foo<int>::at`` gives ``Foo<>::at``. Names in angle brackets (``Foo.<init>``, ``<T as Trait>::at``) and operators stay;
    with unbalanced brackets the whole text stays.
    """
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    operators = {position for match in _OPERATOR.finditer(text) for position in range(match.start(), match.end())}
    for match in _BRACKET.finditer(text):
        at = match.start()
        if at in operators:
            continue
        if match[0] == "<":
            opened.append(at)
        elif at and text[at - 1] == "-":
            continue
        elif not opened:
            return text
        else:
            start = opened.pop()
            if at > start + 1 and _is_name_before(text, start):
                pairs.append((start, at))
    return text if opened else _cut(text, pairs)


def _is_name_before(text: str, start: int) -> bool:
    before = text[start - 1] if start else ""
    return before == "_" or before.isalnum() or text[max(0, start - 2) : start] == "::"


def _cut(text: str, pairs: list[tuple[int, int]]) -> str:
    kept = []
    position = 0
    for start, end in sorted(pairs):
        if start >= position:
            kept.append(text[position : start + 1])
            position = end
    kept.append(text[position:])
    return "".join(kept)
