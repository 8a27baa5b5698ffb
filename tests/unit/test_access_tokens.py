"""Tokens, roles, passwords, JWT and the delay of logins, without a graph."""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt as pyjwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.access import jwt, passwords
from graph.access.delays import FREE, LoginDelays
from graph.access.passwords import PasswordWork, check_password, generated_password, hash_password, is_outdated
from graph.access.roles import SCOPES, granted, scopes_named
from graph.access.tokens import (
    is_key,
    new_key,
    new_session_token,
    organisation_named,
    organisation_of,
    session_of,
    token_hash,
)
from graph.model.actor import Role, Scope
from graph.model.errors import AccessError, BusyError, InvalidInputError
from graph.redaction.redactor import Redactor

SECRET = b"k" * 32
NOW = datetime.now(UTC)
organisations = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)
scopes = st.frozensets(st.sampled_from(list(Scope)))


@given(organisations, st.uuids())
def test_a_token_names_its_organisation_and_nothing_else_does(organisation: str, session: Any) -> None:
    for token in (new_key(organisation), new_session_token(organisation), new_session_token(organisation, session.hex)):
        assert organisation_of(token) == organisation
        assert organisation_of(token + "x") is None
        assert organisation_of(token[:-1]) is None
        assert is_key(token) == token.startswith("cg_")
        assert session_of(token) == (session.hex if token.count(".") == 2 else None)


def test_an_api_key_in_a_report_is_redacted() -> None:
    redactor = Redactor(b"k" * 32)
    for token in (new_key("my-company"), "cg_acme_DAG8_SARp4uRK4Kw6_d09fgauhfx77DHF-xQxv-t3nM"):
        assert token not in redactor.redact(f"curl failed: {token} was refused")


@given(st.text())
def test_any_text_has_a_hash_and_almost_none_an_organisation(text: str) -> None:
    assert len(token_hash(text)) == 64
    assert organisation_of(text) is None


def test_a_thousand_tokens_differ_and_hold_256_bits() -> None:
    tokens = {new_session_token("default") for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert {len(base64.urlsafe_b64decode(token.partition(".")[2] + "=")) for token in tokens} == {32}


@pytest.mark.parametrize("name", ["", "A", "1a", "a_b", "a.b", "a" * 32, "ä", "a\n"])
def test_other_names_of_organisations_are_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="organisation"):
        organisation_named(name)


@given(scopes, st.sampled_from(list(Role)))
def test_a_credential_grants_no_more_than_its_role_and_itself(given_scopes: frozenset[Scope], role: Role) -> None:
    result = granted(given_scopes, role)
    assert result <= SCOPES[role]
    if Scope.ADMIN not in given_scopes:
        assert result <= given_scopes
    assert granted(Scope, role) == SCOPES[role]
    assert granted(result, role) == result


def test_roles_grow() -> None:
    assert SCOPES[Role.VIEWER] < SCOPES[Role.RESPONDER] < SCOPES[Role.ADMIN] == frozenset(Scope)
    assert SCOPES[Role.RESPONDER].isdisjoint({Scope.ADMIN, Scope.RUN_HIGH, Scope.APPROVE_HIGH})


@pytest.mark.parametrize("names", [[], ["fly"], ["read", "READ"]])
def test_other_scopes_are_refused(names: list[str]) -> None:
    with pytest.raises(InvalidInputError, match="scopes"):
        scopes_named(names)


async def test_a_password_is_checked_however_it_is_typed() -> None:
    stored = await hash_password("caf\u00e9 au lait twice")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await check_password(stored, "cafe\u0301 au lait twice")
    assert not await check_password(stored, "cafe au lait twice")
    assert not await check_password(None, "caf\u00e9 au lait twice")
    assert not await check_password("no hash", "caf\u00e9 au lait twice")
    assert stored != await hash_password("caf\u00e9 au lait twice")


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 1_025, "\u00e9" * 513, "lone \ud800 surrogate"])
async def test_a_password_that_cannot_be_one_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError, match="password") as raised:
        await hash_password(password)
    assert not password or password not in str(raised.value)


def test_hashes_of_other_parameters_are_outdated() -> None:
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1).hash("correct horse battery")
    assert is_outdated(weak)
    assert is_outdated("no hash")
    assert not is_outdated(passwords._DUMMY)


def test_generated_passwords_differ_and_are_long_enough() -> None:
    made = {generated_password() for _ in range(100)}
    assert len(made) == 100
    assert {len(one.replace("-", "")) for one in made} == {26}


async def test_an_unknown_name_takes_as_long_as_a_wrong_password() -> None:
    stored = await hash_password("correct horse battery")

    async def seconds(hashed: str | None) -> float:
        began = time.perf_counter()
        assert not await check_password(hashed, "another horse battery")
        return time.perf_counter() - began

    await seconds(stored)
    pairs = [(await seconds(stored), await seconds(None)) for _ in range(25)]
    ratio = statistics.median(unknown / wrong for wrong, unknown in pairs)
    assert 0.7 < ratio < 1.4


