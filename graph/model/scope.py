"""Scope of a solution: facts of an environment as ``name=value``, such as ``os=Windows`` or ``version=9.2``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph.model.environment import IDENTITY
from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted

MOST_FACTS, MOST_TEXT = 20, 300


def check_scope(facts_given: Iterable[str]) -> tuple[str, ...]:
    """The facts, sorted and distinct; ``InvalidInputError`` for one that is not ``name=value`` of a known fact."""
    facts = set()
    for one in facts_given:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not value or name not in IDENTITY or len(value) > MOST_TEXT:
            raise InvalidInputError(f"scope: {quoted(one)} is not name=value with one of {', '.join(IDENTITY)}")
        facts.add(f"{name}={value}")
    if len(facts) > MOST_FACTS:
        raise InvalidInputError(f"scope: {len(facts)} facts; at most {MOST_FACTS} are allowed")
    return tuple(sorted(facts))


def fits(scope: Iterable[str], environment: Mapping[str, object]) -> bool | None:
    """True if an environment is in the scope; ``None`` if it lacks the facts to decide.

    Several values of one fact are alternatives. A value matches as a prefix that ends before a non-alphanumeric character:
    ``9`` matches ``9.2`` but not ``90``.
    """
    wanted: dict[str, list[str]] = {}
    for one in scope:
        name, _, value = one.partition("=")
        wanted.setdefault(name, []).append(value)
    answers = [_takes_in(values, environment.get(name)) for name, values in wanted.items()]
    if False in answers:
        return False
    return None if None in answers else True


def _takes_in(values: Iterable[str], fact: object) -> bool | None:
    if not isinstance(fact, str):
        return None
    text = fact.casefold()
    return any(_begins(text, value.casefold()) for value in values)


def _begins(text: str, value: str) -> bool:
    return text.startswith(value) and not text[len(value) : len(value) + 1].isalnum()
