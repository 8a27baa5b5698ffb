"""How bad a crash is: one of ``critical``, ``high``, ``medium``, ``low``, worst first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from graph.model.errors import InvalidInputError
from graph.model.severity import SEVERITIES
from graph.rules import table

# Rules look at this much of a message; what an error is stands at its beginning.
LOOKED_AT = 2000


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """One line of ``rules/severity.toml``: both expressions must match where both are given."""

    severity: str
    error_type: re.Pattern[str] | None
    message: re.Pattern[str] | None

    def matches(self, error_type: str, message: str) -> bool:
        """Whether the rule speaks about this error."""
        return (self.error_type is None or bool(self.error_type.search(error_type))) and (
            self.message is None or bool(self.message.search(message))
        )


def normalise(word: str) -> str:
    """One of the four severities for a word such as ``fatal`` or ``WARNING``.

    Raises InvalidInputError for a word that is in no list of ``rules/severity.toml``.
    """
    severity = _words().get(word.strip().lower())
    if severity is None:
        known = "critical, high, medium or low (fatal, error, warning, info and debug work too)"
        raise InvalidInputError(f"severity {word[:80]!r} is not known; use {known}.")
    return severity


def infer(error_type: str, message: str) -> str:
    """The severity that the rules give an error whose report does not say."""
    error_type, message = error_type[:LOOKED_AT], message[:LOOKED_AT]
    for rule in _rules():
        if rule.matches(error_type, message):
            return rule.severity
    return str(table("severity").get("default", "medium"))


def decide(given: str | None, error_type: str, message: str) -> str:
    """The given word normalised, or what the rules say when none is given."""
    return normalise(given) if given and given.strip() else infer(error_type, message)


@cache
def _words() -> dict[str, str]:
    listed = table("severity").get("words", {})
    if not isinstance(listed, dict) or set(listed) - set(SEVERITIES):
        raise InvalidInputError("rules/severity.toml: [words] must list words under critical, high, medium and low.")
    return {str(word).lower(): severity for severity, words in listed.items() for word in words}


@cache
def _rules() -> tuple[SeverityRule, ...]:
    listed = table("severity").get("rule", [])
    if not isinstance(listed, list):
        raise InvalidInputError("rules/severity.toml: rules are written as [[rule]].")
    return tuple(_rule(number, one) for number, one in enumerate(listed, start=1))


def _rule(number: int, content: dict[str, str]) -> SeverityRule:
    severity = content.get("severity", "")
    if severity not in SEVERITIES or not ({"type", "message"} & set(content)):
        raise InvalidInputError(
            f"rules/severity.toml: rule {number} needs a severity of {', '.join(SEVERITIES)} and a type or message."
        )
    try:
        error_type, message = (re.compile(content[key]) if key in content else None for key in ("type", "message"))
    except re.error as error:
        raise InvalidInputError(f"rules/severity.toml: rule {number} is not a regular expression: {error}.") from error
    return SeverityRule(severity, error_type, message)
