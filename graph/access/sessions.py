"""Sessions: logging in and out, and exchanging the token of a program for a JWT."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graph.access import jwt
from graph.access.audit import audited
from graph.access.delays import LoginDelays
from graph.access.passwords import check_password, hash_password, is_outdated
from graph.access.principals import OVER, Now, Principal, session_principal, user_actor, utc_now
from graph.access.tokens import (
    DEFAULT_ORGANISATION,
    is_organisation,
    login_name,
    new_session_token,
    organisation_of,
    session_of,
    token_hash,
)
from graph.access.users import NAME, end_sessions, user_named, user_subject
from graph.cypher import query
from graph.model.access import Session, SessionKind, User
from graph.model.actor import ANONYMOUS, Actor, Scope
from graph.model.audit import Outcome
from graph.model.convert import properties, record
from graph.model.errors import AccessError, InvalidInputError, NotFoundError
from graph.model.permissions import open_to_all, own_account
from graph.model.quoting import quoted
from graph.ports import Graph, Transaction

LONGEST = timedelta(days=30)
"""A session ends then at the latest."""
STRANGER = Actor(ANONYMOUS.kind, ANONYMOUS.name)
"""Whoever has not logged in yet: it may do nothing."""
WRONG = "wrong name or password"
NO_SESSION = ""
"""The id of no session."""


@dataclass(frozen=True, slots=True)
class AccessControl:
    """What logins of one organisation need. One per process and organisation."""

    secret: bytes = field(repr=False)
    """Signs JWT; ``InvalidInputError`` if it has less than 32 bytes."""
    organisation: str = DEFAULT_ORGANISATION
    delays: LoginDelays = field(default_factory=LoginDelays)
    now: Now = utc_now

    def __post_init__(self) -> None:
        """Check the secret."""
        jwt.check_secret(self.secret)


@dataclass(frozen=True, slots=True)
class Login:
    """An open session. Secrets are in ``token`` and ``access_token``; show them once, to the caller alone."""

    token: str = field(repr=False)
    """Of a browser the value of its cookie; of a program what :func:`refresh` exchanges, once."""
    session: Session
    principal: Principal
    access_token: str | None = field(default=None, repr=False)
    """The JWT of a program."""
    access_expires_at: datetime | None = None


@open_to_all
async def log_in(
    graph: Graph, control: AccessControl, name: str, password: str, *, kind: SessionKind, address: str | None = None
) -> Login:
    """Open a session. ``name`` may name the organisation: ``acme/ann``.

    A wrong name, or that of another organisation, takes the time of a wrong password, and the answer is the same.

    ``AccessError`` for a wrong name or password or a disabled user, ``BusyError`` after several wrong ones from that address or
    while too many passwords are checked, ``InvalidInputError`` for a password of more than 1,024 bytes.
    """
    organisation, wanted = login_name(name)
    wanted = wanted if NAME.fullmatch(wanted) else ""  # no user has such a name
    guessed = wanted
    if organisation not in {None, control.organisation}:
        # Counted apart from its own users of that name, as another organisation would.
        guessed, wanted = f"{organisation if is_organisation(organisation or '') else ''}/{wanted}", ""
    with control.delays.attempt(guessed, address) as attempt:
        rows = await graph.read(query("access/password", user=wanted))
        stored = rows[0]["password_hash"] if rows else None
        attempt.right = await check_password(stored, password)
    if not attempt.right:
        # What was typed as an unknown name may be a password.
        subjects = [user_subject(record(User, rows[0]["user"]))] if rows else []
        detail = "wrong password" if rows else "unknown name"
        await graph.write(audited(STRANGER, "log_in", subjects, outcome=Outcome.DENIED, detail=detail))
        raise AccessError(WRONG)
    user = record(User, rows[0]["user"])
    outdated = {"password_hash": await hash_password(password)} if stored and is_outdated(stored) else {}
    return await _open(graph, control, user, SessionKind(kind), address, outdated)


async def _open(
    graph: Graph, control: AccessControl, user: User, kind: SessionKind, address: str | None, changed: dict[str, Any]
) -> Login:
    if user.disabled:
        await graph.write(audited(STRANGER, "log_in", [user_subject(user)], outcome=Outcome.DENIED, detail="user is disabled"))
        raise AccessError("the user is disabled; an administrator can enable it again")
    at, session_id = control.now(), uuid.uuid4().hex
    token = new_session_token(control.organisation, session_id if kind is SessionKind.PROGRAM else None)
    session = Session(
        session_id=session_id,
        kind=kind,
        token_hash=token_hash(token),
        created_at=at,
        expires_at=at + LONGEST,
        last_used_at=at,
        address=address,
    )
    opening = query(
        "access/open_session",
        user_id=user.user_id,
        version=user.token_version,
        session=properties(session),
        at=at,
        properties=changed,
    )
    entry = audited(user_actor(user), "log_in", [user_subject(user), f"Session:{session_id}"], count=1, detail=kind)

    async def work(tx: Transaction) -> tuple[Session, User] | None:
        await tx.run(query("access/lock_user", user_id=user.user_id))
        rows = await tx.run(opening)
        if not rows:
            return None
        await tx.run(entry)
        return record(Session, rows[0]["session"]), record(User, rows[0]["user"])

    opened = await graph.transact(work)
    if opened is None:  # disabled, or with another password, since it was read
        raise AccessError(WRONG)
    return _login(control, token, *opened, at)


@open_to_all
async def refresh(graph: Graph, control: AccessControl, token: str) -> Login:
    """Exchange the token of a program's session for another one and a JWT.

    A token works once: one that was exchanged already is in two hands, so its session ends. ``AccessError`` if it is not valid.
    """
    session_id = session_of(token)
    if session_id is None:
        raise AccessError("the refresh token is not one of this service; log in again")
    if organisation_of(token) != control.organisation:
        # Answered as for an unknown session: names of organisations are confidential.
        session_id = NO_SESSION
    at, fresh = control.now(), new_session_token(control.organisation, session_id)

    async def work(tx: Transaction) -> Login | AccessError:
        await tx.run(query("access/lock_session", session_id=session_id))
        rows = await tx.run(query("access/session_state", session_id=session_id))
        if not rows:
            return AccessError(OVER)
        session, user = record(Session, rows[0]["session"]), record(User, rows[0]["user"])
        try:
            session_principal(session, user, "token", at)
        except AccessError as error:
            return error
        if rows[0]["token_hash"] != token_hash(token):
            await _revoke(tx, session, at, "token used twice")
            subjects = [user_subject(user), f"Session:{session_id}"]
            await tx.run(audited(STRANGER, "refresh", subjects, count=1, outcome=Outcome.DENIED, detail="token used twice"))
            return AccessError("the refresh token was exchanged before, so its session was ended; log in again")
        changed = {"token_hash": token_hash(fresh), "refreshed": session.refreshed + 1, "last_used_at": at}
        [row] = await tx.run(query("access/change_session", session_id=session_id, properties=changed))
        return _login(control, fresh, record(Session, row["session"]), user, at)

    found = await graph.transact(work)
    if isinstance(found, AccessError):
        raise found
    return found


@own_account
async def log_out(graph: Graph, actor: Actor, session_id: str, now: Now = utc_now) -> Session:
    """End a session, usually that of the request. ``NotFoundError`` unless it is the actor's own or the actor may do all."""
    return await _end(graph, actor, session_id, now(), "log_out", "logged out")


