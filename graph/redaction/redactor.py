"""Redact secrets and personal data in a text before it is stored.

Every value becomes a placeholder such as ``<email:3f2a9c01b4>``: its kind and a keyed hash (HMAC-SHA256 with the
installation's key, truncated to 40 bits). A value has the same placeholder everywhere in one installation, so that
grouping still works; without the key it cannot be recovered by trial. Placeholders are not redacted again.

A value recognised in one place of a report (``password=hunter2``) may occur unmarked elsewhere (``hunter2 was refused``);
:meth:`Redactor.scrub` replaces it there too.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from urllib.parse import quote, unquote_plus

from graph.model.quoting import without_middle
from graph.redaction.detectors import RULES
from graph.redaction.text_view import IS_PLACEHOLDER, LiteralSet, RedactionRule, TextView
from graph.rules import words

DIGEST_LENGTH = 10
CACHED_VALUES = 4096
CACHED_LENGTH = 512
EVERYWHERE = frozenset({"secret", "key", "jwt", "card", "iban"})
"""Kinds of values that are replaced everywhere in the same report."""
DISTINCTIVE_LENGTH = 6
"""Minimum length of a value that is replaced where nothing marks it."""
WORD = re.compile(r"[^\W\d]+(?:[.\s][^\W\d]+)*")
"""Values that could as well be a name in code or words of a sentence."""
MOST_VALUES = 200
"""Maximum number of values replaced everywhere in a report; bounds the time."""
ENCODED = re.compile(
    r"(?P<name>[?&][\w.%\[\]-]{1,64}+=)(?P<value>[^\s&'\"<>#?%]{0,4096}+%[0-9A-Fa-f]{2}[^\s&'\"<>#]{0,16384}+)"
)
"""A parameter of an address with a percent-encoded value."""
MOST_ENCODED = 1_000
"""Maximum number of parameters that are decoded; bounds the time."""
LEAST_NAME_LENGTH = 4
QUOTED = {r"\n": "\n", r"\t": "\t", r"\'": "'"}
"""What quoting a text in Python makes of characters that rules for secrets look at."""
SHOWN_LENGTH = 800
"""Characters of a message about an error."""
ACCOUNTS = words("redaction", "accounts")
"""Names of shared accounts: redacted in their own field, not elsewhere."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A redacted text, and the values to replace in everything else that belongs to the same report.

    ``values`` maps secrets to placeholders, ``people`` names of users; ``found`` holds everything that was replaced because of
    its form or of what marks it.
    """

    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)

    def rest(self, text: str) -> str:
        """Another text of the same report with these values replaced everywhere."""
        for value, placeholder in self.values.items():
            text = text.replace(value, placeholder)
        for name, placeholder in self.people.items():
            if name in text:
                text = re.sub(rf"(?<![\w.$#>/\\:-]){re.escape(name)}(?![\w$(\\/:-]|\.\w|>>)", placeholder, text)
        return text


class Redactor:
    """Redacts with one installation's key."""

    def __init__(self, key: bytes) -> None:
        """``key`` is secret and permanent per installation; ``ValueError`` if it has fewer than 16 bytes."""
        if len(key) < 16:
            raise ValueError("the redaction key must have at least 16 bytes")
        self._key = key
        self._cached = lru_cache(maxsize=CACHED_VALUES)(self._hashed)

    @property
    def key_mark(self) -> str:
        """Tells this key from others without revealing it."""
        return hmac.new(self._key, b"mark of the key", hashlib.sha256).hexdigest()[:16]

    def redact(self, text: str) -> str:
        """The text with secrets replaced, in linear time."""
        return self.scrub(text).text

    def scrub(self, text: str, user: str | None = None) -> Scrubbed:
        """As :meth:`redact`, with the values found, for the other parts of the report.

        ``user`` is the name of the affected user, if known.
        """
        marked = self.marked(text, user)
        return replace(marked, text=marked.rest(marked.text))

    def marked(self, text: str, user: str | None = None) -> Scrubbed:
        """As :meth:`scrub`, but values are replaced only where something marks them, in one pass."""
        placeholders: dict[tuple[str, str], str] = {}
        if user and user.strip():
            placeholders["user", user.strip()] = self.placeholder("user", user.strip().lower())
        redacted = self._marked(text, placeholders)
        if "%" in redacted:
            redacted = ENCODED.sub(lambda match: self._decoded(match, placeholders), redacted, count=MOST_ENCODED)
        if not placeholders:
            return Scrubbed(redacted)
        found = {value: placeholder for (kind, value), placeholder in placeholders.items() if kind != "user"}
        return Scrubbed(redacted, *_distinctive(placeholders), found)

    def _marked(self, text: str, placeholders: dict[tuple[str, str], str]) -> str:
        """The text with the values of all rules replaced; they are added to ``placeholders``."""
        literals, rules = _applicable(text)
        view = TextView.of(text, literals)
        for rule in rules:
            replaced = self._apply(rule, view, placeholders)
            if replaced is not view.text:
                view = TextView.of(replaced, literals)
        return view.text

    def _decoded(self, match: re.Match[str], placeholders: dict[tuple[str, str], str]) -> str:
        """A parameter of an address with the secrets in its decoded text replaced, or as it is."""
        found: dict[tuple[str, str], str] = {}
        redacted = self._marked(unquote_plus(match["value"]), found)
        placeholders.update(found)
        return match["name"] + quote(redacted, safe="<>:/@,;!$()*") if found else match[0]

    def user(self, name: str) -> str:
        """The placeholder of a user; case and surrounding blanks do not matter."""
        return name if IS_PLACEHOLDER.fullmatch(name.strip()) else self.placeholder("user", name.strip().lower())

    def placeholder(self, kind: str, value: str) -> str:
        """The placeholder of a value."""
        return self._cached(kind, value) if len(value) <= CACHED_LENGTH else self._hashed(kind, value)

    def _apply(self, rule: RedactionRule, view: TextView, placeholders: dict[tuple[str, str], str]) -> str:
        text = view.text
        parts: list[str] = []
        position = 0
        for start, end in rule.values(view):
            value = text[start:end]
            placeholder = placeholders[rule.kind, value] = self.placeholder(rule.kind, rule.same(value))
            parts += text[position:start], placeholder
            position = end
        return "".join([*parts, text[position:]]) if parts else text

    def _hashed(self, kind: str, value: str) -> str:
        digest = hmac.new(self._key, f"{kind}:{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"<{kind}:{digest[:DIGEST_LENGTH]}>"


def redact_passing(text: str) -> str:
    """Redact a message that quotes user input and is not stored; the key lasts one process."""
    return _passing().redact(text)


def public_text(message: object) -> str:
    """What may be shown of an error: redacted, and then shortened, which could separate a secret from what it is known by.

    A value quoted in it is redacted as it was before it was quoted: many secrets are known by the start of their line.
    """
    text = str(message)
    for escaped, character in QUOTED.items():
        text = text.replace(escaped, character)
    return without_middle(redact_passing(text), SHOWN_LENGTH).replace("\n", r"\n").replace("\t", r"\t")


@cache
def _passing() -> Redactor:
    return Redactor(secrets.token_bytes(32))


def _applicable(text: str) -> tuple[frozenset[str], list[RedactionRule]]:
    """The literals in a text, and the rules that can match it, in order."""
    literals = _literals().within(text)
    return literals, [rule for rule, needed in _needed() if not needed or needed & literals]


@cache
def _literals() -> LiteralSet:
    return LiteralSet(literal for rule in RULES for literal in rule.literals)


@cache
def _needed() -> tuple[tuple[RedactionRule, frozenset[str]], ...]:
    return tuple((rule, frozenset(rule.literals)) for rule in RULES)


def _distinctive(placeholders: Mapping[tuple[str, str], str]) -> tuple[dict[str, str], dict[str, str]]:
    """The secrets and names distinctive enough to be replaced everywhere, longest first."""
    values: dict[str, str] = {}
    people: dict[str, str] = {}
    marks = " ".join(placeholders.values())
    for (kind, value), placeholder in sorted(placeholders.items(), key=lambda item: -len(item[0][1])):
        if len(values) + len(people) == MOST_VALUES:
            break
        if kind in EVERYWHERE and len(value) >= DISTINCTIVE_LENGTH and not WORD.fullmatch(value) and value not in marks:
            values[value] = placeholder
        elif kind == "user" and len(value) >= LEAST_NAME_LENGTH and value.lower() not in ACCOUNTS and not value.isdigit():
            people[value] = placeholder
    return values, people
