"""The REST routes and the GraphQL operation behind each, read from ``documents``.

A document begins with the route and what it does::

    # GET /patterns/{id}
    # One pattern.
    query readPattern($id: ID!) { pattern(id: $id) { ...Pattern } }

Variables named in the path come from it. ``$input`` is the whole body of a POST; without it the other variables of a POST are
the properties of the body. All further variables are parameters of the URL. ``clientMutationId`` comes from the header
``Idempotency-Key``. The fragments are those of ``objects.graphql``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    VariableNode,
    Visitor,
    get_named_type,
    parse,
    print_ast,
    type_from_ast,
    validate,
    value_from_ast,
    visit,
)
from strawberry.types import get_object_definition

from graph.model.actor import Scope
from graph.model.permissions import Admission
from schema.build import build_schema
from schema.operations.roots import Mutation, Query
from schema.permissions import Guard

FOLDER = files("schema.rest") / "documents"
OBJECTS = "objects.graphql"
ROUTE = re.compile(r"# (GET|POST) (/\S*)(?: (\d{3}))?\n# (.+)\n")
IN_PATH = re.compile(r"{(\w+)}")
BODY, MARK, ERRORS = "input", "clientMutationId", "userErrors"


class Place(StrEnum):
    """Where the value of a variable comes from."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"
    MARK = "mark"
    """The header with the caller's id of the change."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of an operation. ``default`` is ``Undefined`` where it has none."""

    name: str
    type: GraphQLInputType
    place: Place
    help: str
    default: Any

    @property
    def required(self) -> bool:
        """Whether a request must have it."""
        return isinstance(self.type, GraphQLNonNull) and self.default is Undefined


@dataclass(frozen=True, slots=True)
class RestOperation:
    """A route and the operation behind it. ``path`` is below ``/api/v1``."""

    name: str
    method: str
    path: str
    status: int
    help: str
    document: str
    node: OperationDefinitionNode
    parameters: tuple[Parameter, ...]
    field: str
    """The root field."""
    steps: tuple[str, ...]
    """Keys that lead from ``data`` to the answer."""
    selected: SelectionSetNode
    """What the answer has."""
    returns: Any
    """GraphQL type of the answer."""
    needs: Scope | Admission

    @property
    def writes(self) -> bool:
        """Whether it is a mutation."""
        return self.node.operation is OperationType.MUTATION

    @property
    def pages(self) -> bool:
        """Whether the answer is a page of a listing."""
        return any(isinstance(one, FieldNode) and one.name.value == "pageInfo" for one in self.selected.selections)

    def of(self, place: Place) -> tuple[Parameter, ...]:
        """The variables with values from there."""
        return tuple(one for one in self.parameters if one.place is place)

    @property
    def whole_body(self) -> GraphQLInputObjectType | None:
        """The type of the body, if a variable is the whole of it."""
        return next((named_input(one) for one in self.of(Place.BODY) if one.name == BODY), None)


def named_input(parameter: Parameter) -> GraphQLInputObjectType:
    """The input type of a variable."""
    named = get_named_type(parameter.type)
    assert isinstance(named, GraphQLInputObjectType)
    return named


@cache
def operations() -> tuple[RestOperation, ...]:
    """All routes, by path; ``ValueError`` for a document that is not one."""
    names = sorted(one.name for one in FOLDER.iterdir() if one.name.endswith(".graphql") and one.name != OBJECTS)
    found = [_read(name, (FOLDER / name).read_text("utf-8")) for name in names]
    return tuple(sorted(found, key=lambda one: (one.path, one.method)))


@cache
def objects() -> Mapping[str, FragmentDefinitionNode]:
    """The fragments by name."""
    document = parse((FOLDER / OBJECTS).read_text("utf-8"))
    return MappingProxyType({one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)})


