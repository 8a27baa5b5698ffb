"""Pages of users, their sessions and API keys, and of the record of who did what; and who the caller is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from graph.access.delays import LoginDelays
from graph.access.principals import Principal
from graph.access.sessions import own_or
from graph.access.users import change_password, reset_password, user_named
from graph.model.access import ApiKey, Session, User
from graph.model.actor import Actor, Scope
from graph.model.audit import AuditEvent, Outcome
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.permissions import needs, own_account
from graph.model.quoting import quoted
from graph.ports import Graph
from resolvers.cursors import TIME_START, Position, check_first, position_after
from resolvers.nodes import guarded_nodes_by_key
from resolvers.records import PageOf
from resolvers.rows import one_each, page_of, read_list, record_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries of the record; ``None`` matches everything."""

    actor: str | None = None
    """As ``kind:name``."""
    action: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request; without a principal where access control is off."""

    actor: Actor
    principal: Principal | None


@own_account
async def who_am_i(actor: Actor, principal: Principal | None) -> Caller:
    """The caller."""
    return Caller(actor, principal)


@own_account
async def set_password(
    graph: Graph,
    actor: Actor,
    new: str,
    *,
    delays: LoginDelays,
    user: str | None = None,
    old: str | None = None,
    address: str | None = None,
) -> User:
    """Set the own password, which needs the old one, or with scope ``admin`` that of another user."""
    owner = own_or(actor, user)
    if actor.is_person and owner == actor.name:
        if old is None:
            raise InvalidInputError("oldPassword: give the password until now to change your own")
        return await change_password(graph, actor, old, new, delays=delays, address=address)
    return await reset_password(graph, actor, owner, new)


async def user_name(graph: Graph, user: str) -> str:
    """The name of a user given by name or global id; ``NotFoundError`` for an unknown id."""
    label, colon, key = user.partition(":")
    if not colon:
        return user.strip().lower()
    if label != User.__name__:
        raise InvalidInputError(f"user: {quoted(user)} does not name a user")
    found = await guarded_nodes_by_key(graph, [key], label)
    if key not in found:
        raise NotFoundError(f"no user {quoted(user)}")
    return str(found[key].properties["name"])


@needs(Scope.ADMIN)
async def list_users(graph: Graph, first: int, after: str | None = None) -> PageOf[User]:
    """One page of users, newest first, without their secrets."""
    return await _page(graph, "access/users", User, first, after, lambda user: Position(user.created_at, user.user_id))


@own_account
async def list_sessions(
    graph: Graph, actor: Actor, first: int, after: str | None = None, *, user: str | None = None
) -> PageOf[Session]:
    """One page of the sessions of a user, the actor by default, newest first; of others with scope ``admin``."""
    owner = await user_named(graph, own_or(actor, user))
    place: Callable[[Session], Position] = lambda one: Position(one.created_at, one.session_id)  # noqa: E731  # of one use
    return await _page(graph, "access/sessions_of", Session, first, after, place, user_id=owner.user_id)


@own_account
async def list_api_keys(
    graph: Graph, actor: Actor, first: int, after: str | None = None, *, user: str | None = None
) -> PageOf[ApiKey]:
    """One page of the API keys of a user, the actor by default, newest first; of others with scope ``admin``."""
    owner = await user_named(graph, own_or(actor, user))
    return await _page(
        graph, "access/keys_of", ApiKey, first, after, lambda key: Position(key.created_at, key.key_id), user_id=owner.user_id
    )


@needs(Scope.ADMIN)
async def list_audit(
    graph: Graph, first: int, after: str | None = None, *, filter: AuditFilter = AuditFilter()
) -> PageOf[AuditEvent]:
    """One page of the record of who did what, newest first."""
    return await _page(
        graph,
        "access/audit",
        AuditEvent,
        first,
        after,
        lambda entry: Position(entry.at, entry.audit_id),
        actor=filter.actor,
        action=filter.action,
        outcome=filter.outcome,
        since=filter.since,
    )


@needs(Scope.ADMIN)
async def users_of_sessions(graph: Graph, ids: Sequence[str]) -> dict[str, User]:
    """The user of each of these sessions."""
    return await one_each(graph, "access/users_of_sessions", ids, partial(record_of, User))


@needs(Scope.ADMIN)
async def users_of_keys(graph: Graph, ids: Sequence[str]) -> dict[str, User]:
    """The user of each of these API keys."""
    return await one_each(graph, "access/users_of_keys", ids, partial(record_of, User))


async def _page(
    graph: Graph, name: str, cls: type[T], first: int, after: str | None, position: Callable[[T], Position], **params: Any
) -> PageOf[T]:
    start = position_after(after, name, TIME_START)
    limit = check_first(first) + 1
    rows = await read_list(graph, name, at=start.value, key=start.key, limit=limit, **params)
    return page_of([record_of(cls, row) for row in rows], first, name, position, after=after)
