"""GraphML, as Gephi, yEd and networkx read it: every attribute is declared with its type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from xml.sax.saxutils import escape, quoteattr

from crashgraph.export.writer import Columns, flat

if TYPE_CHECKING:
    from graph.model.declare import Property
    from resolvers.export import ExportedNode, ExportedRelationship

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""
TYPES = {"INTEGER": "long", "FLOAT": "double", "BOOLEAN": "boolean"}
"""Types of GraphML; everything else is a string."""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'


class GraphMl:
    """One file. Ids are those of GraphQL, ``Label:key``; an attribute ``labels`` has the label, ``label`` the caption."""

    def __init__(self, path: Path, columns: Columns) -> None:
        """Write to ``path``."""
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._keys = Keys(columns)
        self._edges = 0

    def __enter__(self) -> Self:
        """Write the declarations."""
        self._file.write(HEAD + "".join(self._keys.declarations()) + '<graph edgedefault="directed">\n')
        return self

    def __exit__(self, *exc: object) -> None:
        """Complete the file."""
        self._file.write("</graph>\n</graphml>\n")
        self._file.close()

    def nodes(self, page: Sequence[ExportedNode]) -> None:
        """Write nodes."""
        for node in page:
            own = {"labels": f":{node.label}", "label": node.caption}
            data = self._keys.data("node", {**own, **node.properties})
            self._file.write(f"<node id={_quoted(node.id)}>{data}</node>\n")

    def relationships(self, page: Sequence[ExportedRelationship]) -> None:
        """Write relationships."""
        for one in page:
            data = self._keys.data("edge", {"type": one.type, "label": one.type, **one.properties})
            ends = f"source={_quoted(one.source)} target={_quoted(one.target)}"
            self._file.write(f'<edge id="e{self._edges}" {ends}>{data}</edge>\n')
            self._edges += 1


class Keys:
    """The attributes. Properties of one name and different types have different attributes."""

    def __init__(self, columns: Columns) -> None:
        """Those of all labels and types of an export."""
        texts = {"labels": "string", "label": "string"}
        self._ids: dict[tuple[str, str, str], str] = {}
        self._add("node", texts)
        self._add("edge", {"type": "string", "label": "string"})
        for label in columns.labels:
            self._add("node", _types(columns.of_label(label)))
        for type_ in columns.types:
            self._add("edge", _types(columns.of_type(type_)))

    def _add(self, end: str, types: Mapping[str, str]) -> None:
        for name, type_ in types.items():
            self._ids.setdefault((end, name, type_), f"d{len(self._ids)}")

    def declarations(self) -> Iterator[str]:
        """The elements that declare them."""
        for (end, name, type_), id in self._ids.items():
            shown = name if type_ == "string" or (end, name, "string") not in self._ids else f"{name}_{type_}"
            yield f'<key id="{id}" for="{end}" attr.name={_quoted(shown)} attr.type="{type_}"/>\n'

    def data(self, end: str, properties: Mapping[str, Any]) -> str:
        """The elements with the values of a node or an edge."""
        return "".join(
            f'<data key="{self._id(end, name, type_of(value))}">{_text(value)}</data>'
            for name, value in sorted(properties.items())
            if value is not None
        )

    def _id(self, end: str, name: str, type_: str) -> str:
        """The attribute for a value; a whole number may be stored where a fraction is declared."""
        found = self._ids.get((end, name, type_)) or self._ids.get((end, name, "double"))
        return found or self._ids[end, name, "string"]


def type_of(value: object) -> str:
    """The type of GraphML for a value."""
    return {bool: "boolean", int: "long", float: "double"}.get(type(value), "string")


def _types(properties: Iterable[Property]) -> dict[str, str]:
    return {one.name: TYPES.get(one.neo4j_type, "string") for one in properties}


def _text(value: object) -> str:
    value = flat(value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(NOT_XML.sub("\ufffd", str(value)))


def _quoted(text: str) -> str:
    return quoteattr(NOT_XML.sub("\ufffd", text))
