"""Names under which clients may ask the service."""

from __future__ import annotations

import socket

import httpx
import psutil
import pytest
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from crashgraph.hosts import allowed_hosts
from crashgraph.settings import Settings, load
from graph.model.errors import InvalidInputError


async def status(settings: Settings, host: str) -> int:
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("ok"))])
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(settings), www_redirect=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        return (await client.get("/", headers={"Host": host})).status_code


@pytest.mark.parametrize("listening", ["127.0.0.1", "::1", "0.0.0.0", "::", "10.1.2.3"])
async def test_a_foreign_name_is_refused_whatever_the_service_listens_on(listening: str) -> None:
    settings = Settings(host=listening)
    assert await status(settings, "rebound.example:8321") == 400
    assert await status(settings, "localhost:8321") == 200
    assert await status(settings, "[::1]:8321") == 200


async def test_this_machine_may_be_named_if_it_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = {end.address for one in psutil.net_if_addrs().values() for end in one if end.family == socket.AF_INET}
    for address in addresses:
        assert await status(Settings(host="0.0.0.0"), f"{address}:8321") == 200
    monkeypatch.setattr(socket, "gethostname", lambda: "Mill.example")
    for name in ("mill", "mill.example"):
        assert await status(Settings(host="0.0.0.0"), name) == 200
        assert await status(Settings(host="127.0.0.1"), name) == 400


async def test_named_hosts_take_the_place_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "mill")
    settings = Settings(host="0.0.0.0", allowed_hosts="Crashes.example, *.lan")
    for name, expected in (("crashes.example", 200), ("a.lan", 200), ("mill", 400), ("127.0.0.1", 200), ("0.0.0.0", 400)):
        assert await status(settings, name) == expected, name
    assert await status(Settings(host="0.0.0.0", allowed_hosts="*"), "anything.example") == 200


@pytest.mark.parametrize("wrong", ["a b", "http://x", ",", "x/y", "*x"])
def test_a_wrong_name_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("CRASHGRAPH_ALLOWED_HOSTS", wrong)
    with pytest.raises(InvalidInputError, match="CRASHGRAPH_ALLOWED_HOSTS"):
        load()
