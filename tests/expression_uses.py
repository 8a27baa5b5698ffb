"""How the code applies each expression: to a whole text, at one place, or searching from every place."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
METHODS = {
    "fullmatch": "fullmatch",
    "match": "match",
    "search": "search",
    "finditer": "finditer",
    "findall": "finditer",
    "split": "finditer",
    "sub": "finditer",
    "subn": "finditer",
}
"""Methods of an expression, each with the one that takes as long."""
DEAREST_FIRST = ("finditer", "search", "match")
"""Each takes at least as long as the next."""
ANY_WAY = frozenset({"fullmatch", "finditer"})
"""For an expression that goes where its use cannot be seen."""

Names = Mapping[str, set[str]]
"""Local names with the names that their values are made of."""


def ways(paths: Iterable[str]) -> list[str]:
    """The dearest ways in which the code applies an expression, by its paths, ``module:NAME`` or ``module:NAMES[0].field``."""
    found: set[str] = set()
    for path in paths:
        module, _, name = path.partition(":")
        root, *fields = name.replace("[", " ").replace("]", " ").replace(".", " ").split()
        for used in (_defined(module, root), *(f".{field}" for field in fields)):
            found |= _uses().get(used, frozenset())
    found = found or set(ANY_WAY)
    return [*[way for way in DEAREST_FIRST if way in found][:1], *(found & {"fullmatch"})]


def _defined(module: str, name: str) -> str:
    return _origins(module, _trees()[module]).get(name, name) if module in _trees() else name


@cache
def _trees() -> dict[str, ast.Module]:
    files = [file for room in ("graph", "crashgraph/http_ingest") for file in sorted((ROOT / room).rglob("*.py"))]
    return {_module(file): ast.parse(file.read_text(encoding="utf-8")) for file in files}


@cache
def _uses() -> dict[str, frozenset[str]]:
    """The ways that each global name ``module.NAME`` and each attribute ``.name`` is applied, wherever that is."""
    functions = [
        (module, node) for module, tree in _trees().items() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
    ]
    taking: dict[str, set[str]] = defaultdict(set)
    for _, function in functions:
        parameters = {one.arg for one in function.args.args if one.annotation and "Pattern" in ast.unparse(one.annotation)}
        for name, way in _applied(function):
            if name in parameters:
                taking[function.name].add(way)
    found: dict[str, set[str]] = defaultdict(set)
    for module, tree in _trees().items():
        origins = _origins(module, tree)
        scopes = [tree, *(function for owner, function in functions if owner == module)]
        for scope in scopes:
            for name, way in (*_applied(scope), *_given(scope, taking)):
                found[name if name.startswith(".") else origins.get(name, name)].add(way)
    return {name: frozenset(each) for name, each in found.items()}


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def _origins(module: str, tree: ast.Module) -> dict[str, str]:
    """Each global name of a module, with the module that defines it before it."""
    origins = {}
    for statement in tree.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                origins[node.id] = f"{module}.{node.id}"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            origins |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return origins


def _applied(scope: ast.AST) -> Iterator[tuple[str, str]]:
    """Each name that a method of an expression is taken from, and which way that is."""
    applied = [node for node in ast.walk(scope) if isinstance(node, ast.Attribute) and node.attr in METHODS]
    local = _local_names(scope) if applied else {}
    for node in applied:
        for name in _behind(_names(node.value), local):
            yield name, METHODS[node.attr]


def _given(scope: ast.AST, taking: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    """Each name that is given to a function which applies its parameter."""
    calls = [node for node in ast.walk(scope) if isinstance(node, ast.Call) and _called(node) in taking]
    local = _local_names(scope) if calls else {}
    for node in calls:
        given = [name for argument in (*node.args, *(one.value for one in node.keywords)) for name in _names(argument)]
        for name in _behind(given, local):
            for way in taking[_called(node)]:
                yield name, way


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _local_names(scope: ast.AST) -> Names:
    found: dict[str, set[str]] = defaultdict(set)
    if isinstance(scope, ast.Module):
        return found
    for node in ast.walk(scope):
        if isinstance(node, ast.For | ast.comprehension):
            targets, value = [node.target], node.iter
        elif isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.NamedExpr):
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    found[name.id] |= _names(value)
    return found


def _names(expression: ast.AST) -> set[str]:
    """Names and attributes that the value of an expression is made of; what a match gives is no expression."""
    if isinstance(expression, ast.Name):
        return {expression.id}
    if isinstance(expression, ast.Attribute) and expression.attr in METHODS:
        return set()
    found = set().union(*map(_names, ast.iter_child_nodes(expression)))
    return found | {f".{expression.attr}"} if isinstance(expression, ast.Attribute) else found


def _behind(names: Iterable[str], local: Names) -> set[str]:
    """The names, and those that local ones come from."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += local.get(name, ())
    return found
