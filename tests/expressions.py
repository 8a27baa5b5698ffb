"""The expressions that read a report, and texts made from each that a backtracking engine may take long over."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import re._constants as op  # type: ignore[import-not-found]  # the parsed form of an expression has no public module
import re._parser as parser  # type: ignore[import-not-found]  # the same
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import crashgraph.http_ingest
import graph.algorithms
import graph.diagnosis
import graph.fingerprint
import graph.matching
import graph.model
import graph.parsing
import graph.redaction
import graph.rules
import graph.sources
from graph.rules import frame_rules, named_expression, table

ROOMS = (
    crashgraph.http_ingest,
    graph.algorithms,
    graph.diagnosis,
    graph.fingerprint,
    graph.matching,
    graph.model,
    graph.parsing,
    graph.redaction,
    graph.rules,
    graph.sources,
)
BRANCHES = 2
"""Alternatives tried for what leads to a repetition."""
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


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression, and every ``module:name`` by which the rooms of a report hold it."""

    pattern: re.Pattern[str]
    paths: tuple[str, ...]


def expressions() -> dict[str, Expression]:
    """Every compiled expression that a module of the rooms of a report holds, by the first of its paths."""
    paths: dict[int, list[str]] = defaultdict(list)
    patterns: dict[int, re.Pattern[str]] = {}
    held = [(module.__name__, name, value) for module in _modules() for name, value in _members(module)]
    for owner, name, value in [*held, ("graph.rules", "frame_rules", _rules())]:
        for path, pattern in _patterns(value, name, 0):
            patterns[id(pattern)] = pattern
            paths[id(pattern)].append(f"{owner}:{path}")
    return {listed[0]: Expression(patterns[key], tuple(listed)) for key, listed in paths.items()}


def _modules() -> list[ModuleType]:
    names = [info.name for room in ROOMS for info in pkgutil.walk_packages(room.__path__, room.__name__ + ".")]
    return [importlib.import_module(name) for name in sorted(names)]


def _rules() -> dict[str, object]:
    """What the files of ``graph/rules`` hold."""
    found: dict[str, object] = {}
    for file in Path(graph.rules.__path__[0]).glob("*.toml"):
        culprit = table(file.stem).get("culprit")
        kinds = [key for key, value in culprit.items() if isinstance(value, dict)] if isinstance(culprit, dict) else []
        found |= {f"{file.stem} {kind}": frame_rules(file.stem, kind) for kind in ["", *kinds]}
    single = {key: value for key, value in table("fault").items() if isinstance(value, str)}
    return found | {key: named_expression("fault", key) for key in single}


def _members(module: ModuleType) -> list[tuple[str, object]]:
    return [(name, value) for name, value in vars(module).items() if not name.startswith("__")]


def _patterns(value: object, path: str, depth: int) -> Iterator[tuple[str, re.Pattern[str]]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield path, value
    elif depth == 7:
        return
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _patterns(one, f"{path}[{key!r}]", depth + 1)
    elif isinstance(value, tuple | list | set | frozenset):
        for at, one in enumerate(value):
            yield from _patterns(one, f"{path}[{at}]", depth + 1)
    elif hasattr(value, "cache_info") and not inspect.signature(value).parameters:  # type: ignore[arg-type]  # it is called
        yield from _patterns(value(), path, depth + 1)  # type: ignore[operator]  # the same
    elif isinstance(value, FunctionType) and value.__closure__:
        names = value.__code__.co_freevars
        for name, cell in zip(names, value.__closure__, strict=True):
            yield from _patterns(cell.cell_contents, f"{path}.{name}", depth + 1)
    elif type(value).__module__.startswith("graph."):
        for name in (*getattr(type(value), "__slots__", ()), *getattr(value, "__dict__", {})):
            yield from _patterns(getattr(value, name, None), f"{path}.{name}", depth + 1)


def baits(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """Beginning, repeated piece and end of each text that makes a repetition of the expression long, or begin often."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    found: dict[tuple[str, str, str], None] = {}
    for branch in range(BRANCHES):
        for before, body in _repetitions(tree, "", branch):
            for end in ("", WRONG, "\n"):
                found[before, body, end] = None
                found["", before + body, end] = None
                found["", f"{before}{body}\n", end] = None
    return [bait for bait in found if bait[1]]


def _repetitions(tree: Sequence[Any], before: str, branch: int) -> Iterator[tuple[str, str]]:
    """What leads to each long repetition, and what it repeats. ``branch`` is the alternative that leads there."""
    for code, argument in tree:
        if code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            _, most, body = argument
            if most > LONG:
                for character in _each(body, branch):
                    yield before, character
            yield from _repetitions(body, before, branch)
        elif code is op.SUBPATTERN:
            yield from _repetitions(argument[-1], before, branch)
        elif code is op.ATOMIC_GROUP:
            yield from _repetitions(argument, before, branch)
        elif code is op.BRANCH:
            for one in argument[1]:
                yield from _repetitions(one, before, branch)
        elif code in {op.ASSERT, op.ASSERT_NOT} and argument[0] > 0:
            yield from _repetitions(argument[1], before, branch)
        before += _example([(code, argument)], branch)


def _each(body: Sequence[Any], branch: int) -> list[str]:
    """A text that a repetition repeats; for a class of characters, one of each sort that it takes."""
    if len(body) == 1 and body[0][0] in {op.IN, op.ANY, op.NOT_LITERAL}:
        taken = [character for character in CANDIDATES if _takes(body, character)]
        return taken[:2] + [character for character in taken[2:] if not character.isalnum()][:3]
    return [_example(body, branch)]


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


def _example(tree: Sequence[Any], branch: int) -> str:
    """A short text that the parsed expression takes, but for what assertions and references ask."""
    parts: list[str] = []
    for code, argument in tree:
        if code is op.LITERAL:
            parts.append(chr(argument))
        elif code in {op.IN, op.ANY, op.NOT_LITERAL}:
            parts.append(next((one for one in CANDIDATES if _takes([(code, argument)], one)), _first_of(argument)))
        elif code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            parts.append(_example(argument[2], branch) * max(argument[0], min(argument[1], 1)))
        elif code is op.SUBPATTERN:
            parts.append(_example(argument[-1], branch))
        elif code is op.ATOMIC_GROUP:
            parts.append(_example(argument, branch))
        elif code is op.BRANCH:
            parts.append(_example(argument[1][min(branch, len(argument[1]) - 1)], branch))
    return "".join(parts)


def _first_of(items: object) -> str:
    if isinstance(items, list):
        for code, argument in items:
            if code is op.LITERAL:
                return chr(argument)
            if code is op.RANGE:
                return chr(argument[0])
    return "a"
