"""Page size and time to interactive of the explorer at 50, 150 and 500 nodes, beside pyvis' own page in the same run.

    python benchmarks/page.py [--sizes 50 150 500] [--runs 5] [--limit 120]

Needs chromium and chromedriver on PATH. Interactive is when the network is drawn and every control answers (the mark
``crashgraph-interactive``); for pyvis, whose ``generate_html`` is taken with its defaults and ``in_line`` resources, it
is the first drawing after its physics has stopped the page's first simulation. Both are loaded from loopback with an
empty cache and without any other network. Prints a table and one JSON line.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from pyvis.network import Network as PyvisNetwork
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from resolvers.records import Network, NetworkEdge, NetworkNode, NetworkQuery
from viz.assets import static_files
from viz.pages.network import PAGE, explorer
from viz.render import Surroundings, content_security_policy, file_page, live_page, warm

NONCE = "benchmark"
PAGES = {PAGE.name: PAGE}
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1440,900",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WATCH_PYVIS = """
let held;
Object.defineProperty(window, 'network', {configurable: true, get: () => held, set(made) {
  held = made;
  made.once('stabilizationIterationsDone', () => made.once('afterDrawing', () => performance.mark('pyvis-interactive')));
}});
"""


def made(number: int) -> Network:
    """A network of ``number`` patterns in groups with some hubs, twice as many edges, a fifth of the patterns alone."""
    draw = random.Random(number)
    kinds = ("KeyError", "ValueError", "TimeoutError", "OperationalError", "MessageNotUnderstood")
    places = ("billing.invoice.total", "scheduler.slot.release_next", "playlist.merge.apply", "db.pool.acquire")
    nodes = tuple(
        NetworkNode(
            id=f"pat_{draw.getrandbits(64):016x}",
            label="Pattern",
            caption=f"{draw.choice(kinds)} in {draw.choice(places)}",
            severity=draw.choices(("critical", "high", "medium", "low"), (1, 3, 5, 4))[0],
            status="open",
            size=1 + int(900 * draw.random() ** 6),
            details={"Error type": "KeyError", "First seen": "2026-09-03 06:12 UTC", "Last seen": "2026-11-20 23:41 UTC"},
        )
        for _ in range(number)
    )
    linked = number * 4 // 5
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < 2 * number:
        one = draw.randrange(linked)
        other = draw.randrange(5) if draw.random() < 0.1 else (one + draw.randrange(1, 9)) % linked
        if one != other:
            pairs.add((min(one, other), max(one, other)))
    edges = tuple(edge(nodes[a].id, nodes[b].id, draw.random()) for a, b in sorted(pairs))
    return Network(NetworkQuery(first=number, edges=len(edges)), nodes, edges, number, len(edges))


def edge(source: str, target: str, score: float) -> NetworkEdge:
    evidence = {
        "algorithm": "co_occurrence",
        "run id": "run_8c1d22",
        "score": f"{score:.3g}",
        "support": "17",
        "q value": "8e-06",
    }
    return NetworkEdge(source, target, "CO_OCCURS_WITH", score, directed=False, evidence=evidence)


def pyvis_page(network: Network) -> str:
    """The page that pyvis makes by itself of the same nodes and edges, defaults kept."""
    drawn = PyvisNetwork(height="800px", directed=True, cdn_resources="in_line")
    for node in network.nodes:
        drawn.add_node(node.id, label=node.caption, title="\n".join(node.details.values()), value=node.size)
    for each in network.edges:
        drawn.add_edge(each.source, each.target, title=" ".join(each.evidence.values()))
    with tempfile.TemporaryDirectory() as folder:
        here = Path.cwd()
        os.chdir(folder)
        try:
            return str(drawn.generate_html())
        finally:
            os.chdir(here)


class Handler(BaseHTTPRequestHandler):
    """Serves the pages under test and the static files."""

    pages: ClassVar[dict[str, bytes]] = {}

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        """A page or a static file."""
        file = static_files().get(self.path.removeprefix("/static/"))
        body = self.pages.get(self.path) or (file.read_bytes() if file else None)
        self.send_response(200 if body else 404)
        kind = {".css": "text/css", ".js": "text/javascript"}.get(file.suffix, "") if file else "text/html; charset=utf-8"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        if self.path.startswith("/explorer"):
            self.send_header("Content-Security-Policy", content_security_policy(NONCE))
        self.end_headers()
        self.wfile.write(body or b"")


@contextmanager
def served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not browser or not driver:
        raise SystemExit("no chromium and chromedriver on PATH: install the packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    started = webdriver.Chrome(options=options, service=Service(driver))
    try:
        started.execute_cdp_cmd("Network.enable", {})
        started.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        started.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH_PYVIS})
        yield started
    finally:
        started.quit()


def interactive_ms(driver: webdriver.Chrome, address: str, mark: str, limit: float) -> float | None:
    """Milliseconds from the start of the navigation to the mark; ``None`` if it is not there within ``limit`` seconds."""
    driver.get("about:blank")
    driver.get(address)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found = driver.execute_script("return performance.getEntriesByName(arguments[0])[0]?.startTime ?? null", mark)
        if found is not None:
            return float(found)
        time.sleep(0.05)
    return None


def timed(make: Callable[[], str], runs: int) -> tuple[str, float]:
    """What was made, and the median milliseconds of ``runs`` makings."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        text = make()
        taken.append(1000 * (time.perf_counter() - start))
    return text, statistics.median(taken)


