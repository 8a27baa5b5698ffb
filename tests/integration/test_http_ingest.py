"""Reports over HTTP, in Sentry's protocol and as plain text, on the session's graph."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import brotli
import httpx
import pytest
import pytest_asyncio
from reports import json_lines, traceback

from crashgraph.app import AppDependencies, build_app
from crashgraph.http_ingest import body
from crashgraph.http_ingest.intake import Intake
from crashgraph.http_ingest.keys import Keys, Projects
from crashgraph.wiring import Container, build_access, build_intake, build_preparer
from graph.ingest import preparer
from graph.model.statement import Statement

EVENT_ID = "8f20b91545d74594b270addb76ad616c"
CRASHES = Statement(
    "MATCH (c:Crash) OPTIONAL MATCH (c)-[:OCCURRED_IN]->(e) "
    "RETURN c.external_id AS id, c.product AS product, c.version AS version, c.site AS site, c.title AS title, "
    "c.report AS report, c.user AS user, toString(c.occurred_at) AS at, c.severity AS severity, e.host AS host ORDER BY c.title"
)
COUNT = Statement("MATCH (c:Crash) RETURN count(c) AS count")


def event(**changes: object) -> dict[str, Any]:
    frames = [
        {"abs_path": "/srv/shop/app.py", "function": "main", "lineno": 7, "in_app": True},
        {"abs_path": "/srv/shop/pay.py", "function": "pay", "lineno": 41, "in_app": True, "vars": {"card": "4111111111111111"}},
    ]
    made: dict[str, Any] = {
        "event_id": EVENT_ID,
        "timestamp": "2026-03-01T12:00:00Z",
        "platform": "python",
        "level": "error",
        "release": "shop@1.4.2",
        "environment": "production",
        "server_name": "web-3",
        "user": {"id": "u-42", "email": "anna@example.org"},
        "exception": {"values": [{"type": "KeyError", "value": "'NZ'", "stacktrace": {"frames": frames}}]},
    }
    return {**made, **changes}


def envelope(*items: tuple[dict[str, Any], object], **header: object) -> bytes:
    lines = [json.dumps({"event_id": EVENT_ID, "sent_at": "2026-03-01T12:00:01Z", **header})]
    for head, payload in items:
        lines += [json.dumps(head), payload if isinstance(payload, str) else json.dumps(payload)]
    return "\n".join(lines).encode()


class Sender:
    """A client with the installation's key."""

    def __init__(self, client: httpx.AsyncClient, key: str, intake: Intake) -> None:
        self.client = client
        self.key = key
        self.intake = intake

    async def envelope(self, data: bytes, project: str = "1", **headers: str) -> httpx.Response:
        auth = f"Sentry sentry_key={self.key}, sentry_version=7, sentry_client=test/1.0"
        sent = {"X-Sentry-Auth": auth, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.client.post(f"/api/{project}/envelope/", content=data, headers=sent)

    async def metric(self, name: str, **labels: str) -> float:
        wanted = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
        found = re.search(rf"^{name}{{{wanted}}} (\S+)$", (await self.client.get("/metrics")).text, re.MULTILINE)
        return float(found[1]) if found else 0.0


@pytest_asyncio.fixture
async def sender(container: Container) -> AsyncIterator[Sender]:
    async with build_intake(container) as intake:
        transport = httpx.ASGITransport(
            build_app(AppDependencies(container, intake, build_access(container))), raise_app_exceptions=False
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield Sender(client, Keys(container.settings).first, intake)


async def test_an_event_is_stored_once_with_all_its_fields(sender: Sender, container: Container) -> None:
    data = envelope(({"type": "event", "content_type": "application/json"}, event()))
    for _ in range(2):
        response = await sender.envelope(data)
        assert (response.status_code, response.json()) == (200, {"id": EVENT_ID})
    (row,) = await container.graph.read(CRASHES)
    assert (row["id"], row["product"], row["version"], row["site"], row["host"]) == (
        EVENT_ID,
        "shop",
        "1.4.2",
        "production",
        "web-3",
    )
    assert row["title"] == "KeyError: 'NZ'"
    assert row["at"] == "2026-03-01T12:00:00Z"
    assert "u-42" not in row["user"]
    assert "4111111111111111" not in row["report"]
    assert "anna@example.org" not in row["report"]


def _raw_deflate(data: bytes) -> bytes:
    packed = zlib.compressobj(wbits=-15)
    return packed.compress(data) + packed.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("br", brotli.compress),
        ("identity", bytes),
        ("br, gzip", lambda data: gzip.compress(brotli.compress(data))),
    ],
)
async def test_packed_bodies_are_unpacked(
    sender: Sender, container: Container, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    data = envelope(({"type": "event"}, event(extra={"much": "x" * 3_000_000})))
    response = await sender.envelope(pack(data), Content_Encoding=encoding)
    assert response.status_code == 200, response.text
    assert (await container.graph.read(COUNT))[0]["count"] == 1


@pytest.mark.parametrize(
    ("encoding", "reason"), [("zstd", "gzip, deflate, br"), ("gzip", "not gzip"), ("deflate", "deflate"), ("br", "br")]
)
async def test_a_corrupt_body_is_reported(sender: Sender, encoding: str, reason: str) -> None:
    for data in (b"\x1f\x8bnothing of the kind", brotli.compress(envelope())[:-9] + b"\x00\xff" if encoding == "br" else b"x"):
        response = await sender.envelope(data, Content_Encoding=encoding)
        assert response.status_code == 400
        assert reason in response.json()["detail"]
        assert reason in response.headers["X-Sentry-Error"]


@pytest.mark.parametrize("encoding", ["gzip", "br", ""])
async def test_a_body_over_the_limit_is_refused(sender: Sender, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr(body, "SENT_LIMIT", 100_000)
    monkeypatch.setattr(body, "UNPACKED_LIMIT", 3 << 20)
    packing = {"gzip": gzip.compress, "br": brotli.compress, "": bytes}
    response = await sender.envelope(packing[encoding](b"a" * (8 << 20)), Content_Encoding=encoding)
    assert response.status_code == 413
    assert "larger than" in response.json()["detail"]


async def test_a_chunked_body_over_the_limit_is_refused_while_it_comes(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SENT_LIMIT", 100_000)
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 1
            yield b"x" * 10_000

    response = await sender.client.post(f"/api/1/envelope/?sentry_key={sender.key}", content=parts())
    assert response.status_code == 413


async def test_keys(sender: Sender, container: Container) -> None:
    data = envelope(({"type": "event"}, event()))
    post = sender.client.post
    assert (await post("/api/1/envelope/", content=data)).status_code == 401
    assert (
        await post("/api/1/envelope/", content=data, headers={"X-Sentry-Auth": "Sentry sentry_version=7"})
    ).status_code == 401
    wrong = await post("/api/1/envelope/?sentry_key=00000000000000000000000000000000", content=data)
    assert wrong.status_code == 403
    assert "crashgraph dsn" in wrong.json()["detail"]
    assert (await post("/api/1/store/", content=json.dumps(event()))).status_code == 401
    in_header = envelope(({"type": "event"}, event()), dsn="http://00000000000000000000000000000000@127.0.0.1/1")
    assert (await post("/api/1/envelope/", content=in_header)).status_code == 403
    assert (await container.graph.read(COUNT))[0]["count"] == 0
    assert (await post(f"/api/1/envelope/?sentry_version=7&sentry_key={sender.key}", content=data)).status_code == 200
    in_header = envelope(({"type": "event"}, event()), dsn=f"http://{sender.key}@127.0.0.1/1")
    assert (await post("/api/1/envelope", content=in_header)).status_code == 200
    old = await post("/api/1/store/", content=json.dumps(event()), headers={"Authorization": f"Sentry sentry_key={sender.key}"})
    assert old.json() == {"id": EVENT_ID}
    assert (await container.graph.read(COUNT))[0]["count"] == 1


async def test_items_that_are_no_crash_are_accepted_and_counted(sender: Sender, container: Container) -> None:
    kinds = ["transaction", "session", "client_report", "profile", "check_in", "replay_event", "log", "feedback", "brand_new"]
    items = [({"type": kind}, {"some": "thing"}) for kind in kinds]
    binary = ({"type": "attachment", "length": 5, "filename": "a.dmp"}, "MD\nMP")
    before = await sender.metric("crashgraph_items_ignored_total", kind="attachment", way="sentry")
    response = await sender.envelope(
        envelope(*items, binary, ({"type": "event"}, event(level="info", exception=None, message="hi")))
    )
    assert (response.status_code, response.json()) == (200, {"id": EVENT_ID})
    assert await sender.metric("crashgraph_items_ignored_total", kind="attachment", way="sentry") == before + 1
    assert await sender.metric("crashgraph_items_ignored_total", kind="other", way="sentry") >= 1
    assert await sender.metric("crashgraph_items_ignored_total", kind="message", way="sentry") >= 1
    assert (await container.graph.read(COUNT))[0]["count"] == 0
    empty = await sender.envelope(b'{"sent_at":"2026-03-01T12:00:01Z"}\n{"type":"session"}\n{}')
    assert (empty.status_code, empty.json()) == (200, {})


async def test_an_event_beside_an_attachment_is_stored(sender: Sender, container: Container) -> None:
    attachment = ({"type": "attachment", "length": 9}, "a\n{}\nb\n\nc")
    response = await sender.envelope(envelope(attachment, ({"type": "event"}, event()), attachment))
    assert response.status_code == 200, response.text
    assert (await container.graph.read(COUNT))[0]["count"] == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "header"),
        (b"hello", "first line"),
        (b"[]", "JSON object"),
        (b'{}\n{"length":3}\nabc', "no type"),
        (b'{}\n{"type":"event","length":30}\n{}', "announces 30 bytes but has 2"),
        (b'{}\n{"type":"event","length":1}\n{}', "does not end after"),
        (b'{}\n{"type":"event","length":-1}\n{}', "length of item 1"),
        (b'{}\n{"type":"event"}\n{"a":', "item 1, the event, is not JSON"),
        (b'{}\n{"type":"event"}\n[1]', "not a JSON object"),
        (b"{}\nnonsense\n", "header of item 1"),
    ],
)
async def test_a_broken_envelope_is_refused_with_the_reason(sender: Sender, data: bytes, reason: str) -> None:
    response = await sender.envelope(data)
    assert response.status_code == 400
    assert reason in response.json()["detail"]


