"""How long it takes until crashgraph serves its first page, and where the time goes.

Baseline in the same run: Neo4j alone, from the start of its process until Bolt answers.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

from _bench import report

from graph.server import EmbeddedServer, ServerSettings
from graph.server.ports import free_port

COMMAND = [sys.executable, "-m", "crashgraph"]


def neo4j_alone(home: Path) -> float:
    """Seconds until Bolt answers."""
    server = EmbeddedServer(ServerSettings(home=home, bolt_port=0, http_port=0))
    began = time.perf_counter()
    server.acquire()
    took = time.perf_counter() - began
    server.release()
    return took


def first_page(home: Path, *arguments: str) -> float:
    """Seconds from the command to a served explorer; then Ctrl-C."""
    port = free_port()
    environment = {**os.environ, "CRASHGRAPH_HOME": str(home), "CRASHGRAPH_PORT": str(port)}
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*COMMAND, "up", *arguments], env=environment, stdout=quiet, stderr=quiet)
    try:
        while not answers(f"http://127.0.0.1:{port}/"):
            assert process.poll() is None, "crashgraph up ended"
            time.sleep(0.05)
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def answers(url: str) -> bool:
    """Whether the address gives a page."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def help_seconds() -> float:
    """Seconds of ``crashgraph --help``."""
    began = time.perf_counter()
    subprocess.run([*COMMAND, "--help"], check=True, capture_output=True)
    return time.perf_counter() - began


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bare, home = Path(folder) / "bare", Path(folder) / "home"
        neo4j_alone(bare)
        with_sample = first_page(home, "--sample")
        base = median(neo4j_alone(bare) for _ in range(rounds))
        again = median(first_page(home, "--sample") for _ in range(rounds))
    times = {
        "Neo4j alone until Bolt answers": base,
        "first start with the sample set to a served page": with_sample,
        "second start to a served page": again,
        "crashgraph --help": median(help_seconds() for _ in range(5)),
    }
    rows = [{"what": what, "seconds": took, "of Neo4j alone": took / base} for what, took in times.items()]
    report("start-up", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    main(parser.parse_args().rounds)