def measure(driver: webdriver.Chrome, root: str, number: int, runs: int, limit: float) -> dict[str, float | int | None]:
    """One line of the table."""
    network = made(number)
    page, render = timed(lambda: live_page(PAGE, explorer(network), Surroundings(PAGES), NONCE), runs)
    file = file_page(PAGE, explorer(network))
    baseline = pyvis_page(network)
    Handler.pages[f"/explorer{number}"] = page.encode()
    Handler.pages[f"/pyvis{number}"] = baseline.encode()
    taken = [interactive_ms(driver, f"{root}/explorer{number}", "crashgraph-interactive", limit) for _ in range(runs)]
    ours = statistics.median([each for each in taken if each is not None]) if None not in taken else None
    theirs = interactive_ms(driver, f"{root}/pyvis{number}", "pyvis-interactive", limit)
    return {
        "nodes": number,
        "edges": len(network.edges),
        "render_ms": round(render, 1),
        "html_kb": round(len(page.encode()) / 1000, 1),
        "html_gzip_kb": round(len(gzip.compress(page.encode())) / 1000, 1),
        "file_kb": round(len(file.encode()) / 1000, 1),
        "interactive_ms": None if ours is None else round(ours),
        "pyvis_html_kb": round(len(baseline.encode()) / 1000, 1),
        "pyvis_interactive_ms": None if theirs is None else round(theirs),
        "times_faster": None if not ours or theirs is None else round(theirs / ours, 1),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=[50, 150, 500])
    options.add_argument("--runs", type=int, default=5, help="loads per size; the median is reported (pyvis: one load)")
    options.add_argument("--limit", type=float, default=120, help="seconds to wait for one page")
    asked = options.parse_args()
    warm(PAGES)
    with served() as root, chromium() as driver:
        interactive_ms(driver, f"{root}/nothing", "none", 0.1)
        rows = [measure(driver, root, number, asked.runs, asked.limit) for number in asked.sizes]
    static = sum(path.stat().st_size for path in static_files().values())
    packed = sum(len(gzip.compress(path.read_bytes())) for path in static_files().values())
    print("  ".join(f"{name:>20}" for name in rows[0]))
    for row in rows:
        print("  ".join(f"{'over the limit' if value is None else value:>20}" for value in row.values()))
    print(f"Static files, cached for good: {static / 1000:.0f} kB ({packed / 1000:.0f} kB gzipped)")
    print(json.dumps({"benchmark": "page", "runs": asked.runs, "static_kb": round(static / 1000), "rows": rows}))


if __name__ == "__main__":
    main()
