"""Pages request nothing from other servers, and the repository names no registry and no folder of a build machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for package in ("viz", "schema", "crashgraph")
    for path in (ROOT / package).rglob("*")
    if path.suffix in {".html", ".js", ".css", ".svg", ".graphql"}
)
ORIGIN = re.compile(r"""\bhttps?://[^\s"'`<>)]+|["'(=]\s*//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s"')]*""", re.IGNORECASE)
NAMESPACE = re.compile(r"https?://www\.w3\.org/(?:1999/xhtml|1999/xlink|2000/svg|1998/Math/MathML)")
REGISTRIES = re.compile(
    r"pypi\.(?:org|python)|pythonhosted\.org|npmjs\.(?:org|com)|repo1?\.maven|maven\.apache\.org|download\.pytorch\.org"
    r"|proxy\.golang\.org|index\.crates\.io|registry\.yarnpkg",
    re.IGNORECASE,
)
BUILD_FOLDERS = re.compile(r"(?<![\w.~-])/(?:work|root)/[\w.-]")
ENTRY = re.compile(r"^[a-z0-9][a-z0-9._-]*==\S+( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_names_no_outside_address(path: Path) -> None:
    found = [address for address in ORIGIN.findall(path.read_text("utf-8")) if not NAMESPACE.fullmatch(address)]
    assert found == []


def test_an_outside_address_is_detected() -> None:
    seen = ['<script src="https://cdn.example.org/a.js">', "url(//fonts.example.org/a.woff)", 'import "//x.example.org"']
    assert all(ORIGIN.search(text) for text in seen)
    assert not ORIGIN.search("// a comment. with dots\nconst half = width //2")


def test_no_file_names_a_registry_or_a_folder_of_a_build_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in tracked()
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if REGISTRIES.search(line) or BUILD_FOLDERS.search(line)
    ]
    assert found == []


def test_constraints_pin_everything_by_hash_and_name_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not ENTRY.match(line) and not HASH.match(line)] == []
    # Each entry is followed by at least one hash, which its backslash promises.
    assert [
        line for line, after in zip(lines, [*lines[1:], ""], strict=True) if ENTRY.match(line) and not HASH.match(after)
    ] == []


def test_jars_are_pinned_by_sum_and_have_no_address() -> None:
    text = (ROOT / "graph" / "server" / "jars.lock.toml").read_text("utf-8")
    jars = tomllib.loads(text)["jars"]
    assert "://" not in text
    assert len(jars) > 300
    assert [jar["file"] for jar in jars if not re.fullmatch("[0-9a-f]{64}", jar.get("sha256", "")) or not jar.get("size")] == []
    assert len({jar["file"] for jar in jars}) == len(jars)


def tracked() -> list[Path]:
    """The files of the repository."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix not in {".png", ".ico", ".woff2", ".zip", ".gz"}]
