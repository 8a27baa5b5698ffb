"""Settings are read in one place, and each is documented."""

from __future__ import annotations

import ast
from pathlib import Path

from crashgraph.settings import PREFIX, Settings, catalogue

ROOT = Path(__file__).parents[2]
READERS = {
    "graph/embedding/sentence_transformer.py": "tells sentence-transformers, which has no other way, to stay off the network",
    "graph/server/command.py": "hands the environment on to Java, without the flags that would change it",
}
"""Modules that use the environment for other programs, and the reason."""


def test_nothing_else_reads_the_environment() -> None:
    touched = {
        path.relative_to(ROOT).as_posix()
        for package in ("crashgraph", "schema", "viz", "resolvers", "jobs", "graph")
        for path in (ROOT / package).rglob("*.py")
        if _touches_environment(path)
    }
    assert touched == set(READERS)


def test_every_setting_has_a_description() -> None:
    for setting in catalogue():
        assert setting.variable.startswith(PREFIX)
        assert setting.help.endswith("."), setting.variable
        assert setting.type in {"text", "path", "whole number", "number", "yes or no"}, setting.variable


def test_settings_cannot_be_changed_once_read() -> None:
    assert Settings.model_config["frozen"]


def test_the_page_names_every_setting() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert [setting.variable for setting in catalogue() if f"`{setting.variable}`" not in page] == []


def _touches_environment(path: Path) -> bool:
    """Whether a module names ``os.environ`` or ``os.getenv`` in its code, however imported."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in names
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
        ):
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os" and {alias.name for alias in node.names} & names:
            return True
    return False