async def test_lone_surrogates_and_nan_are_accepted(sender: Sender, container: Container) -> None:
    payload = (
        json.dumps(event()).replace("'NZ'", "\\ud83d and more").replace('"level": "error"', '"level": "error", "extra": NaN')
    )
    response = await sender.envelope(envelope(({"type": "event"}, payload)))
    assert response.status_code == 200, response.text
    assert (await container.graph.read(COUNT))[0]["count"] == 1


async def test_the_project_is_the_product_of_events_that_name_none(sender: Sender, container: Container) -> None:
    number = Projects(container.settings.home).number("desk")
    cases: list[tuple[str, dict[str, Any]]] = [
        ("1", {}),
        (number, {"release": "abc123"}),
        ("77", {"release": None}),
        (number, {"tags": {"product": "till"}}),
    ]
    for turn, (project, changes) in enumerate(cases):
        made = event(event_id=f"{turn:032x}", exception={"values": [{"type": "E", "value": str(turn)}]}, **changes)
        assert (await sender.envelope(envelope(({"type": "event"}, made)), project)).status_code == 200
    rows = await container.graph.read(CRASHES)
    assert sorted((row["product"], row["version"]) for row in rows) == sorted(
        [("shop", "1.4.2"), ("desk", "abc123"), ("project-77", None), ("till", "1.4.2")], key=str
    )
    assert (await sender.envelope(envelope(), "a%20b")).status_code == 400


