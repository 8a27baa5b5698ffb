"""Install exactly what constraints.txt pins, and crashgraph itself, into the environment this runs in.

``--torch cpu`` takes torch's CPU build from PyTorch's own index, which uv knows; its wheels have sums of their
own, so that one package is pinned by version and all others by hash.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
CUDA_ONLY = re.compile(r"^(torch|triton|nvidia-[\w-]+|cuda-[\w-]+)==")


def main() -> None:
    """Install."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", choices=["default", "cpu"], default="default")
    chosen = parser.parse_args().torch
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", pin(pinned, "uv"))
    if chosen == "cpu":
        uv("install", "--torch-backend", "cpu", pin(pinned, "torch"))
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "constraints.txt"
        wanted.write_text(without_cuda(pinned) if chosen == "cpu" else pinned, encoding="utf-8")
        # torch's own needs are in the list already, so nothing is resolved again.
        uv("install", "--require-hashes", "--no-deps", "--requirements", str(wanted))
    uv("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def pin(pinned: str, package: str) -> str:
    """``package==version`` as pinned."""
    found = re.search(rf"^{package}==[^\s;\\]+", pinned, re.MULTILINE)
    if found is None:
        raise SystemExit(f"constraints.txt does not pin {package}")
    return found.group()


def without_cuda(pinned: str) -> str:
    """The list without torch and what only its CUDA build needs. An entry is a line and its indented hashes."""
    entries = re.split(r"^(?=\S)", pinned, flags=re.MULTILINE)
    return "".join(entry for entry in entries if not CUDA_ONLY.match(entry))


def uv(*arguments: str) -> None:
    """Run uv pip on this environment."""
    run("-m", "uv", "pip", *arguments, "--python", sys.executable)


def run(*arguments: str) -> None:
    """Run Python; stop with its exit status when it fails."""
    done = subprocess.run([sys.executable, *arguments], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
