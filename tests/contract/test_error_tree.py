"""Errors form one tree; each has a unique code and appears in the documented tree."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from graph.model import errors
from graph.model.errors import CrashgraphError

ROOT = Path(__file__).parents[2]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in tree(CrashgraphError)]
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not re.fullmatch("[A-Z]+(_[A-Z]+)*", code)] == []


def test_every_error_is_drawn_below_its_parent() -> None:
    drawn = re.findall(r"^([ │├└─]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    parents: dict[str, str] = {}
    line: list[tuple[int, str]] = []
    for lead, name in drawn:
        line = [(depth, above) for depth, above in line if depth < len(lead)]
        parents[name] = line[-1][1] if line else "Exception"
        line.append((len(lead), name))
    assert parents == {error.__name__: error.__mro__[1].__name__ for error in tree(CrashgraphError)}


def test_every_error_has_a_docstring() -> None:
    assert [error.__name__ for error in tree(CrashgraphError) if not error.__doc__] == []


def test_all_errors_are_defined_in_one_module() -> None:
    """An error class elsewhere is of this tree, of a library's, or private to its module, where it is caught."""
    ours = {error.__name__ for error in tree(CrashgraphError)}
    plain = {"Exception", "BaseException", "RuntimeError", "ValueError", "OSError"}
    wild = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for package in ("crashgraph", "schema", "viz", "resolvers", "jobs", "graph")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and node.name not in ours
        and {ast.unparse(base) for base in node.bases} & plain
    ]
    assert wild == []


def tree(error: type[CrashgraphError]) -> list[type[CrashgraphError]]:
    """An error class and all below it."""
    return [error, *(below for child in error.__subclasses__() for below in tree(child))]
