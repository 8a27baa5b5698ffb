"""Probes a Bolt server with the handshake, which needs no driver.

Handshake: four magic bytes, then four proposed versions of four bytes each (Bolt specification, "Handshake");
the server answers four bytes with the version it chose, all zero when it knows none.
"""

from __future__ import annotations

import socket
from contextlib import suppress

MAGIC = bytes.fromhex("6060B017")
# 5.8 to 5.0, 4.4 to 4.2, and two empty proposals.
PROPOSALS = bytes.fromhex("00080805000204040000000000000000")


def bolt_answers(port: int, host: str = "127.0.0.1", timeout: float = 2.0) -> bool:
    """Whether a server on the port completes a Bolt handshake."""
    with suppress(OSError), socket.create_connection((host, port), timeout=timeout) as connection:
        connection.sendall(MAGIC + PROPOSALS)
        answer = b""
        while len(answer) < 4:
            chunk = connection.recv(4 - len(answer))
            if not chunk:
                return False
            answer += chunk
        return answer != bytes(4) and answer[:2] == bytes(2)
    return False


def accepts(port: int, host: str = "127.0.0.1", timeout: float = 2.0) -> bool:
    """Whether the port accepts connections."""
    with suppress(OSError), socket.create_connection((host, port), timeout=timeout):
        return True
    return False
