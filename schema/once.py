"""What is kept of a mutation that a caller marked with an id, and its answer from what is kept.

Of an answer its nodes and numbers are kept, never a text: the nodes are read again, as they are then.
"""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypeVar

from graph.knowledge.idempotency import KeptAnswer
from graph.model import NODES
from graph.ports import Graph
from resolvers.nodes import global_id, read_nodes, split_global_id
from resolvers.rows import record_of
from schema.types.declared import Node, key_of_node, to_type

T = TypeVar("T")

CLIENT_ID = "client_mutation_id"
SECRET: Final = {"secret": True}
"""Metadata of a field of an input that is left out of its digest: a guess of a password must not be checked against it."""


def input_text(input: object) -> str:
    """An input as JSON, without the caller's id and without secrets."""
    return json.dumps(_plain(input), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        fields = (one for one in dataclasses.fields(value) if one.name != CLIENT_ID and not one.metadata.get("secret"))
        return {one.name: _plain(getattr(value, one.name)) for one in fields}
    return value


def kept_answer(payload: Any) -> KeptAnswer:
    """What is kept of a payload without errors."""
    objects: list[str] = []
    fields: dict[str, Any] = {}

    def position(node: Node) -> int:
        objects.append(global_id(type(node).__name__, key_of_node(node)))
        return len(objects) - 1

    for field in dataclasses.fields(payload):
        value = getattr(payload, field.name, None)
        if isinstance(value, Node):
            fields[field.name] = {"node": position(value)}
        elif isinstance(value, list) and value and all(isinstance(item, Node) for item in value):
            fields[field.name] = {"nodes": [position(item) for item in value]}
        elif isinstance(value, int | float):
            fields[field.name] = {"value": value}
    return KeptAnswer(objects, fields)


async def answer_again(graph: Graph, payload: Callable[..., T], kept: KeptAnswer) -> T:
    """The payload again; a node that is gone is null, and missing in a list."""
    nodes = await _nodes(graph, kept)
    values: dict[str, Any] = {}
    for name, field in kept.fields.items():
        if "nodes" in field:
            values[name] = [nodes[position] for position in field["nodes"] if position in nodes]
        elif "node" in field:
            values[name] = nodes.get(field["node"])
        else:
            values[name] = field["value"]
    return payload(**values)


async def _nodes(graph: Graph, kept: KeptAnswer) -> Mapping[int, Node]:
    """The nodes that still exist, by their position."""
    named = {position: split_global_id(one) for position, one in enumerate(kept.objects) if one}
    keys: dict[str, set[str]] = defaultdict(set)
    for label, key in named.values():
        keys[label].add(key)
    found = {label: await read_nodes(graph, some, label) for label, some in keys.items()}
    return {
        position: to_type(record_of(NODES[label].record, found[label][key].properties))
        for position, (label, key) in named.items()
        if key in found[label]
    }
