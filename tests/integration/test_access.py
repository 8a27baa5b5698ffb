"""Users, sessions, API keys and the record of who did what, on a real graph."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from small_graph import Counted

from graph.access import jwt
from graph.access.delays import FREE, LoginDelays
from graph.access.keys import create_api_key, revoke_api_key
from graph.access.principals import IDLE, OVER, access_is_on, by_claims, by_key, by_session
from graph.access.roles import SCOPES
from graph.access.sessions import (
    WRONG,
    AccessControl,
    Login,
    log_in,
    log_out,
    refresh,
    revoke_all_sessions,
    revoke_session,
)
from graph.access.users import (
    change_password,
    create_user,
    disable_user,
    enable_user,
    reset_password,
    set_role,
)
from graph.model.access import SessionKind
from graph.model.actor import Actor, Role, Scope, person
from graph.model.audit import AuditEvent, Outcome
from graph.model.errors import AccessError, BusyError, ForbiddenError, InvalidInputError, NotFoundError
from graph.model.origin import Origin, request_from
from graph.model.statement import Statement
from graph.ports import Graph
from resolvers.access import AuditFilter, list_api_keys, list_audit, list_sessions

OWNER = person("owner")
PASSWORD = "correct horse battery"
OTHER = "another horse battery"


@dataclass
class Clock:
    """A clock that is moved by hand, for times and for seconds."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def control(clock: Clock) -> AccessControl:
    return AccessControl(secret=b"s" * 32, delays=LoginDelays(clock.seconds), now=clock)


@pytest.fixture
async def admin(graph: Graph) -> Actor:
    await create_user(graph, OWNER, "ada", Role.ADMIN, PASSWORD)
    return person("ada")


async def login(graph: Graph, control: AccessControl, name: str = "ada", kind: str = "browser") -> Login:
    return await log_in(graph, control, name, PASSWORD, kind=SessionKind(kind), address="10.0.0.1")


async def entries(graph: Graph, **filter: Any) -> list[AuditEvent]:
    return list((await list_audit(graph, 100, filter=AuditFilter(**filter))).items)


async def everything(graph: Graph) -> str:
    rows = await graph.read(Statement("MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties"))
    return json.dumps(rows, default=str)


async def test_access_is_off_until_the_first_user_who_must_be_an_administrator(graph: Graph) -> None:
    assert not await access_is_on(graph)
    with pytest.raises(InvalidInputError, match="first user must be an admin"):
        await create_user(graph, OWNER, "vera", Role.VIEWER, PASSWORD)
    user = await create_user(graph, OWNER, " Ada ", Role.ADMIN, PASSWORD)
    assert (user.name, user.role, user.password_hash) == ("ada", "admin", None)
    assert await access_is_on(graph)


@pytest.mark.parametrize("name", ["", "a b", "anonymous", "-x", "x" * 101, "ä"])
async def test_a_name_that_cannot_be_a_user_is_refused(graph: Graph, name: str) -> None:
    with pytest.raises(InvalidInputError, match="name"):
        await create_user(graph, OWNER, name, Role.ADMIN, PASSWORD)


async def test_what_is_wrong_with_a_new_user_is_named(graph: Graph, admin: Actor) -> None:
    with pytest.raises(InvalidInputError, match="already"):
        await create_user(graph, admin, "ADA", Role.VIEWER, PASSWORD)
    with pytest.raises(InvalidInputError, match="none of viewer"):
        await create_user(graph, admin, "bob", "king", PASSWORD)
    with pytest.raises(InvalidInputError, match="at least 12"):
        await create_user(graph, admin, "bob", Role.VIEWER, "short")
    with pytest.raises(InvalidInputError, match="belongs to 'default'"):
        await create_user(graph, admin, "bob", Role.VIEWER, PASSWORD, organisation="other")
    with pytest.raises(ForbiddenError):
        await create_user(graph, person("bob", SCOPES[Role.RESPONDER]), "eve", Role.ADMIN, PASSWORD)


async def test_a_name_asked_for_twice_at_once_is_made_once(graph: Graph, admin: Actor) -> None:
    made = await asyncio.gather(
        *(create_user(graph, admin, "bob", Role.VIEWER, PASSWORD) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, InvalidInputError) for one in made) == 3


