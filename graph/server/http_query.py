"""One statement through Neo4j's HTTP interface, which needs no driver."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from typing import Any

from graph.server.ports import HOST

USER = "neo4j"


def query(port: int, password: str, database: str, statement: str, timeout: float = 60.0) -> list[list[Any]]:
    """The rows of a statement. Raises ``HTTPError`` if the server refuses it, else ``OSError`` without an answer."""
    request = urllib.request.Request(
        f"http://{HOST}:{port}/db/{database}/query/v2",
        data=json.dumps({"statement": statement}).encode(),
        headers={
            "Authorization": f"Basic {b64encode(f'{USER}:{password}'.encode()).decode()}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    )
    # Bypass any proxy of the environment.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=timeout) as answer:
        rows: list[list[Any]] = json.load(answer)["data"]["values"]
        return rows
