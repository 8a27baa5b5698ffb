"""Recognition of a Bolt server on a port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from graph.server.bolt import MAGIC, bolt_answers
from graph.server.ports import free_port


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    got: list[bytes] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                got.append(connection.recv(1024))
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], got
        thread.join()


@pytest.mark.parametrize(
    ("answer", "is_bolt"),
    [
        (b"\x00\x00\x08\x05", True),
        (b"\x00\x00\x04\x04", True),
        (b"\x00\x00\x00\x00", False),
        (b"HTTP/1.1 400", False),
        (b"", False),
    ],
)
def test_only_a_chosen_version_counts(answer: bytes, is_bolt: bool) -> None:
    with answering(answer) as (port, got):
        assert bolt_answers(port) is is_bolt
    assert got[0].startswith(MAGIC)
    assert len(got[0]) == 20


def test_a_closed_port_does_not_answer() -> None:
    assert not bolt_answers(free_port())
