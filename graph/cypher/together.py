"""Several queries as one, so that they take one exchange with the server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

from graph.cypher.literals import CYPHER_TOKEN
from graph.model.statement import Statement

MOST_TEXTS = 1_000
"""Texts that are remembered; each is also a plan that the server keeps."""

_ONE_LIST = re.compile(r"\ncollect\((?P<item>.*)\) AS rows\s*\Z", re.DOTALL)
_STARTS = re.compile(r"^(?:RETURN|UNION|CYPHER)\b", re.MULTILINE)


@lru_cache(MOST_TEXTS)
def returns_one_list(text: str) -> bool:
    """Whether a query returns exactly one row, with one column ``rows``."""
    body = _without_comments(text)
    if _STARTS.findall(body) != ["RETURN"]:
        return False
    found = _ONE_LIST.search(body.replace("\nRETURN ", "\n"))
    if found is None:
        return False
    depth = 0
    for character in found["item"]:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
    return True


def together(statements: Sequence[Statement]) -> Statement:
    """One statement with a column for each of these, ``rows0``, ``rows1`` …; each of them returns one list."""
    params: dict[str, Any] = {
        _numbered(name, number): value for number, one in enumerate(statements) for name, value in one.params.items()
    }
    name = " + ".join(one.name for one in statements)
    return Statement(_text(tuple(one.text for one in statements)), params, name, statements[0].seconds)


@lru_cache(MOST_TEXTS)
def _text(texts: tuple[str, ...]) -> str:
    parts = []
    for number, text in enumerate(texts):
        body = CYPHER_TOKEN.sub(partial(_renamed, number=number), text).strip()
        parts.append(f"OPTIONAL CALL () {{\n{body.removesuffix('AS rows')}AS rows{number}\n}}")
    columns = ", ".join(f"rows{number}" for number in range(len(texts)))
    return "\n".join([*parts, f"RETURN {columns}"])


def _renamed(found: re.Match[str], number: int) -> str:
    """A parameter under its name in the whole; strings as they are, no comments."""
    if found["name"] is not None:
        return "$" + _numbered(found["name"], number)
    return "" if found.group().startswith("/") else found.group()


def _numbered(name: str, number: int) -> str:
    return f"{name}_{number}"


def _without_comments(text: str) -> str:
    return CYPHER_TOKEN.sub(lambda found: "" if found.group().startswith("/") else found.group(), text)
