"""Users: making, changing and listing them. What takes away rights holds from the next request on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from graph.access.audit import audited
from graph.access.delays import LoginDelays
from graph.access.passwords import check_password, hash_password
from graph.access.principals import Now, utc_now
from graph.access.roles import role_named
from graph.access.tokens import DEFAULT_ORGANISATION, organisation_named
from graph.cypher import query
from graph.model.access import User
from graph.model.actor import ANONYMOUS, Actor, Role, Scope
from graph.model.audit import Outcome
from graph.model.convert import properties, record
from graph.model.errors import AccessError, InvalidInputError, NotFoundError
from graph.model.permissions import needs, own_account
from graph.model.quoting import quoted
from graph.ports import Graph, Transaction
from graph.retry import retry_conflicts

T = TypeVar("T")

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
RESERVED = frozenset({ANONYMOUS.name, "unknown"})
"""Names that stand for those who did not log in."""


def normal_name(name: str) -> str:
    """A user's name as it is stored; ``InvalidInputError`` if it cannot be one."""
    normal = name.strip().lower()
    if NAME.fullmatch(normal) is None or normal in RESERVED:
        raise InvalidInputError(
            f"name: {quoted(name)} cannot be a user; give 1 to 100 letters, digits and . _ @ + -, the first a letter or digit"
        )
    return normal


@needs(Scope.ADMIN)
async def create_user(
    graph: Graph,
    actor: Actor,
    name: str,
    role: str,
    password: str,
    *,
    organisation: str = DEFAULT_ORGANISATION,
    now: Now = utc_now,
) -> User:
    """Make a user; the first of a graph must be an administrator, and turns access control on.

    The actor of the first one comes from the edge: the owner of the home, or whoever has the one-time link.
    ``InvalidInputError`` for a name that is taken or no name, an unknown role or a short password.
    """
    name, role, organisation = normal_name(name), role_named(role), organisation_named(organisation)
    hashed = await hash_password(password)
    at = now()
    user = User(
        user_id=uuid.uuid4().hex,
        name=name,
        role=role,
        password_hash=hashed,
        password_set_at=at,
        created_at=at,
        created_by=str(actor),
    )

    async def work(tx: Transaction) -> User:
        await tx.run(query("access/lock", organisation=organisation, at=at))
        if others := [row["name"] for row in await tx.run(query("access/organisations")) if row["name"] != organisation]:
            raise InvalidInputError(f"organisation: this graph belongs to {quoted(others[0])}, not to {quoted(organisation)}")
        [count] = await tx.run(query("access/count_users"))
        if not count["users"] and role is not Role.ADMIN:
            raise InvalidInputError(f"role: the first user must be an {Role.ADMIN}, or no one could make others")
        if await tx.run(query("access/password", user=name)):
            raise InvalidInputError(f"name: there is a user {quoted(name)} already")
        [made] = await tx.run(query("access/create_user", organisation=organisation, user=properties(user)))
        await tx.run(audited(actor, "create_user", [user_subject(user)], detail=f"{name}, {role}"))
        return record(User, made["user"])

    return await retry_conflicts(partial(graph.transact, work))


@needs(Scope.ADMIN)
async def set_role(graph: Graph, actor: Actor, name: str, role: str) -> User:
    """Give a user another role. ``InvalidInputError`` for the last active administrator, ``NotFoundError`` for no user."""
    wanted = role_named(role)

    async def decide(tx: Transaction, user: User) -> User:
        if user.role == Role.ADMIN and wanted is not Role.ADMIN and not user.disabled:
            await _refuse_last_admin(tx, user)
        changed = await _changed(tx, user, role=wanted)
        await tx.run(audited(actor, "set_role", [user_subject(user)], detail=f"{user.name}: {user.role} to {wanted}"))
        return changed

    return await _with_user(graph, name, decide)


@needs(Scope.ADMIN)
async def disable_user(graph: Graph, actor: Actor, name: str, now: Now = utc_now) -> User:
    """Refuse a user from now on, and end its sessions. ``InvalidInputError`` for the last active administrator."""

    async def decide(tx: Transaction, user: User) -> User:
        if user.role == Role.ADMIN and not user.disabled:
            await _refuse_last_admin(tx, user)
        await end_sessions(tx, user, now, "user disabled")
        changed = await _changed(tx, user, disabled=True)
        await tx.run(audited(actor, "disable_user", [user_subject(user)], detail=user.name))
        return changed

    return await _with_user(graph, name, decide)


