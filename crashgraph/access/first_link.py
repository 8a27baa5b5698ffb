"""The link that makes the first administrator."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graph.model.errors import AccessError


@dataclass(slots=True)
class FirstLink:
    """It works until there is a user, and for this process only."""

    token: str
    _taken: bool = False
    """An administrator is being made."""

    @classmethod
    def new(cls) -> FirstLink:
        """One that no one can guess."""
        return cls(secrets.token_urlsafe(32))

    @property
    def path(self) -> str:
        """Where it leads."""
        return f"/auth/first/{self.token}"

    def check(self, token: str) -> None:
        """``AccessError`` for any other."""
        if not hmac.compare_digest(self.token.encode(), token.encode()):
            raise AccessError("this link is not valid (any more); `crashgraph user add NAME --role admin` makes a user")

    @contextmanager
    def used(self) -> Iterator[None]:
        """Use it; ``AccessError`` while another request does."""
        if self._taken:
            raise AccessError("the link is being used at this moment")
        self._taken = True
        try:
            yield
        finally:
            self._taken = False