async def test_browsers_may_ask_and_read_the_answer(sender: Sender) -> None:
    headers = {
        "Origin": "https://shop.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-sentry-auth",
    }
    asked = await sender.client.options("/api/1/envelope/", headers=headers)
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "x-sentry-auth" in asked.headers["Access-Control-Allow-Headers"].lower()
    answer = await sender.envelope(envelope(({"type": "event"}, event())), Origin="https://shop.example.org")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_full_spool_answers_with_retry_after_everywhere(sender: Sender) -> None:
    data = envelope(({"type": "event"}, event()))
    sender.intake._spool.bytes = 1 << 30
    refused = await sender.metric("crashgraph_reports_refused_total", code="BUSY", way="sentry")
    answers = [
        await sender.envelope(data),
        await sender.client.post("/api/reports", content=traceback(0), headers={"Content-Type": "text/plain"}),
    ]
    text = 'mutation { submitCrash(input: {report: "x"}) { errors { code } } }'
    answers.append(await sender.client.post("/graphql", json={"query": text}))
    sender.intake._spool.bytes = 0
    (error,) = answers[-1].json()["errors"]
    assert error["extensions"]["code"] == "BUSY"
    assert error["extensions"]["retryAfter"] >= 1
    for answer in answers:
        assert answer.status_code == 429, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
    assert re.fullmatch(r"\d+:error;default:organization:queue_full", answers[0].headers["X-Sentry-Rate-Limits"])
    assert await sender.metric("crashgraph_reports_refused_total", code="BUSY", way="sentry") == refused + 1
    assert (await sender.envelope(data)).status_code == 200


