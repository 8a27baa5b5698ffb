"""Recognise secrets by the name before them: ``password=…``, ``"api_key": "…"``, ``:secret => …``.

The name decides, not the shape of the value. What is not a value is an expression of code, or a word that is written in place
of a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graph.redaction.credential_names import PERSON, PERSON_OR_ID, Strength, joined, strength
from graph.redaction.expressions import CHAIN, HOLDER, is_applied, is_expression
from graph.redaction.random_values import looks_random
from graph.redaction.text_view import IS_PLACEHOLDER, NOT_PLACEHOLDER, TextView, disjoint

QUOTE = r"(?:&quot;|&apos;|&#0?3[49];|&#x2[27];|%2[27]|\\{0,7}+['\"`])"
SEPARATOR = (
    r"\s{0,4}+(?:=>|:=|:(?!:)|::(?=[ \t])|=|%3[AaDd]|(?:(?<=[ \t])[^<>\n]{1,200}+)?>(?=[^\s<>]{1,512}</))(?!=)"
    # name and value as the arguments of a call: define('DB_PASSWORD', '…')
    r"|(?<=['\"])\s{0,4}+,(?=\s{0,4}+['\"][^'\"\n]{1,256}+['\"]\s{0,4}+[,)])"
    # name and value as two fields: "name": "DB_PASSWORD", "value": "…"
    rf"|(?:(?<=['\";]),)?\s{{1,32}}+{QUOTE}?(?i:value|val|content){QUOTE}?\s{{0,4}}+[:=]"
)
AFTER_NAME = re.compile(
    rf"{QUOTE}?\]?(?:{SEPARATOR})\s{{0,4}}+(?:string\(\d{{1,6}}\)\s{{0,4}}+|[|>][+-]?\n[ \t]{{1,16}}+)?"
    + NOT_PLACEHOLDER
    + r"(?:[bruN]?(?:\"(?P<double>(?:[^\"\n\\]|\\.)++)|'(?P<single>(?:[^'\n\\]|\\.)++)"
    r"|(?P<mark>&quot;|&apos;|&#0?3[49];|&#x2[27];)(?P<entity>(?:(?!(?P=mark))[^\n])++)"
    r"|\\{1,7}+['\"](?P<escaped>(?:[^'\"\n\\]|\\++(?![\\'\"]))++))"
    r"|(?P<plain>(?:[^\s'\",;&<>\\\x00-\x1f`]|'(?=\w)|\\(?![\\nrtux'\"0-9/])){3,}+))"
)
NAME_END = re.compile(r"[\w$-]*+")
NAME_LENGTH = 64
NAME_BEFORE = re.compile(rf"(?:([A-Za-z][\w-]{{0,31}}+) )?([\w.$-]{{1,{NAME_LENGTH}}}+)\Z")
ADDRESS = frozenset({"?", "&", ";"})
"""What precedes the name of a parameter of an address."""
STATE = re.compile(r"[?&]state=")
QUERY_LENGTH = 512
"""Characters around a parameter in which the others are searched."""
LEAST_CODE_LENGTH = 10
ESCAPED = frozenset("nrt")
"""Letters of an escape that may precede a name, as in ``\\npass=``."""
BRACKETS = re.compile(r"[()\[\]{}]")
OPENING = {")": "(", "]": "[", "}": "{"}
GROUPS = ("double", "single", "entity", "escaped", "plain")
POINTER_OR_NUMBER = re.compile(r"(?i)0x[0-9a-f]+|[\d.,:-]+[a-z]?")
NOT_SECRET = frozenset({
    "none", "null", "nil", "true", "false", "undefined", "required", "missing", "invalid", "expired", "empty", "str",
    "string", "bytes", "user", "username", "name", "is", "was", "not", "for", "must", "cannot", "could", "should", "has",
    "does", "and", "the", "authentication", "authorization", "password", "passwd", "token", "secret", "pwd",
    "redacted", "filtered", "masked", "hidden", "protected", "removed", "secure", "sensitive", "scrubbed",
    "xxx", "int", "optional",
})  # fmt: skip
"""What is written in place of a secret or behind its name, in lower case."""
AROUND = "[](){}<>*•.…"


def is_filler(value: str) -> bool:
    """Whether a text is what is written in place of a secret: ``null``, ``[FILTERED]``, ``****``."""
    return value.strip(AROUND).lower() in NOT_SECRET or not value.strip(AROUND) or not value.strip("xX*")


def is_value(match: re.Match[str]) -> bool:
    """Whether the group ``value`` of a match is none of the words that are written in place of a secret."""
    return not is_filler(match["value"])


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A name in a text and the value behind it, as positions.

    ``between`` is the text that joins them. ``parameter`` is true in an address, behind ``?`` or ``&``.
    """

    text: str
    name: str
    at: int
    start: int
    end: int
    between: str
    quoted: bool
    parameter: bool

    @property
    def value(self) -> str:
        """The value."""
        return self.text[self.start : self.end]

    @property
    def is_argument(self) -> bool:
        """Whether name and value are arguments of a call."""
        return self.between.strip("'\" \t") == ","

    @property
    def strength(self) -> Strength:
        """What the name says, with the word before it if it says nothing alone."""
        return strength(self.name)

    def is_expression(self) -> bool:
        """Whether the value is an expression of code."""
        name = (self.at, self.at + len(self.name))
        return not self.quoted and is_expression(self.text, (self.start, self.end), name, self.between)


