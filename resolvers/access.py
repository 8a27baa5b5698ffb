"""Pages of users, their sessions and API keys, and of the record of who did what; and who the caller is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from graph.access.sessions import own_or
from graph.access.users import user_named
from graph.model.access import ApiKey, Session, User
from graph.model.actor import Actor, Scope
from graph.model.audit import AuditEvent, Outcome
from graph.model.permissions import needs, own_account
from graph.ports import Graph
from resolvers.cursors import TIME_START, Position, check_first, position_after
from resolvers.records import PageOf
from resolvers.rows import page_of, read_list, record_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries of the record; ``None`` matches everything."""

    actor: str | None = None
    """As ``kind:name``."""
    action: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None


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


async def _page(
    graph: Graph, name: str, cls: type[T], first: int, after: str | None, position: Callable[[T], Position], **params: Any
) -> PageOf[T]:
    start = position_after(after, name, TIME_START)
    limit = check_first(first) + 1
    rows = await read_list(graph, name, at=start.value, key=start.key, limit=limit, **params)
    return page_of([record_of(cls, row) for row in rows], first, name, position)
