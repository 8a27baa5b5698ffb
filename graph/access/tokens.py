"""Tokens: 256 random bits behind a prefix that names the organisation. The graph has only their SHA-256.

A hash without salt is enough for values that cannot be guessed.

======================================  ==========================================================
``cg_ORGANISATION_SECRET``              an API key
``ORGANISATION.SECRET``                 the session of a browser
``ORGANISATION.SESSION_ID.SECRET``      the session of a program, exchanged for a JWT; each token once
======================================  ==========================================================
"""

from __future__ import annotations

import hashlib
import re
import secrets

from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted

DEFAULT_ORGANISATION = "default"
SECRET_BYTES = 32
ORGANISATION = re.compile(r"[a-z][a-z0-9-]{0,30}")
_RANDOM = r"[A-Za-z0-9_-]{43}"
_KEY = re.compile(rf"cg_({ORGANISATION.pattern})_{_RANDOM}")
_SESSION = re.compile(rf"({ORGANISATION.pattern})\.{_RANDOM}")
_REFRESH = re.compile(rf"({ORGANISATION.pattern})\.([0-9a-f]{{32}})\.{_RANDOM}")


def is_organisation(name: str) -> bool:
    """Whether an organisation can have this name."""
    return ORGANISATION.fullmatch(name) is not None


def organisation_named(name: str) -> str:
    """The name, if it can be that of an organisation; else ``InvalidInputError``."""
    if not is_organisation(name):
        raise InvalidInputError(
            f"organisation: {quoted(name)} is no name for one: give a letter, then at most 30 letters, digits and hyphens, all "
            "in lower case"
        )
    return name


def login_name(text: str) -> tuple[str | None, str]:
    """The organisation, if it is named, and the user of a login such as ``ann`` or ``acme/ann``."""
    organisation, slash, name = text.strip().lower().rpartition("/")
    return (organisation if slash else None), name


def new_token(prefix: str) -> str:
    """A new token: the prefix, and 256 random bits in URL-safe base64."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def new_key(organisation: str) -> str:
    """A new API key."""
    return new_token(f"cg_{organisation}_")


def new_session_token(organisation: str, session_id: str | None = None) -> str:
    """A new token of a session; with ``session_id`` one that a program exchanges."""
    return new_token(f"{organisation}." if session_id is None else f"{organisation}.{session_id}.")


def token_hash(token: str) -> str:
    """SHA-256 of a token, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def organisation_of(token: str) -> str | None:
    """The organisation that a token names; ``None`` if it has not the form of one."""
    found = next(filter(None, (form.fullmatch(token) for form in (_KEY, _SESSION, _REFRESH))), None)
    return found[1] if found else None


def is_key(token: str) -> bool:
    """Whether a token has the form of an API key."""
    return _KEY.fullmatch(token) is not None


def session_of(token: str) -> str | None:
    """The session that a program's token names; ``None`` if it has not the form of one."""
    found = _REFRESH.fullmatch(token)
    return found[2] if found else None
