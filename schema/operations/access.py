"""Logging in and out, users, sessions, API keys, and the record of who did what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import strawberry

from graph.access.keys import create_api_key, revoke_api_key
from graph.access.sessions import (
    AccessControl,
    Login,
    log_in,
    log_out,
    refresh,
    revoke_all_sessions,
    revoke_session,
)
from graph.access.tokens import DEFAULT_ORGANISATION
from graph.access.users import create_user, disable_user, enable_user, set_role
from graph.knowledge.idempotency import act_once, act_repeatably
from graph.model.access import SessionKind
from graph.model.access import User as UserRecord
from graph.model.actor import Scope
from graph.model.choices import CredentialKind
from graph.model.errors import InvalidInputError
from graph.ports import Graph
from resolvers.access import (
    AuditFilter,
    Caller,
    list_api_keys,
    list_audit,
    list_sessions,
    list_users,
    set_password,
    user_name,
    who_am_i,
)
from resolvers.nodes import key_of
from schema.context import Info
from schema.fields import mutation, query
from schema.inputs.access import (
    OWN_HELP,
    ApiKeyInput,
    AuditFilterInput,
    CreateApiKeyInput,
    CreateUserInput,
    LoginInput,
    LogoutInput,
    RefreshInput,
    RevokeAllSessionsInput,
    SessionInput,
    SetPasswordInput,
    SetUserRoleInput,
    UserInput,
)
from schema.inputs.plain import plain_value
from schema.payloads import Input, MutationPayload, Once, answered
from schema.types.declared import to_type
from schema.types.nodes import ApiKey, AuditEvent, Session, User
from schema.types.pages import After, Connection, First, connection

FIRST_USER = (
    "there is no user yet; the owner of the installation makes the first one with `crashgraph user add NAME --role admin`"
)
OfUser = Annotated[str | None, strawberry.argument(description=OWN_HELP)]


@strawberry.type(description="The caller.")
class Me:
    """The caller."""

    actor: str = strawberry.field(description="How its actions are recorded, as `kind:name`.")
    user: User | None = strawberry.field(description="Its user; null where access control is off.")
    scopes: list[Scope] = strawberry.field(description="What this request may do.")
    credential: CredentialKind | None = strawberry.field(description="What the request came with.")
    organisation: str | None = strawberry.field(description="The organisation; null where nobody can log in.")
    expires_at: datetime | None = strawberry.field(description="When the credential ends.")


@strawberry.type(description="Result of a login or of an exchange of a refresh token.")
class LoginPayload(MutationPayload):
    """Result of a login."""

    access_token: str | None = strawberry.field(
        default=None, description="Send it as `Authorization: Bearer …` until it ends, 15 minutes from now."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="When the access token ends.")
    refresh_token: str | None = strawberry.field(default=None, description="What `refresh` exchanges for new tokens, once.")
    me: Me | None = strawberry.field(default=None, description="Who logged in.")


@strawberry.type(description="Result of a change of a user.")
class UserPayload(MutationPayload):
    """Result of a change of a user."""

    user: User | None = strawberry.field(default=None, description="The user after the change.")


@strawberry.type(description="Result of ending a session.")
class SessionPayload(MutationPayload):
    """Result of ending a session."""

    session: Session | None = strawberry.field(default=None, description="The session, which is over.")


@strawberry.type(description="Result of ending all sessions of a user.")
class SessionsPayload(MutationPayload):
    """Result of ending all sessions of a user."""

    ended: int | None = strawberry.field(default=None, description="Number of sessions that were not over.")


@strawberry.type(description="Result of making or revoking an API key.")
class ApiKeyPayload(MutationPayload):
    """Result of making or revoking an API key."""

    api_key: ApiKey | None = strawberry.field(default=None, description="The key, without its secret.")
    token: str | None = strawberry.field(default=None, description="The new key itself; it is shown only this once.")


@strawberry.type
class AccessQuery:
    """Who may do what, and who did what."""

    @query("Who the caller is.", who_am_i)
    async def me(self, info: Info) -> Me:
        """The caller."""
        context = info.context
        return _me(await who_am_i(context.actor, context.principal), context.control)

    @query("Users, newest first.", list_users)
    async def users(self, info: Info, first: First, after: After = None) -> Connection[User]:
        """A page of users."""
        return connection(await list_users(info.context.graph, first, after), to_type)

    @query("Sessions of a user, newest first, those that are over included.", list_sessions)
    async def sessions(self, info: Info, first: First, after: After = None, user: OfUser = None) -> Connection[Session]:
        """A page of sessions."""
        graph, actor = info.context.graph, info.context.actor
        return connection(await list_sessions(graph, actor, first, after, user=user), to_type)

    @query("API keys of a user, newest first, revoked ones included.", list_api_keys)
    async def api_keys(self, info: Info, first: First, after: After = None, user: OfUser = None) -> Connection[ApiKey]:
        """A page of API keys."""
        graph, actor = info.context.graph, info.context.actor
        return connection(await list_api_keys(graph, actor, first, after, user=user), to_type)

    @query("The record of who did what, refusals included, newest first.", list_audit)
    async def audit_events(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[AuditFilterInput | None, strawberry.argument(description="Which entries; all if omitted.")] = None,
    ) -> Connection[AuditEvent]:
        """A page of the record."""
        wanted = plain_value(AuditFilter, filter) if filter else AuditFilter()
        return connection(await list_audit(info.context.graph, first, after, filter=wanted), to_type)


@strawberry.type
class AccessMutation:
    """Logins, and changes of who may do what."""

    @mutation("Log in as a program: tokens for a name and password. `clientMutationId` is only returned.", log_in)
    async def login(self, info: Info, input: Input[LoginInput]) -> LoginPayload:
        """The tokens."""

        async def work(graph: Graph, control: AccessControl) -> Login:
            context, kind = info.context, SessionKind.PROGRAM
            return await log_in(graph, control, input.name, input.password, kind=kind, address=context.address)

        return await _logged_in(info, input, work)

    @mutation(
        "Exchange a refresh token for new ones. One that is used twice ends its session. `clientMutationId` is only returned.",
        refresh,
    )
    async def refresh(self, info: Info, input: Input[RefreshInput]) -> LoginPayload:
        """The new tokens."""
        return await _logged_in(info, input, lambda graph, control: refresh(graph, control, input.refresh_token))

    @mutation("End the session that the request came with.", log_out)
    async def logout(self, info: Info, input: Input[LogoutInput]) -> SessionPayload:
        """The session."""

        async def work(graph: Graph) -> SessionPayload:
            principal = info.context.principal
            if principal is None or principal.credential == "key":
                raise InvalidInputError("this request came with no session; an API key is ended with `revokeApiKey`")
            ended = await log_out(graph, info.context.actor, principal.credential_id)
            return SessionPayload(session=to_type(ended))

        return await answered(info, input, work, SessionPayload)

    @mutation("Make a user.", create_user)
    async def create_user(self, info: Info, input: Input[CreateUserInput]) -> UserPayload:
        """The user."""
        context = info.context

        async def work(graph: Graph) -> UserRecord:
            if context.principal is None:
                raise InvalidInputError(FIRST_USER)
            organisation = _control(context.control).organisation
            return await create_user(graph, context.actor, input.name, input.role, input.password, organisation=organisation)

        return await _user(info, input, work)

    @mutation("Give a user another role.", set_role)
    async def set_user_role(self, info: Info, input: Input[SetUserRoleInput]) -> UserPayload:
        """The user."""
        actor = info.context.actor

        async def work(graph: Graph) -> UserRecord:
            return await set_role(graph, actor, await user_name(graph, input.user), input.role)

        return await _user(info, input, work)

    @mutation("Refuse a user from now on, with all its sessions and API keys.", disable_user)
    async def disable_user(self, info: Info, input: Input[UserInput]) -> UserPayload:
        """The user."""
        actor = info.context.actor

        async def work(graph: Graph) -> UserRecord:
            return await disable_user(graph, actor, await user_name(graph, input.user))

        return await _user(info, input, work)

    @mutation("Let a disabled user log in again; its API keys work again too.", enable_user)
    async def enable_user(self, info: Info, input: Input[UserInput]) -> UserPayload:
        """The user."""
        actor = info.context.actor

        async def work(graph: Graph) -> UserRecord:
            return await enable_user(graph, actor, await user_name(graph, input.user))

        return await _user(info, input, work)

    @mutation("Set a password, which ends all sessions of the user. The caller's own needs the old one.", set_password)
    async def set_password(self, info: Info, input: Input[SetPasswordInput]) -> UserPayload:
        """The user."""
        context = info.context

        async def work(graph: Graph) -> UserRecord:
            name = None if input.user is None else await user_name(graph, input.user)
            return await set_password(
                graph,
                context.actor,
                input.new_password,
                user=name,
                old=input.old_password,
                delays=_control(context.control).delays,
                address=context.address,
            )

        # A wrong password is recorded in a transaction of its own, also if the change is rolled back.
        return await _user(info, input, work, act_repeatably)

    @mutation("Make an API key. The answer has its secret, which is shown only this once.", create_api_key)
    async def create_api_key(self, info: Info, input: Input[CreateApiKeyInput]) -> ApiKeyPayload:
        """The key."""
        context = info.context

        async def work(graph: Graph) -> ApiKeyPayload:
            made = await create_api_key(
                graph,
                context.actor,
                input.name,
                [scope.value for scope in input.scopes],
                expires_at=input.expires_at,
                user=None if input.user is None else await user_name(graph, input.user),
                organisation=context.control.organisation if context.control else DEFAULT_ORGANISATION,
            )
            return ApiKeyPayload(api_key=to_type(made.key), token=made.token)

        return await answered(info, input, work, ApiKeyPayload)

    @mutation("Revoke an API key: it stops working at once.", revoke_api_key)
    async def revoke_api_key(self, info: Info, input: Input[ApiKeyInput]) -> ApiKeyPayload:
        """The key."""

        async def work(graph: Graph) -> ApiKeyPayload:
            key = key_of("ApiKey", input.api_key, "apiKey")
            return ApiKeyPayload(api_key=to_type(await revoke_api_key(graph, info.context.actor, key)))

        return await answered(info, input, work, ApiKeyPayload)

    @mutation("End a session: it stops working at once.", revoke_session)
    async def revoke_session(self, info: Info, input: Input[SessionInput]) -> SessionPayload:
        """The session."""

        async def work(graph: Graph) -> SessionPayload:
            key = key_of("Session", input.session, "session")
            return SessionPayload(session=to_type(await revoke_session(graph, info.context.actor, key)))

        return await answered(info, input, work, SessionPayload)

    @mutation("End all sessions of a user at once; its API keys stay.", revoke_all_sessions)
    async def revoke_all_sessions(self, info: Info, input: Input[RevokeAllSessionsInput]) -> SessionsPayload:
        """The number of sessions."""
        actor = info.context.actor

        async def work(graph: Graph) -> SessionsPayload:
            name = None if input.user is None else await user_name(graph, input.user)
            return SessionsPayload(ended=await revoke_all_sessions(graph, actor, name))

        return await answered(info, input, work, SessionsPayload)


async def _user(
    info: Info,
    input: CreateUserInput | SetUserRoleInput | UserInput | SetPasswordInput,
    work: Callable[[Graph], Awaitable[UserRecord]],
    once: Once[UserPayload] = act_once,
) -> UserPayload:
    async def change(graph: Graph) -> UserPayload:
        return UserPayload(user=to_type(await work(graph)))

    return await answered(info, input, change, UserPayload, once=once)


async def _logged_in(
    info: Info, input: LoginInput | RefreshInput, work: Callable[[Graph, AccessControl], Awaitable[Login]]
) -> LoginPayload:
    async def change(graph: Graph) -> LoginPayload:
        control = _control(info.context.control)
        done = await work(graph, control)
        return LoginPayload(
            access_token=done.access_token,
            expires_at=done.access_expires_at,
            refresh_token=done.token,
            me=_me(Caller(done.principal.actor, done.principal), control),
        )

    # An answer with tokens is not kept.
    return await answered(info, input, change, LoginPayload, once=None)


def _control(control: AccessControl | None) -> AccessControl:
    if control is None:
        raise InvalidInputError(FIRST_USER)
    return control


def _me(caller: Caller, control: AccessControl | None) -> Me:
    principal = caller.principal
    return Me(
        actor=str(caller.actor),
        user=to_type(principal.user) if principal else None,
        scopes=sorted(caller.actor.scopes),
        credential=CredentialKind(principal.credential) if principal else None,
        organisation=control.organisation if control else None,
        expires_at=principal.expires_at if principal else None,
    )
