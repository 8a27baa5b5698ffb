"""``crashgraph up`` imports nothing that its children compute with."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {"torch", "numpy", "scipy", "uvicorn", "starlette", "strawberry", "neo4j", "apscheduler", "igraph", "pyvis", "re2"}
IMPORTS = """
import json, sys
import crashgraph.commands.up
import crashgraph.commands.dsn
import crashgraph.console
import crashgraph.http_ingest.keys
import crashgraph.listening
import crashgraph.logs
import crashgraph.supervisor.neo4j_process
import crashgraph.supervisor.supervisor
import crashgraph.wiring
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_the_parent_imports_nothing_heavy() -> None:
    run = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert HEAVY & set(json.loads(run.stdout)) == set()
