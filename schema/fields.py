"""Typed spelling of strawberry's field decorators, whose own types are lost when they take arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

F = TypeVar("F", bound=Callable[..., Any])


def resolved(description: str) -> Callable[[F], F]:
    """A field that a method answers."""
    made: Callable[[F], F] = strawberry.field(description=description)
    return made


def mutation(description: str) -> Callable[[F], F]:
    """A mutation that a method carries out."""
    made: Callable[[F], F] = strawberry.mutation(description=description)
    return made
