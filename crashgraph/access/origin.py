"""Requests that a page of another site makes a browser send (cross-site request forgery).

As in OWASP's cheat sheet on the subject: browsers say in ``Sec-Fetch-Site`` where a request comes from; older ones send
``Origin`` with whatever may change something. A request with neither does not come from a browser's page.
"""

from __future__ import annotations

from collections.abc import Mapping

from graph.model.errors import AccessError
from graph.model.quoting import quoted

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"same-origin", "none"})
"""A page of the service, or the person: a bookmark, the address bar."""


def check_origin(headers: Mapping[str, str], *, method: str = "", websocket: bool = False) -> None:
    """``AccessError`` for a request that may change something, or a WebSocket, on behalf of a page of another origin."""
    if method in SAFE_METHODS and not websocket:
        return
    origin = headers.get("origin")
    fetched = headers.get("sec-fetch-site")
    if fetched is not None and not websocket:
        own = fetched in OWN
    else:
        own = origin is None or _host_of(origin) == headers.get("host", "").lower()
    if not own:
        raise AccessError(
            f"a page of {quoted(origin or 'another site')} may not send this; programs send no Origin, and crash reports "
            "of pages come with Sentry's browser SDK and a key"
        )


def _host_of(origin: str) -> str:
    """Host and port; a proxy may have taken the TLS off, so the scheme is not compared."""
    return origin.partition("://")[2].lower()
