"""Integrity of stored reports: their hash is verified before they are used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from graph.model.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report read from the graph; only :meth:`checked` returns its text."""

    crash_id: str
    _text: str
    _hash: str | None

    def checked(self) -> str:
        """The text; ``IntegrityError`` if its SHA-256 differs from the stored one, or none was stored."""
        if self._hash is None:
            raise IntegrityError(f"crash {self.crash_id!r} has no stored_hash, so its report cannot be verified; {REMEDY}")
        if sha256(self._text) != self._hash:
            raise IntegrityError(f"the report of crash {self.crash_id!r} was changed after it was stored; {REMEDY}")
        return self._text


REMEDY = "restore it from a backup, or delete the crash and submit its report again"


def sha256(text: str) -> str:
    """SHA-256 of a text in hex; lone surrogates are hashed as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
