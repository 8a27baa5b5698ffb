"""JSON: as one node-link object, as networkx and D3 read it, or as an object per line. Lists stay lists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import orjson

from crashgraph.export.writer import stated

if TYPE_CHECKING:
    from crashgraph.export.writer import Columns
    from resolvers.export import ExportedNode, ExportedRelationship


class NodeLink:
    """One object with ``nodes`` and ``edges``."""

    def __init__(self, path: Path, _columns: Columns) -> None:
        """Write to ``path``."""
        self._file = path.open("wb")
        self._separator = b"\n"
        self._in_edges = False

    def __enter__(self) -> Self:
        """Begin the object."""
        self._file.write(b'{"directed": true, "multigraph": true, "graph": {}, "nodes": [')
        return self

    def __exit__(self, *exc: object) -> None:
        """Complete it."""
        self._begin_edges()
        self._file.write(b"\n]}\n")
        self._file.close()

    def nodes(self, page: Sequence[ExportedNode]) -> None:
        """Write nodes."""
        for node in page:
            self._write(node_object(node))

    def relationships(self, page: Sequence[ExportedRelationship]) -> None:
        """Write relationships."""
        self._begin_edges()
        for one in page:
            self._write({**relationship_object(one), "key": one.type})

    def _begin_edges(self) -> None:
        if not self._in_edges:
            self._file.write(b'\n], "edges": [')
            self._in_edges, self._separator = True, b"\n"

    def _write(self, content: dict[str, Any]) -> None:
        self._file.write(self._separator + orjson.dumps(content))
        self._separator = b",\n"


class Lines:
    """An object per line: nodes have ``id``, relationships ``source`` and ``target``."""

    def __init__(self, path: Path, _columns: Columns) -> None:
        """Write to ``path``."""
        self._file = path.open("wb")

    def __enter__(self) -> Self:
        """Nothing comes first."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the file."""
        self._file.close()

    def nodes(self, page: Sequence[ExportedNode]) -> None:
        """Write nodes."""
        self._file.writelines(orjson.dumps(node_object(node)) + b"\n" for node in page)

    def relationships(self, page: Sequence[ExportedRelationship]) -> None:
        """Write relationships."""
        self._file.writelines(orjson.dumps(relationship_object(one)) + b"\n" for one in page)


def node_object(node: ExportedNode) -> dict[str, Any]:
    """A node with its properties."""
    return {**stated(node.properties), "id": node.id, "labels": [node.label]}


def relationship_object(one: ExportedRelationship) -> dict[str, Any]:
    """A relationship with its properties."""
    return {**stated(one.properties), "source": one.source, "target": one.target, "type": one.type}
