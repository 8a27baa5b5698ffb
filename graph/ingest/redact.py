"""Take secrets and personal data out of a text before it is stored.

Every value becomes a placeholder such as ``<email:3f2a9c01b4>``: its kind and a keyed hash (HMAC-SHA256 with the
installation's key, shortened to 40 bits). The same value gives the same placeholder within one installation, so that
grouping survives, and without the key it cannot be found again by trying values. Placeholders are left alone, so
redacting twice changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from graph.ingest.redact_rules import RULES
from graph.ingest.redact_view import Rule, View

DIGEST_LENGTH = 10
CACHED_VALUES = 4096
CACHED_LENGTH = 512


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
        view = View.of(text)
        for rule in RULES:
            replaced = self._apply(rule, view)
            if replaced is not view.text:
                view = View.of(replaced)
        return view.text

    def placeholder(self, kind: str, value: str) -> str:
        """What stands for a value."""
        return self._cached(kind, value) if len(value) <= CACHED_LENGTH else self._hashed(kind, value)

    def _apply(self, rule: Rule, view: View) -> str:
        text = view.text
        parts: list[str] = []
        position = 0
        for start, end in rule.values(view):
            parts += text[position:start], self.placeholder(rule.kind, rule.same(text[start:end]))
            position = end
        return "".join([*parts, text[position:]]) if parts else text

    def _hashed(self, kind: str, value: str) -> str:
        digest = hmac.new(self._key, f"{kind}:{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"<{kind}:{digest[:DIGEST_LENGTH]}>"
