"""Nodes by their ids, read together with all others of their label that a request waits for.

A query that names one node fails with code ``NOT_FOUND`` if there is none, and is null. A list of ids, and a field that leads
from one node to another, has null for a node that does not exist: other data may name nodes that are gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from graph.model import NODES
from graph.model.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph.model.quoting import quoted
from resolvers.nodes import key_of, reader_of, split_global_id
from resolvers.records import NodeRecord
from resolvers.rows import record_of
from schema.context import Context
from schema.types.declared import Node, to_type


async def named_node(context: Context, label: str, id: str) -> Any:
    """The node of that label with this id, given with or without the label; ``NotFoundError`` if there is none."""
    key = key_of(label, id)
    record = await context.load(reader_of(label), key, label)
    if record is None:
        raise NotFoundError(f"no {label} {quoted(key)} in the graph")
    return _type_of(record)


async def node_of(context: Context, id: str) -> Node | None:
    """The node with this global id; ``None`` if there is none. ``InvalidInputError`` for another text."""
    label, key = split_global_id(id)
    record = await context.load(reader_of(label), key, label)
    return None if record is None else _type_of(record)


async def load_nodes(context: Context, names: Iterable[str]) -> list[Node | None]:
    """The nodes that other data names, each as ``Label:key``; ``None`` for one that is gone or that the actor may not read."""
    return await asyncio.gather(*(_node_or_none(context, name) for name in names))


async def _node_or_none(context: Context, name: str) -> Node | None:
    try:
        return await node_of(context, name)
    except (InvalidInputError, ForbiddenError):
        return None


def _type_of(record: NodeRecord) -> Node:
    node: Node = to_type(record_of(NODES[record.label].record, record.properties))
    return node
