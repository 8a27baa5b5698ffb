"""The expressions that read a report, and texts made from each that a backtracking engine may take long over."""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._constants as op  # type: ignore[import-not-found]  # the parsed form of an expression has no public module
import re._parser as parser  # type: ignore[import-not-found]  # the same
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import graph.diagnosis
import graph.fingerprint
import graph.parsing
import graph.redaction
import graph.rules
import graph.sources

ROOT = Path(__file__).parents[1]
ROOMS = (graph.parsing, graph.rules, graph.fingerprint, graph.redaction, graph.diagnosis, graph.sources)
LONG = 40
"""A repetition that may be longer than this is one that bait makes long."""
CLASSES = {
    op.CATEGORY_DIGIT: "7",
    op.CATEGORY_NOT_DIGIT: "a",
    op.CATEGORY_SPACE: " ",
    op.CATEGORY_NOT_SPACE: "a",
    op.CATEGORY_WORD: "a",
    op.CATEGORY_NOT_WORD: "-",
}
CANDIDATES = "a7 .A_-:/\\\"'(<{[,=\t\n)>}]$@#%0xé"
"""Characters tried for a class, in order."""
WRONG = "\x01"
"""A character that ends most repetitions without what must follow."""


def expressions() -> dict[str, re.Pattern[str]]:
    """Every compiled expression that a module of the rooms of a report holds, by its module and name."""
    found: dict[int, tuple[str, re.Pattern[str]]] = {}
    for room in ROOMS:
        for info in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
            module = importlib.import_module(info.name)
            for name, value in _members(module):
                for path, pattern in _patterns(value, name, 0):
                    found.setdefault(id(pattern), (f"{info.name}:{path}", pattern))
    return dict(sorted(found.values()))


@cache
def _fully_matched() -> frozenset[str]:
    """Names of expressions that must match a whole text."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "graph").rglob("*.py")]
    return frozenset(name for source in sources for name in re.findall(r"(\w+)\.fullmatch\(", source))


def is_fully_matched(name: str) -> bool:
    """Whether the code matches whole texts with an expression; otherwise the text may go on."""
    return not _fully_matched().isdisjoint(re.findall(r"\w+", name.partition(":")[2]))


def _members(module: ModuleType) -> list[tuple[str, object]]:
    return [(name, value) for name, value in vars(module).items() if not name.startswith("__")]


def _patterns(value: object, path: str, depth: int) -> Iterator[tuple[str, re.Pattern[str]]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield path, value
    elif depth == 5:
        return
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _patterns(one, f"{path}[{key!r}]", depth + 1)
    elif isinstance(value, tuple | list | set | frozenset):
        for at, one in enumerate(value):
            yield from _patterns(one, f"{path}[{at}]", depth + 1)
    elif type(value).__module__.startswith("graph."):
        for name in (*getattr(type(value), "__slots__", ()), *getattr(value, "__dict__", {})):
            yield from _patterns(getattr(value, name, None), f"{path}.{name}", depth + 1)


def baits(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """Beginning, repeated piece and end of each text that makes a repetition of the expression long, or begin often."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    found: dict[tuple[str, str, str], None] = {}
    for before, body in _repetitions(tree, ""):
        for end in ("", WRONG, "\n"):
            found[before, body, end] = None
            found["", before + body, end] = None
            found["", f"{before}{body}\n", end] = None
    return [bait for bait in found if bait[1]]


def _repetitions(tree: Sequence[Any], before: str) -> Iterator[tuple[str, str]]:
    """What leads to each long repetition, and what it repeats."""
    for code, argument in tree:
        if code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            _, most, body = argument
            if most > LONG:
                for character in _each(body):
                    yield before, character
            yield from _repetitions(body, before)
        elif code is op.SUBPATTERN:
            yield from _repetitions(argument[-1], before)
        elif code is op.ATOMIC_GROUP:
            yield from _repetitions(argument, before)
        elif code is op.BRANCH:
            for branch in argument[1]:
                yield from _repetitions(branch, before)
        elif code in {op.ASSERT, op.ASSERT_NOT} and argument[0] > 0:
            yield from _repetitions(argument[1], before)
        before += _example([(code, argument)])


def _each(body: Sequence[Any]) -> list[str]:
    """A text that a repetition repeats; for a class of characters, one of each sort that it takes."""
    if len(body) == 1 and body[0][0] in {op.IN, op.ANY, op.NOT_LITERAL}:
        taken = [character for character in CANDIDATES if _takes(body, character)]
        return taken[:2] + [character for character in taken[2:] if not character.isalnum()][:3]
    return [_example(body)]


def _takes(body: Sequence[Any], character: str) -> bool:
    code, argument = body[0]
    if code is op.ANY:
        return character != "\n"
    if code is op.NOT_LITERAL:
        return ord(character) != argument
    return _in_class(argument, character)


def _in_class(items: Sequence[Any], character: str) -> bool:
    negated = items[0][0] is op.NEGATE
    code_point = ord(character)
    inside = any(
        (code is op.LITERAL and argument == code_point)
        or (code is op.RANGE and argument[0] <= code_point <= argument[1])
        or (code is op.CATEGORY and _in_category(argument, character))
        for code, argument in items
    )
    return inside is not negated


def _in_category(category: Any, character: str) -> bool:
    name = str(category).removeprefix("CATEGORY_").removeprefix("UNI_")
    inside = {
        "DIGIT": character.isdigit(),
        "SPACE": character.isspace(),
        "WORD": character.isalnum() or character == "_",
    }[name.removeprefix("NOT_")]
    return inside is not name.startswith("NOT_")


def _example(tree: Sequence[Any]) -> str:
    """A short text that the parsed expression takes, but for what assertions and references ask."""
    parts: list[str] = []
    for code, argument in tree:
        if code is op.LITERAL:
            parts.append(chr(argument))
        elif code in {op.IN, op.ANY, op.NOT_LITERAL}:
            parts.append(next((one for one in CANDIDATES if _takes([(code, argument)], one)), _first_of(argument)))
        elif code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            parts.append(_example(argument[2]) * max(argument[0], min(argument[1], 1)))
        elif code is op.SUBPATTERN:
            parts.append(_example(argument[-1]))
        elif code is op.ATOMIC_GROUP:
            parts.append(_example(argument))
        elif code is op.BRANCH:
            parts.append(_example(argument[1][0]))
    return "".join(parts)


def _first_of(items: object) -> str:
    if isinstance(items, list):
        for code, argument in items:
            if code is op.LITERAL:
                return chr(argument)
            if code is op.RANGE:
                return chr(argument[0])
    return "a"