@dataclass(frozen=True, slots=True)
class NamedValueRule:
    """Recognises values by the name before them.

    ``parts`` are parts of names in lower case, of which each name contains one; ``accepts`` judges a name and its value.
    """

    kind: str
    parts: tuple[str, ...]
    accepts: Callable[[NamedValue], bool]

    @property
    def literals(self) -> tuple[str, ...]:
        """Parts of names, of which one must occur."""
        return self.parts

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the values after a name."""
        spans: set[tuple[int, int]] = set()
        for part in view.literals.intersection(self.parts):
            position = view.lowered.find(part)
            while position >= 0:
                # Continuing after the name, and after a value, keeps the time linear.
                end = _end_of_name(view.text, position + len(part))
                found = _named_value(view.text, end)
                accepted = found is not None and self.accepts(found)
                if found and accepted:
                    spans.add((found.start, found.end))
                position = view.lowered.find(part, found.end if found and accepted else end)
        yield from disjoint(spans)

    def same(self, value: str) -> str:
        """The value itself; named values have one spelling."""
        return value


def _end_of_name(text: str, position: int) -> int:
    match = NAME_END.match(text, position)
    return match.end() if match else position


def _named_value(text: str, end: int) -> NamedValue | None:
    """The name that ends at a position, and the value behind it."""
    match = AFTER_NAME.match(text, end)
    window = max(0, end - NAME_LENGTH)
    name = NAME_BEFORE.search(text, window, end) if match else None
    if match is None or name is None:
        return None
    group = next(group for group in GROUPS if match[group] is not None)
    start, stop = match.span(group)
    at = name.start(2)
    if name[1] and strength(name[2]) is Strength.NONE:
        at = name.start(1)
    if text[at - 1 : at] == "\\" and text[at] in ESCAPED and strength(text[at:end]) is Strength.NONE:
        at += 1
    before = text[at - 1 : at] if at else ""
    # A placeholder's kind is not a name; an XML element's name is.
    if before == "<" and not text[end:start].rstrip().endswith(">"):
        return None
    if group == "plain":
        stop = start + end_of_value(match[group])
    return NamedValue(text, text[at:end], at, start, stop, text[end:start], group != "plain", before in ADDRESS and at > 0)


def end_of_value(value: str) -> int:
    """Length of an unquoted value without the brackets and colons of the text around it."""
    opened: list[str] = []
    for match in BRACKETS.finditer(value):
        if match[0] in "([{":
            opened.append(match[0])
        elif opened and opened[-1] == OPENING[match[0]]:
            opened.pop()
        elif not value[match.end() : match.end() + 1].isalnum():
            return len(value[: match.start()].rstrip(":"))
    return len(value.rstrip(":"))


def _is_credential(found: NamedValue) -> bool:
    """Whether a name is a credential's and its value is one."""
    value, sure = found.value, strength(found.name)
    if sure is Strength.NONE or is_filler(value) or IS_PLACEHOLDER.fullmatch(value):
        return False
    if sure is Strength.RANDOM:
        return looks_random(value)
    if sure is Strength.RANDOM_IN_ADDRESS:
        return found.parameter and (looks_random(value) or _is_beside_state(found))
    if sure is Strength.ADDRESS or found.parameter:
        return found.parameter
    if found.is_argument:
        return _is_first_argument(found)
    if found.quoted:
        return True
    return not found.is_expression() and (_is_sure(found) if sure is Strength.SURE else _is_likely(found))


