"""Who may do what: users, their sessions and API keys, and the organisation that they belong to."""

from __future__ import annotations

from datetime import datetime

from graph.model.actor import Role, Scope
from graph.model.choices import Choice
from graph.model.declare import node, prop, relationship


class SessionKind(Choice):
    """What a session is for."""

    BROWSER = "browser", "Its token is in a cookie."
    PROGRAM = "program", "Its token is exchanged for a JWT."


@node(
    "Organisation",
    key="name",
    help="The organisation that this graph belongs to. There is one.",
    written_by="access",
    colour="#999999",
    caption="name",
)
class Organisation:
    """The organisation that this graph belongs to."""

    name: str = prop("Its name, part of every credential.", own=True)
    created_at: datetime = prop("When its first user was made (UTC).")


@node(
    "User",
    key="user_id",
    help="A person who may log in.",
    written_by="access",
    colour="#999999",
    caption="name",
    scope=Scope.ADMIN,
)
class User:
    """A person who may log in."""

    user_id: str = prop("Stable id.", own=True)
    name: str = prop("Name to log in with, in lower case; the actor is `person:NAME`.", unique=True, own=True)
    role: str = prop("What its credentials can do at most.", index=True, values=Role)
    disabled: bool = prop("Whether it is refused.", default=False)
    token_version: int = prop("Raised to revoke every session and JWT at once.", default=0)
    password_hash: str | None = prop("Hash of its password (argon2id).", default=None, secret=True)
    password_set_at: datetime | None = prop("When its password was set (UTC).", default=None)
    created_at: datetime = prop("When it was made (UTC).", index=True)
    created_by: str = prop("Who made it, as `kind:name`.", own=True)
    last_login_at: datetime | None = prop("When it last logged in (UTC).", default=None)


@node(
    "Session",
    key="session_id",
    help="A login of a user, in a browser or by a program.",
    written_by="access",
    colour="#999999",
    caption="session_id",
    scope=Scope.ADMIN,
)
class Session:
    """A login of a user."""

    session_id: str = prop("Stable id; the claim `sid` of its JWT.", own=True)
    kind: str = prop("What it is for.", values=SessionKind)
    token_hash: str | None = prop("SHA-256 of its current token, in hex.", default=None, unique=True, secret=True)
    created_at: datetime = prop("When the user logged in (UTC).", index=True)
    expires_at: datetime = prop("When it ends at the latest (UTC).", index=True)
    last_used_at: datetime = prop("When it was last used (UTC), to the minute; after three days without use it ends.")
    address: str | None = prop("Address that it was opened from.", default=None, own=True)
    refreshed: int = prop("How often its token was exchanged.", default=0)
    revoked_at: datetime | None = prop("When it was ended before its time (UTC).", default=None)
    revoked_because: str | None = prop(
        "Why: `logged out`, `revoked`, `password changed`, `user disabled` or `token used twice`.", default=None, own=True
    )


@node(
    "ApiKey",
    key="key_id",
    help="An API key of a user, for programs.",
    written_by="access",
    colour="#999999",
    caption="name",
    scope=Scope.ADMIN,
)
class ApiKey:
    """An API key of a user."""

    key_id: str = prop("Stable id.", own=True)
    name: str = prop("Its name; the actor is `key:NAME`. Never given again.", unique=True, own=True)
    token_hash: str | None = prop("SHA-256 of the key, in hex.", default=None, unique=True, secret=True)
    scopes: tuple[str, ...] = prop("What it may do, as far as its user may.", default=(), values=Scope)
    created_at: datetime = prop("When it was made (UTC).", index=True)
    created_by: str = prop("Who made it, as `kind:name`.", own=True)
    expires_at: datetime = prop("When it ends (UTC).", index=True)
    last_used_at: datetime | None = prop("When it was last used (UTC), to the minute.", default=None)
    revoked_at: datetime | None = prop("When it was revoked (UTC).", default=None)
    revoked_by: str | None = prop("Who revoked it, as `kind:name`.", default=None, own=True)


@relationship("MEMBER_OF", source="User", target="Organisation", help="The organisation of the user.", written_by="access")
class MemberOf:
    """The organisation of the user."""


@relationship(
    "OF_USER",
    source="Session",
    target="User",
    also=(("ApiKey", "User"),),
    help="The user of the session or API key.",
    written_by="access",
)
class OfUser:
    """The user of the session or API key."""