async def test_a_session_is_looked_up_and_ends_when_revoked(graph: Graph, admin: Actor, control: AccessControl) -> None:
    opened = await login(graph, control)
    principal = await by_session(graph, opened.token)
    assert (str(principal.actor), principal.credential, principal.credential_id) == (
        "person:ada",
        "session",
        opened.session.session_id,
    )
    assert principal.actor.scopes == frozenset(Scope)
    assert principal.user.password_hash is None
    await log_out(graph, principal.actor, principal.credential_id)
    with pytest.raises(AccessError, match="over"):
        await by_session(graph, opened.token)


async def test_a_session_ends_when_unused_and_after_its_longest_time(
    graph: Graph, admin: Actor, control: AccessControl
) -> None:
    clock = control.now
    assert isinstance(clock, Clock)
    opened = await login(graph, control)
    for _ in range(14):
        clock.move(days=2)
        assert await by_session(graph, opened.token, clock)
    clock.move(days=2, seconds=1)
    with pytest.raises(AccessError, match="over"):
        await by_session(graph, opened.token, clock)
    fresh = await login(graph, control)
    clock.move(seconds=IDLE.total_seconds())
    with pytest.raises(AccessError, match="over"):
        await by_session(graph, fresh.token, clock)


async def test_the_last_use_is_written_once_a_minute(graph: Graph, admin: Actor, control: AccessControl) -> None:
    clock = control.now
    assert isinstance(clock, Clock)
    opened = await login(graph, control)
    began = clock.at
    for seconds in (30, 20, 20, 20):
        clock.move(seconds=seconds)
        await by_session(graph, opened.token, clock)
    [session] = (await list_sessions(graph, admin, 10)).items
    assert session.last_used_at - began == timedelta(seconds=70)


async def test_many_requests_at_once_write_the_last_use_once(graph: Graph, admin: Actor, clock: Clock) -> None:
    made = await create_api_key(graph, admin, "builds", ["read"], now=clock)
    counted = Counted(graph)
    await asyncio.gather(*(by_key(counted, made.token, clock) for _ in range(20)))
    assert Counter(counted.names) == {"access/by_key": 20, "access/note_key_use": 1}


async def test_wrong_logins_do_not_say_what_is_wrong(graph: Graph, admin: Actor, control: AccessControl) -> None:
    messages = set()
    for name in ("ada", "nobody", "not a name", "pass word 12345"):
        with pytest.raises(AccessError) as raised:
            await log_in(graph, control, name, OTHER, kind=SessionKind.BROWSER, address="10.0.0.2")
        messages.add(str(raised.value))
    assert messages == {"wrong name or password"}
    refused = await entries(graph, action="log_in", outcome="denied")
    assert {entry.detail for entry in refused} == {"wrong password", "unknown name"}
    assert "pass word" not in await everything(graph)


async def test_an_unknown_name_is_refused_no_sooner_than_a_wrong_password(
    graph: Graph, admin: Actor, control: AccessControl
) -> None:
    async def seconds(name: str, number: int) -> float:
        began = time.perf_counter()
        with pytest.raises(AccessError):
            await log_in(graph, control, name, OTHER, kind=SessionKind.BROWSER, address=f"10.0.1.{number}")
        return time.perf_counter() - began

    await seconds("ada", 0)
    pairs = [(await seconds("ada", number), await seconds("nobody", number)) for number in range(15)]
    ratio = statistics.median(unknown / wrong for wrong, unknown in pairs)
    assert 0.6 < ratio < 1.6


async def test_wrong_passwords_delay_that_name_at_that_address_only(graph: Graph, admin: Actor, control: AccessControl) -> None:
    clock = control.now
    assert isinstance(clock, Clock)
    for _ in range(FREE):
        with pytest.raises(AccessError):
            await log_in(graph, control, "ada", OTHER, kind=SessionKind.BROWSER, address="10.0.0.2")
    with pytest.raises(BusyError, match="try again in 1 s"):
        await log_in(graph, control, "ada", PASSWORD, kind=SessionKind.BROWSER, address="10.0.0.2")
    assert await log_in(graph, control, "ada", PASSWORD, kind=SessionKind.BROWSER, address="10.0.0.3")
    waits = []
    for _ in range(10):
        with pytest.raises(BusyError) as busy:
            await log_in(graph, control, "ada", PASSWORD, kind=SessionKind.BROWSER, address="10.0.0.2")
        waits.append(busy.value.retry_after)
        clock.move(seconds=busy.value.retry_after)
        with pytest.raises(AccessError):
            await log_in(graph, control, "ada", OTHER, kind=SessionKind.BROWSER, address="10.0.0.2")
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    clock.move(seconds=60)
    assert await log_in(graph, control, "ada", PASSWORD, kind=SessionKind.BROWSER, address="10.0.0.2")


