"""An executor of queries that works level by level: each field of a selection is answered for all objects of a level at once.

The executor of graphql-core visits each value by itself, which takes most of the time of a large answer. This one makes a
column per field, and dictionaries from the columns at the end. It answers only what goes right: at the first error, or null
where none may be, the query is executed again by graphql-core, which reports what went wrong and where. Queries have no
effects, so that changes nothing but the time. Mutations and subscriptions are always left to graphql-core.
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, cast

from graphql import (
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

from schema.context import Context

Details = list[FieldDetails]
Grouped = dict[str, Details]
Column = list[Any]

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
        except Exception:  # noqa: BLE001  # whatever it is, the ordinary executor reports it
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
                values = list(map(_attribute(field), sources))
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
        resolve = field.resolve or self.field_resolver
        if self.middleware_manager:
            resolve = self.middleware_manager.get_field_resolver(resolve)
        node = details[0].node
        args: dict[str, Any] = {}
        if field.args or node.arguments:
            args = get_argument_values(
                field, node, self.variable_values, details[0].fragment_variable_values, self.hide_suggestions
            )
        info = self.build_resolve_info(field, [one.node for one in details], kind, Path(None, key, kind.name))
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
        return await self._complete(field.type, details, values)

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
            completed = await self._objects(inner, self._below(inner, details), present)
        elif isinstance(inner, GraphQLInterfaceType | GraphQLUnionType):
            completed = await self._mixed(inner, details, present)
        else:
            raise _Unusual
        if len(present) == len(values):
            return list(completed)
        following = iter(completed)
        return [None if value is None else next(following) for value in values]

    async def _mixed(self, kind: GraphQLInterfaceType | GraphQLUnionType, details: Details, values: Column) -> Column:
        """Objects of several types."""
        places: dict[type, list[int]] = {}
        for at, value in enumerate(values):
            places.setdefault(type(value), []).append(at)
        completed: Column = [None] * len(values)
        for positions in places.values():
            sources = [values[at] for at in positions]
            name = kind.resolve_type(sources[0], cast("Any", None), kind) if kind.resolve_type else None
            found = self.schema.get_type(name) if isinstance(name, str) else None
            if not isinstance(found, GraphQLObjectType):
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


def _attribute(field: GraphQLField) -> Callable[[Any], Any]:
    """What reads a field without a resolver from the object that strawberry made."""
    return attrgetter(field.extensions["strawberry-definition"].python_name)


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
    usual = _USUAL.get(inner.name)
    coerce = inner.coerce_output_value

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
