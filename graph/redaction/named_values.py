"""Recognise secrets by the name before them: ``password=…``, ``"api_key": "…"``, ``:secret => …``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.redaction.text_view import IS_PLACEHOLDER, NOT_PLACEHOLDER, TextView, disjoint


@dataclass(frozen=True, slots=True)
class NamedValueRule:
    """Recognises values by the name before them."""

    kind: str
    names: tuple[SecretName, ...]

    @property
    def literals(self) -> tuple[str, ...]:
        """Parts of names, of which one must occur."""
        return tuple(name.part for name in self.names)

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the values after one of the names."""
        spans: set[tuple[int, int]] = set()
        for name in (name for name in self.names if name.part in view.literals):
            position = view.lowered.find(name.part)
            while position >= 0:
                end = name.end(view, position)
                value = AFTER_NAME.match(view.text, end) if end else None
                if value and _is_secret(view.text, value, name.part):
                    spans.add(value.span(value.lastgroup or "plain"))
                # Continuing after the value, not inside it, keeps the time linear.
                position = view.lowered.find(name.part, value.end() if value else position + len(name.part))
        yield from disjoint(spans)

    def same(self, value: str) -> str:
        """The value itself; named values have one spelling."""
        return value


@dataclass(frozen=True, slots=True)
class SecretName:
    """Lower-case names of secrets that share a part: the part preceded by one of ``before`` or followed by one of ``after``.

    ``alone`` requires the start of a word, for parts that also end harmless words.
    """

    part: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    alone: bool = False

    def end(self, view: TextView, position: int) -> int:
        """End of the name with the part at ``position``; 0 if there is no such name."""
        lowered, end = view.lowered, position + len(self.part)
        previous = view.text[position - 1 : position] if position else ""
        if self.alone and previous.isalnum() and not view.text[position].isupper():
            return 0
        if self.before and not lowered.endswith(self.before, max(0, position - 16), position):
            return 0
        if self.after:
            end = next((end + len(one) for one in self.after if lowered.startswith(one, end)), 0)
        # A placeholder's kind is not a name; an XML element's name is.
        return end if previous != "<" or view.text.startswith(">", end) else 0


KEY_OWNERS = (
    "api",
    "access",
    "secret",
    "private",
    "account",
    "auth",
    "shared",
    "encryption",
    "signing",
    "master",
    "subscription",
)
NAMES = (
    SecretName("pass", after=("words", "word", "wd", "phrase", "code")),
    SecretName("pwd", alone=True),
    SecretName("secret", after=("_key_base", "")),
    SecretName("token"),
    SecretName("credential", after=("s", "")),
    SecretName("key", before=tuple(f"{owner}{joint}" for owner in KEY_OWNERS for joint in ("", "_", "-", " "))),
    SecretName("sharedaccesskey"),
    SecretName("session", after=("_id", "-id", "id")),
    SecretName("sess", after=("id",)),
    SecretName("connect.sid"),
    SecretName("?sig"),
    SecretName("&sig"),
    SecretName("pin", alone=True),
)

PEOPLE_PARTS = (
    "username", "user_name", "user-name", "loginname", "login_name", "screen_name", "firstname", "first_name", "lastname",
    "last_name", "surname", "full_name", "fullname", "display_name", "displayname", "givenname", "given_name",
    "maiden_name", "user id", "userid", "user_id", "uid", "user", "logname", "sudo_user",
)  # fmt: skip
PEOPLE = tuple(SecretName(part, alone=True) for part in PEOPLE_PARTS)
"""Names of fields that hold the name of a person."""
ADDRESS = re.compile(r"[?&][\w.-]{1,24}$")
"""Text before the name of a URL parameter."""
IDS = frozenset({"user id", "userid", "user_id", "uid", "user"})
"""Those of :data:`PEOPLE` that often precede a number, or in code a type."""

AFTER_NAME = re.compile(
    r"\\?['\"`]?\]?\s{0,4}+(?:=>|:=|[:=]|>(?=[^\s<>]{1,512}</))(?!=)\s{0,4}+(?:string\(\d{1,6}\)\s{0,4}+)?"
    + NOT_PLACEHOLDER
    + r"(?:[bru]?(?:\"(?P<double>(?:[^\"\n\\]|\\.)++)|'(?P<single>(?:[^'\n\\]|\\.)++)|\\['\"](?P<escaped>[^'\"\n\\]++))"
    + r"|(?P<plain>[^\s'\",;&<>(){}\[\]\\]{3,}+))"
)
HOLDER = re.compile(
    r"(?:self|cls|this|os|settings|config|request|args|kwargs|options|ctx|app|env|event|params|data|result|response|user)\.[\w.]+"
)
CODE = re.compile(HOLDER.pattern + r"|(?:[A-Za-z_]\w*:)+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,6}\Z")
NOT_SECRET = frozenset({
    "none", "null", "nil", "true", "false", "undefined", "required", "missing", "invalid", "expired", "empty", "str",
    "string", "bytes", "user", "username", "name", "is", "was", "not", "for", "must", "cannot", "could", "should", "has",
    "does", "and", "the", "authentication", "authorization", "password", "passwd", "token", "secret", "pwd", "***", "****",
    "*****", "******", "[redacted]", "[filtered]", "xxx", "int", "optional",
})  # fmt: skip
"""What is written in place of a secret or behind its name, in lower case."""


def is_value(match: re.Match[str]) -> bool:
    """Whether the group ``value`` of a match is none of the words that are written in place of a secret."""
    value: str = match["value"]
    return value.lower() not in NOT_SECRET


def _is_secret(text: str, match: re.Match[str], name: str) -> bool:
    """Whether the text after a name is a value, not code or prose."""
    quoted = match.lastgroup != "plain"
    value = match[match.lastgroup or "plain"]
    if name in IDS and (
        value.isdigit() or not (quoted or "=" in text[match.start() : match.start(match.lastgroup or "plain")])
    ):
        return False
    if value.lower() in NOT_SECRET or IS_PLACEHOLDER.fullmatch(value):
        return False
    if quoted:
        return True
    code = HOLDER if name in PEOPLE_PARTS else CODE
    if text[match.end() : match.end() + 1] in {"(", "[", "{"} or code.fullmatch(value):
        return False
    if ADDRESS.search(text, max(0, match.start() - 24), match.start()):
        return True
    # Parsers report "unexpected token: word" for any input.
    return name != "token" or not value.isalpha() or len(value) > 12
