"""Infer the severity of a crash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted
from graph.model.severity import SEVERITIES
from graph.rules import table

CACHED_LENGTH = 500
"""Maximum length of a cached type and message."""
TEXT_LIMIT = 2000
"""Characters at the beginning of an error type or a message that rules match."""


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """A rule of ``severity.toml``; if both expressions are given, both must match."""

    severity: str
    error_type: re.Pattern[str] | None
    message: re.Pattern[str] | None

    def matches(self, error_type: str, message: str) -> bool:
        """Whether the rule applies to an error."""
        return (self.error_type is None or bool(self.error_type.search(error_type))) and (
            self.message is None or bool(self.message.search(message))
        )


def normalise(word: str) -> str:
    """The severity for a word such as ``fatal`` or ``WARNING``.

    ``InvalidInputError`` for a word that is not listed in ``severity.toml``.
    """
    severity = _words().get(word.strip().lower())
    if severity is None:
        known = "critical, high, medium or low (fatal, error, warning, info and debug work too)"
        raise InvalidInputError(f"severity {quoted(word)} is not known; use {known}.")
    return severity


def infer(error_type: str, message: str) -> str:
    """The severity of an error by the rules."""
    error_type, message = error_type[:TEXT_LIMIT], message[:TEXT_LIMIT]
    return _cached(error_type, message) if len(error_type) + len(message) <= CACHED_LENGTH else _infer(error_type, message)


def _infer(error_type: str, message: str) -> str:
    for rule in _rules():
        if rule.matches(error_type, message):
            return rule.severity
    return str(table("severity").get("default", "medium"))


_cached = lru_cache(maxsize=8_192)(_infer)


def decide(given: str | None, error_type: str, message: str) -> str:
    """The severity for a given word, or by the rules without one."""
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
