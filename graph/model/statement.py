"""A Cypher text with its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Statement:
    """A Cypher text, its parameters, and a name for logs and errors (never the parameters' values)."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)
    name: str = "statement"
    seconds: float | None = None
    """The server ends it after so long; ``None`` for no limit. Only reads have one."""
