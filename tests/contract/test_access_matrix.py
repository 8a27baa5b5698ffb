"""Who may do what, walked over the declarations: every root field of the schema for every role, and every use case."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)
from strawberry.types import get_object_definition

from graph.access.roles import SCOPES
from graph.access.sessions import STRANGER
from graph.model import permissions
from graph.model.actor import Actor, Role, Scope, person
from graph.model.errors import AccessError, ForbiddenError
from graph.model.permissions import Admission
from graph.ports import Graph
from schema.build import build_schema
from schema.context import Context
from schema.operations.roots import Mutation, Query, Subscription
from schema.permissions import Guard

CALLERS = {"stranger": STRANGER, **{role.value: person(role.value, SCOPES[role]) for role in Role}}
ROOTS = {
    (root.__name__.lower(), field.python_name): next(one for one in field.extensions if isinstance(one, Guard)).required
    for root in (Query, Mutation, Subscription)
    for field in get_object_definition(root, strict=True).fields
}
USE_CASES = {
    f"{use_case.__module__}.{use_case.__qualname__}": (use_case, needed) for use_case, needed in permissions.declared().items()
}


def allowed(actor: Actor, needed: Scope | Admission) -> bool:
    if isinstance(needed, Scope):
        return bool(actor.scopes & {needed, Scope.ADMIN})
    return needed is Admission.EVERYONE or bool(actor.scopes)


def schema() -> GraphQLSchema:
    return build_schema()._schema


def literal(type_: Any) -> str:
    """Some value of an input type, as text of a document."""
    if isinstance(type_, GraphQLNonNull):
        return literal(type_.of_type)
    if isinstance(type_, GraphQLList):
        return f"[{literal(type_.of_type)}]"
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        given = (f"{name}: {literal(one.type)}" for name, one in type_.fields.items() if is_required_input_field(one))
        return "{" + ", ".join(given) + "}"
    return {"Int": "1", "Float": "0.5", "Boolean": "true", "DateTime": '"2026-01-01T00:00:00Z"'}.get(type_.name, '"x"')


def document(kind: str, name: str, field: GraphQLField) -> str:
    """A document that asks for one root field, with a value for each required argument."""
    arguments: dict[str, GraphQLArgument] = field.args
    given = ", ".join(f"{key}: {literal(one.type)}" for key, one in arguments.items() if is_required_argument(one))
    selected = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    return f"{kind} {{ {name}{f'({given})' if given else ''}{selected} }}"


def root_fields() -> Iterator[tuple[str, str, GraphQLField]]:
    for kind, type_ in (
        ("query", schema().query_type),
        ("mutation", schema().mutation_type),
        ("subscription", schema().subscription_type),
    ):
        assert type_ is not None
        for name, field in type_.fields.items():
            yield kind, name, field


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


async def codes(graph: Graph, actor: Actor, kind: str, text: str) -> set[str]:
    context = Context(graph=graph, matcher=None, receiver=None, actor=actor)  # type: ignore[arg-type]  # nothing is handed in
    if kind == "subscription":
        stream: Any = await build_schema().stream(text, {}, context)
        async for one in stream:
            await stream.aclose()
            return {error.extensions["code"] for error in one.errors or ()}
        return set()
    result: Any = await build_schema().execute(text, {}, context)
    return {error.extensions["code"] for error in result.errors or ()}


@pytest.mark.parametrize("caller", CALLERS)
async def test_every_root_field_is_refused_to_every_lesser_caller(graph: Graph, caller: str) -> None:
    actor, refused = CALLERS[caller], "ACCESS" if caller == "stranger" else "FORBIDDEN"
    wrong = []
    for kind, name, field in root_fields():
        needed = ROOTS[kind, snake(name)]
        if allowed(actor, needed) and kind == "subscription":
            continue  # it would wait for what happens
        found = await codes(graph, actor, kind, document(kind, name, field))
        if allowed(actor, needed) == (refused in found):
            wrong.append(f"{kind} {name}, which needs {needed}: {found or 'an answer'}")
    assert wrong == []


def test_every_root_field_is_in_the_matrix() -> None:
    assert {(kind, snake(name)) for kind, name, _ in root_fields()} == ROOTS.keys()


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("name", [name for name, (one, _) in USE_CASES.items() if "actor" in inspect.signature(one).parameters])
async def test_every_use_case_with_an_actor_refuses_it_before_anything_else(name: str, caller: str) -> None:
    use_case, needed = USE_CASES[name]
    parameters = inspect.signature(use_case).parameters.values()
    given = {one.name: object() for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD}
    given["actor"] = CALLERS[caller]
    if allowed(CALLERS[caller], needed):
        return  # it would begin to work
    with pytest.raises((ForbiddenError, AccessError)):
        await use_case(**given)


def test_the_scopes_of_roles_are_all_used() -> None:
    needed = {one for _, one in USE_CASES.values() if isinstance(one, Scope)}
    assert needed == {Scope.READ, Scope.REPORT, Scope.TEACH, Scope.RUN_LOW, Scope.ADMIN}
