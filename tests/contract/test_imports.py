"""Import rules between packages; the packages under test are those of this checkout."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("crashgraph", "schema", "viz", "resolvers", "jobs", "graph", "samples")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "airdesk" not in path.parts)


def test_the_rules_of_import_linter_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_comes_from_this_checkout(name: str) -> None:
    found = importlib.import_module(name).__file__
    assert found is not None
    assert Path(found).resolve().is_relative_to(ROOT / name)


def test_no_folder_of_tests_hides_a_package() -> None:
    folders = {Path(folder).name for folder, _, _ in os.walk(ROOT / "tests")}
    assert not folders & {*PACKAGES, "tools", "benchmarks"}


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_the_service_never_imports_the_notebook_models() -> None:
    guilty = [path.relative_to(ROOT) for path in MODULES if path.name != "ogm.py" and _imports(path) & {"graph.ogm", "py2neo"}]
    assert guilty == []


def test_no_module_is_a_catch_all() -> None:
    drawers = {
        "utils",
        "util",
        "helpers",
        "helper",
        "manager",
        "managers",
        "service",
        "services",
        "handler",
        "handlers",
        "misc",
    }
    assert [path.relative_to(ROOT) for path in MODULES if path.stem in drawers] == []


def test_every_module_has_a_docstring() -> None:
    silent = [path.relative_to(ROOT) for path in MODULES if ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None]
    assert silent == []


def _imports(path: Path) -> set[str]:
    """Dotted names that a module imports, ``from a import b`` as both ``a`` and ``a.b``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found | {name.partition(".")[0] for name in found}
