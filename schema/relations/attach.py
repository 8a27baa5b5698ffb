"""How a row of the table of relations becomes a field of a GraphQL type.

A relation is answered for all parents of one level together: its use case takes many ids, and the request's dataloader
collects them. The context refuses actors without the scope of the use case. The executor that has all parents of a level
calls :attr:`Relation.column` instead, once for all of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import strawberry
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from graph.model.actor import Scope
from graph.model.permissions import scope_of
from schema.context import Batch, Context, Info
from schema.fields import READS
from schema.types.declared import Node, key_of_node, to_type
from schema.types.pages import After, Connection, First, PageEdge, edge_connection

Resolver: TypeAlias = Callable[..., Any]
UseCase: TypeAlias = Batch[..., Any]
Column: TypeAlias = Callable[..., Awaitable[list[Any]]]
"""Takes a context, the parents and the arguments; returns a value per parent."""

COLUMN = "column"
"""Key of a relation's column in the metadata of its field."""


KEY_ALONE: tuple[str, ...] = ()
"""The properties beside the key that a relation needs which is asked by the key."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a field; the use case gets its value under the same name, lists as tuples."""

    name: str
    type: Any
    default: Any
    description: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A field ``name`` of ``source`` with values of type ``target``, and how it is answered."""

    source: type[Any]
    name: str
    target: Any
    description: str
    scope: Scope
    resolver: Resolver
    arguments: tuple[Argument, ...] = ()
    column: Column | None = None
    """The same as the resolver, for many parents at once."""
    reads: tuple[str, ...] | None = None
    """The properties of the parent that it needs; ``None`` for any."""


def to_one(
    source: type[Any],
    name: str,
    target: Any,
    use_case: UseCase,
    description: str,
    *,
    make: Callable[[Any], Any] = to_type,
    by: str | None = None,
) -> Relation:
    """A relation to one record at most, null for none.

    The use case gets the key of the node, or its property ``by``; ``make`` turns the record into the target type.
    """

    async def resolve(parent: strawberry.Parent[Any], info: Info) -> Any:
        id = _id(parent, by)
        record = None if id is None else await info.context.load(use_case, id)
        return None if record is None else make(record)

    async def column(context: Context, parents: Sequence[Any]) -> list[Any]:
        keys = [_id(parent, by) for parent in parents]
        records = await context.load_at_once(use_case, [key for key in keys if key is not None])
        made = {id(record): make(record) for record in records.values()}
        return [None if (record := records.get(key)) is None else made[id(record)] for key in keys]

    return Relation(
        source, name, target | None, description, scope_of(use_case), resolve, (), column, (by,) if by else KEY_ALONE
    )


def to_pages(
    source: type[Any],
    name: str,
    target: Any,
    use_case: UseCase,
    description: str,
    *,
    edge: Callable[[Any, str], Any] | None = None,
    arguments: Iterable[Argument] = (),
) -> Relation:
    """A relation to pages of nodes: of type ``target``, or through the connection ``target`` with edges made by ``edge``."""
    make, kind, shown = (edge, target, target) if edge else (_edge, Connection, Connection[target])

    async def resolve(parent: strawberry.Parent[Any], info: Info, first: First, after: After = None, **given: Any) -> Any:
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        records = await info.context.load_page(use_case, _id(parent), first, after, **values)
        return edge_connection(records, make, kind)

    async def column(context: Context, parents: Sequence[Any], first: int, after: str | None = None, **given: Any) -> list[Any]:
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        ids = [_id(parent) for parent in parents]
        pages = await context.load_at_once(use_case, ids, first, after, **values)
        return [edge_connection(pages[id], make, kind) for id in ids]

    return Relation(source, name, shown, description, scope_of(use_case), resolve, tuple(arguments), column, KEY_ALONE)


def attach(relations: Iterable[Relation]) -> None:
    """Add the field of each relation to its type."""
    for relation in relations:
        field: StrawberryField = strawberry.field(
            resolver=_with_arguments(relation.resolver, relation.arguments),
            description=relation.description,
            graphql_type=relation.target,
            metadata={COLUMN: relation.column, READS: relation.reads},
        )
        field.python_name = relation.name
        field.origin = relation.source
        get_object_definition(relation.source, strict=True).fields.append(field)


def _with_arguments(resolver: Resolver, arguments: tuple[Argument, ...]) -> Resolver:
    """The resolver with its variable keyword arguments, if any, replaced by these, as far as strawberry can see."""
    signature = inspect.signature(resolver, eval_str=True)
    fixed = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    further = [
        inspect.Parameter(
            argument.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=argument.default,
            annotation=Annotated[argument.type, strawberry.argument(description=argument.description)],
        )
        for argument in arguments
    ]
    setattr(resolver, "__signature__", signature.replace(parameters=[*fixed, *further]))  # noqa: B010  # mypy knows none
    return resolver


def _edge(record: Any, cursor: str) -> PageEdge[Any]:
    return PageEdge(node=to_type(record), cursor=cursor)


def _id(parent: Node, by: str | None = None) -> Any:
    return key_of_node(parent) if by is None else getattr(parent.record, by)
