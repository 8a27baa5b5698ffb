"""The short forms of ``benchmarks/fire.py``: kills under a mixed load, and hostile reports beside good ones, lose nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS_ON_A_BUSY_MACHINE = "150"


@pytest.mark.timeout(600)
def test_what_is_accepted_is_stored_once_whoever_is_killed() -> None:
    assert "answered 2xx and lost" in fired("--brief", "--limit", SECONDS_ON_A_BUSY_MACHINE)


@pytest.mark.timeout(600)
def test_hostile_reports_stop_nothing_and_lose_no_neighbour() -> None:
    assert "lost or double" in fired("--fuzz", "0.33")


def fired(*options: str) -> str:
    """What the benchmark prints; it ends with another status if it finds a fault."""
    command = [sys.executable, str(ROOT / "benchmarks" / "fire.py"), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