def _is_beside_state(found: NamedValue) -> bool:
    """Whether a value is in the answer of an authorization server, which has the client's ``state`` too (RFC 6749, 4.1.2)."""
    value = found.value
    first = found.text.rfind("?", max(0, found.at - QUERY_LENGTH), found.at)
    query = found.text[max(first, 0) : found.end + QUERY_LENGTH].split(maxsplit=1)[0]
    return bool(STATE.search(query)) and len(value) >= LEAST_CODE_LENGTH and value != value.upper() and not value.isdigit()


def _is_first_argument(found: NamedValue) -> bool:
    """Whether a name is the first argument of a call and what follows its value, not another name or a sentence."""
    before = found.text[max(0, found.at - 8) : found.at].rstrip("'\"").rstrip()
    value = found.value
    if not before.endswith("(") or strength(value) is not Strength.NONE or " " in value:
        return False
    return found.name.isupper() or not value.isalpha()


def _is_sure(found: NamedValue) -> bool:
    """Whether an unquoted value behind a certain name is a credential."""
    value, words = found.value, joined(found.name)
    if "\n" in found.between and not found.between.rstrip().endswith(("|", ">", "+", "-")):
        # The line is a heading or a condition of code, and the next one something else.
        return not value.isalpha() and not POINTER_OR_NUMBER.fullmatch(value)
    if words == "token":
        # Parsers report "unexpected token: word" for any input.
        return not value.isalpha() or len(value) > 12
    if words == "pwd":
        # The shell's working directory
        return not value.startswith("/")
    return not (words.endswith("tokens") and POINTER_OR_NUMBER.fullmatch(value))


def _is_likely(found: NamedValue) -> bool:
    """Whether an unquoted value behind a name of several meanings is a credential: a state is a word, a count a number."""
    if POINTER_OR_NUMBER.fullmatch(found.value) or found.text[found.at - 1 : found.at] == "(":
        return False
    if found.between == "=":
        return True
    return not found.name.isupper() and any(character.isdigit() for character in found.value)


def _is_person(found: NamedValue) -> bool:
    """Whether a name is that of a field with a person's name, and its value is one."""
    value, words = found.value, joined(found.name)
    if not PERSON.search(words) or is_filler(value) or IS_PLACEHOLDER.fullmatch(value):
        return False
    if PERSON_OR_ID.search(words) and (value.isdigit() or not (found.quoted or "=" in found.between)):
        return False
    if found.quoted:
        return True
    chain = CHAIN.match(value)
    return not ((chain and is_applied(value, chain.end())) or HOLDER.match(value))


CREDENTIALS = NamedValueRule(
    "secret",
    (
        *("pass", "pwd", "pw", "psk", "secret", "token", "cred", "key", "sess", "sid", "sig", "pin", "code", "otp"),
        *("cvv", "cvc", "hmac", "auth", "verifier", "saml", "assertion", "salt", "ticket", "nonce", "wresult"),
    ),
    _is_credential,
)
PEOPLE = NamedValueRule(
    "user",
    ("name", "user", "uid"),
    _is_person,
)
