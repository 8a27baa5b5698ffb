"""What of a report is the same each time the same bug strikes.

Addresses, ids, numbers, dates, paths and generated names vary from crash to crash; they are replaced by
placeholders before anything is hashed or compared. A change here changes hashes, so it comes with a new
:data:`graph.ingest.fingerprint.VERSION`.
"""

from __future__ import annotations

import re
from functools import lru_cache

MESSAGE_LIMIT = 2_000
"""Characters of a message that are looked at; what follows never decides."""

_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s'\"<>)\]]+")
_REDACTED = re.compile(r"<([a-z_-]{2,24}):[0-9a-f]{4,64}>")
_DATE = re.compile(r"\b\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\b")
_WINDOWS_PATH = re.compile(r"\b[A-Za-z]:\\[^\s'\"<>|:*?]+")
_UNIX_PATH = re.compile(r"(?<![\w/<])(?:~|\.{1,2})?/(?:[\w.@+~-]+/)+[\w.@+~-]*")
_HEX = re.compile(r"\b0[xX][0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SPACE = re.compile(r"\s+")

_SYMBOL_HASH = re.compile(r"(?<![A-Za-z])h?(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}(?![A-Za-z0-9])|0x[0-9a-fA-F]+")
_SYMBOL_NUMBER = re.compile(r"\d{3,}")
_SYMBOL_TEMPORARY = re.compile(r"(?i)(?<![a-z])(tmp|temp|gen|generated|anon|anonymous|lambda|closure|block)[_$-]?\d+")
_LOCALS = ".<locals>"

_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])|[A-Za-z]")
_TOKEN = re.compile(r"<[a-z]+>|[^\W\d_]+", re.UNICODE)


@lru_cache(maxsize=16_384)
def normalise_message(text: str) -> str:
    """An error message without what varies: one line, at most :data:`MESSAGE_LIMIT` characters looked at."""
    text = text[:MESSAGE_LIMIT]
    text = _REDACTED.sub(r"<\1>", text)
    if "://" in text:
        text = _URL.sub("<url>", text)
    text = _UUID.sub("<uuid>", text)
    if "\\" in text:
        text = _WINDOWS_PATH.sub("<path>", text)
    if "/" in text:
        text = _DATE.sub("<date>", text)
        text = _UNIX_PATH.sub("<path>", text)
    if any(map(str.isdigit, text)):
        text = _DATE.sub("<date>", text)
        text = _TIME.sub("<time>", text)
        text = _HEX.sub("<hex>", text)
        text = _NUMBER.sub("<n>", text)
    return _SPACE.sub(" ", text).strip()


@lru_cache(maxsize=65_536)
def normalise_symbol(text: str) -> str:
    """A function or module name without hashes, addresses, long numbers and numbers of temporary names."""
    text = text.replace(_LOCALS, "")
    if any(map(str.isdigit, text)):
        text = _SYMBOL_TEMPORARY.sub(r"\1<n>", text)
        text = _SYMBOL_HASH.sub("<hex>", text)
        text = _SYMBOL_NUMBER.sub("<n>", text)
    return text.strip()


@lru_cache(maxsize=65_536)
def words(symbol: str) -> str:
    """The words of a symbol, split at case changes and punctuation, in lower case: ``shop.CartItem`` → ``shop cart item``."""
    return " ".join(_WORD.findall(symbol)).lower()


def tokens(text: str) -> frozenset[str]:
    """The distinct lower-case words and placeholders of a normalised message."""
    return frozenset(token.lower() for token in _TOKEN.findall(text))
