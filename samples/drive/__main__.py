"""``python -S samples/drive TOLD.json``: play the periods of one station, one after the other."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from samples.drive.period import Period, run  # noqa: E402 - found through the path above

if __name__ == "__main__":
    for told in json.loads(Path(sys.argv[1]).read_text("utf-8")):
        run(Period(**told))
        print(told["version"], flush=True)  # noqa: T201 - read by samples/running.py
