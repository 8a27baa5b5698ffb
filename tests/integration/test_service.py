"""The service over HTTP, on the session's graph."""

import asyncio
import html
import http.client
import re
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from reports import submission, traceback

from crashgraph.app import AppDependencies, build_app
from crashgraph.commands.serve import _http
from crashgraph.listening import listening_socket
from crashgraph.readiness import Readiness
from crashgraph.serving import serving
from crashgraph.settings import Settings
from crashgraph.wiring import Container, build_access, build_intake
from graph.ingest.prepare import CrashBuilder
from graph.model.statement import Statement

HTML = {"Accept": "text/html"}


@pytest_asyncio.fixture
async def client(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    async with build_intake(container) as intake:
        transport = httpx.ASGITransport(
            build_app(AppDependencies(container, intake, build_access(container))), raise_app_exceptions=False
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
            yield opened


async def ask(client: httpx.AsyncClient, query: str, **variables: object) -> dict[str, object]:
    response = await client.post("/graphql", json={"query": query, "variables": variables})
    assert response.status_code == 200, response.text
    answer = response.json()
    assert "errors" not in answer, answer
    data = answer["data"]
    assert isinstance(data, dict)
    return data


async def test_a_submitted_crash_is_shown_by_every_interface(client: httpx.AsyncClient, container: Container) -> None:
    report = traceback(0).replace("'tariff'", "<script>alert(1)</script>")
    submitted = await ask(
        client,
        'mutation ($report: String!) { submitCrash(input: {report: $report, site: "north"}) {'
        " receipts { crashId patternId strategy isNew } errors { code message } } }",
        report=report,
    )
    (receipt,) = submitted["submitCrash"]["receipts"]  # type: ignore[index]  # JSON of a known shape
    assert receipt["strategy"] == "NEW"
    asked = await ask(client, "{ patterns(first: 5) { nodes { name occurrenceCount } } }")
    assert asked["patterns"] == {"nodes": [{"name": "KeyError in pricing.tariff_of", "occurrenceCount": 1}]}
    page = (await client.get("/", headers=HTML)).text
    assert "KeyError in pricing.tariff_of" in page
    assert "<script>alert(1)" not in page
    (row,) = await container.graph.read(
        Statement("MATCH (c:Crash)-[:OCCURRED_IN]->(e) RETURN c.message AS message, e.site AS site")
    )
    assert row == {"message": "<script>alert(1)</script>", "site": "north"}


async def test_pages_name_no_other_origin_and_allow_no_foreign_script(client: httpx.AsyncClient, container: Container) -> None:
    await container.receiver.receive([submission(0)])
    for path in ("/", "/view/network", "/docs", "/graphql"):
        response = await client.get(path, headers=HTML)
        assert response.status_code == 200, path
        policy = response.headers.get("Content-Security-Policy", "") + response.text[:4_000]
        assert "default-src &#39;none&#39;" in policy or "default-src 'none'" in policy, path
        assert not re.search(r"""(?:src|href)=["']https?://(?!127\.0\.0\.1|localhost)""", response.text), path


async def test_everything_a_page_loads_is_served(client: httpx.AsyncClient) -> None:
    page = (await client.get("/", headers=HTML)).text
    names = set(re.findall(r"/static/[\w./-]+", page))
    assert {name.rpartition("/")[2] for name in names} >= {"base.css", "shell.js", "main.js", "vis-network.min.js"}
    for name in names:
        response = await client.get(name)
        assert response.status_code == 200, name
        assert "immutable" in response.headers["Cache-Control"]
    assert (await client.get("/static/../app.py")).status_code == 404


async def test_health_readiness_and_metrics(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "ok\n"
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    assert "python_info" in (await client.get("/metrics")).text


@pytest.mark.parametrize(
    ("path", "status", "quoted"),
    [
        ("/view/nonsense", 404, "nonsense"),
        ("/?first=many", 400, "first"),
        ("/?focus=nobody", 404, "nobody"),
        ("/?depth=99", 400, "depth"),
    ],
)
async def test_a_wrong_request_gets_an_error_as_json_or_as_a_page(
    client: httpx.AsyncClient, path: str, status: int, quoted: str
) -> None:
    response = await client.get(path)
    assert response.status_code == status
    message = response.json()["message"]
    assert quoted in message
    as_page = await client.get(path, headers=HTML)
    assert as_page.status_code == status
    assert as_page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in as_page.headers["Content-Security-Policy"]
    assert message in html.unescape(as_page.text)


async def test_an_unknown_path_gets_a_page_or_one_line(client: httpx.AsyncClient) -> None:
    response = await client.get("/<script>nowhere", headers=HTML)
    assert response.status_code == 404
    assert "There is nothing at /&lt;script&gt;nowhere." in response.text
    assert (await client.get("/nowhere")).text == "Not Found"
    wrong_method = await client.delete("/", headers=HTML)
    assert wrong_method.status_code == 405
    assert "text/html" in wrong_method.headers["Content-Type"]
    assert wrong_method.headers["Allow"]


async def test_an_unexpected_error_is_masked(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("crashgraph.pages.page_paths", fail)
    response = await client.get("/docs", headers=HTML)
    assert response.status_code == 500
    assert "The log of the service has the details." in response.text
    assert "hunter2" not in response.text
    plain = await client.get("/docs")
    assert (plain.status_code, plain.json()["code"]) == (500, "INTERNAL")
    assert "hunter2" not in plain.text


async def test_an_unknown_host_is_rejected(client: httpx.AsyncClient) -> None:
    assert (await client.get("/", headers={"Host": "evil.example"})).status_code == 400


async def test_a_mutation_by_get_or_form_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/graphql", params={"query": "{ __typename }"})).json()["data"] == {"__typename": "Query"}
    assert (await client.get("/graphql", params={"query": "mutation { __typename }"})).status_code == 405
    form = await client.post("/graphql", data={"query": "mutation { __typename }"})
    assert form.status_code >= 400


async def test_the_service_reads_reports_to_match_in_other_processes(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_here(*_: object) -> None:
        raise AssertionError("a report was read in the process that serves")

    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    query = "query ($report: String!) { matchCrash(input: {report: $report}) { culprit components { part } } }"
    async with _http(container, listening, Readiness(container.graph)), httpx.AsyncClient(base_url=base, timeout=120) as opened:
        monkeypatch.setattr(CrashBuilder, "prepare", read_here)
        response = await opened.post("/graphql", json={"query": query, "variables": {"report": traceback(0)}})
    (answer,) = response.json()["data"]["matchCrash"]
    assert answer["culprit"] == "pricing.tariff_of"
    assert answer["components"][0] == {"part": "type"}


async def test_the_second_answer_on_a_connection_is_not_delayed(container: Container, unused_tcp_port: int) -> None:
    listening = listening_socket(Settings(home=container.settings.home, port=unused_tcp_port), print)
    async with (
        build_intake(container) as intake,
        serving(AppDependencies(container, intake, build_access(container)), listening),
    ):
        # With Nagle's algorithm every second answer takes 40 ms or more; the fastest of several is free of other load.
        assert min([await asyncio.to_thread(second_answer, unused_tcp_port) for _ in range(10)]) < 0.010


def second_answer(port: int) -> float:
    """Seconds until the second of two answers on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        for _ in range(2):
            began = time.monotonic()
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b"ok\n"
        return time.monotonic() - began
    finally:
        connection.close()
