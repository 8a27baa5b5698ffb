"""Tokens of known services, by the rules of gitleaks as the package ``secretscreen`` carries them.

Each rule has keywords, an expression, and often the minimum entropy of a real token. The expressions run in RE2,
in linear time, and only if one of their keywords occurs.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

import re2

from graph.redaction.text_view import IS_PLACEHOLDER, TextView, options

PACKAGE, FILE = "secretscreen", "gitleaks.toml"
# Named values are recognised better by graph.redaction.named_values, which excludes code and prose about secrets; JWTs have a
# rule of their own.
LEFT_OUT = frozenset({"generic-api-key", "jwt", "jwt-base64"})
# What may follow a token. The catalogue is for source code; in messages a bracket or a comma may follow too.
AFTER, AFTER_IN_TEXT = r"""[\x60'"\s;]|\\[nr]|$""", r"""[\x60'"\s;,.:)\]}>&<|]|\\[nr]|$"""


@dataclass(frozen=True, slots=True)
class TokenRule:
    """One rule of the catalogue. ``group`` is the part of the expression that is the secret."""

    name: str
    expression: re2._Regexp[str]
    keywords: tuple[str, ...]
    group: int
    entropy: float
    allowed: tuple[re2._Regexp[str], ...]
    stopwords: tuple[str, ...]

    def values(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of its tokens in a text."""
        for match in self.expression.finditer(text):
            start, end = match.span(self.group)
            if start < end and self._is_secret(text[start:end]):
                yield start, end

    def _is_secret(self, value: str) -> bool:
        if IS_PLACEHOLDER.search(value) or entropy(value) < self.entropy:
            return False
        lowered = value.lower()
        return not any(word in lowered for word in self.stopwords) and not any(
            pattern.search(value) for pattern in self.allowed
        )


class GitleaksRules:
    """All rules of the catalogue as one redaction rule; loaded on first use."""

    kind = "key"

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the tokens, in order, without overlaps."""
        spans: list[tuple[int, int]] = []
        for rule in self._applicable(view.literals):
            spans.extend(rule.values(view.text))
        last = -1
        for start, end in sorted(spans):
            if start >= last:
                last = end
                yield start, end

    def same(self, value: str) -> str:
        """The token itself; tokens have one spelling."""
        return value

    @property
    def literals(self) -> tuple[str, ...]:
        """The keywords of all rules."""
        return tuple(self._owners)

    def _applicable(self, literals: frozenset[str]) -> Sequence[TokenRule]:
        """The rules with a keyword among the literals."""
        numbers = {number for literal in literals for number in self._owners.get(literal, ())}
        return [self._rules[number] for number in sorted(numbers)]

    @cached_property
    def _rules(self) -> list[TokenRule]:
        return load()

    @cached_property
    def _owners(self) -> dict[str, list[int]]:
        owners: dict[str, list[int]] = {}
        for number, rule in enumerate(self._rules):
            for keyword in rule.keywords:
                owners.setdefault(keyword, []).append(number)
        return owners


def load() -> list[TokenRule]:
    """All usable rules of the catalogue."""
    content = tomllib.loads(resources.files(PACKAGE).joinpath(FILE).read_text(encoding="utf-8"))
    return [
        _token_rule(rule)
        for rule in content["rules"]
        if rule.get("keywords") and "regex" in rule and rule["id"] not in LEFT_OUT
    ]


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values()) if size else 0.0


def _token_rule(rule: dict[str, object]) -> TokenRule:
    expression = re2.compile(str(rule["regex"]).replace(AFTER, AFTER_IN_TEXT), options())
    lists = rule.get("allowlists", [])
    allowlists = lists if isinstance(lists, list) else []
    return TokenRule(
        name=str(rule["id"]),
        expression=expression,
        keywords=tuple(str(one).lower() for one in _list(rule, "keywords")),
        group=int(str(rule.get("secretGroup", min(1, expression.groups)))),
        entropy=float(str(rule.get("entropy", 0))),
        allowed=tuple(re2.compile(str(one), options()) for listed in allowlists for one in _list(listed, "regexes")),
        stopwords=tuple(str(one).lower() for listed in allowlists for one in _list(listed, "stopwords")),
    )


def _list(table: dict[str, object], key: str) -> list[object]:
    value = table.get(key, [])
    return value if isinstance(value, list) else []