async def test_two_passwords_are_computed_at_once_and_a_long_queue_is_refused() -> None:
    work, go, running, most = PasswordWork(at_once=2, waiting=3), threading.Event(), [], []

    def compute() -> None:
        running.append(1)
        most.append(len(running))
        go.wait(20)
        running.pop()

    asked = [asyncio.create_task(work.run(compute)) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await work.run(compute)
    asked[4].cancel()  # it waits: its place is free again
    await asyncio.sleep(0)
    more = asyncio.create_task(work.run(compute))
    await asyncio.sleep(0)
    go.set()
    done = await asyncio.gather(*asked, more, return_exceptions=True)
    assert [type(one) for one in done] == [type(None)] * 4 + [asyncio.CancelledError, type(None)]
    assert max(most) == 2
    await work.run(lambda: None)


def signed(**changed: Any) -> str:
    token, _ = jwt.sign(SECRET, user_id="u", organisation="default", session_id="s", version=3, now=changed.pop("now", NOW))
    return token


def forged(secret: bytes = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    claims = {"iss": "crashgraph", "sub": "u", "org": "default", "sid": "s", "ver": 3, "iat": NOW, "exp": NOW + timedelta(60)}
    return pyjwt.encode({name: value for name, value in (claims | changed).items() if value is not None}, secret, algorithm)


def test_a_token_that_was_signed_is_read() -> None:
    claims = jwt.read(SECRET, signed())
    assert (claims.user_id, claims.organisation, claims.session_id, claims.version) == ("u", "default", "s", 3)
    assert claims.expires_at == NOW.replace(microsecond=0) + timedelta(minutes=15)
    assert jwt.organisation_in(signed()) == "default"


def test_a_token_ends_after_a_quarter_of_an_hour_and_a_little_leeway() -> None:
    now = datetime.now(UTC)
    assert jwt.read(SECRET, signed(now=now - timedelta(minutes=15, seconds=-5)))
    with pytest.raises(AccessError, match="over"):
        jwt.read(SECRET, signed(now=now - timedelta(minutes=15, seconds=12)))
    with pytest.raises(AccessError):
        jwt.read(SECRET, signed(now=now + timedelta(minutes=5)))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        "x" * 5_000,
        forged(secret=b"z" * 32),
        forged(algorithm="HS512", secret=SECRET * 2),
        forged(iss="other"),
        forged(ver="3"),
        forged(ver=True),
        forged(sub=None),
        forged(sid=7),
        forged(exp=None),
        forged().rpartition(".")[0] + ".",
        base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=") + "." + signed().split(".")[1] + ".",
        "\ud800.\ud800.\ud800",
    ],
)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(AccessError):
        jwt.read(SECRET, token)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}", fullmatch=True))
def test_no_text_makes_reading_fail_otherwise(text: str) -> None:
    with pytest.raises(AccessError):
        jwt.read(SECRET, text)
    jwt.organisation_in(text)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_makes_a_token_invalid(place: int, change: int) -> None:
    header, payload, signature = signed().split(".")
    raw = bytearray(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    raw[place % len(raw)] ^= change
    changed = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    with pytest.raises(AccessError):
        jwt.read(SECRET, f"{header}.{changed}.{signature}")


def test_a_short_secret_is_refused_for_signing_and_reading() -> None:
    token = signed()
    for use in (lambda: jwt.check_secret(b"x" * 31), lambda: jwt.read(b"x" * 31, token)):
        with pytest.raises(InvalidInputError, match="31 bytes"):
            use()


def test_claims_hold_no_name() -> None:
    payload = signed().split(".")[1]
    assert set(json.loads(base64.urlsafe_b64decode(payload + "=="))) == {"iss", "sub", "org", "sid", "ver", "iat", "exp"}


def test_a_right_password_ends_the_delay_and_time_forgets_it() -> None:
    now = [0.0]
    delays = LoginDelays(lambda: now[0])

    def wrong(times: int) -> None:
        for _ in range(times):
            with delays.attempt("ann", "a") as attempt:
                attempt.right = False

    wrong(FREE)
    with pytest.raises(BusyError), delays.attempt("ann", "a"):
        pass
    now[0] = 1.0
    with delays.attempt("ann", "a") as attempt:
        attempt.right = True
    wrong(FREE)
    now[0] += 3_601
    wrong(FREE)
    with pytest.raises(BusyError), delays.attempt("ann", "a"):
        pass


def test_after_the_free_attempts_one_runs_at_a_time_and_the_memory_is_bounded() -> None:
    now = [0.0]
    delays = LoginDelays(lambda: now[0])
    for _ in range(FREE):
        with delays.attempt("ann", "a") as attempt:
            attempt.right = False
    now[0] = 2.0
    with delays.attempt("ann", "a"), pytest.raises(BusyError), delays.attempt("ann", "a"):
        pass
    for number in range(21_000):
        with delays.attempt(f"n{number}", "a") as attempt:
            attempt.right = False
    assert len(delays._pairs) == 20_000
