"""Whom a caller acts for."""

from __future__ import annotations

import pytest

from graph.model.actor import person
from graph.model.errors import InvalidInputError
from resolvers.acting import acting_for

BOT = person("bot-owner")


@pytest.mark.parametrize("name", ["Ann Peeters", "ann@example.org", "corp\\ann"])
def test_a_person_is_recorded_as_stated(name: str) -> None:
    assert acting_for(BOT, name).on_behalf_of == name
    assert acting_for(BOT, None).on_behalf_of is None


@pytest.mark.parametrize("name", ["password=Sesame77zq", "ann, token: Sesame77zq", "https://ann:Sesame77zq@example.org/"])
def test_a_secret_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(InvalidInputError, match="onBehalfOf: ") as refused:
        acting_for(BOT, name)
    assert "Sesame77zq" not in str(refused.value)
