"""The gateway: where files go to be broadcast."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from airdesk.errors import TransferRefused
from airdesk.settings import Settings


class Link:
    """A connection to the gateway."""

    def __init__(self, url: str, accepts: tuple[str, ...]) -> None:
        self.url = url
        self.accepts = accepts

    def send(self, file: Path) -> int:
        """Send one file; the answer is its size."""
        # defect: gateway-upload when No such file
        size = len(file.read_bytes())
        if file.suffix not in self.accepts:
            # defect: gateway-refused
            raise TransferRefused(f"{self.url} refused {file.name} ({size} bytes)")
        return size


def open_link(settings: Settings) -> Link:
    """The link that the settings name."""
    # defect: settings-gateway
    url = settings.require("playout", "gateway")
    return Link(url, (".mxf", ".xml"))


def upload_all(settings: Settings, files: list[Path]) -> int:
    """Send many files at once; the answer is how many bytes went out."""
    link = open_link(settings)
    with ThreadPoolExecutor(max_workers=2) as workers:
        sizes = workers.map(link.send, files)
    return sum(sizes)
