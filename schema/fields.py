"""Typed versions of strawberry's field decorators, which lose the type of what they decorate when they take arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

F = TypeVar("F", bound=Callable[..., Any])


def resolved(description: str) -> Callable[[F], F]:
    """A field resolved by a method."""
    decorator: Callable[[F], F] = strawberry.field(description=description)
    return decorator


def mutation(description: str) -> Callable[[F], F]:
    """A mutation carried out by a method."""
    decorator: Callable[[F], F] = strawberry.mutation(description=description)
    return decorator