@needs(Scope.ADMIN)
async def enable_user(graph: Graph, actor: Actor, name: str) -> User:
    """Let a user log in again; its API keys work again too."""

    async def decide(tx: Transaction, user: User) -> User:
        changed = await _changed(tx, user, disabled=False)
        await tx.run(audited(actor, "enable_user", [user_subject(user)], detail=user.name))
        return changed

    return await _with_user(graph, name, decide)


@needs(Scope.ADMIN)
async def reset_password(graph: Graph, actor: Actor, name: str, password: str, now: Now = utc_now) -> User:
    """Give a user another password, and end its sessions. For the own one, a person that logged in changes it instead."""
    return await _set_password(graph, actor, normal_name(name), password, "reset_password", now)


@own_account
async def change_password(
    graph: Graph, actor: Actor, old: str, new: str, *, delays: LoginDelays, address: str | None = None, now: Now = utc_now
) -> User:
    """Change the own password, and end all own sessions. ``AccessError`` for a wrong old one, ``BusyError`` after several."""
    actor.require_person("change a password")
    with delays.attempt(actor.name, address) as attempt:
        rows = await graph.read(query("access/password", user=actor.name))
        if not rows:
            raise NotFoundError(f"no user {quoted(actor.name)}")
        attempt.right = await check_password(rows[0]["password_hash"], old)
    if not attempt.right:
        user = record(User, rows[0]["user"])
        await graph.write(
            audited(actor, "change_password", [user_subject(user)], outcome=Outcome.DENIED, detail="wrong password")
        )
        raise AccessError("oldPassword: it is not the password of this user")
    return await _set_password(graph, actor, actor.name, new, "change_password", now)


async def _set_password(graph: Graph, actor: Actor, name: str, password: str, action: str, now: Now) -> User:
    hashed = await hash_password(password)

    async def decide(tx: Transaction, user: User) -> User:
        await end_sessions(tx, user, now, "password changed")
        changed = await _changed(tx, user, password_hash=hashed, password_set_at=now())
        await tx.run(audited(actor, action, [user_subject(user)], detail=user.name))
        return changed

    return await _with_user(graph, name, decide)


async def end_sessions(tx: Transaction, user: User, now: Now, because: str) -> int:
    """End all sessions of a user, and its JWT; the number that were not over."""
    [row] = await tx.run(query("access/end_sessions", user_id=user.user_id, at=now(), because=because))
    return int(row["ended"])


async def user_named(graph: Graph, name: str) -> User:
    """A user by name; ``NotFoundError`` if there is none."""
    rows = await graph.read(query("access/password", user=name.strip().lower()))
    if not rows:
        raise NotFoundError(f"no user {quoted(name)}; `crashgraph user list` shows all")
    return record(User, rows[0]["user"])


async def _with_user(graph: Graph, name: str, decide: Callable[[Transaction, User], Awaitable[T]]) -> T:
    """Change a user under the lock of its organisation: two at once cannot both spare the other's last administrator."""
    wanted = name.strip().lower()

    async def work(tx: Transaction) -> T:
        if not await tx.run(query("access/lock_organisation", user=wanted)):
            raise NotFoundError(f"no user {quoted(name)}; `crashgraph user list` shows all")
        [row] = await tx.run(query("access/password", user=wanted))
        return await decide(tx, record(User, row["user"]))

    return await graph.transact(work)


async def _changed(tx: Transaction, user: User, **values: Any) -> User:
    [row] = await tx.run(query("access/change_user", user_id=user.user_id, properties=values))
    return record(User, row["user"])


async def _refuse_last_admin(tx: Transaction, user: User) -> None:
    [row] = await tx.run(query("access/active_admins", **{"except": user.user_id}))
    if not row["admins"]:
        raise InvalidInputError(f"{quoted(user.name)} is the last active administrator; make another one first")


def user_subject(user: User) -> str:
    """A user as the subject of an entry."""
    return f"User:{user.user_id}"
