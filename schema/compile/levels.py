"""An executor of queries that works level by level: each field of a selection is answered for all objects of a level at once.

The executor of graphql-core visits each value by itself, which takes most of the time of a large answer. This one makes a
column per field, and dictionaries from the columns at the end. It answers only what goes right: at the first error, or null
where none may be, the query is executed again by graphql-core, which reports what went wrong and where. Queries have no
effects, so that changes nothing but the time. Mutations and subscriptions are always left to graphql-core.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path, Undefined
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from schema.compile.selection import node_type_of, selected_below
from schema.context import Context
from schema.fields import SELECTS
from schema.relations.attach import COLUMN
from schema.types.choices import texts_of

Details = list[FieldDetails]
Grouped = dict[str, Details]
Column = list[Any]

log = logging.getLogger(__name__)

LEAST_INT, MOST_INT = -(2**31), 2**31 - 1


class _Unusual(Exception):  # noqa: N818  # no error: the ordinary executor takes over
    """A value that the ordinary executor has to complete."""


class LevelExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with another way through queries."""

    def execute_collected_root_fields(
        self, root_type: GraphQLObjectType, root_value: Any, grouped_field_set: Grouped, serially: bool, new_defer_usages: Any
    ) -> Any:
        """Execute the root fields; serially, as mutations are, in the ordinary way."""
        if serially or new_defer_usages or not isinstance(self.context_value, Context):
            return super().execute_collected_root_fields(root_type, root_value, grouped_field_set, serially, new_defer_usages)
        return self._by_level(root_type, root_value, grouped_field_set)

    async def _by_level(self, root_type: GraphQLObjectType, root_value: Any, grouped: Grouped) -> dict[str, Any]:
        try:
            [data] = await self._objects(root_type, grouped, [root_value])
        except Exception as error:  # noqa: BLE001  # whatever it is, the ordinary executor reports it
            log.debug("a query is left to the ordinary executor, after %s", type(error).__name__)
            ordinary = super().execute_collected_root_fields(root_type, root_value, grouped, False, [])
            return await ordinary if inspect.isawaitable(ordinary) else ordinary
        return data

    async def _objects(self, kind: GraphQLObjectType, grouped: Grouped, sources: Column) -> list[dict[str, Any]]:
        """The dictionaries of these objects, which are all of one type."""
        columns: dict[str, Column] = {}
        waiting: dict[str, Awaitable[Column]] = {}
        for key, details in grouped.items():
            columns[key] = []  # the order of the document
            name = details[0].node.name.value
            if name == "__typename":
                columns[key] = [kind.name] * len(sources)
                continue
            field = self.schema.get_field(kind, name)
            if field is None:
                raise _Unusual
            if getattr(field.resolve, "_is_default", False):
                values = _attributes(kind, field, sources)
                if (leaf := _leaf(field.type)) is not None:
                    columns[key] = _nullable(field.type, leaf(values), values)
                else:
                    waiting[key] = self._complete(field.type, details, values)
            else:
                waiting[key] = self._resolved(kind, field, details, key, sources)
        if len(waiting) == 1:
            [(key, only)] = waiting.items()
            columns[key] = await only
        elif waiting:
            columns.update(zip(waiting, await _all(waiting.values()), strict=True))
        keys = tuple(columns)
        return [dict(zip(keys, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    async def _resolved(
        self, kind: GraphQLObjectType, field: GraphQLField, details: Details, key: str, sources: Column
    ) -> Column:
        """The values of a field with a resolver."""
        node = details[0].node
        args: dict[str, Any] = {}
        if field.args or node.arguments:
            args = get_argument_values(
                field, node, self.variable_values, details[0].fragment_variable_values, self.hide_suggestions
            )
        definition: StrawberryField = field.extensions["strawberry-definition"]
        column = definition.metadata.get(COLUMN)
        context = self.context_value
        if column is not None or definition.metadata.get(SELECTS):
            context = context.reading(selected_below(self.schema, field.type, details, self._below))
        if column is not None:
            values = await column(context, sources, **self._converted(definition, args))
        else:
            info = self.build_resolve_info(field, [one.node for one in details], kind, Path(None, key, kind.name))
            values = await self._each(field, info._replace(context=context), args, sources)
        return await self._complete(field.type, details, values)

    def _converted(self, field: StrawberryField, args: dict[str, Any]) -> dict[str, Any]:
        """The arguments as strawberry gives them to a resolver."""
        if not args:
            return args
        strawberry_schema = self.schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001  # set by strawberry
        registry = strawberry_schema.schema_converter.scalar_registry
        return convert_arguments(args, field.arguments, scalar_registry=registry, config=strawberry_schema.config)

    async def _each(self, field: GraphQLField, info: Any, args: dict[str, Any], sources: Column) -> Column:
        """What the resolver of a field returns for each object."""
        resolve = field.resolve or self.field_resolver
        if self.middleware_manager:
            resolve = self.middleware_manager.get_field_resolver(resolve)
        values: Column = []
        try:
            values += (resolve(source, info, **args) for source in sources)
        except Exception:
            for value in values:
                if inspect.iscoroutine(value):
                    value.close()  # those of the objects before will not be awaited
            raise
        waiting = [at for at, value in enumerate(values) if inspect.isawaitable(value)]
        if len(waiting) == 1:
            values[waiting[0]] = await values[waiting[0]]
        elif waiting:
            for at, value in zip(waiting, await _all([values[at] for at in waiting]), strict=True):
                values[at] = value
        return values

    async def _complete(self, kind: GraphQLOutputType, details: Details, values: Column) -> Column:
        """The values as they are in the answer."""
        if (leaf := _leaf(kind)) is not None:
            return _nullable(kind, leaf(values), values)
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        present = [value for value in values if value is not None]
        if inner is not kind and len(present) != len(values):
            raise _Unusual
        if isinstance(inner, GraphQLList):
            lengths = [len(value) if isinstance(value, list | tuple) else _raise() for value in present]
            items = await self._complete(inner.of_type, details, [item for value in present for item in value])
            completed: Iterable[Any] = _cut(items, lengths)
        elif isinstance(inner, GraphQLObjectType):
            # Many parents may lead to the same object, such as crashes to their environment.
            different = {id(value): value for value in present}
            objects = await self._objects(inner, self._below(inner, details), list(different.values()))
            by_id = dict(zip(different, objects, strict=True))
            completed = [by_id[id(value)] for value in present]
        elif isinstance(inner, GraphQLInterfaceType | GraphQLUnionType):
            completed = await self._mixed(details, present)
        else:
            raise _Unusual
        if len(present) == len(values):
            return list(completed)
        following = iter(completed)
        return [None if value is None else next(following) for value in values]

    async def _mixed(self, details: Details, values: Column) -> Column:
        """Objects of several types."""
        places: dict[type, list[int]] = {}
        for at, value in enumerate(values):
            places.setdefault(type(value), []).append(at)
        completed: Column = [None] * len(values)
        for made_as, positions in places.items():
            sources = [values[at] for at in positions]
            found = self.schema.get_type(made_as.__name__)
            if not isinstance(found, GraphQLObjectType) or found.extensions["strawberry-definition"].origin is not made_as:
                raise _Unusual
            for at, one in zip(positions, await self._objects(found, self._below(found, details), sources), strict=True):
                completed[at] = one
        return completed

    def _below(self, kind: GraphQLObjectType, details: Details) -> Grouped:
        """The fields that are selected of objects of a type."""
        collected = self.collect_subfields(kind, details)
        if collected.new_defer_usages:
            raise _Unusual
        return collected.grouped_field_set


async def _all(waiting: Iterable[Awaitable[Any]]) -> Column:
    """All results; the first error once all have ended, since what is read meanwhile serves the ordinary executor too."""
    results = await asyncio.gather(*waiting, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def _raise() -> int:
    raise _Unusual


def _attributes(kind: GraphQLObjectType, field: GraphQLField, sources: Column) -> Column:
    """The values of a field without a resolver, which are those of the objects that strawberry made, or of their records."""
    name = field.extensions["strawberry-definition"].python_name
    node: Any = node_type_of(kind)
    if node is None:
        return list(map(attrgetter(name), sources))
    values = list(map(attrgetter(f"record.{name}"), sources))
    texts = texts_of(node).get(name)
    if texts is not None and not all(value is None or (type(value) is str and value in texts) for value in values):
        return list(map(attrgetter(name), sources))  # a list, or a text that the enum lacks
    return values


def _cut(items: Column, lengths: Sequence[int]) -> Iterable[Column]:
    """The items as lists of these lengths."""
    at = 0
    for length in lengths:
        yield items[at : at + length]
        at += length


def _leaf(kind: GraphQLOutputType) -> Callable[[Column], Column] | None:
    """What turns a column of scalars or enums into those of the answer, nulls included; ``None`` for another type."""
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if not isinstance(inner, GraphQLLeafType):
        return None
    usual, coerce = _USUAL.get(inner.name), inner.coerce_output_value
    if isinstance(inner, GraphQLEnumType):
        names = {value.value: name for name, value in inner.values.items()}

        def named(values: Column) -> Column:
            return [None if value is None else names.get(value) or _checked(coerce(value)) for value in values]

        return named

    def column(values: Column) -> Column:
        return [value if value is None or (usual and usual(value)) else _checked(coerce(value)) for value in values]

    return column


def _checked(value: Any) -> Any:
    if value is None or value is Undefined:
        raise _Unusual
    return value


def _nullable(kind: GraphQLOutputType, completed: Column, values: Column) -> Column:
    if isinstance(kind, GraphQLNonNull) and None in values:
        raise _Unusual
    return completed


_USUAL: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: type(value) is str,
    "ID": lambda value: type(value) is str,
    "Boolean": lambda value: type(value) is bool,
    "Int": lambda value: type(value) is int and LEAST_INT <= value <= MOST_INT,
    "Float": lambda value: type(value) is float and math.isfinite(value),
}
"""Values that are in the answer as they are."""
