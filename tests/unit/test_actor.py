"""Actors: kinds, scopes and delegation."""

from __future__ import annotations

import dataclasses

import pytest

from graph.knowledge.trust import tier_of
from graph.model.actor import ANONYMOUS, Actor, ActorKind, Scope, job_actor, person
from graph.model.errors import ForbiddenError, InvalidInputError

AGENT = Actor(ActorKind.AGENT, "healer", frozenset(Scope))


def test_an_actor_has_the_scopes_it_was_given_and_no_other() -> None:
    reader = person("ann", [Scope.READ])
    reader.require(Scope.READ)
    with pytest.raises(ForbiddenError, match="person:ann lacks the scope 'teach'"):
        reader.require(Scope.TEACH)


@pytest.mark.parametrize("scope", Scope)
def test_an_administrator_has_every_scope(scope: Scope) -> None:
    person("root", [Scope.ADMIN]).require(scope)


def test_no_scope_follows_from_another_but_admin() -> None:
    with pytest.raises(ForbiddenError):
        person("ann", [Scope.RUN_HIGH]).require(Scope.RUN_LOW)


def test_a_job_has_no_scope_unless_it_was_given() -> None:
    with pytest.raises(ForbiddenError):
        job_actor("similarity").require(Scope.REPORT)


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind is not ActorKind.PERSON])
@pytest.mark.parametrize("verified", [True, False])
def test_only_a_person_counts_as_one(kind: ActorKind, *, verified: bool) -> None:
    actor = Actor(kind, "x", frozenset(Scope)).acting_for("ann")
    assert not actor.is_person
    assert tier_of(actor, verified=verified) == "learned"
    with pytest.raises(ForbiddenError, match="only a person may decide"):
        actor.require_person("decide")


def test_a_person_suggests_or_validates() -> None:
    assert tier_of(ANONYMOUS, verified=False) == "suggested"
    assert tier_of(ANONYMOUS, verified=True) == "validated"


def test_acting_for_somebody_is_recorded_beside_the_actor_and_grants_nothing() -> None:
    acting = person("bot-owner", [Scope.READ]).acting_for(" Ann ")
    assert (str(acting), acting.on_behalf_of) == ("person:bot-owner", "Ann")
    with pytest.raises(ForbiddenError):
        acting.require(Scope.TEACH)
    assert AGENT.acting_for(None) == AGENT


@pytest.mark.parametrize("name", ["", "  ", "n" * 201])
def test_a_blank_or_overlong_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="onBehalfOf"):
        ANONYMOUS.acting_for(name)


def test_an_actor_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ANONYMOUS.scopes = frozenset()  # type: ignore[misc]  # frozen: the assignment must fail
