"""API keys: making, revoking and listing them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from graph.access.audit import audited
from graph.access.principals import Now, utc_now
from graph.access.roles import granted, role_named, scopes_named
from graph.access.sessions import own_or
from graph.access.tokens import DEFAULT_ORGANISATION, new_key, token_hash
from graph.access.users import user_subject
from graph.cypher import query
from graph.model.access import ApiKey, User
from graph.model.actor import Actor, Role, Scope
from graph.model.convert import properties, record
from graph.model.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph.model.permissions import own_account
from graph.model.quoting import quoted
from graph.ports import Graph, Transaction
from graph.retry import retry_conflicts

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
ID = re.compile("[0-9a-f]{32}")
LONGEST = timedelta(days=3_650)
DEFAULT_LIFETIME = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made. ``token`` is shown once, to the caller alone."""

    key: ApiKey
    user: User
    token: str = field(repr=False)


@own_account
async def create_api_key(
    graph: Graph,
    actor: Actor,
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: datetime | None = None,
    user: str | None = None,
    organisation: str = DEFAULT_ORGANISATION,
    now: Now = utc_now,
) -> NewKey:
    """Make an API key of a user, the actor by default, for 90 days by default.

    Only people make keys, so that a key cannot outlive itself. ``ForbiddenError`` for scopes beyond those of the user or the
    actor, ``InvalidInputError`` for a name that is taken, or an end in the past or beyond ten years.
    """
    actor.require_person("make an API key")
    owner = own_or(actor, user)
    wanted, at = scopes_named(scopes), now()
    ends = at + DEFAULT_LIFETIME if expires_at is None else expires_at
    if ends.tzinfo is None or not at < ends <= at + LONGEST:
        raise InvalidInputError("expiresAt: give a time after now, with a time zone, and within ten years")
    name = name.strip().lower()
    if NAME.fullmatch(name) is None or ID.fullmatch(name):
        raise InvalidInputError(
            f"name: {quoted(name)} is no name for a key; give 1 to 100 letters, digits and . _ -, the first a letter or digit"
        )
    token = new_key(organisation)
    key = ApiKey(
        key_id=uuid.uuid4().hex,
        name=name,
        token_hash=token_hash(token),
        scopes=tuple(sorted(wanted)),
        created_at=at,
        created_by=str(actor),
        expires_at=ends,
    )

    async def work(tx: Transaction) -> NewKey:
        if not await tx.run(query("access/lock_organisation", user=owner.strip().lower())):
            raise NotFoundError(f"no user {quoted(owner)}; `crashgraph user list` shows all")
        [row] = await tx.run(query("access/password", user=owner.strip().lower()))
        found = record(User, row["user"])
        _refuse_more(wanted, granted(Scope, role_named(found.role)), f"user {quoted(found.name)}")
        _refuse_more(wanted, granted(actor.scopes, Role.ADMIN), str(actor))
        if found.disabled:
            raise InvalidInputError(f"user: {quoted(found.name)} is disabled")
        if await tx.run(query("access/key_named", key=name)):
            raise InvalidInputError(f"name: there is, or was, a key {quoted(name)}; names of keys are never given again")
        [made] = await tx.run(query("access/create_key", user_id=found.user_id, key=properties(key)))
        subjects = [f"ApiKey:{key.key_id}", user_subject(found)]
        detail = f"{name} of {found.name}: {' '.join(key.scopes)}, until {ends:%Y-%m-%d}"
        await tx.run(audited(actor, "create_api_key", subjects, count=1, detail=detail))
        return NewKey(record(ApiKey, made["key"]), found, token)

    return await retry_conflicts(partial(graph.transact, work))


@own_account
async def revoke_api_key(graph: Graph, actor: Actor, key: str, now: Now = utc_now) -> ApiKey:
    """End a key, given by id or name; it stops working at once. ``NotFoundError`` unless own, or the actor may do all."""

    async def work(tx: Transaction) -> ApiKey | None:
        rows = await tx.run(query("access/key_named", key=key))
        if not rows:
            return None
        found, user = record(ApiKey, rows[0]["key"]), record(User, rows[0]["user"])
        if not (actor.is_person and actor.name == user.name) and Scope.ADMIN not in actor.scopes:
            return None
        if found.revoked_at is not None:
            return found
        changed = {"revoked_at": now(), "revoked_by": str(actor)}
        [row] = await tx.run(query("access/change_key", key_id=found.key_id, properties=changed))
        subjects = [f"ApiKey:{found.key_id}", user_subject(user)]
        await tx.run(audited(actor, "revoke_api_key", subjects, count=1, detail=f"{found.name} of {user.name}"))
        return record(ApiKey, row["key"])

    revoked = await graph.transact(work)
    if revoked is None:
        raise NotFoundError(f"no API key {quoted(key)}; `crashgraph key list` shows all")
    return revoked


def _refuse_more(wanted: frozenset[Scope], held: frozenset[Scope], who: str) -> None:
    if beyond := sorted(wanted - held):
        raise ForbiddenError(f"scopes: {who} has not {', '.join(beyond)}, so its key cannot have it")
