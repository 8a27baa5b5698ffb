"""One child process of the supervisor."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Self

from graph.server import Endpoint
from graph.server.command import short_log

STOP_SECONDS = 20.0
"""Time for an orderly end: requests in progress, and runs of jobs that are given back."""
REMEMBERED_BYTES = 16_384
SHOWN_LINES = 15


class Child:
    """A process ``crashgraph COMMAND --attached``; :mod:`crashgraph.supervisor.attached` is its side."""

    def __init__(
        self,
        command: str,
        process: asyncio.subprocess.Process,
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        output: int,
    ) -> None:
        """``line`` leads to its standard input, ``output`` from its standard error. See :meth:`spawn`."""
        self.command = command
        self.loaded = False
        self._process = process
        self._from_child, self._to_child = line
        self._log = bytearray()
        self._copying = asyncio.create_task(self._copy(output), name="log of a child")

    @classmethod
    async def spawn(cls, command: str, descriptors: Sequence[int] = (), *, organisation: str | None = None) -> Self:
        """Start it, for one organisation if it is named.

        It has a session of its own, so that Ctrl-C in a terminal reaches only the parent.
        """
        ours, theirs = socket.socketpair()
        # A child that writes to a terminal shows colours and progress, so it gets one if we have one.
        output, errors = os.openpty() if sys.stderr.isatty() else os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "crashgraph", command, "--attached"),
                *(("--organisation", organisation) if organisation else ()),
                stdin=theirs.fileno(),
                stderr=errors,
                pass_fds=descriptors,
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(errors)
        return cls(command, process, await asyncio.open_connection(sock=ours), output)

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Its exit status; negative for a signal, ``None`` while it runs."""
        return self._process.returncode

    @property
    def last_words(self) -> str:
        """How it ended, and the last lines that it wrote."""
        lines = short_log(self._log.decode("utf-8", "replace").splitlines(), SHOWN_LINES) or "\n  (it is empty)"
        return f"it ended with status {self.status}; end of its log:{lines}"

    def send(self, endpoint: Endpoint, **facts: object) -> None:
        """Write the line of JSON that it waits for."""
        self._to_child.write(json.dumps({"endpoint": asdict(endpoint), **facts}).encode() + b"\n")

    def tell(self, facts: Mapping[str, object]) -> None:
        """Write a further line of JSON."""
        self.say(json.dumps(facts).encode())

    def say(self, word: bytes) -> None:
        """Write a word after that line."""
        self._to_child.write(word + b"\n")

    async def says(self, word: bytes) -> bool:
        """Wait for the word; false if it ends instead."""
        with suppress(OSError):
            while line := await self._from_child.readline():
                if line.strip() == word:
                    return True
        return False

    async def wait(self) -> int:
        """Wait for its end, and for the end of its log; returns its exit status."""
        status = await self._process.wait()
        self._to_child.close()
        # A process that it started may keep the log open.
        await asyncio.wait({self._copying}, timeout=1.0)
        return status

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self) -> None:
        """Let it end in order; kill it if that takes too long."""
        self._to_child.close()
        try:
            await asyncio.wait_for(self.wait(), STOP_SECONDS)
        except TimeoutError:
            self.kill()
            await self.wait()

    async def _copy(self, output: int) -> None:
        """Pass its standard error on, and remember the end of it."""
        reader = asyncio.StreamReader()
        with os.fdopen(output, "rb", buffering=0) as source:
            await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
            # A terminal ends with an error.
            with suppress(OSError):
                while part := await reader.read(1 << 16):
                    self._log += part
                    del self._log[:-REMEMBERED_BYTES]
                    with suppress(OSError):
                        sys.stderr.buffer.write(part)
                        sys.stderr.buffer.flush()
