"""JSON Schema (2020-12, as OpenAPI 3.1 has it) of what REST operations take and return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    SelectionSetNode,
    Undefined,
    get_named_type,
    is_required_input_field,
)

from resolvers.cursors import MAX_FIRST
from schema.rest.operation import MARK, Parameter, RestOperation, objects

JsonSchema: TypeAlias = dict[str, Any]

SCALARS: dict[str, JsonSchema] = {
    "String": {"type": "string"},
    "ID": {"type": "string"},
    "Int": {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
    "DateTime": {"type": "string", "format": "date-time"},
    "JSON": {},
}


class Components:
    """The named schemas of a description, filled as they are needed."""

    def __init__(self) -> None:
        """Start with none."""
        self.schemas: dict[str, JsonSchema] = {}

    def taken(self, type_: Any) -> JsonSchema:
        """The schema of values of an input type."""
        if isinstance(type_, GraphQLNonNull):
            return self._named_input(type_.of_type)
        return _nullable(self._named_input(type_))

    def _named_input(self, type_: Any) -> JsonSchema:
        if isinstance(type_, GraphQLList):
            return {"type": "array", "items": self.taken(type_.of_type)}
        if not isinstance(type_, GraphQLInputObjectType):
            return self._leaf(type_)
        if type_.name not in self.schemas:
            self.schemas[type_.name] = {}  # it may refer to itself
            self.schemas[type_.name] = self._input_object(type_)
        return _reference(type_.name)

    def _input_object(self, type_: GraphQLInputObjectType) -> JsonSchema:
        shown = {name: field for name, field in type_.fields.items() if name != MARK}
        return _object(
            {name: _described(self.taken(field.type), field.description) for name, field in shown.items()},
            [name for name, field in shown.items() if is_required_input_field(field)],
            type_.description,
            closed=True,
        )

    def _leaf(self, type_: Any) -> JsonSchema:
        if isinstance(type_, GraphQLEnumType):
            if type_.name not in self.schemas:
                self.schemas[type_.name] = _described({"type": "string", "enum": list(type_.values)}, type_.description)
            return _reference(type_.name)
        assert isinstance(type_, GraphQLScalarType)
        return dict(SCALARS[type_.name])

    def returned(self, operation: RestOperation) -> JsonSchema:
        """The schema of an answer."""
        type_ = operation.returns
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type  # an answer that is not refused is never null
        return self._output(type_, operation.selected)

    def _value(self, type_: Any, selected: SelectionSetNode | None) -> JsonSchema:
        if isinstance(type_, GraphQLNonNull):
            return self._output(type_.of_type, selected)
        return _nullable(self._output(type_, selected))

    def _output(self, type_: Any, selected: SelectionSetNode | None) -> JsonSchema:
        if isinstance(type_, GraphQLList):
            return {"type": "array", "items": self._value(type_.of_type, selected)}
        if selected is None:
            return self._leaf(type_)
        assert isinstance(type_, GraphQLObjectType)
        [*selections] = selected.selections
        if len(selections) == 1 and isinstance(selections[0], FragmentSpreadNode):
            return self._fragment(selections[0].name.value, type_)
        return self._selection(type_, selected)

    def _fragment(self, name: str, type_: GraphQLObjectType) -> JsonSchema:
        if name not in self.schemas:
            self.schemas[name] = {}
            self.schemas[name] = self._selection(type_, objects()[name].selection_set)
        return _reference(name)

    def _selection(self, type_: GraphQLObjectType, selected: SelectionSetNode) -> JsonSchema:
        fields = {field.name.value: field for field in _fields(selected)}
        properties = {
            name: _described(self._value(type_.fields[name].type, field.selection_set), type_.fields[name].description)
            for name, field in fields.items()
        }
        return _object(properties, list(properties), type_.description, closed=False)

    def parameter(self, one: Parameter) -> JsonSchema:
        """The schema of a parameter of the URL: one that is not given is null in GraphQL."""
        type_ = one.type.of_type if isinstance(one.type, GraphQLNonNull) else one.type
        schema = self._named_input(type_)
        if one.name == "first":
            schema |= {"minimum": 1, "maximum": MAX_FIRST}
        if one.default is not Undefined:
            schema = {"allOf": [schema]} if "$ref" in schema else schema
            schema["default"] = _default(one)
        return schema

    def body(self, parameters: Iterable[Parameter]) -> JsonSchema:
        """The schema of a body whose properties are variables."""
        given = list(parameters)
        properties = {one.name: _described(self.taken(one.type), one.help) for one in given}
        return _object(properties, [one.name for one in given if one.required], None, closed=True)


def _default(one: Parameter) -> Any:
    named = get_named_type(one.type)
    return named.serialize(one.default) if isinstance(named, GraphQLEnumType) else one.default


def _fields(selected: SelectionSetNode) -> Iterable[FieldNode]:
    for one in selected.selections:
        if isinstance(one, FieldNode):
            yield one
        elif isinstance(one, FragmentSpreadNode):
            yield from _fields(objects()[one.name.value].selection_set)


def _object(properties: dict[str, JsonSchema], required: list[str], help: str | None, *, closed: bool) -> JsonSchema:
    schema: JsonSchema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if closed:
        schema["additionalProperties"] = False
    return _described(schema, help)


def _described(schema: JsonSchema, help: str | None) -> JsonSchema:
    return {**schema, "description": help} if help else schema


def _reference(name: str) -> JsonSchema:
    return {"$ref": f"#/components/schemas/{name}"}


def _nullable(schema: JsonSchema) -> JsonSchema:
    if not schema:
        return schema
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}
