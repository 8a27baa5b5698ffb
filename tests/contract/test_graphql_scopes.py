"""Every query, mutation, subscription and relation of GraphQL requires a scope and names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from graph.model.actor import Scope, person
from graph.model.permissions import needs, scope_of
from graph.ports import Graph
from schema.build import build_schema
from schema.context import Context
from schema.operations.roots import Mutation, Query, Subscription
from schema.permissions import Guard
from schema.relations.table import RELATIONS

ROOTS = [(root, field) for root in (Query, Mutation, Subscription) for field in get_object_definition(root, strict=True).fields]


def scope_of_field(field: StrawberryField) -> Scope:
    [guard] = [extension for extension in field.extensions if isinstance(extension, Guard)]
    return guard.scope


@pytest.mark.parametrize(("root", "field"), ROOTS, ids=lambda one: getattr(one, "name", getattr(one, "__name__", None)))
def test_every_root_field_is_guarded_and_names_its_scope(root: type, field: StrawberryField) -> None:
    scope = scope_of_field(field)
    assert f"scope `{scope.value}`" in (field.description or "")
    if root is Mutation:
        assert scope is not Scope.READ


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
        ('mutation { markSame(a: "a", b: "b") { errors { code } } }', Scope.TEACH),
        ('mutation { requestJob(name: "co_occurrence") { errors { code } } }', Scope.RUN_LOW),
    ],
)
async def test_an_actor_without_the_scope_is_refused_before_anything_is_read(document: str, scope: Scope) -> None:
    others = person("ann", set(Scope) - {scope, Scope.ADMIN})
    context = Context(graph=None, matcher=None, receiver=None, actor=others)  # type: ignore[arg-type]  # never reached
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
    with pytest.raises(TypeError, match="declares no scope"):
        scope_of(lambda: None)


async def test_a_use_case_with_an_actor_checks_the_scope_itself() -> None:
    @needs(Scope.TEACH)
    async def teach(text: str, actor: Any) -> str:
        return text

    assert await teach("yes", person("ann")) == "yes"
    with pytest.raises(Exception, match="lacks the scope 'teach'"):
        await teach("no", actor=person("bob", [Scope.READ]))
