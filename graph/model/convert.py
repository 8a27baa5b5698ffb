"""Convert records to property maps and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from graph.model.bounds import ENTRY_BYTES, bounded
from graph.model.declare import NODES, indexed_texts

T = TypeVar("T")


def properties(record: object) -> dict[str, Any]:
    """The stored properties of a record: those that are not ``None``, tuples as lists, indexed texts bounded."""
    found: dict[str, Any] = {}
    indexed = indexed_texts(type(record))
    for field in dataclasses.fields(record):  # type: ignore[arg-type]  # every declared record is a dataclass
        value = getattr(record, field.name)
        if value is not None:
            found[field.name] = list(value) if isinstance(value, tuple) else value
            if field.name in indexed:
                found[field.name] = bounded(value, ENTRY_BYTES)
    return found


def shown(record: object) -> dict[str, Any]:
    """The properties of a node that may leave the graph; those without a value are ``None``, secrets are left out."""
    return {one.name: getattr(record, one.name) for one in NODES[type(record).__name__].shown}


def record(cls: type[T], stored: Mapping[str, Any]) -> T:
    """A record of that class from a stored property map; properties it does not declare are left out."""
    values = {
        field.name: tuple(value) if isinstance(value := stored[field.name], list) else value
        for field in dataclasses.fields(cls)  # type: ignore[arg-type]  # as above
        if field.name in stored
    }
    return cls(**values)
