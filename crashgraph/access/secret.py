"""The secret that signs JSON Web Tokens: ``CRASHGRAPH_SECRET``, or a file in the home, made beside the first user."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from crashgraph.create_once import create_once
from graph.model.errors import InvalidInputError

if TYPE_CHECKING:
    from crashgraph.settings import Settings

FILE = "access.key"
BYTES = 48


def access_secret(settings: Settings) -> bytes:
    """The secret; creates the file if there is neither. ``InvalidInputError`` for one of less than 32 bytes."""
    if settings.secret is not None:
        return _checked(settings.secret.get_secret_value().encode(), "CRASHGRAPH_SECRET")
    path = secret_path(settings)
    return _checked(create_once(path, lambda: secrets.token_urlsafe(BYTES).encode()).strip(), str(path))


def has_secret(settings: Settings) -> bool:
    """Whether there is one already, so that there was a user once."""
    return settings.secret is not None or secret_path(settings).exists()


def secret_path(settings: Settings) -> Path:
    """Where the file is, or would be."""
    return settings.home.expanduser() / FILE


def _checked(secret: bytes, where: str) -> bytes:
    from graph.access.jwt import check_secret  # the parent of `crashgraph up` only asks whether there is a secret

    try:
        return check_secret(secret)
    except InvalidInputError as error:
        raise InvalidInputError(f"{where}: {error}") from None
