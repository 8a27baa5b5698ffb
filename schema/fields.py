"""Typed versions of strawberry's field decorators, which lose the type of what they decorate when they take arguments.

Queries, mutations and subscriptions name the use case that they call, or a scope where there is none: only actors with the
scope of that use case get an answer. Import use cases by name: inside the class, the name of a module may be that of a field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from graph.model.actor import Scope
from graph.model.permissions import UseCase
from schema.permissions import Guard, scope_for

F = TypeVar("F", bound=Callable[..., Any])


def resolved(description: str) -> Callable[[F], F]:
    """A field resolved by a method."""
    decorator: Callable[[F], F] = strawberry.field(description=description)
    return decorator


def query(description: str, guarded: UseCase | Scope) -> Callable[[F], F]:
    """A query that calls a use case."""
    scope = scope_for(guarded)
    decorator: Callable[[F], F] = strawberry.field(description=_with(description, scope), extensions=[Guard(scope)])
    return decorator


def mutation(description: str, guarded: UseCase | Scope) -> Callable[[F], F]:
    """A mutation that calls a use case."""
    scope = scope_for(guarded)
    decorator: Callable[[F], F] = strawberry.mutation(description=_with(description, scope), extensions=[Guard(scope)])
    return decorator


def subscription(description: str, guarded: UseCase | Scope) -> Callable[[F], F]:
    """A subscription that calls a use case."""
    scope = scope_for(guarded)
    decorator: Callable[[F], F] = strawberry.subscription(description=_with(description, scope), extensions=[Guard(scope)])
    return decorator


def _with(description: str, scope: Scope) -> str:
    return f"{description} Needs scope `{scope.value}`."