async def test_twenty_logins_at_once_succeed(graph: Graph, admin: Actor, control: AccessControl) -> None:
    opened = await asyncio.gather(*(login(graph, control) for _ in range(20)))
    assert len({one.token for one in opened}) == 20
    assert len((await list_sessions(graph, admin, 100)).items) == 20


async def test_too_many_logins_at_once_are_refused_and_none_hangs(graph: Graph, admin: Actor, control: AccessControl) -> None:
    opened = await asyncio.gather(*(login(graph, control) for _ in range(60)), return_exceptions=True)
    busy = [one for one in opened if isinstance(one, BusyError)]
    assert len([one for one in opened if isinstance(one, Login)]) + len(busy) == 60
    assert busy
    assert await login(graph, control)


async def test_a_program_gets_a_token_for_quarter_of_an_hour(graph: Graph, admin: Actor, control: AccessControl) -> None:
    opened = await login(graph, control, kind="program")
    assert opened.access_token is not None
    claims = jwt.read(control.secret, opened.access_token)
    principal = await by_claims(graph, claims)
    assert (principal.credential, principal.expires_at) == ("token", opened.access_expires_at)
    assert claims.expires_at - claims.issued_at == timedelta(minutes=15)
    with pytest.raises(AccessError):
        await by_session(graph, opened.token)


async def test_a_refresh_token_works_once_and_its_second_use_ends_the_session(
    graph: Graph, admin: Actor, control: AccessControl
) -> None:
    first = await login(graph, control, kind="program")
    second = await refresh(graph, control, first.token)
    assert second.token != first.token
    assert second.access_token is not None
    assert await by_claims(graph, jwt.read(control.secret, second.access_token))
    with pytest.raises(AccessError, match="exchanged before"):
        await refresh(graph, control, first.token)
    with pytest.raises(AccessError, match="over"):
        await refresh(graph, control, second.token)
    with pytest.raises(AccessError):
        await by_claims(graph, jwt.read(control.secret, second.access_token))
    [entry] = await entries(graph, action="refresh")
    assert (entry.outcome, entry.detail) == ("denied", "token used twice")


async def test_one_of_many_exchanges_of_a_token_at_once_succeeds(graph: Graph, admin: Actor, control: AccessControl) -> None:
    opened = await login(graph, control, kind="program")
    done = await asyncio.gather(*(refresh(graph, control, opened.token) for _ in range(8)), return_exceptions=True)
    assert len([one for one in done if isinstance(one, Login)]) == 1


@pytest.mark.parametrize(
    "token", ["", "default.x", "default." + "0" * 32 + "." + "a" * 43, "other." + "0" * 32 + "." + "a" * 43]
)
async def test_other_refresh_tokens_are_refused(graph: Graph, admin: Actor, control: AccessControl, token: str) -> None:
    with pytest.raises(AccessError):
        await refresh(graph, control, token)


async def test_a_login_may_name_the_organisation_and_another_one_is_a_wrong_name(
    graph: Graph, admin: Actor, control: AccessControl, clock: Clock
) -> None:
    assert (await login(graph, control, "default/ada")).principal.user.name == "ada"
    for name in ("other/ada", "/ada", "x" * 10_000 + "/ada", "a/b/ada", "other/nobody"):
        with pytest.raises(AccessError, match=WRONG):
            await login(graph, control, name)
    [latest, *_] = await entries(graph, action="log_in", outcome=Outcome.DENIED)
    assert (latest.detail, latest.subjects) == ("unknown name", ())