def _read(name: str, text: str) -> RestOperation:
    route = ROUTE.match(text)
    if route is None:
        raise ValueError(f"{name}: does not begin with `# GET /path` and a line of description")
    method, path, status, help = route.groups()
    schema = build_schema()._schema  # noqa: SLF001  # as strawberry's own extensions do
    [node] = parse(text).definitions
    assert isinstance(node, OperationDefinitionNode)
    [field] = node.selection_set.selections
    assert node.name is not None
    assert isinstance(field, FieldNode)
    assert field.selection_set is not None
    document = "\n".join([print_ast(node), *(print_ast(one) for one in _spread(field.selection_set))])
    if errors := validate(schema, parse(document)):
        raise ValueError(f"{name}: {errors[0].message}")
    root = schema.get_root_type(node.operation)
    assert root is not None
    steps, selected, returns = _answer([field.name.value], field.selection_set, root.fields[field.name.value].type)
    return RestOperation(
        name=node.name.value,
        method=method,
        path=path,
        status=int(status or 200),
        help=help,
        document=document,
        node=node,
        parameters=tuple(_parameters(node, method, path)),
        field=field.name.value,
        steps=steps,
        selected=selected,
        returns=returns,
        needs=_requirement(node.operation, field.name.value),
    )


def _answer(steps: list[str], selected: SelectionSetNode, type_: Any) -> tuple[tuple[str, ...], SelectionSetNode, Any]:
    """The keys to the first object of which more than one field is selected, apart from the errors of a mutation."""
    fields = [one for one in selected.selections if not (isinstance(one, FieldNode) and one.name.value == ERRORS)]
    named = get_named_type(type_)
    if len(fields) == 1 and isinstance(fields[0], FieldNode) and fields[0].selection_set is not None:
        assert isinstance(named, GraphQLObjectType)
        name = fields[0].name.value
        return _answer([*steps, name], fields[0].selection_set, named.fields[name].type)
    return tuple(steps), SelectionSetNode(selections=tuple(fields)), type_


def _spread(selected: SelectionSetNode) -> Iterator[FragmentDefinitionNode]:
    """The fragments that a selection needs, each once."""
    names: dict[str, None] = {}

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            if node.name.value not in names:
                names[node.name.value] = None
                visit(objects()[node.name.value], self)

    visit(selected, Spreads())
    return (objects()[name] for name in names)


def _parameters(node: OperationDefinitionNode, method: str, path: str) -> Iterator[Parameter]:
    schema = build_schema()._schema  # noqa: SLF001  # as above
    in_path, helps = set(IN_PATH.findall(path)), _helps(node)
    names = [one.variable.name.value for one in node.variable_definitions or ()]
    if not in_path <= set(names):
        raise ValueError(f"{path}: no variable of the operation is named like every part in braces")
    for one in node.variable_definitions or ():
        name = one.variable.name.value
        type_: Any = type_from_ast(schema, one.type)
        default = value_from_ast(one.default_value, type_) if one.default_value else Undefined
        yield Parameter(name, type_, _place(name, names, in_path, method), helps.get(name, ""), default)


def _place(name: str, names: list[str], in_path: set[str], method: str) -> Place:
    if name in in_path:
        return Place.PATH
    if name == MARK:
        return Place.MARK
    return Place.BODY if method == "POST" and (name == BODY or BODY not in names) else Place.QUERY


def _helps(node: OperationDefinitionNode) -> dict[str, str]:
    """What the arguments and input fields mean that the variables are given to."""
    info = TypeInfo(build_schema()._schema)  # noqa: SLF001  # as above
    helps: dict[str, str] = {}

    class Variables(Visitor):
        def enter_variable(self, node: VariableNode, _key: object, parent: object, *_: object) -> None:
            name, kind = node.name.value, getattr(parent, "kind", "")
            if kind == "object_field":
                owner = get_named_type(info.get_parent_input_type())
                declared: Any = owner.fields[parent.name.value] if isinstance(owner, GraphQLInputObjectType) else None  # type: ignore[attr-defined]  # an ObjectFieldNode
            elif kind == "argument":
                declared = info.get_argument()
            else:
                return
            if declared is not None and declared.description:
                helps.setdefault(name, declared.description)

    visit(node.selection_set, TypeInfoVisitor(_in_root(info, node), Variables()))
    return helps


def _in_root(info: TypeInfo, node: OperationDefinitionNode) -> TypeInfo:
    """The information as it is inside an operation."""
    info.enter(node)
    return info


def _requirement(kind: OperationType, field: str) -> Scope | Admission:
    """What the caller of a root field must have."""
    root = Mutation if kind is OperationType.MUTATION else Query
    for declared in get_object_definition(root, strict=True).fields:
        if build_schema().config.name_converter.get_graphql_name(declared) == field:
            return next(one for one in declared.extensions if isinstance(one, Guard)).required
    raise LookupError(field)
