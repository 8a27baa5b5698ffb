"""The client: light to import, silent, and harmless to the program when the service fails."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from crashgraph.client import CrashgraphMiddleware, Reporter
from crashgraph.client.formatting import TEXT_LIMIT, format_exception
from crashgraph.client.middleware import request_of

HEAVY = {"neo4j", "torch", "numpy", "pydantic", "starlette", "click", "orjson", "asyncio", "crashgraph.settings", "graph"}
DEAD = "http://127.0.0.1:1"


class Service:
    """A server with scripted answers that records requests."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.reports: list[dict[str, str]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, headers = service.answers.pop(0) if service.answers else (200, {})
                if status == 200:
                    service.reports.append(report)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def failure(message: str = "no such tariff") -> Exception:
    with pytest.raises(KeyError) as caught:
        dict[str, int]()[message]
    return caught.value


def test_importing_it_is_light() -> None:
    probe = "import sys, json, crashgraph.client; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True)
    assert HEAVY & set(json.loads(done.stdout)) == set()


def test_a_report_has_the_traceback_and_who_sent_it(service: Service) -> None:
    reporter = Reporter(service.url, product="shop", version="1.2", site="north")
    assert reporter.report(failure(), "GET /orders/{id}")
    assert reporter.flush(10)
    (report,) = service.reports
    assert (report["product"], report["version"], report["site"]) == ("shop", "1.2", "north")
    assert report["report"].startswith("GET /orders/{id}\nTraceback (most recent call last):\n")
    assert report["report"].endswith("KeyError: 'no such tariff'\n")
    assert reporter.counts.sent == 1


def test_it_retries_when_the_service_asks(service: Service) -> None:
    service.answers = [(429, {"Retry-After": "1"}), (503, {}), (200, {})]
    reporter = Reporter(service.url)
    began = time.monotonic()
    reporter.report(failure())
    assert reporter.flush(20)
    assert time.monotonic() - began >= 1
    assert (reporter.counts.sent, len(service.reports)) == (1, 1)


def test_permanent_refusals_are_counted_and_dropped(service: Service) -> None:
    service.answers = [(400, {})]
    reporter = Reporter(service.url)
    reporter.report(failure())
    assert reporter.flush(10)
    assert (reporter.counts.failed, service.answers) == (1, [])


def test_a_dead_address_costs_the_program_nothing() -> None:
    reporter = Reporter(DEAD, queue_size=10)
    error = failure()
    reporter.report(error)
    slowest = 0.0
    for _ in range(1_000):
        began = time.thread_time()
        reporter.report(error)
        slowest = max(slowest, time.thread_time() - began)
    assert slowest < 0.05
    assert reporter.counts.dropped >= 989
    assert reporter.flush(0.05) is False


@pytest.mark.parametrize("url", ["", "127.0.0.1:8321", "ftp://127.0.0.1", "http://"])
def test_a_wrong_address_is_rejected_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is not a URL such as http://"):
        Reporter(url)


class HostileError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this")


def test_hostile_exceptions_do_not_raise(service: Service) -> None:
    def deep(depth: int) -> None:
        deep(depth - 1) if depth else (_ for _ in ()).throw(ValueError("x" * 1_000_000 + "\ud800"))

    reporter = Reporter(service.url)
    for make in (lambda: deep(500), lambda: (_ for _ in ()).throw(HostileError())):
        with pytest.raises(Exception) as caught:  # any
            make()
        assert reporter.report(caught.value)
    assert reporter.flush(20)
    assert len(service.reports) == 2
    assert all(len(report["report"]) <= TEXT_LIMIT + 100 for report in service.reports)
    assert "HostileError" in format_exception(HostileError())


async def run(app: Any, scope: dict[str, Any]) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        pass

    await app(scope, receive, send)


async def test_the_middleware_reports_and_raises_again(service: Service) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise KeyError("no such tariff")

    middleware = CrashgraphMiddleware(broken, service.url, product="shop")
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/orders/17/pay",
        "query_string": b"token=s3cret",
        "headers": [(b"cookie", b"s3cret")],
    }
    with pytest.raises(KeyError):
        await run(middleware, scope)
    assert await asyncio.to_thread(middleware.reporter.flush, 10)
    (report,) = service.reports
    assert report["report"].startswith("POST /orders/{}/pay\n")
    assert "s3cret" not in json.dumps(report)
    with pytest.raises(KeyError):
        await run(CrashgraphMiddleware(broken, DEAD), {"type": "lifespan"})


class Template:
    path = "/orders/{order_id}"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"type": "http", "method": "GET", "path": "/orders/9", "route": Template()}, "GET /orders/{order_id}"),
        ({"type": "http", "method": "GET", "path": "/"}, "GET /"),
        ({"type": "http", "method": "GET", "path": "/reset/aGVsbG8gd29ybGQ0/x"}, "GET /reset/{}/x"),
        ({"type": "http", "method": "GET", "path": "/u/anna@example.org"}, "GET /u/{}"),
        ({"type": "websocket", "path": "/live"}, "WEBSOCKET /live"),
        ({"type": "lifespan"}, ""),
    ],
)
def test_only_the_route_template_of_a_request_is_reported(scope: dict[str, Any], expected: str) -> None:
    assert request_of(scope) == expected


PROGRAM = """
import asyncio, sys, threading
from crashgraph.client import install_excepthook, watch_loop
reporter = install_excepthook(sys.argv[1], product="desk")
def fail(message):
    raise ValueError(message)
thread = threading.Thread(target=fail, args=("thread",))
thread.start(); thread.join()
async def main():
    watch_loop(reporter)
    asyncio.get_running_loop().call_soon(fail, "loop")
    await asyncio.sleep(0)
asyncio.run(main())
if sys.argv[2] == "exit":
    sys.exit(7)
fail("main")
"""


@pytest.mark.parametrize(
    ("how", "status", "expected"), [("fail", 1, ["loop", "main", "thread"]), ("exit", 7, ["loop", "thread"])]
)
def test_uncaught_exceptions_are_sent_before_the_program_ends(
    service: Service, how: str, status: int, expected: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, service.url, how], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status
    assert sorted(report["report"].strip().rpartition(" ")[2] for report in service.reports) == expected
    # Python still prints its own message.
    assert all(f"ValueError: {name}" in done.stderr for name in expected)


def test_a_dead_address_delays_exit_by_at_most_the_limit() -> None:
    program = (
        "from crashgraph.client import install_excepthook\ninstall_excepthook('http://127.0.0.1:1', exit_seconds=1.0)\n1/0"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert time.monotonic() - began < 30


FORKING = """
import os, sys
from crashgraph.client import Reporter
reporter = Reporter(sys.argv[1])
def fail(name):
    try:
        raise ValueError(name)
    except ValueError as error:
        reporter.report(error)
fail("parent")
reporter.flush(10)
if os.fork() == 0:
    fail("child")
    reporter.flush(10)
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_sends_for_itself(service: Service) -> None:
    subprocess.run([sys.executable, "-c", FORKING, service.url], timeout=60, check=True)
    assert sorted(report["report"].strip().rpartition(" ")[2] for report in service.reports) == ["child", "parent"]