async def test_guesses_at_another_organisation_are_counted_apart(
    graph: Graph, admin: Actor, control: AccessControl, clock: Clock
) -> None:
    """Otherwise a wait after guesses at its own users would show that the other one does not exist."""
    for _ in range(5):
        with pytest.raises(AccessError):
            await log_in(graph, control, "ada", OTHER, kind=SessionKind.BROWSER, address="10.0.0.2")
    with pytest.raises(BusyError):
        await log_in(graph, control, "ada", OTHER, kind=SessionKind.BROWSER, address="10.0.0.2")
    for _ in range(5):
        with pytest.raises(AccessError):
            await log_in(graph, control, "other/ada", OTHER, kind=SessionKind.BROWSER, address="10.0.0.2")
    with pytest.raises(BusyError):
        await log_in(graph, control, "other/ada", OTHER, kind=SessionKind.BROWSER, address="10.0.0.2")


async def test_a_refresh_token_of_another_organisation_is_over_as_an_unknown_one(
    graph: Graph, admin: Actor, control: AccessControl
) -> None:
    opened = await login(graph, control, kind="program")
    for token in (opened.token.replace("default.", "other."), f"default.{'0' * 32}.{'a' * 43}"):
        with pytest.raises(AccessError, match=OVER):
            await refresh(graph, control, token)
    assert await refresh(graph, control, opened.token), "it did not count as used"


async def test_what_takes_away_rights_holds_at_the_next_request(graph: Graph, admin: Actor, control: AccessControl) -> None:
    await create_user(graph, admin, "bob", Role.ADMIN, PASSWORD)
    opened = await login(graph, control, "bob", kind="program")
    browser = await login(graph, control, "bob")
    key = await create_api_key(graph, person("bob"), "builds", ["admin"])
    assert opened.access_token is not None
    claims = jwt.read(control.secret, opened.access_token)

    await set_role(graph, admin, "bob", Role.VIEWER)
    for principal in (await by_claims(graph, claims), await by_session(graph, browser.token), await by_key(graph, key.token)):
        assert principal.actor.scopes == {Scope.READ}

    await revoke_all_sessions(graph, admin, "bob")
    with pytest.raises(AccessError, match="revoked"):
        await by_claims(graph, claims)
    with pytest.raises(AccessError):
        await by_session(graph, browser.token)
    assert await by_key(graph, key.token)

    await disable_user(graph, admin, "bob")
    with pytest.raises(AccessError, match="disabled"):
        await by_key(graph, key.token)
    with pytest.raises(AccessError, match="disabled"):
        await login(graph, control, "bob")
    await enable_user(graph, admin, "bob")
    assert await login(graph, control, "bob")
    assert await by_key(graph, key.token)


async def test_the_last_active_administrator_stays(graph: Graph, admin: Actor) -> None:
    for change in (disable_user(graph, admin, "ada"), set_role(graph, admin, "ada", Role.VIEWER)):
        with pytest.raises(InvalidInputError, match="last active administrator"):
            await change
    await create_user(graph, admin, "bob", Role.ADMIN, PASSWORD)
    done = await asyncio.gather(
        disable_user(graph, admin, "ada"), set_role(graph, admin, "bob", Role.VIEWER), return_exceptions=True
    )
    assert sum(isinstance(one, InvalidInputError) for one in done) == 1


async def test_the_own_password_is_changed_with_the_old_one_and_ends_sessions(
    graph: Graph, admin: Actor, control: AccessControl
) -> None:
    opened = await login(graph, control)
    with pytest.raises(AccessError, match="oldPassword"):
        await change_password(graph, admin, OTHER, OTHER, delays=control.delays)
    await change_password(graph, admin, PASSWORD, OTHER, delays=control.delays)
    with pytest.raises(AccessError, match="over"):
        await by_session(graph, opened.token)
    assert await log_in(graph, control, "ada", OTHER, kind=SessionKind.BROWSER)
    await reset_password(graph, OWNER, "ada", PASSWORD)
    assert await login(graph, control)


