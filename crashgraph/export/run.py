"""Reads the graph page by page into a writer."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from resolvers.export import node_page, relationship_page

if TYPE_CHECKING:
    from crashgraph.export.writer import Writer
    from graph.ports import Reader
    from resolvers.export import ExportedNode


@dataclass(slots=True)
class Counts:
    """What was written."""

    nodes: int = 0
    relationships: int = 0


class Ids:
    """The ids that were written, as eight bytes each."""

    def __init__(self) -> None:
        """None yet."""
        self._added = array("Q")
        self._sorted = np.empty(0, dtype=np.uint64)

    def add(self, ids: Iterable[str]) -> None:
        """Add some."""
        self._added.extend(map(_digest, ids))

    def complete(self) -> None:
        """From now on they are asked for."""
        self._sorted = np.sort(np.frombuffer(self._added, dtype=np.uint64))

    def __contains__(self, id: str) -> bool:
        """Whether one was added."""
        digest = np.uint64(_digest(id))
        place = int(np.searchsorted(self._sorted, digest))
        return place < len(self._sorted) and bool(self._sorted[place] == digest)


def _digest(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


async def export(graph: Reader, labels: Sequence[str], writer: Writer) -> Counts:
    """Write all nodes of some labels, then the relationships between them.

    A relationship to a node that was added meanwhile is left out, so that every one has both its ends in the export.
    """
    counts, ids = Counts(), Ids()
    async for page in _pages(graph, labels):
        writer.nodes(page)
        ids.add(one.id for one in page)
        counts.nodes += len(page)
    ids.complete()
    async for page in _pages(graph, labels):
        label, keys = page[0].label, [one.key for one in page if one.id in ids]
        found = [one for one in await relationship_page(graph, label, keys, labels) if one.target in ids]
        writer.relationships(found)
        counts.relationships += len(found)
    return counts


async def _pages(graph: Reader, labels: Sequence[str]) -> AsyncIterator[list[ExportedNode]]:
    for label in labels:
        page = await node_page(graph, label)
        while page:
            yield page
            page = await node_page(graph, label, page[-1].key)
