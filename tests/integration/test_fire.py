"""The short form of ``benchmarks/fire.py``: processes are killed under a mixed load, and nothing that was accepted is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS_ON_A_BUSY_MACHINE = "150"


@pytest.mark.timeout(600)
def test_what_is_accepted_is_stored_once_whoever_is_killed() -> None:
    fire = [sys.executable, str(ROOT / "benchmarks" / "fire.py"), "--brief", "--limit", SECONDS_ON_A_BUSY_MACHINE]
    done = subprocess.run(fire, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "answered 2xx and lost" in done.stdout
