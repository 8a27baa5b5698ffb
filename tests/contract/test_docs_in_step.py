"""Generated pages are up to date, and hand-written ones name only files that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("0*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_context_options_decision_and_consequences(path: Path) -> None:
    text = path.read_text("utf-8")
    headings = re.findall(r"^## (\w+)$", text, re.MULTILINE)
    assert headings == ["Context", "Options", "Decision", "Consequences"]
    assert re.match(rf"# {path.name[:4]}: .+\n", text)
    assert path.name in (ROOT / "docs" / "adr" / "README.md").read_text("utf-8")


def test_links_between_pages_resolve() -> None:
    pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted((ROOT / "docs").rglob("*.md"))
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        if page.is_file()
        for target in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_contributing_names_files_that_exist() -> None:
    """Paths in backticks, but those with a placeholder in angle brackets."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    paths = set(re.findall(r"`([\w.-]+/[\w./-]*\w)`", text))
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_architecture_names_files_that_exist() -> None:
    """Placeholders match anything; a room may be named below ``graph``, a query by its name."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    paths = {path for line in prose.splitlines() for path in paths_of(line)}
    assert len(paths) > 30
    known = ("{}", "graph/{}", "graph/cypher/{}.cypher")
    assert [path for path in sorted(paths) if not any(list(ROOT.glob(form.format(path))) for form in known)] == []


def paths_of(line: str) -> Iterator[str]:
    """Paths in backticks; a bare file name belongs to the folder of the path before it."""
    folder = PurePosixPath()
    for name in re.findall(r"`([\w.<][\w./<>-]*)`", line):
        path = PurePosixPath(re.sub(r"<\w+>", "*", name))
        if "/" in name and (ROOT / folder / path).is_dir():
            yield str(folder / path)
        elif "/" in name:
            yield str(path)
        if "/" in name and (ROOT / path).exists():
            folder = path if name.endswith("/") else path.parent
        if "/" in name:
            continue
        if path.suffix in {".cypher", ".md", ".py", ".toml", ".yaml"}:
            yield str(folder / path)
