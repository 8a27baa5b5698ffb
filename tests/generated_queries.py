"""Queries made at random from the schema: valid ones, with arguments that are partly wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    get_named_type,
)

WORDS = ("KeyError", "tariff", "site-1", "desk", "1.0", "", "nothing like it", 'a " \\ b', "%", "RES", "é")
DEEPEST = 6


class Queries:
    """Makes queries; the same seed makes the same ones."""

    def __init__(self, schema: GraphQLSchema, ids: Sequence[str], seed: int) -> None:
        """``ids`` are global ids of nodes in the graph."""
        self._schema = schema
        self.know(ids)
        self._random = Random(seed)
        self._fragments: dict[str, str] = {}
        self._aliases = 0

    def know(self, ids: Sequence[str]) -> None:
        """Ids of nodes that are in the graph now."""
        self._ids = [*ids, "Pattern:unknown", "unknown", "Crash:", ""]

    def next(self) -> str:
        """One document."""
        self._fragments, self._aliases = {}, 0
        assert self._schema.query_type
        body = self._selection(self._schema.query_type, 1)
        return " ".join([f"query {body}", *self._fragments.values()])

    def _selection(self, kind: GraphQLType, depth: int) -> str:
        if isinstance(kind, GraphQLUnionType):
            return "{ __typename " + self._inline(self._schema.get_possible_types(kind), depth) + " }"
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        names = [name for name, field in kind.fields.items() if depth < DEEPEST or not self._is_object(field)]
        chosen = self._random.sample(names, min(len(names), self._random.choice((1, 2, 3, 5))))
        parts = [self._field(name, kind.fields[name], depth) for name in chosen]
        if self._random.random() < 0.2:
            parts.append("__typename")
        if isinstance(kind, GraphQLInterfaceType) and self._random.random() < 0.6:
            parts.append(self._inline(self._schema.get_possible_types(kind), depth))
        elif isinstance(kind, GraphQLObjectType) and depth > 1 and self._random.random() < 0.15:
            name = f"F{len(self._fragments)}"
            self._fragments[name] = ""
            self._fragments[name] = f"fragment {name} on {kind.name} {self._selection(kind, DEEPEST)}"
            parts.append(f"...{name}")
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    def _inline(self, kinds: Sequence[GraphQLObjectType], depth: int) -> str:
        chosen = self._random.sample(list(kinds), min(2, len(kinds)))
        return " ".join(f"... on {kind.name} {self._selection(kind, depth + 1)}" for kind in chosen)

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        # Each has an alias, so that two selections of a field with other arguments do not meet.
        self._aliases += 1
        inner = get_named_type(field.type)
        below = self._selection(inner, depth + 1) if self._is_object(field) else ""
        alias = f"a{self._aliases}: " if field.args and self._aliases < 45 else ""
        return f"{alias}{name}{self._arguments(field.args, needs_all=not alias)} {below}".strip()

    def _arguments(self, declared: Mapping[str, GraphQLArgument], *, needs_all: bool) -> str:
        given = {
            name: self._value(name, argument.type)
            for name, argument in declared.items()
            if isinstance(argument.type, GraphQLNonNull) or (not needs_all and self._random.random() < 0.25)
        }
        if needs_all:
            given = {name: "1" if name == "first" else value for name, value in given.items()}
        return "(" + ", ".join(f"{name}: {value}" for name, value in given.items()) + ")" if given else ""

    def _value(self, name: str, kind: GraphQLType) -> str:
        random = self._random
        if isinstance(kind, GraphQLNonNull):
            return self._value(name, kind.of_type)
        if random.random() < 0.03 and name not in {"first", "id", "ids"}:
            return "null"
        if isinstance(kind, GraphQLList):
            return "[" + ", ".join(self._value(name, kind.of_type) for _ in range(random.randrange(3))) + "]"
        if isinstance(kind, GraphQLEnumType):
            return random.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            fields = {
                each: self._value(each, field.type)
                for each, field in kind.fields.items()
                if isinstance(field.type, GraphQLNonNull) or random.random() < 0.2
            }
            return "{" + ", ".join(f"{each}: {value}" for each, value in fields.items()) + "}"
        scalar = get_named_type(kind).name
        if scalar == "ID":
            return json.dumps(random.choice(self._ids))
        if scalar == "Int":
            return str(random.choice((1, 2, 3, 5, 0, -1, 101) if random.random() < 0.2 else (1, 2, 3)))
        if scalar == "Float":
            return random.choice(("0", "0.5", "1", "30", "-1", "1e10"))
        if scalar == "Boolean":
            return random.choice(("true", "false"))
        if scalar == "DateTime":
            return random.choice(('"2026-03-01T12:00:00Z"', '"2026-03-01T12:00:00"', '"9999-12-31T23:59:59+14:00"', '"soon"'))
        return json.dumps(random.choice(WORDS), ensure_ascii=False)

    @staticmethod
    def _is_object(field: GraphQLField) -> bool:
        return isinstance(get_named_type(field.type), GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
