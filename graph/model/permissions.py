"""The scope that each use case needs, named once, where the use case is defined."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar

from graph.model.actor import Actor, Scope

P = ParamSpec("P")
T = TypeVar("T")

UseCase: TypeAlias = Callable[..., Any]

_SCOPES: dict[UseCase, Scope] = {}


def needs(scope: Scope) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Declare the scope of a use case. One with a parameter ``actor`` also refuses actors without the scope.

    Use cases without an actor, such as the batched reads behind GraphQL relations, are guarded by their callers, which
    find the scope with :func:`scope_of`.
    """

    def decorate(use_case: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        signature = inspect.signature(use_case)
        if "actor" not in signature.parameters:
            _SCOPES[use_case] = scope
            return use_case

        @wraps(use_case)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            actor: Actor = bound.arguments["actor"]
            actor.require(scope)
            return await use_case(*args, **kwargs)

        _SCOPES[guarded] = scope
        return guarded

    return decorate


def scope_of(use_case: UseCase) -> Scope:
    """The scope that a use case needs; ``TypeError`` if it declares none, so that forgetting one is never permissive."""
    try:
        return _SCOPES[use_case]
    except KeyError:
        raise TypeError(f"{use_case.__module__}.{use_case.__qualname__} declares no scope; decorate it with @needs") from None
