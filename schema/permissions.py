"""Scopes of GraphQL fields: each query, mutation, subscription and relation needs the scope of its use case."""

from __future__ import annotations

import inspect
from typing import Any

from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver, SyncExtensionResolver

from graph.model.actor import Scope
from graph.model.permissions import UseCase, scope_of
from schema.context import Info


def scope_for(guarded: UseCase | Scope) -> Scope:
    """A scope as given, or that of a use case."""
    return guarded if isinstance(guarded, Scope) else scope_of(guarded)


class Guard(FieldExtension):
    """Refuses a field, with code ``FORBIDDEN``, to actors without its scope."""

    def __init__(self, scope: Scope) -> None:
        """Guard a field with a scope."""
        self.scope = scope

    def resolve(self, next_: SyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """The field's value, if the actor may have it."""
        info.context.actor.require(self.scope)
        return next_(source, info, **kwargs)

    async def resolve_async(self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """The same for a field that is resolved asynchronously."""
        info.context.actor.require(self.scope)
        value = next_(source, info, **kwargs)
        return await value if inspect.isawaitable(value) else value
