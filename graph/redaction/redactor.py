"""Take secrets and personal data out of a text before it is stored.

Every value becomes a placeholder such as ``<email:3f2a9c01b4>``: its kind and a keyed hash (HMAC-SHA256 with the
installation's key, shortened to 40 bits). The same value gives the same placeholder within one installation, so that
grouping survives, and without the key it cannot be found again by trying values. Placeholders are left alone, so
redacting twice changes nothing.

A value that one place of a report gives away (``password=hunter2``) may stand elsewhere without anything that marks it
(``hunter2 was refused``); :meth:`Redactor.scrub` replaces it there too.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from graph.redaction.detectors import RULES
from graph.redaction.text_view import IS_PLACEHOLDER, LiteralSet, RedactionRule, TextView
from graph.rules import words

DIGEST_LENGTH = 10
CACHED_VALUES = 4096
CACHED_LENGTH = 512
EVERYWHERE = frozenset({"secret", "key", "jwt", "card", "iban"})
"""Kinds whose values are replaced wherever they stand in the same report."""
TELLING = 6
"""Characters from which on a value is told apart from an ordinary word, where nothing marks it."""
WORD = re.compile(r"[^\W\d]+(?:[.\s][^\W\d]+)*")
"""What could as well be a name in code or a word of a sentence."""
MOST = 200
"""Values of one report that are looked for elsewhere; bounds the time."""
PERSON = 4
ACCOUNTS = words("redaction", "accounts")
"""Names that are nobody's: only their own field is redacted, not the word elsewhere."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A redacted text and what else must be replaced in whatever belongs to the same report.

    ``values`` are secrets with what stands for them, ``people`` the names of users.
    """

    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    def rest(self, text: str) -> str:
        """A text of the same report with these values replaced, wherever they stand."""
        for value, placeholder in self.values.items():
            text = text.replace(value, placeholder)
        for name, placeholder in self.people.items():
            text = re.sub(rf"(?<![\w.$#>/\\:-]){re.escape(name)}(?![\w$(\\/:-]|\.\w|>>)", placeholder, text)
        return text


class Redactor:
    """Redacts with one installation's key."""

    def __init__(self, key: bytes) -> None:
        """``key`` is secret and stays the same for the life of an installation; at least 16 bytes, or ValueError."""
        if len(key) < 16:
            raise ValueError("the redaction key must have at least 16 bytes")
        self._key = key
        self._cached = lru_cache(maxsize=CACHED_VALUES)(self._hashed)

    def redact(self, text: str) -> str:
        """The text with its secrets replaced, in time linear in its length."""
        return self.scrub(text).text

    def scrub(self, text: str, user: str | None = None) -> Scrubbed:
        """The same with what was found, so that other parts of the report can be redacted alike.

        ``user`` is the user it happened to, where that is known.
        """
        found: dict[tuple[str, str], str] = {}
        if user and user.strip():
            found["user", user.strip()] = self.placeholder("user", user.strip().lower())
        literals, asked = _asked(text)
        view = TextView.of(text, literals)
        for rule in asked:
            replaced = self._apply(rule, view, found)
            if replaced is not view.text:
                view = TextView.of(replaced, literals)
        if not found:
            return Scrubbed(view.text)
        scrubbed = Scrubbed("", *_telling(found))
        return Scrubbed(scrubbed.rest(view.text), scrubbed.values, scrubbed.people)

    def user(self, name: str) -> str:
        """What stands for a user, however their name is written."""
        return name if IS_PLACEHOLDER.fullmatch(name.strip()) else self.placeholder("user", name.strip().lower())

    def placeholder(self, kind: str, value: str) -> str:
        """What stands for a value."""
        return self._cached(kind, value) if len(value) <= CACHED_LENGTH else self._hashed(kind, value)

    def _apply(self, rule: RedactionRule, view: TextView, found: dict[tuple[str, str], str]) -> str:
        text = view.text
        parts: list[str] = []
        position = 0
        for start, end in rule.values(view):
            value = text[start:end]
            placeholder = found[rule.kind, value] = self.placeholder(rule.kind, rule.same(value))
            parts += text[position:start], placeholder
            position = end
        return "".join([*parts, text[position:]]) if parts else text

    def _hashed(self, kind: str, value: str) -> str:
        digest = hmac.new(self._key, f"{kind}:{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"<{kind}:{digest[:DIGEST_LENGTH]}>"


def redact_passing(text: str) -> str:
    """A message that quotes somebody's own words, redacted: nothing is looked up by it, so the key lasts one process."""
    return _passing().redact(text)


@cache
def _passing() -> Redactor:
    return Redactor(secrets.token_bytes(32))


def _asked(text: str) -> tuple[frozenset[str], list[RedactionRule]]:
    """The literals in a text and the rules that can find something in it, in their order."""
    literals = _literals().within(text)
    return literals, [rule for rule, needed in _needed() if not needed or needed & literals]


@cache
def _literals() -> LiteralSet:
    return LiteralSet(literal for rule in RULES for literal in rule.literals)


@cache
def _needed() -> tuple[tuple[RedactionRule, frozenset[str]], ...]:
    return tuple((rule, frozenset(rule.literals)) for rule in RULES)


def _telling(found: Mapping[tuple[str, str], str]) -> tuple[dict[str, str], dict[str, str]]:
    """Of what was found, the secrets and the names that can be told apart from ordinary words; longest first."""
    values: dict[str, str] = {}
    people: dict[str, str] = {}
    marks = " ".join(found.values())
    for (kind, value), placeholder in sorted(found.items(), key=lambda one: -len(one[0][1])):
        if len(values) + len(people) == MOST:
            break
        if kind in EVERYWHERE and len(value) >= TELLING and not WORD.fullmatch(value) and value not in marks:
            values[value] = placeholder
        elif kind == "user" and len(value) >= PERSON and value.lower() not in ACCOUNTS and not value.isdigit():
            people[value] = placeholder
    return values, people
