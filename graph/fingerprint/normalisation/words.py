"""Words of names and messages, the unit of text similarity."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])|[A-Za-z]")
_TOKEN = re.compile(r"<[a-z]+>|[^\W\d_]+")


@lru_cache(maxsize=65_536)
def words(symbol: str) -> str:
    """The words of a symbol, split at case changes and punctuation, in lower case: ``shop.CartItem`` → ``shop cart item``."""
    return " ".join(_WORD.findall(symbol)).lower()


def tokens(text: str) -> frozenset[str]:
    """The distinct lower-case words and placeholders of a normalised message."""
    return frozenset(token.lower() for token in _TOKEN.findall(text))
