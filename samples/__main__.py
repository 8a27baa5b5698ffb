"""``python -m samples FOLDER``: make a sample set."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samples.generation import generate


def main(arguments: list[str] | None = None) -> int:
    """Make a sample set and say what is in it."""
    parser = argparse.ArgumentParser(prog="python -m samples", description="Make real crash reports with known truth.")
    parser.add_argument("folder", type=Path, help="where reports.jsonl and truth.json are written")
    parser.add_argument("--seed", type=int, default=2026, help="the same seed gives the same crashes (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1.0, help="how much happens (default: %(default)s)")
    asked = parser.parse_args(arguments)
    show = _show if sys.stderr.isatty() else None
    made = generate(asked.folder, seed=asked.seed, scale=asked.scale, progress=show)
    print(  # noqa: T201 - this is a command
        f"{made.crash_count} crashes of {made.fault_count} faults at {made.site_count} sites in {made.version_count} versions:"
        f" {made.reports}, {made.truth}"
    )
    return 0


def _show(done: int, total: int) -> None:
    print(f"\r{done}/{total} periods", end="\n" if done == total else "", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
