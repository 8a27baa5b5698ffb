"""The scope that each use case needs, named once, where the use case is defined."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeAlias, TypeVar

from graph.model.actor import Actor, Scope
from graph.model.errors import ForbiddenError

P = ParamSpec("P")
T = TypeVar("T")

UseCase: TypeAlias = Callable[..., Any]


class Admission(StrEnum):
    """Who may call a use case that needs no scope."""

    EVERYONE = "everyone"
    """Also without credentials: logging in."""
    ACCOUNTS = "accounts"
    """Whoever has a credential with any scope; the use case itself limits it to what is the caller's own."""

    def admit(self, actor: Actor) -> None:
        """``ForbiddenError`` unless the actor may call it."""
        if self is Admission.ACCOUNTS and not actor.scopes:
            raise ForbiddenError("log in first")


_SCOPES: dict[UseCase, Scope] = {}
_ADMISSIONS: dict[UseCase, Admission] = {}


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


def open_to_all(use_case: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Declare that a use case needs no scope and no credential. A contract test lists those that do."""
    _ADMISSIONS[use_case] = Admission.EVERYONE
    return use_case


def own_account(use_case: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Declare that a use case is for all who have a credential, each for what is their own. It takes a parameter ``actor``."""
    signature = inspect.signature(use_case)
    if "actor" not in signature.parameters:
        raise TypeError(f"{use_case.__qualname__} is for what is the caller's own, so it must take the actor")

    @wraps(use_case)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        Admission.ACCOUNTS.admit(bound.arguments["actor"])
        return await use_case(*args, **kwargs)

    _ADMISSIONS[guarded] = Admission.ACCOUNTS
    return guarded


def declared() -> Mapping[UseCase, Scope | Admission]:
    """Every use case that was imported, with what it needs."""
    return MappingProxyType({**_SCOPES, **_ADMISSIONS})


def requirement_of(use_case: UseCase) -> Scope | Admission:
    """The scope that a use case needs, or who may call it without one; ``TypeError`` if it declares neither."""
    return _ADMISSIONS[use_case] if use_case in _ADMISSIONS else scope_of(use_case)


def scope_of(use_case: UseCase) -> Scope:
    """The scope that a use case needs; ``TypeError`` if it declares none, so that forgetting one is never permissive."""
    try:
        return _SCOPES[use_case]
    except KeyError:
        raise TypeError(f"{use_case.__module__}.{use_case.__qualname__} declares no scope; decorate it with @needs") from None
