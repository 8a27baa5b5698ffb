"""The cookie of a browser's session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crashgraph.hosts import LOOPBACK
from graph.model.errors import AccessError

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

SECURE = "__Host-crashgraph"
"""Browsers take a cookie of this prefix over TLS only, for this very host and all its paths."""
PLAIN = "crashgraph-session"
"""On this machine without TLS, where no one can listen."""


def session_token(cookies: Mapping[str, str]) -> str | None:
    """The session's token, if the browser has one."""
    return cookies.get(SECURE) or cookies.get(PLAIN)


def set_session(response: Response, token: str, expires_at: datetime, request: HTTPConnection) -> None:
    """Give the browser its session; ``AccessError`` where others could read it on the way."""
    secure = check_private(request)
    response.set_cookie(
        SECURE if secure else PLAIN,
        token,
        expires=expires_at.astimezone(UTC),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def check_private(request: HTTPConnection) -> bool:
    """True over TLS, false on loopback without; ``AccessError`` otherwise."""
    if request.url.scheme in {"https", "wss"}:
        return True
    if request.url.hostname in LOOPBACK:
        return False
    raise AccessError("sign in over HTTPS, or on the machine itself: here others could read the password on its way")


def forget_session(response: Response, request: HTTPConnection) -> None:
    """Take the session from the browser."""
    for name in {SECURE, PLAIN} & set(request.cookies):
        response.delete_cookie(name, path="/", secure=name == SECURE, httponly=True, samesite="lax")
