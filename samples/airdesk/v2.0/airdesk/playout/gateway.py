"""The gateway: where files go to be broadcast, many at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

from airdesk.errors import TransferRefused
from airdesk.settings import Settings

PATIENCE_SECONDS = 0.01


class Link:
    """A connection to the gateway."""

    def __init__(self, url: str, accepts: tuple[str, ...]) -> None:
        self.url = url
        self.accepts = accepts
        self._acknowledged = asyncio.Event()

    async def send(self, file: Path) -> int:
        """Send one file; the answer is its size."""
        # defect: gateway-upload/2 when No such file
        size = len(file.read_bytes())
        if file.suffix not in self.accepts:
            # defect: gateway-refused/2
            raise TransferRefused(f"{self.url} refused {file.name} ({size} bytes)")
        await self._acknowledge(size)
        return size

    async def _acknowledge(self, size: int) -> None:
        if size:
            self._acknowledged.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            # defect: gateway-timeout
            await self._acknowledged.wait()


def open_link(settings: Settings) -> Link:
    """The link that the settings name."""
    # defect: settings-gateway
    url = settings.require("playout", "gateway")
    return Link(url, (".mxf", ".xml"))


async def send_all(link: Link, files: list[Path]) -> int:
    """Send files side by side; one failure stops them all."""
    async with asyncio.TaskGroup() as group:
        sending = [group.create_task(link.send(file)) for file in files]
    return sum(task.result() for task in sending)


def upload_all(settings: Settings, files: list[Path]) -> int:
    """Send many files at once; the answer is how many bytes went out."""
    link = open_link(settings)
    return asyncio.run(send_all(link, files))
