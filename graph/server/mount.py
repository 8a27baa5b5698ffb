"""Finds out why the graph of a running server cannot be used."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError

from graph.model.errors import StartError
from graph.server.backup import DATABASE
from graph.server.command import short_log
from graph.server.http_query import query
from graph.server.layout import Layout

TIMEOUT_S = 20.0
"""A machine without a free processor answers late; a restart would make that worse."""
SHOWN_LINES = 6
POLL_S = 0.25
UNAUTHORIZED = 401
CHANGING = {"starting", "initial", "store copying"}
SHOW = f"SHOW DATABASE {DATABASE} YIELD currentStatus, statusMessage"


def check_mounted(http_port: int, layout: Layout) -> bool:
    """Whether the server answers. Raises StartError if the password is wrong or the store could not be mounted."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            rows = query(http_port, layout.read_password(), "system", SHOW, TIMEOUT_S)
        except HTTPError as error:
            if error.code == UNAUTHORIZED:
                raise StartError(
                    f"the password in {layout.password} is not that of the graph; restore the file from a copy, "
                    "or delete the graph with: crashgraph db reset"
                ) from error
            return True
        except OSError:
            return False
        status, message = rows[0]
        if status not in CHANGING:
            if status != "online":
                raise StartError(
                    f"Neo4j runs, but its database is {status}: {message} The store may be damaged; restore a backup with "
                    f"crashgraph db restore. Last error in the log ({layout.debug_log}):{_last_error(layout.debug_log)}"
                )
            return True
        time.sleep(POLL_S)
    return True


def _last_error(debug_log: Path) -> str:
    """The last error that Neo4j logged (JSON lines), with its causes."""
    error: list[str] = []
    with suppress(OSError), debug_log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            with suppress(ValueError, KeyError):
                entry = json.loads(line)
                if entry["level"] == "ERROR":
                    error = [entry["message"], *entry.get("stacktrace", "").splitlines()]
    return short_log(error[:1], 1) + short_log(error[1:], SHOWN_LINES)
