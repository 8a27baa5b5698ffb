"""How a row of the table of relations becomes a field of a GraphQL type.

A relation is answered for all parents of one level together: its use case takes many ids, and the request's dataloader
collects them. The context refuses actors without the scope of the use case.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import strawberry
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from graph.model.actor import Scope
from graph.model.permissions import scope_of
from schema.context import Batch, Info
from schema.types.declared import Node, key_of_node, to_type
from schema.types.pages import After, Connection, First, PageEdge, edge_connection

Resolver: TypeAlias = Callable[..., Any]
UseCase: TypeAlias = Batch[..., Any]


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

    return Relation(source, name, target | None, description, scope_of(use_case), resolve)


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

    return Relation(source, name, shown, description, scope_of(use_case), resolve, tuple(arguments))


def attach(relations: Iterable[Relation]) -> None:
    """Add the field of each relation to its type."""
    for relation in relations:
        field: StrawberryField = strawberry.field(
            resolver=_with_arguments(relation.resolver, relation.arguments),
            description=relation.description,
            graphql_type=relation.target,
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
