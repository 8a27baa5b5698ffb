"""Asks a running service of this home. Nothing heavy is imported: an answer takes a fraction of a second."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from crashgraph.local_service.announcement import Announcement, find_announcement
from crashgraph.submission_json import pack
from graph.model.errors import CrashgraphError, ServiceGoneError

if TYPE_CHECKING:
    from crashgraph.settings import Settings
    from graph.sources.submission import Submission

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 600.0
LONGEST_PAUSE_SECONDS = 10.0
BATCH_BYTES = 16 << 20

ReceiptRow: TypeAlias = dict[str, Any]
"""A receipt with the fields of the public contract."""


class LocalService:
    """One running service. Raises ``ServiceGoneError`` when it goes away, else what the service raised."""

    def __init__(self, announcement: Announcement) -> None:
        """Connects with the first request."""
        self._announcement = announcement
        self._connection = http.client.HTTPConnection(announcement.host, announcement.port, timeout=CONNECT_SECONDS)

    def check(self) -> None:
        """Make sure that it answers and accepts the token."""
        self._ask("GET", "/api/local", b"")
        if self._connection.sock is not None:
            self._connection.sock.settimeout(ANSWER_SECONDS)
        self._connection.timeout = ANSWER_SECONDS

    def match(self, submission: Submission, *, candidates: int, explain: bool, jsonl: bool) -> bytes:
        """What ``crashgraph match`` prints for a submission."""
        options = json.dumps({"candidates": candidates, "explain": explain, "jsonl": jsonl}).encode()
        return self._ask("POST", "/api/local/match", b'{"options":%b,"submissions":[%b]}' % (options, pack(submission)))

    def store(self, submissions: list[bytes], *, candidates: int, person: str) -> list[ReceiptRow]:
        """Receipts of packed submissions, once they are stored for ``person``. Waits while the service is busy."""
        options = json.dumps({"candidates": candidates, "person": person}).encode()
        body = b'{"options":%b,"submissions":[%b]}' % (options, b",".join(submissions))
        rows: list[ReceiptRow] = json.loads(self._ask("POST", "/api/local/reports", body))
        return rows

    def batches(self, submissions: Iterable[Submission]) -> Iterator[tuple[list[Submission], list[bytes]]]:
        """Submissions in groups that fit one request, as they are and packed."""
        group: list[Submission] = []
        packed: list[bytes] = []
        size = 0
        for submission in submissions:
            group.append(submission)
            packed.append(pack(submission))
            size += len(packed[-1])
            if len(group) >= self._announcement.batch_size or size >= BATCH_BYTES:
                yield group, packed
                group, packed, size = [], [], 0
        if group:
            yield group, packed

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes) -> bytes:
        headers = {"Authorization": f"Bearer {self._announcement.token}", "Content-Type": "application/json"}
        while True:
            try:
                self._connection.request(method, path, body, headers)
                response = self._connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                raise ServiceGoneError("the service went away") from error
            if response.status == 200:
                return content
            pause = response.getheader("Retry-After") if response.status == 429 else None
            if pause is None:
                raise _error(response.status, content)
            time.sleep(min(float(pause), LONGEST_PAUSE_SECONDS))


def find_service(settings: Settings) -> LocalService | None:
    """The running service of this home; ``None`` if there is none or it does not answer."""
    announcement = find_announcement(settings)
    if announcement is not None:
        service = LocalService(announcement)
        with suppress(CrashgraphError):
            service.check()
            return service
        service.close()
    return None


def _error(status: int, content: bytes) -> Exception:
    """What the service raised, as far as the command line shows it: message and exit code."""
    if status >= 500:
        return ServiceGoneError("the service cannot answer")
    with suppress(ValueError, KeyError, TypeError):
        payload = json.loads(content)
        error = CrashgraphError(payload["message"])
        error.exit_code = int(payload["exit_code"])  # type: ignore[misc]  # of this instance only
        return error
    return ServiceGoneError("the service cannot answer")
