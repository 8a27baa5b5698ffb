"""Counts, per room, how often docstrings, comments and pages use words that the field would not.

``python tools/prose.py [ROOM…]`` prints a row per room: words of prose, odd words, odd words per 10,000. With ``--list`` it
prints every occurrence. The limit of ten per 10,000 is a contract test (``tests/contract/test_prose.py``).
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import subprocess
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ODD = re.compile(r"\b(told|tells?|says|stands|stood|whose|nobody|anew)\b", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
GENERATED = frozenset({"docs/formats.md", "docs/queries.md"})
"""Pages with many verbatim reports or queries; what they are generated from is counted instead."""


def prose_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line number and text of each docstring, comment or paragraph of a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _docstrings(text)
        yield from _comments(text)
    elif path.suffix == ".cypher":
        yield from ((number, line[2:]) for number, line in enumerate(text.splitlines(), 1) if line.startswith("//"))
    elif path.suffix == ".md":
        plain = CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
        yield from enumerate(plain.splitlines(), 1)


def _docstrings(text: str) -> Iterator[tuple[int, str]]:
    """Every string that is a statement of its own, attribute docstrings included, without code in backticks."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            plain = CODE.sub(" ", node.value.value.replace("``", "`"))
            yield from enumerate(plain.splitlines(), node.lineno)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith(("# noqa", "# type:")):
            yield token.start[0], token.string[1:]


def files() -> list[Path]:
    """The files of the repository that hold prose of ours."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [Path(name) for name in listed.stdout.splitlines() if name.endswith((".py", ".md", ".cypher"))]
    return [path for path in paths if path.as_posix() not in GENERATED and (ROOT / path).is_file()]


def room_of(path: Path) -> str:
    """Two folders of ``graph``, ``tests`` and ``crashgraph``, one of all else."""
    parts = path.parts[:-1]
    return "/".join(parts[: 2 if parts[:1] in {("graph",), ("tests",), ("crashgraph",), ("jobs",)} else 1]) or "."


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    words: Counter[str] = Counter()
    odd: Counter[str] = Counter()
    for path in files():
        room = room_of(path)
        if options.rooms and not any(path.as_posix().startswith(wanted) for wanted in options.rooms):
            continue
        for number, line in prose_of(ROOT / path):
            words[room] += len(WORD.findall(line))
            found = ODD.findall(line)
            odd[room] += len(found)
            if found and options.list:
                print(f"{path}:{number}: {line.strip()}")
    for room in sorted(words):
        print(f"{room:24} {words[room]:7} words {odd[room]:5} odd {10_000 * odd[room] / max(words[room], 1):6.0f} per 10,000")
    total = sum(words.values())
    print(f"{'all':24} {total:7} words {sum(odd.values()):5} odd {10_000 * sum(odd.values()) / max(total, 1):6.0f} per 10,000")


if __name__ == "__main__":
    main()
