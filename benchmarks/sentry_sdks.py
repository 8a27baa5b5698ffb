"""Whether Sentry's SDKs for Python and Node lose events while the service is killed or replaced.

Each SDK, as its package registry has it, reports events at a steady pace to ``crashgraph up``. Half way its service is
killed (SIGKILL), or replaced on request (``--planned``: SIGHUP to its parent). Then it is counted what was captured, what
was answered, and what is stored. Whatever was answered 200 must be there. Each SDK runs twice: as it is, slowly, since it
drops what its own queue has no room for (100 events in Python, 64 in Node); and fast, with room in its queue (an option of
the SDK) for what is captured meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
from _bench import report

NODE_SDK = "@sentry/node@11.12.0"
HERE = Path(__file__).parent
UP = [sys.executable, "-m", "crashgraph", "up"]
PAGE = """query ($after: String) { crashes(first: 100, after: $after) {
  nodes { externalId } pageInfo { hasNextPage endCursor } } }"""


class Service:
    """``crashgraph up`` in a home of its own."""

    def __init__(self, home: Path) -> None:
        """Start it on a free port."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "CRASHGRAPH_HOME": str(home), "CRASHGRAPH_PORT": str(self.port)}
        self.log = home / "up.log"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(UP, env=self.environment, stdout=log, stderr=log)
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it is ready."""
        try:
            with urllib.request.urlopen(f"{self.base}/readyz", timeout=60) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def replace(self, *, planned: bool) -> float:
        """End the process that serves, and wait for the next one; seconds until that is ready."""
        (old,) = self.serving()
        began = time.perf_counter()
        if planned:
            self.process.send_signal(signal.SIGHUP)
        else:
            old.kill()
        while old in self.serving() or not self.serving() or not self.answers():
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        return time.perf_counter() - began

    def serving(self) -> list[psutil.Process]:
        """Its service, while there is one."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "serve" in (child.as_dict(["cmdline"])["cmdline"] or [])]

    def stop(self) -> None:
        """End it in order."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(90)

    def dsn(self, product: str) -> str:
        """What an SDK is given."""
        command = [sys.executable, "-m", "crashgraph", "dsn", product]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout.strip()

    def stored(self) -> set[str]:
        """Ids of all events in the graph."""
        found: set[str] = set()
        after = None
        while True:
            body = json.dumps({"query": PAGE, "variables": {"after": after}}).encode()
            request = urllib.request.Request(f"{self.base}/graphql", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=120) as response:
                told = json.load(response)
            assert "errors" not in told, told
            page = told["data"]["crashes"]
            found.update(node["externalId"] for node in page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]


def node_program(folder: Path) -> list[str]:
    """The command of the program in Node, with the SDK installed beside it."""
    shutil.copy(HERE / "sentry_node.js", folder)
    (folder / "package.json").write_text("{}")
    install = ["npm", "install", "--no-audit", "--no-fund", NODE_SDK]
    subprocess.run(install, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return ["node", str(folder / "sentry_node.js")]


def measured(
    service: Service, name: str, command: list[str], events: int, pause: float, queue: int, *, planned: bool
) -> dict[str, object]:
    """One SDK through one kill or planned restart."""
    arguments = [service.dsn(f"bench-{name}"), str(events), str(pause), str(queue)]
    program = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    while program.stdout.readline().strip() != "half":
        assert program.poll() is None, "the program ended"
    down = service.replace(planned=planned)
    told = json.loads(program.stdout.read().strip().splitlines()[-1])
    program.wait()
    answered = {id for id, status in told["answers"].items() if status == 200}
    captured = set(told["captured"])
    stored = service.stored() & captured
    row = {
        "SDK": f"{name} {told['version']}",
        "queue": queue or "as it is",
        "events a second": 1 / pause,
        "captured": len(captured),
        "answered 200": len(answered & captured),
        "answered otherwise": sum(status != 200 for id, status in told["answers"].items() if id in captured),
        "stored": len(stored),
        "answered 200 and missing": len((answered & captured) - stored),
        "lost": len(captured - stored),
        "seconds to the next service": down,
    }
    print(row, file=sys.stderr)
    return row


def main(events: int, slow: float, fast: float, sdks: list[str], *, planned: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="crashgraph-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        programs = {"python": [sys.executable, str(HERE / "sentry_python.py")]}
        if "node" in sdks:
            (Path(folder) / "node").mkdir()
            programs["node"] = node_program(Path(folder) / "node")
        service = Service(home)
        try:
            ways = [(name, pause, queue) for name in sdks for pause, queue in ((slow, 0), (fast, events))]
            rows = [
                measured(service, name, programs[name], events, pause, queue, planned=planned) for name, pause, queue in ways
            ]
        finally:
            service.stop()
    report(f"Sentry's SDKs and a service that is {'replaced' if planned else 'killed'}", rows)
    assert not any(row["answered 200 and missing"] for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--slow", type=float, default=0.5, help="seconds between two events, SDK as it is")
    parser.add_argument("--fast", type=float, default=0.03, help="seconds between two events, SDK with room in its queue")
    parser.add_argument("--sdks", nargs="+", default=["python", "node"], choices=["python", "node"])
    parser.add_argument("--planned", action="store_true", help="replace the service on request instead of killing it")
    given = parser.parse_args()
    main(given.events, given.slow, given.fast, given.sdks, planned=given.planned)
