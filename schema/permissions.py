"""Scopes of GraphQL fields: each query, mutation, subscription and relation needs the scope of its use case.

A caller who has not logged in may ask for nothing but what is declared open to all, not even the schema.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver, SyncExtensionResolver

from graph.access.audit import note_denied
from graph.model.actor import Actor, Scope
from graph.model.errors import AccessError, ForbiddenError
from graph.model.permissions import Admission, UseCase, requirement_of
from schema.context import Context, Info

OPEN_FIELDS: set[str] = set()
"""GraphQL names of the root fields that are open to all, filled as they are declared."""
LOG_IN_FIRST = "log in first: `crashgraph user` manages users, the mutation `login` and API keys give access"


def requirement_for(guarded: UseCase | Scope) -> Scope | Admission:
    """A scope as given, or what a use case needs."""
    return guarded if isinstance(guarded, Scope) else requirement_of(guarded)


def admit(actor: Actor, required: Scope | Admission) -> None:
    """``AccessError`` for a caller who must log in first, ``ForbiddenError`` for one without the scope."""
    if required is Admission.EVERYONE:
        return
    if not actor.scopes:
        raise AccessError(LOG_IN_FIRST, missing=True)
    if isinstance(required, Scope):
        actor.require(required)
    else:
        required.admit(actor)


class Guard(FieldExtension):
    """Refuses a field, with code ``FORBIDDEN``, to actors without its scope, and with ``ACCESS`` to those not logged in."""

    def __init__(self, required: Scope | Admission) -> None:
        """Guard a field with a scope, or with who may ask for it without one."""
        self.required = required

    def resolve(self, next_: SyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """The field's value, if the actor may have it."""
        admit(info.context.actor, self.required)
        return next_(source, info, **kwargs)

    async def resolve_async(self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """The same for a field that is resolved asynchronously."""
        admit(info.context.actor, self.required)
        value = next_(source, info, **kwargs)
        return await value if inspect.isawaitable(value) else value


class StrangersLogIn(SchemaExtension):
    """Refuses whole documents, with code ``ACCESS``, of callers who have not logged in, unless all they do is log in."""

    def on_validate(self) -> Iterator[None]:
        """Look at the fields of the document's operations before it is validated: messages of validation reveal the schema."""
        context = self.execution_context
        document, caller = context.graphql_document, context.context
        stranger = isinstance(caller, Context) and not caller.actor.scopes
        if stranger and document is not None and not _root_fields(document) <= OPEN_FIELDS | {"__typename"}:
            error = AccessError(LOG_IN_FIRST, missing=True)
            caller.refuse(error)
            raise error
        yield


def _root_fields(document: DocumentNode) -> set[str]:
    """The names of the fields of all operations, those in fragments included, whichever of them is executed."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    spread: set[str] = set()

    def names(selected: SelectionSetNode | None) -> Iterator[str]:
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                yield node.name.value
            elif not isinstance(node, FragmentSpreadNode):
                yield from names(getattr(node, "selection_set", None))
            elif node.name.value in fragments and node.name.value not in spread:
                spread.add(node.name.value)
                yield from names(fragments[node.name.value].selection_set)

    operations = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return {name for operation in operations for name in names(operation.selection_set)}


async def note_refusals(context: Context, errors: Iterable[GraphQLError]) -> None:
    """Record what was refused to the caller, by the name of the field."""
    for error in errors:
        cause = error.original_error
        if isinstance(cause, ForbiddenError | AccessError):
            field = error.nodes[0] if error.nodes else None
            name = field.name.value if isinstance(field, FieldNode) else "document"
            await note_denied(context.graph, context.actor, f"graphql.{name}", address=context.address)
