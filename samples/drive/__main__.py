"""``python samples/drive PERIOD.json``: play one period. Python's own packages only: other ones must not be importable."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from samples.drive.period import Period, run  # noqa: E402 - found through the path above

if __name__ == "__main__":
    run(Period(**json.loads(Path(sys.argv[1]).read_text("utf-8"))))
