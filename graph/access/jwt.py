"""JSON Web Tokens for programs: signed, valid for 15 minutes, and checked against the graph all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from graph.model.errors import AccessError, InvalidInputError

ISSUER = "crashgraph"
ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=15)
LEEWAY = timedelta(seconds=10)
"""Clocks of two machines may differ by that much."""
LEAST_SECRET = 32
"""Bytes of the secret that signs; PyJWT only warns of shorter ones."""
LONGEST = 4_000
"""Characters of a token; ours have some 350."""
REQUIRED = ("iss", "sub", "org", "sid", "ver", "iat", "exp")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token states. It grants nothing before the graph confirms it."""

    user_id: str
    organisation: str
    session_id: str
    version: int
    """The user's ``token_version`` when it was signed."""
    issued_at: datetime
    expires_at: datetime


def check_secret(secret: bytes) -> bytes:
    """The secret if it is long enough to sign with; else ``InvalidInputError``."""
    if len(secret) < LEAST_SECRET:
        raise InvalidInputError(
            f"the secret that signs tokens has {len(secret)} bytes; give at least {LEAST_SECRET} random ones, such as the "
            "output of `openssl rand -base64 48`"
        )
    return secret


def sign(
    secret: bytes, *, user_id: str, organisation: str, session_id: str, version: int, now: datetime
) -> tuple[str, datetime]:
    """A token for a session, and when it ends."""
    issued = now.replace(microsecond=0)
    ends = issued + LIFETIME
    claims = {
        "iss": ISSUER,
        "sub": user_id,
        "org": organisation,
        "sid": session_id,
        "ver": version,
        "iat": issued,
        "exp": ends,
    }
    return jwt.encode(claims, check_secret(secret), algorithm=ALGORITHM), ends


def read(secret: bytes, token: str) -> Claims:
    """The claims of a token that is ours, whole and not over; else ``AccessError``."""
    if len(token) > LONGEST:
        raise AccessError("the token is too long to be one of this service")
    try:
        found = jwt.decode(
            token,
            check_secret(secret),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": list(REQUIRED), "verify_aud": False, "enforce_minimum_key_length": True},
        )
    except jwt.ExpiredSignatureError:
        raise AccessError("the token is over; exchange the refresh token for another, or log in again") from None
    except (jwt.InvalidTokenError, UnicodeError, ValueError, RecursionError):
        raise AccessError("the token is not one of this service; log in again") from None
    return _claims(found)


def organisation_in(token: str) -> str | None:
    """The organisation that a token states, unverified: it only selects the secret and graph to verify it with."""
    if len(token) > LONGEST:
        return None
    try:
        found = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, UnicodeError, ValueError, RecursionError):
        return None
    organisation = found.get("org")
    return organisation if isinstance(organisation, str) else None


def _claims(found: dict[str, object]) -> Claims:
    sub, org, sid, ver, iat, exp = (found[name] for name in REQUIRED[1:])
    texts = isinstance(sub, str) and isinstance(org, str) and isinstance(sid, str)
    numbers = isinstance(ver, int) and isinstance(iat, int) and isinstance(exp, int) and not isinstance(ver, bool)
    if not texts or not numbers:
        raise AccessError("the token is not one of this service; log in again")
    assert isinstance(sub, str)
    assert isinstance(org, str)
    assert isinstance(sid, str)
    assert isinstance(ver, int)
    assert isinstance(iat, int)
    assert isinstance(exp, int)
    return Claims(sub, org, sid, ver, datetime.fromtimestamp(iat, UTC), datetime.fromtimestamp(exp, UTC))
