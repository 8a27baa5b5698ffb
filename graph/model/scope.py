"""Where a solution applies: facts of an environment as ``name=value``, such as ``os=Windows`` or ``version=9.2``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph.model.environment import IDENTITY
from graph.model.errors import InvalidInputError

MOST_FACTS, MOST_TEXT = 20, 300


def check_scope(told: Iterable[str]) -> tuple[str, ...]:
    """The facts sorted, each once; ``InvalidInputError`` for one that is not ``name=value`` or names no fact."""
    facts = set()
    for one in told:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not value or name not in IDENTITY or len(value) > MOST_TEXT:
            raise InvalidInputError(f"scope: {one!r:.80} is not name=value with one of {', '.join(IDENTITY)}")
        facts.add(f"{name}={value}")
    if len(facts) > MOST_FACTS:
        raise InvalidInputError(f"scope: {len(facts)} facts; at most {MOST_FACTS} can be told")
    return tuple(sorted(facts))


def fits(scope: Iterable[str], environment: Mapping[str, object]) -> bool | None:
    """Whether a scope takes in an environment; ``None`` where the environment does not say.

    Several values of one fact are alternatives. A value takes in what begins with it, up to a letter or a digit: ``9``
    takes in ``9.2`` and not ``90``.
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
