"""From a GraphQL input to the dataclass that a use case takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def plain_value(kind: Callable[..., T], source: object, /, **given: Any) -> T:
    """A dataclass of that kind with the values that an input has under the same names, lists as tuples.

    ``given`` values take their place; fields that the input lacks or leaves null keep their defaults.
    """
    names = {field.name for field in dataclasses.fields(kind)} - given.keys()  # type: ignore[arg-type]  # a dataclass
    values = {name: getattr(source, name, None) for name in names}
    taken = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items() if value is not None}
    return kind(**taken, **given)