async def test_others_sessions_and_keys_are_not_found(graph: Graph, admin: Actor, control: AccessControl) -> None:
    await create_user(graph, admin, "bob", Role.RESPONDER, PASSWORD)
    bob = person("bob", SCOPES[Role.RESPONDER])
    opened = await login(graph, control)
    key = await create_api_key(graph, admin, "builds", ["read"])
    with pytest.raises(NotFoundError):
        await revoke_session(graph, bob, opened.session.session_id)
    with pytest.raises(NotFoundError):
        await revoke_api_key(graph, bob, "builds")
    for refused in (
        list_sessions(graph, bob, 10, user="ada"),
        list_api_keys(graph, bob, 10, user="ada"),
        revoke_all_sessions(graph, bob, "ada"),
    ):
        with pytest.raises(ForbiddenError):
            await refused
    assert await by_key(graph, key.token)


async def test_a_key_may_do_no_more_than_its_user(graph: Graph, admin: Actor) -> None:
    await create_user(graph, admin, "bob", Role.RESPONDER, PASSWORD)
    bob = person("bob", SCOPES[Role.RESPONDER])
    with pytest.raises(ForbiddenError, match="admin"):
        await create_api_key(graph, bob, "all", ["admin"])
    with pytest.raises(ForbiddenError, match="run:high"):
        await create_api_key(graph, admin, "all", ["run:high"], user="bob")
    made = await create_api_key(graph, bob, "Builds", ["report"])
    principal = await by_key(graph, made.token)
    assert (str(principal.actor), principal.actor.on_behalf_of) == ("key:builds", "bob")
    assert principal.actor.scopes == {Scope.REPORT}
    with pytest.raises(ForbiddenError, match="only a person"):
        await create_api_key(graph, principal.actor, "more", ["report"])
    await revoke_api_key(graph, bob, made.key.key_id)
    with pytest.raises(AccessError, match="revoked"):
        await by_key(graph, made.token)
    with pytest.raises(InvalidInputError, match="never given again"):
        await create_api_key(graph, bob, "builds", ["report"])


async def test_a_key_ends(graph: Graph, admin: Actor, clock: Clock) -> None:
    made = await create_api_key(graph, admin, "builds", ["read"], expires_at=clock() + timedelta(days=1), now=clock)
    assert await by_key(graph, made.token, clock)
    clock.move(days=1)
    with pytest.raises(AccessError, match="over"):
        await by_key(graph, made.token, clock)
    for wrong in (clock(), clock() + timedelta(days=4_000)):
        with pytest.raises(InvalidInputError, match="expiresAt"):
            await create_api_key(graph, admin, "other", ["read"], expires_at=wrong, now=clock)


async def test_every_change_of_access_leaves_an_entry_and_no_secret(graph: Graph, admin: Actor, control: AccessControl) -> None:
    with request_from(Origin("r-1", "10.0.0.9")):
        await create_user(graph, admin, "bob", Role.RESPONDER, PASSWORD)
        opened = await login(graph, control, "bob", kind="program")
        bob = opened.principal.actor
        key = await create_api_key(graph, bob, "builds", ["read"])
        exchanged = await refresh(graph, control, opened.token)
        await revoke_api_key(graph, bob, "builds")
        await revoke_session(graph, admin, opened.session.session_id)
        await change_password(graph, bob, PASSWORD, OTHER, delays=control.delays)
        await set_role(graph, admin, "bob", Role.VIEWER)
        await disable_user(graph, admin, "bob")
        await enable_user(graph, admin, "bob")
        await revoke_all_sessions(graph, admin, "bob")
    found = [entry for entry in await entries(graph) if entry.request_id == "r-1"]
    assert [(entry.actor, entry.action) for entry in reversed(found)] == [
        ("person:ada", "create_user"),
        ("person:bob", "log_in"),
        ("person:bob", "create_api_key"),
        ("person:bob", "revoke_api_key"),
        ("person:ada", "revoke_session"),
        ("person:bob", "change_password"),
        ("person:ada", "set_role"),
        ("person:ada", "disable_user"),
        ("person:ada", "enable_user"),
        ("person:ada", "revoke_all_sessions"),
    ]
    assert {entry.address for entry in found} == {"10.0.0.9"}
    stored = await everything(graph)
    for secret in (PASSWORD, OTHER, key.token, opened.token, exchanged.token, exchanged.access_token):
        assert secret is not None
        assert secret not in stored
        assert secret.rpartition(".")[2].rpartition("_")[2] not in stored
