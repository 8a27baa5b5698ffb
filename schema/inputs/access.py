"""Logins, users, sessions and API keys."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.model.actor import Role, Scope
from graph.model.audit import Outcome
from schema.once import SECRET
from schema.payloads import MutationInput
from schema.types.choices import enum_of

for _choice in (Role, Scope, Outcome):
    enum_of(_choice)

USER_HELP = "The user, by name or global id."
OWN_HELP = "The user, by name or global id; the caller if omitted. Others need scope `admin`."


@strawberry.input(description="A name and password.")
class LoginInput(MutationInput):
    """A name and password."""

    name: str = strawberry.field(description="Name of the user; `ORGANISATION/NAME` beside other organisations.")
    password: str = strawberry.field(description="Its password.", metadata=SECRET)


@strawberry.input(description="A refresh token.")
class RefreshInput(MutationInput):
    """A refresh token."""

    refresh_token: str = strawberry.field(
        description="The token of the last `login` or `refresh`; it works once.", metadata=SECRET
    )


@strawberry.input(description="Nothing but the id of the mutation.")
class LogoutInput(MutationInput):
    """Ends the session of the request."""


@strawberry.input(description="A new user.")
class CreateUserInput(MutationInput):
    """A new user."""

    name: str = strawberry.field(description="Name to log in with: letters, digits and `. _ @ + -`; kept in lower case.")
    role: Role = strawberry.field(description="What it may do at most; the first user must be an `ADMIN`.")
    password: str = strawberry.field(description="Its password, of at least 12 characters.", metadata=SECRET)


@strawberry.input(description="Another role for a user.")
class SetUserRoleInput(MutationInput):
    """Another role for a user."""

    user: str = strawberry.field(description=USER_HELP)
    role: Role = strawberry.field(description="What it may do at most from the next request on.")


@strawberry.input(description="A user.")
class UserInput(MutationInput):
    """A user."""

    user: str = strawberry.field(description=USER_HELP)


@strawberry.input(description="Another password.")
class SetPasswordInput(MutationInput):
    """Another password."""

    user: str | None = strawberry.field(default=None, description=OWN_HELP)
    old_password: str | None = strawberry.field(
        default=None, description="The password until now, for the caller's own.", metadata=SECRET
    )
    new_password: str = strawberry.field(description="The new password, of at least 12 characters.", metadata=SECRET)


@strawberry.input(description="A new API key.")
class CreateApiKeyInput(MutationInput):
    """A new API key."""

    name: str = strawberry.field(description="Name of the key, which is never given again.")
    scopes: list[Scope] = strawberry.field(description="What it may do; at most what its user may.")
    expires_at: datetime | None = strawberry.field(default=None, description="When it ends; 90 days from now if omitted.")
    user: str | None = strawberry.field(default=None, description=OWN_HELP)


@strawberry.input(description="An API key.")
class ApiKeyInput(MutationInput):
    """An API key."""

    api_key: strawberry.ID = strawberry.field(description="The key, by its name, key or global id.")


@strawberry.input(description="A session.")
class SessionInput(MutationInput):
    """A session."""

    session: strawberry.ID = strawberry.field(description="The session, by its key or global id.")


@strawberry.input(description="A user whose sessions are ended.")
class RevokeAllSessionsInput(MutationInput):
    """A user whose sessions are ended."""

    user: str | None = strawberry.field(default=None, description=OWN_HELP)


@strawberry.input(description="Which entries of the record; omitted fields match everything.")
class AuditFilterInput:
    """Which entries of the record."""

    actor: str | None = strawberry.field(default=None, description="Who, as `kind:name`.")
    action: str | None = strawberry.field(default=None, description="What, such as `log_in`.")
    outcome: Outcome | None = strawberry.field(default=None, description="How it ended.")
    since: datetime | None = strawberry.field(default=None, description="Entries from this time on.")