async def test_a_plain_text_report_is_stored(sender: Sender, container: Container) -> None:
    address = "/api/reports?product=desk&version=1.0&site=north&id=mine-1&timestamp=2026-03-01T12:00:00%2B02:00&candidates=2"
    first = await sender.client.post(address, content=traceback(0), headers={"Content-Type": "text/plain; charset=utf-8"})
    assert first.status_code == 200, first.text
    (receipt,) = first.json()["receipts"]
    assert (receipt["id"], receipt["strategy"], receipt["is_new"], receipt["pattern_name"]) == (
        "mine-1",
        "new",
        True,
        "KeyError in pricing.tariff_of",
    )
    again = (
        await sender.client.post(address, content=gzip.compress(traceback(0).encode()), headers={"Content-Encoding": "gzip"})
    ).json()
    assert again["receipts"][0]["crash_id"] == receipt["crash_id"]
    assert again["receipts"][0]["reason"] == "already stored"
    (row,) = await container.graph.read(CRASHES)
    assert (row["product"], row["version"], row["site"], row["at"]) == ("desk", "1.0", "north", "2026-03-01T10:00:00Z")


async def test_objects_of_the_contract(sender: Sender) -> None:
    objects = [json.loads(line) for line in json_lines(3)]
    one = await sender.client.post("/api/reports", json=objects[0])
    many = await sender.client.post("/api/reports", json=objects)
    assert one.json()["receipts"][0]["id"] == "r0"
    assert [receipt["id"] for receipt in many.json()["receipts"]] == ["r0", "r1", "r2"]
    lines = "".join(json_lines(4)) + "\nnot json\n"
    response = await sender.client.post("/api/reports?site=x", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert response.headers["Content-Type"] == "application/x-ndjson"
    receipts = [json.loads(line) for line in response.text.splitlines()]
    assert [receipt["status"] for receipt in receipts] == ["matched"] * 4 + ["unparsed"]
    assert "line 6" in receipts[-1]["reason"]


@pytest.mark.parametrize(
    ("address", "kind", "content", "status", "reason"),
    [
        ("/api/reports", "text/plain", " \n", 400, "empty"),
        ("/api/reports", "application/json", "{", 400, "not JSON"),
        ("/api/reports", "application/json", '[{"report": "x"}, {"id": "y"}]', 400, "object 2"),
        ("/api/reports", "application/x-www-form-urlencoded", "a=b", 400, "text/plain"),
        ("/api/reports?projct=x", "text/plain", "x", 400, "projct"),
        ("/api/reports?timestamp=yesterday", "text/plain", "x", 400, "timestamp"),
        ("/api/reports?format=cobol", "text/plain", "x", 400, "cobol"),
        ("/api/reports?candidates=-1", "text/plain", "x", 400, "candidates"),
        ("/api/reports?id=1", "application/json", "{}", 400, "id"),
    ],
)
async def test_an_invalid_report_is_reported(
    sender: Sender, address: str, kind: str, content: str, status: int, reason: str
) -> None:
    response = await sender.client.post(address, content=content, headers={"Content-Type": kind})
    assert response.status_code == status, response.text
    assert reason in response.json()["message"]


async def test_a_page_elsewhere_may_not_post_reports(sender: Sender, container: Container) -> None:
    post = sender.client.post
    for origin, status in (("https://evil.example.org", 403), ("null", 403), ("http://127.0.0.1", 200)):
        response = await post("/api/reports", content=traceback(0), headers={"Content-Type": "text/plain", "Origin": origin})
        assert response.status_code == status, origin
    assert (await container.graph.read(COUNT))[0]["count"] == 1


async def test_the_metrics_add_up(sender: Sender) -> None:
    names = ("received", "accepted")
    before = [await sender.metric(f"crashgraph_reports_{name}_total", way="sentry") for name in names]
    made = [envelope(({"type": "event"}, event(event_id=f"{turn:032x}"))) for turn in range(5)]
    answers = await asyncio.gather(*(sender.envelope(data) for data in made))
    assert [answer.status_code for answer in answers] == [200] * 5
    after = [await sender.metric(f"crashgraph_reports_{name}_total", way="sentry") for name in names]
    assert [new - old for new, old in zip(after, before, strict=True)] == [5, 5]


async def test_an_event_without_an_id_is_stored_once_however_often_it_is_delivered(
    sender: Sender, container: Container
) -> None:
    def sent(**changes: object) -> bytes:
        made = {name: value for name, value in event(**changes).items() if name != "event_id"}
        return b'{"sent_at":"2026-03-01T12:00:01Z"}\n{"type":"event"}\n' + json.dumps(made).encode()

    first, again = [(await sender.envelope(sent())).json()["id"] for _ in range(2)]
    assert first == again
    later = (await sender.envelope(sent(timestamp="2026-03-01T12:00:02Z"))).json()["id"]
    other = (await sender.envelope(sent(level="fatal"))).json()["id"]
    carried = (await sender.envelope(sent().replace(b"12:00:01Z", b"12:09:01Z"))).json()["id"]
    assert len({first, later, other, carried}) == 4
    made = {name: value for name, value in event(level="warning").items() if name != "event_id"}
    for _ in range(2):
        address = f"/api/1/store/?sentry_key={sender.key}"
        assert (await sender.client.post(address, content=json.dumps(made))).status_code == 200
    rows = await container.graph.read(CRASHES)
    assert len(rows) == 5
    assert {first, later, other, carried} <= {row["id"] for row in rows}


async def test_two_events_of_one_envelope_without_ids_are_two(sender: Sender, container: Container) -> None:
    made = json.dumps({name: value for name, value in event().items() if name != "event_id"}).encode()
    assert (await sender.envelope(b"\n".join([b"{}", b'{"type":"event"}', made, b'{"type":"event"}', made]))).status_code == 200
    assert (await container.graph.read(COUNT))[0]["count"] == 2


async def test_a_large_request_takes_turns_with_others(sender: Sender, container: Container) -> None:
    """One request with many new patterns, and small ones beside it."""
    await sender.envelope(envelope(({"type": "event"}, event())))
    lines = "".join(
        json.dumps({"report": traceback(0).replace("tariff_of", f"step_{number}").replace("KeyError", f"Error{number}Error")})
        + "\n"
        for number in range(600)
    )
    headers = {"Content-Type": "application/x-ndjson"}
    large = asyncio.create_task(sender.client.post("/api/reports", content=lines, headers=headers))
    while sender.intake._spool.reports < 600:
        await asyncio.sleep(0.01)
    assert (await sender.client.post("/api/reports", json={"report": traceback(1), "id": "small"})).status_code == 200
    assert sender.intake._spool.reports > 100, "the small one is stored before the large one is"
    response = await large
    assert response.status_code == 200, response.text
    assert {json.loads(line)["status"] for line in response.text.splitlines()} == {"matched"}


async def test_a_long_text_is_read_in_the_background_and_stored_beside_the_requests(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparer, "LONG", 50_000)
    lines = 1_200
    text = "".join(
        f"2026-03-01 12:00:{number % 60:02},000 ERROR shop.m{number % 3}: order {number}: ValueError: no order {number}\n"
        for number in range(lines)
    )
    async with build_preparer(container.settings) as processes, build_intake(container, preparer=processes) as intake:
        transport = httpx.ASGITransport(build_app(AppDependencies(container, intake, build_access(container))))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=120) as client:
            headers = {"Content-Type": "text/plain"}
            response = await client.post("/api/reports", content=text, headers=headers)
            (receipt,) = response.json()["receipts"]
            assert (response.status_code, receipt["status"]) == (202, "queued")
            assert "1,200 reports" in receipt["reason"]
            beside = await client.post("/api/reports", content=traceback(1), headers=headers)
            assert beside.status_code in {200, 202}, "a busy machine may not store it in time"
            while intake._spool.reports:
                await asyncio.sleep(0.05)
    assert (await container.graph.read(COUNT))[0]["count"] == lines + 1
