"""A stored report is what was stored: nothing is concluded from one that was changed since."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from graph.model.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report as it lies in the graph. Nothing but :meth:`checked` gives its text."""

    crash_id: str
    _text: str
    _hash: str | None

    def checked(self) -> str:
        """The text; ``IntegrityError`` when it does not have the SHA-256 it was stored with, or has none."""
        if self._hash is None:
            raise IntegrityError(f"crash {self.crash_id!r} has no stored_hash, so its report cannot be relied on; {REMEDY}")
        if sha256(self._text) != self._hash:
            raise IntegrityError(f"the report of crash {self.crash_id!r} was changed after it was stored; {REMEDY}")
        return self._text


REMEDY = "restore it from a backup, or delete the crash and hand its report in again"


def sha256(text: str) -> str:
    """SHA-256 of a text, in hex; a lone surrogate counts too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
