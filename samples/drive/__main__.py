"""``python samples/drive PERIOD.json``: play one period. Python's own packages only: other ones must not be importable."""

from __future__ import annotations

import json
import sys
from pathlib import Path

told = json.loads(Path(sys.argv[1]).read_text("utf-8"))
sys.path[0:1] = [told["tree"], str(Path(__file__).resolve().parents[2])]

from samples.drive.period import Period, run  # noqa: E402 - it and the application are found through the path above

if __name__ == "__main__":
    run(Period(**told))