@own_account
async def revoke_session(graph: Graph, actor: Actor, session_id: str, now: Now = utc_now, *, of: str | None = None) -> Session:
    """End another session, as :func:`log_out`; of that user only, if one is given."""
    return await _end(graph, actor, session_id, now(), "revoke_session", "revoked", of)


@own_account
async def revoke_all_sessions(graph: Graph, actor: Actor, name: str | None = None, now: Now = utc_now) -> int:
    """End all sessions of a user, the actor by default, and its JWT at once; the number that were not over. API keys stay."""
    user = await user_named(graph, own_or(actor, name))

    async def work(tx: Transaction) -> int:
        await tx.run(query("access/lock_user", user_id=user.user_id))
        ended = await end_sessions(tx, user, now, "revoked")
        await tx.run(audited(actor, "revoke_all_sessions", [user_subject(user)], detail=f"{user.name}: {ended} sessions"))
        return ended

    return await graph.transact(work)


def own_or(actor: Actor, name: str | None) -> str:
    """The user that an actor asks about: itself, or with ``admin`` any; else ``ForbiddenError``."""
    if name is not None and (not actor.is_person or name.strip().lower() != actor.name):
        actor.require(Scope.ADMIN)
        return name
    if not actor.is_person:
        raise InvalidInputError("user: name the user; a program has none of its own")
    return actor.name


async def _end(
    graph: Graph, actor: Actor, session_id: str, at: datetime, action: str, because: str, of: str | None = None
) -> Session:
    async def work(tx: Transaction) -> Session | None:
        await tx.run(query("access/lock_session", session_id=session_id))
        rows = await tx.run(query("access/session_state", session_id=session_id))
        if not rows:
            return None
        session, user = record(Session, rows[0]["session"]), record(User, rows[0]["user"])
        if not (actor.is_person and actor.name == user.name) and Scope.ADMIN not in actor.scopes:
            return None
        if of is not None and of.strip().lower() != user.name:
            return None
        if session.revoked_at is not None:
            return session
        ended = await _revoke(tx, session, at, because)
        await tx.run(audited(actor, action, [user_subject(user), f"Session:{session_id}"], count=1, detail=user.name))
        return ended

    session = await graph.transact(work)
    if session is None:
        raise NotFoundError(f"no session {quoted(session_id)}")
    return session


async def _revoke(tx: Transaction, session: Session, at: datetime, because: str) -> Session:
    changed = {"revoked_at": at, "revoked_because": because}
    [row] = await tx.run(query("access/change_session", session_id=session.session_id, properties=changed))
    return record(Session, row["session"])


def _login(control: AccessControl, token: str, session: Session, user: User, at: datetime) -> Login:
    if session.kind == SessionKind.BROWSER:
        return Login(token, session, session_principal(session, user, "session", at))
    signed, ends = jwt.sign(
        control.secret,
        user_id=user.user_id,
        organisation=control.organisation,
        session_id=session.session_id,
        version=user.token_version,
        now=at,
    )
    return Login(token, session, session_principal(session, user, "token", at, ends), signed, ends)
