"""Every query, mutation, subscription and relation of GraphQL requires a scope and names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from graph.model.actor import Scope, person
from graph.model.permissions import Admission, needs, own_account, requirement_of, scope_of
from graph.ports import Graph
from schema.build import build_schema
from schema.context import Context
from schema.operations.roots import Mutation, Query, Subscription
from schema.permissions import OPEN_FIELDS, Guard
from schema.relations.table import RELATIONS

ROOTS = [(root, field) for root in (Query, Mutation, Subscription) for field in get_object_definition(root, strict=True).fields]


OPEN = {"login", "refresh"}
"""What a stranger may ask for."""
OWN = {
    "me",
    "sessions",
    "api_keys",
    "logout",
    "set_password",
    "create_api_key",
    "revoke_api_key",
    "revoke_session",
    "revoke_all_sessions",
}
"""What all who logged in may ask for, each about their own account."""


def required(field: StrawberryField) -> Scope | Admission:
    [guard] = [extension for extension in field.extensions if isinstance(extension, Guard)]
    return guard.required


@pytest.mark.parametrize(("root", "field"), ROOTS, ids=lambda one: getattr(one, "name", getattr(one, "__name__", None)))
def test_every_root_field_is_guarded_and_names_its_scope(root: type, field: StrawberryField) -> None:
    needed = required(field)
    if isinstance(needed, Scope):
        assert f"scope `{needed.value}`" in (field.description or "")
    if root is Mutation:
        assert needed is not Scope.READ


def test_what_needs_no_scope_is_listed() -> None:
    found = {admission: {field.python_name for _, field in ROOTS if required(field) is admission} for admission in Admission}
    names = {admission: set(fields) for admission, fields in found.items()}
    assert names == {Admission.EVERYONE: OPEN, Admission.ACCOUNTS: OWN}
    assert OPEN_FIELDS == OPEN


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: f"{relation.source.__name__}.{relation.name}")
def test_every_relation_has_the_scope_of_its_use_case(relation: Any) -> None:
    assert isinstance(relation.scope, Scope)


@pytest.mark.parametrize(
    ("document", "scope"),
    [
        ("{ taxonomy { code } }", Scope.READ),
        ('{ pattern(id: "p") { name } }', Scope.READ),
        ('mutation { submitCrash(input: {report: "x"}) { errors { code } } }', Scope.REPORT),
        ('mutation { recordUse(input: {solution: "s", pattern: "p", worked: true}) { errors { code } } }', Scope.TEACH),
        ('mutation { markSame(input: {a: "a", b: "b"}) { errors { code } } }', Scope.TEACH),
        ('mutation { requestJob(input: {name: "co_occurrence"}) { errors { code } } }', Scope.RUN_LOW),
    ],
)
async def test_an_actor_without_the_scope_is_refused_before_anything_is_read(graph: Graph, document: str, scope: Scope) -> None:
    others = person("ann", set(Scope) - {scope, Scope.ADMIN})
    context = Context(graph=graph, matcher=None, receiver=None, actor=others)  # type: ignore[arg-type]  # never reached
    result = await build_schema().execute(document, context_value=context)
    [error] = result.errors or []
    assert error.extensions == {"code": "FORBIDDEN"}
    assert scope.value in error.message


async def test_relations_below_a_mutation_are_guarded_too() -> None:
    async def unreachable(graph: Graph, ids: Sequence[str]) -> dict[str, str]:
        raise AssertionError("the relation was read")

    context = Context(graph=None, matcher=None, receiver=None, actor=person("sender", [Scope.REPORT]))  # type: ignore[arg-type]  # as above
    with pytest.raises(Exception, match="lacks the scope 'read'"):
        context.load(needs(Scope.READ)(unreachable), "p")


def test_a_use_case_without_a_scope_is_refused() -> None:
    for find in (scope_of, requirement_of):
        with pytest.raises(TypeError, match="declares no scope"):
            find(lambda: None)


async def test_a_use_case_for_own_accounts_takes_the_actor_and_refuses_strangers() -> None:
    async def without() -> None: ...

    with pytest.raises(TypeError, match="must take the actor"):
        own_account(without)

    @own_account
    async def mine(actor: Any) -> str:
        return str(actor)

    assert await mine(person("ann", [Scope.REPORT])) == "person:ann"
    with pytest.raises(Exception, match="log in first"):
        await mine(person("anonymous", []))
    with pytest.raises(TypeError):
        scope_of(mine)


async def test_a_use_case_with_an_actor_checks_the_scope_itself() -> None:
    @needs(Scope.TEACH)
    async def teach(text: str, actor: Any) -> str:
        return text

    assert await teach("yes", person("ann")) == "yes"
    with pytest.raises(Exception, match="lacks the scope 'teach'"):
        await teach("no", actor=person("bob", [Scope.READ]))
