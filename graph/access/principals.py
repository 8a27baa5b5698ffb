"""From a credential to the actor of a request, with one indexed read.

What the actor may do is what both its credential and its user may, as of now.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from graph.access.jwt import Claims
from graph.access.roles import granted, role_named, scopes_named
from graph.access.tokens import token_hash
from graph.cypher import query
from graph.model.access import ApiKey, Session, SessionKind, User
from graph.model.actor import Actor, ActorKind, Scope
from graph.model.convert import record
from graph.model.errors import AccessError, GraphError
from graph.model.statement import Statement
from graph.ports import Graph, Reader, Row

Credential: TypeAlias = Literal["session", "key", "token"]
Now: TypeAlias = Callable[[], datetime]

log = logging.getLogger(__name__)

IDLE = timedelta(days=3)
"""A session that was not used for so long is over."""
USE_NOTED = timedelta(minutes=1)
"""The last use of a credential is written at most that often."""

MOST_REMEMBERED = 20_000
"""Maximum number of credentials of which one process remembers the last use."""
OVER = "the session is over; log in again"


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sends a request: the actor that use cases check, its user, and the credential it came with."""

    actor: Actor
    user: User
    credential: Credential
    credential_id: str
    """``session_id``, also of a JWT, or ``key_id``."""
    expires_at: datetime


async def access_is_on(graph: Reader) -> bool:
    """Whether there is a user, so that everyone must log in; a look at the count store."""
    [row] = await graph.read(query("access/count_users"))
    return bool(row["users"])


async def by_session(graph: Graph, token: str, now: Now = utc_now) -> Principal:
    """The principal of a browser's session; ``AccessError`` if it is unknown, over or revoked, or its user is disabled."""
    rows = await graph.read(query("access/by_session", hash=token_hash(token)))
    session, user = _session(rows)
    if session.kind != SessionKind.BROWSER:
        raise AccessError(OVER)
    at = now()
    principal = session_principal(session, user, "session", at)
    await _note_session_use(graph, session, at)
    return principal


async def by_claims(graph: Graph, claims: Claims, now: Now = utc_now) -> Principal:
    """The principal of a JWT that was read; ``AccessError`` as of a session, or if its version was revoked."""
    rows = await graph.read(query("access/by_session_id", session_id=claims.session_id))
    session, user = _session(rows)
    if session.kind != SessionKind.PROGRAM or user.user_id != claims.user_id or user.token_version != claims.version:
        raise AccessError("the token was revoked; log in again")
    at = now()
    principal = session_principal(session, user, "token", at, claims.expires_at)
    await _note_session_use(graph, session, at)
    return principal


async def by_key(graph: Graph, token: str, now: Now = utc_now) -> Principal:
    """The principal of an API key; ``AccessError`` if it is unknown, over or revoked, or its user is disabled."""
    rows = await graph.read(query("access/by_key", hash=token_hash(token)))
    if not rows:
        raise AccessError("the API key is unknown")
    key, user = record(ApiKey, rows[0]["key"]), record(User, rows[0]["user"])
    at = now()
    if key.revoked_at is not None:
        raise AccessError("the API key was revoked")
    if key.expires_at <= at:
        raise AccessError("the API key is over; make another")
    _refuse_disabled(user)
    if _USES.due(graph, key.key_id, key.last_used_at, at):
        await _note_use(graph, query("access/note_key_use", key_id=key.key_id, at=at, before=at - USE_NOTED))
    scopes = granted(scopes_named(key.scopes), role_named(user.role))
    actor = Actor(ActorKind.KEY, key.name, scopes, user.name)
    return Principal(actor, user, "key", key.key_id, key.expires_at)


def session_principal(
    session: Session, user: User, credential: Credential, at: datetime, expires_at: datetime | None = None
) -> Principal:
    """The principal of a session that was read; ``AccessError`` if it is over or revoked, or its user is disabled."""
    if session.revoked_at is not None or at >= ends_at(session):
        raise AccessError(OVER)
    _refuse_disabled(user)
    ends = ends_at(session) if expires_at is None else min(expires_at, session.expires_at)
    return Principal(user_actor(user), user, credential, session.session_id, ends)


def ends_at(session: Session) -> datetime:
    """When a session ends, if it is not used until then."""
    return min(session.expires_at, session.last_used_at + IDLE)


def user_actor(user: User) -> Actor:
    """The actor of a user that logged in."""
    return Actor(ActorKind.PERSON, user.name, granted(Scope, role_named(user.role)))


def _session(rows: list[Row]) -> tuple[Session, User]:
    if not rows:
        raise AccessError(OVER)
    return record(Session, rows[0]["session"]), record(User, rows[0]["user"])


def _refuse_disabled(user: User) -> None:
    if user.disabled:
        raise AccessError("the user is disabled; an administrator can enable it again")


async def _note_session_use(graph: Graph, session: Session, at: datetime) -> None:
    if _USES.due(graph, session.session_id, session.last_used_at, at):
        noting = query("access/note_session_use", session_id=session.session_id, at=at, before=at - USE_NOTED)
        await _note_use(graph, noting)


async def _note_use(graph: Graph, noting: Statement) -> None:
    """Write when a credential was used; a graph that cannot be written is no reason to refuse it."""
    try:
        await graph.write(noting)
    except GraphError as error:
        log.warning("the last use of a credential could not be written: %s", type(error).__name__)


class _Uses:
    """When this process last wrote the use of each credential, so that many requests at once write it once."""

    def __init__(self) -> None:
        self._written: OrderedDict[tuple[int, str], datetime] = OrderedDict()

    def due(self, graph: Graph, id: str, last: datetime | None, at: datetime) -> bool:
        """Whether to write it now."""
        key = (hash(graph), id)
        written = max(filter(None, (last, self._written.get(key))), default=None)
        if written is not None and at - written < USE_NOTED:
            return False
        while len(self._written) >= MOST_REMEMBERED:
            self._written.popitem(last=False)
        self._written[key] = at
        return True


_USES = _Uses()
