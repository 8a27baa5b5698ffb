"""Recognise the values of cookies: the headers ``Cookie`` and ``Set-Cookie`` (RFC 6265), however a program prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.redaction.text_view import IS_PLACEHOLDER, TextView

HEADER = re.compile(r"(?i)cookie2?\\?['\"]?\]?\s{0,4}+(?::|=>|=(?!=)|,)\s{0,4}+(?:\[\s{0,4}+)?\\?['\"]?")
PAIR = re.compile(
    r"[ \t]{0,4}+(?P<name>[\w!#$%&'*+.^`|~-]{1,128}+)"
    r"(?:=(?P<quote>\\?\"|'|)(?P<value>[^\s;,\"'\\<>{}()\[\]]{1,4096}+)?(?P=quote))?"
)
ATTRIBUTES = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "httponly", "secure", "priority", "partitioned", "version", "comment"}
)
EXPIRES = re.compile(r"(?:[A-Za-z]{3,9}, )?[\w :-]{0,40}+")
PAIRS = 64
"""Cookies of one header that are read."""


class CookieRule:
    """The values of all cookies of a header. Attributes such as ``Path`` are kept."""

    kind = "secret"
    literals = ("cookie",)

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the values, header by header."""
        position = 0
        while header := HEADER.search(view.text, position):
            position = header.end()
            for start, end in _pairs(view.text, header.end()):
                yield start, end
                position = end

    def same(self, value: str) -> str:
        """The value itself."""
        return value


def _pairs(text: str, position: int) -> Iterator[tuple[int, int]]:
    """Spans of the values of ``name=value; name=value; …``."""
    for number in range(PAIRS):
        pair = PAIR.match(text, position)
        if pair is None or (number == 0 and pair["value"] is None):
            return
        value = pair["value"]
        if value and pair["name"].lower().lstrip("$") not in ATTRIBUTES and not IS_PLACEHOLDER.fullmatch(value):
            yield pair.span("value")
        position = _after_attribute(text, pair)
        if not text.startswith(";", position):
            return
        position += 1


def _after_attribute(text: str, pair: re.Match[str]) -> int:
    """End of a pair. The date of ``Expires`` has blanks and a comma."""
    if pair["name"].lower() == "expires" and pair["value"]:
        date = EXPIRES.match(text, pair.start("value"))
        return date.end() if date else pair.end()
    return pair.end()
