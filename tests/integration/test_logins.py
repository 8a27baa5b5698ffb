"""Logins that Neo4j refuses."""

from __future__ import annotations

import pytest
from polling import until

from graph.model.errors import UnavailableError, WrongPasswordError
from graph.server import Endpoint
from graph.store import Neo4jGraph

REFUSALS_BEFORE_A_PAUSE = 3


async def test_the_pause_after_refused_logins_is_worth_another_try(endpoint: Endpoint) -> None:
    async def log_in(password: str) -> None:
        async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, password):
            pass

    async def can_log_in() -> bool:
        try:
            await log_in(endpoint.password)
        except UnavailableError:
            return False
        return True

    for _ in range(REFUSALS_BEFORE_A_PAUSE):
        with pytest.raises(WrongPasswordError):
            await log_in("wrong")
    with pytest.raises(UnavailableError, match="refuses every login for a few seconds"):
        await log_in(endpoint.password)
    await until(can_log_in, "the end of the pause")
