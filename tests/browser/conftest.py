"""A real Chromium and a small server for rendered pages. Skipped without Chromium and its driver on PATH."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from viz.assets import static_files
from viz.render import content_security_policy

NONCE = "test-nonce"
TYPES = {".js": "text/javascript", ".css": "text/css"}
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
)
WAIT_SECONDS = 15


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, so that ``-m 'not browser'`` deselects them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Browser:
    """A Chromium, with shortcuts for tests."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.run = driver.execute_script

    def open(self, address: str) -> None:
        """Load a page afresh and wait until it is interactive."""
        self.driver.get("about:blank")
        self.forget()
        self.driver.get(address)
        self.until(lambda: self.run("return document.documentElement.dataset.ready === 'true'"), f"{address} is ready")

    def until(self, condition: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait for a condition; on failure the message names ``what`` was expected."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not within {seconds} s: {what}; console: {self.console()}"
            time.sleep(0.05)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def console(self) -> list[str]:
        """Warnings and errors since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]

    def requests(self) -> list[str]:
        """Addresses requested since the page was opened."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def forget(self) -> None:
        self.driver.get_log("browser")
        self.driver.get_log("performance")

    def size(self, width: int, height: int) -> None:
        """Set the viewport."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the session."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("no chromium and chromedriver on PATH: install the packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield Browser(started)
    started.quit()


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """Chromium at desktop size, signed in nowhere: cookies of other tests are for all ports of this machine."""
    chromium.size(1440, 900)
    chromium.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    return chromium


@pytest.fixture(scope="session")
def pages() -> Iterator[Callable[[str, str], str]]:
    """``pages(path, html)`` serves a page with the live page's policy and returns its address; static files are served too."""
    served: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """No access log."""

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            file = static_files().get(path.removeprefix("/static/"))
            if path in served:
                self.answer(served[path].encode(), "text/html; charset=utf-8")
            elif file is not None:
                self.answer(file.read_bytes(), TYPES[file.suffix])
            else:
                self.send_error(404)

        def answer(self, body: bytes, type_: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", type_)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", content_security_policy(NONCE))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def serve(path: str, html: str) -> str:
        served[path] = html
        return f"http://127.0.0.1:{server.server_port}{path}"

    yield serve
    server.shutdown()
    server.server_close()
    thread.join()
