"""Make Python tracebacks with known causes: ``python tools/faults/python.py --work FOLDER --out FOLDER``.

Takes the source of open-source libraries from the package registry, puts one fault at a time into a function that their
own tests run, and writes what the tests then crash with to ``OUT/python.jsonl.gz``; the group is the fault. WORK keeps
downloads, the environment and the raw reports of each library; a library with existing raw reports is skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus import Labelled, counts, write

HERE = Path(__file__).resolve().parent
NEEDS = ("pytest", "hypothesis", "freezegun", "pytz", "pyyaml", "six", "pretend", "html5lib", "tinycss2", "regex", "jinja2")


@dataclass(frozen=True, slots=True)
class Library:
    """A pinned library, its tests (pytest arguments), what it needs to run, and whether its interpreter marks columns."""

    name: str
    version: str
    tests: tuple[str, ...] = ("tests",)
    needs: tuple[str, ...] = ()
    columns: bool = False


LIBRARIES = (
    Library("toolz", "1.2.0", ("toolz",)),
    Library("boltons", "26.2.0", columns=True),
    Library("tabulate", "0.10.0", ("test",)),
    Library("python_dateutil", "4.0.0"),
    Library("markdown", "3.11.3"),
    Library("tinydb", "4.9.0"),
    Library("lark", "1.3.1", ("tests/test_parser.py", "tests/test_grammar.py", "tests/test_trees.py", "tests/test_tools.py")),
    Library("parso", "0.8.7", ("test",)),
    Library("tomlkit", "0.15.2"),
    Library("jsonschema", "4.26.0", ("jsonschema/tests",), ("attrs", "referencing", "rpds-py", "jsonschema-specifications")),
    Library("mako", "1.4.3", ("test",), ("markupsafe",)),
    Library("docutils", "0.23", ("test",)),
    Library("networkx", "3.6.1", ("networkx/classes", "networkx/readwrite", "networkx/utils", "networkx/algorithms/tests")),
    Library("pyparsing", "3.3.3"),
    Library("babel", "2.18.0", columns=True),
    Library("pygments", "2.21.0"),
    Library("humanize", "4.17.0"),
    Library("inflect", "7.6.0", needs=("more_itertools", "typeguard"), columns=True),
    Library("more_itertools", "11.2.1"),
    Library("packaging", "26.3"),
    Library("bleach", "6.4.0"),
    Library("cachetools", "8.0.1"),
    Library("semver", "3.1.1"),
    Library("xmltodict", "1.0.4"),
    Library(
        "sympy", "1.14.0", ("sympy/core/tests", "sympy/polys/tests", "sympy/printing/tests", "sympy/parsing/tests"), ("mpmath",)
    ),
)


def main() -> None:
    """Crash the libraries and gather their reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for downloads and raw reports")
    parser.add_argument("--out", type=Path, required=True, help="folder for python.jsonl.gz")
    parser.add_argument("--seconds", type=float, default=90, help="time for the faults of one library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[library.name for library in LIBRARIES])
    chosen = parser.parse_args()
    work = chosen.work.resolve()
    environment = _environment(work)
    for library in (library for library in LIBRARIES if library.name in chosen.only):
        raw = work / "raw" / f"{library.name}.jsonl"
        if not raw.exists():
            _crash(library, environment, work, raw, (str(chosen.seconds), str(chosen.seed)))
        write(chosen.out / "python.jsonl.gz", _gathered(work / "raw"))
    sys.stdout.write(counts(chosen.out / "python.jsonl.gz") + "\n")


def _environment(work: Path) -> Path:
    """The interpreter of an environment that has all that the libraries and their tests need."""
    interpreter = work / "env" / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([sys.executable, "-m", "venv", str(work / "env")], check=True)
        needs = {*NEEDS, *(need for library in LIBRARIES for need in library.needs)}
        subprocess.run([str(interpreter), "-m", "pip", "install", "--quiet", *sorted(needs)], check=True)
    return interpreter


def _crash(library: Library, interpreter: Path, work: Path, raw: Path, budget: tuple[str, str]) -> None:
    root = _source(library, interpreter, work)
    raw.parent.mkdir(parents=True, exist_ok=True)
    begun = raw.with_suffix(".part")
    command = [str(interpreter), *([] if library.columns else ["-X", "no_debug_ranges"]), str(HERE / "python_library.py")]
    folders = os.pathsep.join(str(root / name) for name in ("src", "."))
    surroundings = {**os.environ, "PYTHONPATH": folders, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with begun.open("wb") as output:
        arguments = [*command, library.name, *budget, *library.tests]
        subprocess.run(arguments, cwd=root, env=surroundings, stdout=output, stdin=subprocess.DEVNULL, check=False)
    begun.rename(raw)


def _source(library: Library, interpreter: Path, work: Path) -> Path:
    """The root of the library's unpacked source distribution."""
    name = f"{library.name}-{library.version}"
    archive, root = work / "sdist" / f"{name}.tar.gz", work / "tree" / name
    if not archive.exists():
        pinned = f"{library.name}=={library.version}"
        options = ["--quiet", "--no-deps", "--no-binary", library.name, "--dest", str(archive.parent)]
        subprocess.run([str(interpreter), "-m", "pip", "download", *options, pinned], check=True)
    if not root.exists():
        with tarfile.open(archive) as packed:
            packed.extractall(root.parent, filter="data")
    return root


def _gathered(raw: Path) -> Iterator[Labelled]:
    for path in sorted(raw.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            more = {"top": row["top"], "frames": row["frames"]}
            yield Labelled(row["report"], _place(row["report"]), path.stem, row["group"], "python", row["type"], more)


def _place(report: str) -> str:
    """The innermost three frames, with their lines."""
    frames = [line for line in report.split("\n") if line.startswith('  File "')]
    return " ".join(frames[-3:])


if __name__ == "__main__":
    main()
