"""The short form of ``benchmarks/nowhere.py``: secrets that are sent in every way are nowhere afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(900)
def test_what_is_sent_in_every_way_is_nowhere() -> None:
    nowhere = [sys.executable, str(ROOT / "benchmarks" / "nowhere.py"), "--brief", "--show"]
    done = subprocess.run(nowhere, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(place in done.stdout for place in ("transaction logs", "backups", "restored: store files"))
