"""Typed versions of strawberry's field decorators, which lose the type of what they decorate when they take arguments.

Queries, mutations and subscriptions name the use case that they call, or a scope where there is none: only actors with the
scope of that use case get an answer. Import use cases by name: inside the class, the name of a module may be that of a field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from strawberry.utils.str_converters import to_camel_case

from graph.model.actor import Scope
from graph.model.permissions import Admission, UseCase
from schema.permissions import OPEN_FIELDS, Guard, requirement_for

F = TypeVar("F", bound=Callable[..., Any])


READS = "reads"
"""Key, in the metadata of a field with a resolver, of the names of the properties that the resolver reads of its node."""


def resolved(description: str, *, instead: str | None = None, reads: tuple[str, ...] | None = None) -> Callable[[F], F]:
    """A field resolved by a method. One that is deprecated names what to use ``instead``.

    ``reads`` names the properties that it reads of its node, the key aside; it may read any if they are omitted.
    """
    reason = None if instead is None else f"use {instead}"
    decorator: Callable[[F], F] = strawberry.field(description=description, deprecation_reason=reason, metadata={READS: reads})
    return decorator


SELECTS = "selects"
"""Key, in the metadata of a field, of whether its use case can read the selected properties of nodes alone."""


def query(description: str, guarded: UseCase | Scope, *, selects: bool = False) -> Callable[[F], F]:
    """A query that calls a use case.

    One that ``selects`` makes records of the nodes it reads and looks at nothing of them but keys: of each node, it gets the
    properties that are in the selection of the query.
    """
    return _guarded(strawberry.field, description, guarded, metadata={SELECTS: selects})


def mutation(description: str, guarded: UseCase | Scope) -> Callable[[F], F]:
    """A mutation that calls a use case."""
    return _guarded(strawberry.mutation, description, guarded)


def subscription(description: str, guarded: UseCase | Scope, *, instead: str | None = None) -> Callable[[F], F]:
    """A subscription that calls a use case. One that is deprecated names what to use ``instead``."""
    return _guarded(strawberry.subscription, description, guarded, instead)


def _guarded(
    kind: Any, description: str, guarded: UseCase | Scope, instead: str | None = None, **options: Any
) -> Callable[[F], F]:
    required = requirement_for(guarded)
    reason = None if instead is None else f"use {instead}"
    decorator: Callable[[F], F] = kind(
        description=f"{description} {_needs(required)}", extensions=[Guard(required)], deprecation_reason=reason, **options
    )

    def decorate(method: F) -> F:
        if required is Admission.EVERYONE:
            OPEN_FIELDS.add(to_camel_case(getattr(method, "__name__")))  # noqa: B009  # unknown to mypy
        return decorator(method)

    return decorate


def _needs(required: Scope | Admission) -> str:
    """What a field needs, in words."""
    if isinstance(required, Scope):
        return f"Needs scope `{required.value}`."
    return "Open to all." if required is Admission.EVERYONE else "Needs a login, and is about the caller's own account."
