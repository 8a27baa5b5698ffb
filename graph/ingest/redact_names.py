"""Secrets that are known by the name before them: ``password=…``, ``"api_key": "…"``, ``:secret => …``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.ingest.redact_view import IS_PLACEHOLDER, NOT_PLACEHOLDER, View


@dataclass(frozen=True, slots=True)
class Named:
    """A value known by the name before it: ``password=…``, ``"api_key": "…"``, ``token => …``."""

    kind: str
    names: tuple[Name, ...]

    def values(self, view: View) -> Iterator[tuple[int, int]]:
        """Where a value follows one of the names."""
        found: set[tuple[int, int]] = set()
        for name in self.names:
            position = view.lowered.find(name.part)
            while position >= 0:
                end = name.end(view, position)
                value = AFTER_NAME.match(view.text, end) if end else None
                if value and _is_secret(view.text, value, name.part):
                    found.add(value.span(value.lastgroup or "plain"))
                # Going on behind the value, not inside it, keeps the time linear.
                position = view.lowered.find(name.part, value.end() if value else position + len(name.part))
        yield from _apart(sorted(found))

    def same(self, value: str) -> str:
        """Values are told apart as they are."""
        return value


@dataclass(frozen=True, slots=True)
class Name:
    """Names of secrets in lower case that share a part: the part with one of ``before`` or of ``after`` it, where given.

    ``alone`` asks for the start of a word, for parts that also end harmless words.
    """

    part: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    alone: bool = False

    def end(self, view: View, position: int) -> int:
        """Where the name whose part is at ``position`` ends, or 0 when it is not one."""
        lowered, end = view.lowered, position + len(self.part)
        previous = view.text[position - 1 : position] if position else ""
        if previous == "<" or (self.alone and previous.isalnum() and not view.text[position].isupper()):
            return 0
        if self.before and not lowered.endswith(self.before, max(0, position - 16), position):
            return 0
        if not self.after:
            return end
        return next((end + len(one) for one in self.after if lowered.startswith(one, end)), 0)


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
    Name("pass", after=("words", "word", "wd", "phrase", "code")),
    Name("pwd", alone=True),
    Name("secret"),
    Name("token"),
    Name("credential", after=("s", "")),
    Name("key", before=tuple(f"{owner}{joint}" for owner in KEY_OWNERS for joint in ("", "_", "-", " "))),
    Name("sharedaccesskey"),
    Name("session", after=("_id", "-id", "id")),
    Name("sess", after=("id",)),
    Name("connect.sid"),
    Name("?sig"),
    Name("&sig"),
    Name("pin", alone=True),
)

AFTER_NAME = re.compile(
    r"\\?['\"]?\]?\s{0,4}+(?:=>|:=|[:=])(?!=)\s{0,4}+"
    + NOT_PLACEHOLDER
    + r"(?:[bru]?(?:\"(?P<double>(?:[^\"\n\\]|\\.)++)|'(?P<single>(?:[^'\n\\]|\\.)++)|\\['\"](?P<escaped>[^'\"\n\\]++))"
    + r"|(?P<plain>[^\s'\",;&<>(){}\[\]\\]{3,}+))"
)
CODE = re.compile(
    r"(?:self|cls|this|os|settings|config|request|args|kwargs|options|ctx|app|env|event|params|data|result|response|user)\.[\w.]+"
    r"|(?:[A-Za-z_]\w*:)+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,6}\Z"
)
NOT_SECRET = frozenset(
    {
        "none",
        "null",
        "nil",
        "true",
        "false",
        "undefined",
        "required",
        "missing",
        "invalid",
        "expired",
        "empty",
        "str",
        "string",
        "bytes",
    }
    | {
        "is",
        "was",
        "not",
        "for",
        "must",
        "cannot",
        "could",
        "should",
        "has",
        "does",
        "and",
        "the",
        "authentication",
        "authorization",
    }
    | {
        "password",
        "passwd",
        "token",
        "secret",
        "pwd",
        "***",
        "****",
        "*****",
        "******",
        "[redacted]",
        "[filtered]",
        "xxx",
        "int",
        "optional",
    }
)


def _is_secret(text: str, found: re.Match[str], name: str) -> bool:
    """Whether what follows a name is a value, not code and not a word about one."""
    quoted = found.lastgroup != "plain"
    value = found[found.lastgroup or "plain"]
    if value.lower() in NOT_SECRET or IS_PLACEHOLDER.fullmatch(value):
        return False
    if quoted:
        return True
    if text[found.end() : found.end() + 1] in {"(", "["} or CODE.fullmatch(value):
        return False
    # "unexpected token: word" is what parsers say of any input.
    return name != "token" or not value.isalpha() or len(value) > 12


def _apart(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = -1
    for start, end in spans:
        if start >= last:
            last = end
            yield start, end
