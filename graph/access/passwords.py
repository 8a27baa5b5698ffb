"""Passwords, hashed with argon2id as RFC 9106 and OWASP advise: 19 MiB, two passes, one lane.

A hash takes about 20 ms and 19 MiB, so at most two are computed at once, in threads, and few may wait for them.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from graph.model.errors import BusyError, InvalidInputError

T = TypeVar("T")

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
SHORTEST = 12
"""Characters of a password."""
LONGEST_BYTES = 1_024
AT_ONCE = 2
MOST_WAITING = 20

_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


class PasswordWork:
    """Computes password hashes in threads, few at a time. ``BusyError`` if too many wait."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = MOST_WAITING) -> None:
        """Nothing is started before the first password."""
        self._threads = ThreadPoolExecutor(at_once, "password")
        self._most = at_once + waiting
        self._open = 0
        self._lock = threading.Lock()

    async def run(self, work: Callable[[], T]) -> T:
        """The result of the work, done in a thread."""
        with self._lock:
            if self._open >= self._most:
                raise BusyError("too many passwords are being checked; try again in a second")
            self._open += 1
        future = self._threads.submit(work)
        # Also called where the caller goes away: work that has begun still counts until it ends.
        future.add_done_callback(lambda _: self._ended())
        return await asyncio.wrap_future(future)

    def _ended(self) -> None:
        with self._lock:
            self._open -= 1


WORK = PasswordWork()
"""That of this process."""


async def hash_password(password: str, work: PasswordWork = WORK) -> str:
    """The hash of a new password. ``InvalidInputError`` if it is too short or too long, ``BusyError`` if too many wait."""
    encoded = check_new(password)
    return await work.run(lambda: _HASHER.hash(encoded))


def check_new(password: str) -> bytes:
    """A new password as it is hashed; ``InvalidInputError`` if it is too short or too long."""
    encoded = _encoded(password)
    if len(encoded.decode()) < SHORTEST:
        raise InvalidInputError(f"password: give at least {SHORTEST} characters")
    return encoded


async def check_password(stored: str | None, password: str, work: PasswordWork = WORK) -> bool:
    """Whether the password has that hash. ``None``, for an unknown name, takes the same time and is never true.

    Errors as of :func:`hash_password`, but for short passwords.
    """
    encoded = _encoded(password)
    return await work.run(lambda: _verified(stored or _DUMMY, encoded)) and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    try:
        return _HASHER.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def generated_password() -> str:
    """A password of 128 random bits, in groups that can be read out."""
    text = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def _verified(stored: str, password: bytes) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """One spelling of characters that can be typed in several ways, so that a password works on every keyboard."""
    return unicodedata.normalize("NFKC", password)


def _encoded(password: str) -> bytes:
    if len(password) > LONGEST_BYTES:
        raise InvalidInputError(f"password: give at most {LONGEST_BYTES:,} bytes")
    try:
        encoded = _normal(password).encode()
    except UnicodeEncodeError:
        raise InvalidInputError("password: it holds a character that is not Unicode (a lone surrogate)") from None
    if len(encoded) > LONGEST_BYTES:
        raise InvalidInputError(f"password: give at most {LONGEST_BYTES:,} bytes")
    return encoded


def _random(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")


_DUMMY = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${_random(16)}${_random(32)}"
"""A hash of no password."""
