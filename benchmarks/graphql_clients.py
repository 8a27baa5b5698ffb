"""Whether GraphQL clients of others work unchanged with a service.

``crashgraph up`` runs in a home of its own with a user and an API key. graphql-request, urql, graphql-ws, graphql-sse,
GraphiQL's fetcher and graphql.js's introspection, as npm has them, read, write, follow and are refused. Needs Node 20 and
npm; the versions are in ``_clients/package-lock.json``. gql, for Python, is tested in
``tests/integration/test_clients_of_others.py``.

    PYTHONPATH=. python benchmarks/graphql_clients.py

Ends with status 1 and the faults, if there are any.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from _bench import report
from _fire.supervised import Supervised, until

CLIENTS = Path(__file__).parent / "_clients"
PASSWORD = "correct horse battery staple"
REPORT = 'Traceback (most recent call last):\n  File "/srv/shop.py", line {line}, in price\n    step()\nKeyError: {line}\n'


def installed(folder: Path) -> Path:
    """The program with its clients, as they are pinned."""
    shutil.copytree(CLIENTS, folder)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, stdout=sys.stderr)
    return folder / "clients.mjs"


def key(service: Supervised) -> str:
    """An API key that may read and report."""
    service.run("user", "add", "ann", "--role", "admin", "--password-stdin", text=f"{PASSWORD}\n").check_returncode()
    made = service.run("key", "create", "tools", "--user", "ann", "--scopes", "read,report")
    made.check_returncode()
    return made.stdout.strip()


def send(service: Supervised, token: str, line: int) -> None:
    """Send a report."""
    headers = {"Content-Type": "text/plain", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{service.base}/api/reports", REPORT.format(line=line).encode(), headers)
    with urllib.request.urlopen(request, timeout=60):
        pass


def wait_stored(token: str, service: Supervised, count: int) -> None:
    """Wait until so many crashes are stored."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    body = json.dumps({"query": "{ crashes(first: 10) { nodes { id } } }"}).encode()

    def stored() -> bool:
        request = urllib.request.Request(f"{service.base}/graphql", body, headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return len(json.load(response)["data"]["crashes"]["nodes"]) == count

    until(stored, 120, lambda: f"{count} crashes are not stored")


def main() -> int:
    if shutil.which("npm") is None:
        print("graphql_clients: npm is not installed, so nothing was tried", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory(prefix="crashgraph-clients-", ignore_cleanup_errors=True) as folder:
        program, home = installed(Path(folder) / "clients"), Path(folder) / "home"
        home.mkdir()
        with Supervised(home, CRASHGRAPH_HEAP_MB="512", CRASHGRAPH_PAGE_CACHE_MB="128") as service:
            service.wait_ready()
            token = key(service)
            for line in (1, 2):
                send(service, token, line)
            wait_stored(token, service, 2)
            done = subprocess.run(
                ["node", str(program), f"127.0.0.1:{service.port}", token], stdout=subprocess.PIPE, text=True, check=True
            )
            service.stop()
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    report(
        "GraphQL clients of others",
        [{**one, "fault": "none" if one["fault"] is None else one["fault"][:100]} for one in checks],
    )
    faults = [one for one in checks if one["fault"] is not None]
    for one in faults:
        print(f"fault: {one['client']} {one['what']}: {one['fault']}", file=sys.stderr)
    return 1 if faults or not checks else 0


if __name__ == "__main__":
    sys.exit(main())
