"""Secrets sent through every interface are nowhere afterwards: not in the graph, its files, logs, answers or pages."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from crashgraph.app import AppDependencies, build_app
from crashgraph.logs import QUIET
from crashgraph.wiring import Container, build_access, build_intake
from graph.model.statement import Statement
from graph.sources.files import ReadOptions, files, read_path

MARKER = "marker" + secrets.token_hex(8)
"""A harmless marker in every report: a search that does not find it proves nothing."""


def planted() -> dict[str, str]:
    """Fresh values, so that no other test's data can hold them."""
    word = secrets.token_hex
    return {
        "password": f"Pw{word(6)}!x",
        "token": f"ghp_{word(18)}",
        "service": f"dop_v1_{word(32)}",
        "email": f"jane.{word(4)}@example.test",
        "user": f"jane{word(4)}",
        "person": f"Jane Q{''.join(c for c in word(8) if c.isalpha())}x Doe",
        "url": f"urlpass{word(6)}",
        "session": f"s{word(10)}",
        "home": f"jdoe{word(4)}",
        "repeated": f"again{word(6)}",
    }


def texts(secret: dict[str, str]) -> Iterator[str]:
    """Reports of several kinds, and text without one."""
    everything = (
        f"password={secret['password']} Authorization: token {secret['token']} {secret['service']} by {secret['email']} "
        f"at https://x:{secret['url']}@h.test/ sessionid={secret['session']}"
    )
    yield (
        f'Traceback (most recent call last):\n  File "/home/{secret["home"]}/app/a_{MARKER}.py", line 3, in pay\n'
        f"    connect(pwd='{secret['repeated']}')\n"
        f"shop.{MARKER}Error: {secret['repeated']} was refused, {everything}\n"
    )
    yield f"{MARKER} something went wrong without a stack: {everything}"
    yield f"UPPER {everything}\n\x00\x01\x02{MARKER}"
    yield (
        "==2026/3/19==10:4:34==BEGIN RUNTIME DIAGNOSTIC DUMP\nSystem Error Report\n"
        f"Whats'On User: {secret['person']}\nSite: {MARKER}\nUSERNAME={secret['user']}\nCause of Dump: {everything}\n"
        f"Active Process\nContext stack\n[1] \tPlanning.{MARKER}>>pay\n==2026/3/19==10:4:35==END RUNTIME DIAGNOSTIC DUMP\n"
    )
    yield (
        f'Exception in thread "main" shop.{MARKER}Exception: {everything}\n\tat shop.Pay.send(Pay.java:12)\n'
        f"Caused by: java.io.IOException: {everything}\n\tat shop.Net.open(Net.java:9)\n"
    )


def objects(secret: dict[str, str], report: str) -> Iterator[object]:
    """JSON of the contract, valid and invalid."""
    facts = {"DB_PASSWORD": secret["password"], "note": f"mail {secret['email']}", MARKER: "yes"}
    yield {"report": report, "user": secret["person"], "environment": facts, "session": f"token={secret['token']}"}
    yield {"exception": {"type": "E", "message": f"{secret['user']} has pwd={secret['password']}"}, "user": secret["user"]}
    yield {"report": report, "timestamp": f"password={secret['password']}"}
    yield {"report": report, "severity": f"token: {secret['token']}", "file_name": f"/home/{secret['home']}/x.log"}
    yield {"frames": [{"function": "f", "file": f"/home/{secret['home']}/x.py", "line": f"pwd={secret['password']}"}]}


@pytest_asyncio.fixture
async def client(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    async with build_intake(container) as intake:
        transport = httpx.ASGITransport(
            build_app(AppDependencies(container, intake, build_access(container))), raise_app_exceptions=False
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
            yield opened


async def test_planted_secrets_are_nowhere(
    client: httpx.AsyncClient, container: Container, home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = planted()
    caplog.set_level(logging.DEBUG)
    for name in QUIET:
        caplog.set_level(logging.WARNING, name)
    outputs = [*await through_files(container, tmp_path, secret), *await through_graphql(client, secret)]
    pages = ("/", "/view/network", "/metrics", "/docs")
    outputs += [(await client.get(path, headers={"Accept": "text/html"})).text for path in pages]
    outputs += [json.dumps(row, default=str) for row in await container.graph.read(EVERYTHING)]
    outputs += [record.getMessage() for record in caplog.records]
    assert any(MARKER in one for one in outputs)
    assert {name: one[:300] for name, value in secret.items() for one in outputs if value in one} == {}
    assert found_in_files(home, MARKER) != []
    assert {name: found for name, value in secret.items() if (found := found_in_files(home, value))} == {}


EVERYTHING = Statement("MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties", name="everything")
SUBMIT = """mutation($input: SubmitCrashInput!) { submitCrash(input: $input) {
  receipts { crashId status reason patternName topFrame culprit crash { title message report user } }
  errors { code message } } }"""


async def through_files(container: Container, folder: Path, secret: dict[str, str]) -> list[str]:
    """A folder of reports and a file of JSON lines, read as ``crashgraph ingest`` does."""
    reports = list(texts(secret))
    for number, text in enumerate(reports):
        (folder / f"report-{number}.txt").write_text(text, encoding="utf-8")
    lines = [json.dumps(one) for one in objects(secret, reports[0])]
    broken = '{"report": "password=' + secret["password"]
    (folder / "lines.jsonl").write_text("\n".join([*lines, broken, f'["{secret["email"]}"]']), encoding="utf-8")
    submissions = [one for path in files(folder) for one in read_path(path, ReadOptions())]
    receipts = await container.receiver.receive(submissions, candidates=2)
    assert len(receipts) >= len(reports) + len(lines) + 2
    return [repr(receipt) for receipt in receipts]


async def through_graphql(client: httpx.AsyncClient, secret: dict[str, str]) -> list[str]:
    """Well-formed and malformed input; errors must not quote it."""
    given = [{"report": text.replace("\x00", ""), "user": secret["user"]} for text in texts(secret)]
    answers = [await asked(client, SUBMIT, one) for one in given]
    wrong: list[object] = [
        {"report": 7, "user": f"password={secret['password']}"},
        {"report": "x", "timestamp": f"pwd={secret['password']}"},
        {"report": "x", "severity": f"token={secret['token']}"},
        {"report": "x", "nothing": secret["email"]},
        f"password={secret['password']}",
    ]
    answers += [await asked(client, SUBMIT, one) for one in wrong]
    name = f"password={secret['password']}"
    literal = f'{{ crash(id: "{name}") {{ title }} patterns(first: "{secret["email"]}") {{ nodes {{ name }} }} }}'
    answers.append((await client.post("/graphql", json={"query": literal})).text)
    answers.append((await client.get(f"/view/password={secret['password']}")).text)
    answers.append((await client.get("/", params={"focus": f"Pattern:pwd={secret['password']}"})).text)
    return answers


async def asked(client: httpx.AsyncClient, query: str, given: object) -> str:
    return (await client.post("/graphql", json={"query": query, "variables": {"input": given}})).text


def found_in_files(folder: Path, text: str) -> list[str]:
    """Files below a folder that contain a text in UTF-8 or UTF-16."""
    needles = [text.encode("utf-8"), text.encode("utf-16-le")]
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found += [str(path.relative_to(folder)) for needle in needles if needle in data]
    return found
