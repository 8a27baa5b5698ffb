"""Keys of Sentry's protocol, and the products behind its project numbers.

A key is public by design: it is part of every sending program, readable in a browser. It permits writing events and
nothing else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from crashgraph.create_once import create_home, create_once
from graph.model.errors import AccessError, InvalidInputError
from graph.model.quoting import quoted
from graph.server.files import write_atomic

if TYPE_CHECKING:
    from crashgraph.http_ingest.intake import Intake
    from crashgraph.settings import Settings

NAME = re.compile(r"[\w.-]{1,64}")
FIRST = "1"
"""The default project."""


class Keys:
    """The keys of one installation."""

    def __init__(self, settings: Settings) -> None:
        """The keys from the settings, or else one kept in the home and created on first use."""
        given = [key.strip() for key in (settings.sentry_keys or "").split(",") if key.strip()]
        self._keys = given or [_own_key(settings.home)]

    @property
    def first(self) -> str:
        """The key for new programs."""
        return self._keys[0]

    def has(self, key: str) -> bool:
        """Whether the key is one of them."""
        # Compare with all of them, so that the time taken reveals nothing.
        return bool(sum(secrets.compare_digest(key.encode(), own.encode()) for own in self._keys))


def _own_key(home: Path) -> str:
    return create_once(home.expanduser() / "sentry.key", lambda: secrets.token_hex(16).encode()).decode().strip()


@dataclass(slots=True)
class Receiver:
    """Where the events of one organisation's keys go."""

    organisation: str
    keys: Keys
    projects: Projects
    intake: Intake | None = None
    """``None`` while its graph is not known yet."""


class Receivers:
    """The organisations of an installation, by their keys."""

    def __init__(self, receivers: Iterable[Receiver] = ()) -> None:
        """Usually there is one."""
        self._receivers = {one.organisation: one for one in receivers}

    def add(self, receiver: Receiver) -> None:
        """Receive for another organisation, or replace its receiver."""
        self._receivers[receiver.organisation] = receiver

    def of(self, key: str | None) -> Receiver:
        """Whom a key belongs to; ``AccessError`` unless it is one of this installation."""
        if key is None:
            message = "there is no key: send X-Sentry-Auth, or sentry_key in the query; `crashgraph dsn` prints one"
            raise AccessError(message, missing=True)
        # All of them, again for the time.
        found = [one for one in self._receivers.values() if one.keys.has(key)]
        if not found:
            raise AccessError("the key does not belong to this installation; `crashgraph dsn` prints a DSN with the right one")
        return found[0]


class Projects:
    """Project numbers, the only form of project that SDKs accept in a DSN, and the products they denote."""

    def __init__(self, home: Path) -> None:
        """Stored in ``projects.json`` in the home."""
        self._path = home.expanduser() / "projects.json"
        self._read_at = -1
        self._names: Mapping[str, str] = {}

    def product(self, project: str) -> str:
        """The product of a project; ``project-7`` for an unnamed number. ``InvalidInputError`` for an invalid name."""
        if not NAME.fullmatch(project):
            raise InvalidInputError(f"project {quoted(project)} is invalid; use a number that `crashgraph dsn NAME` printed")
        if not project.isdecimal():
            return project
        return self._known().get(project, f"project-{project}")

    def number(self, name: str) -> str:
        """The number of a product, assigned on first use; a number is its own number."""
        if not NAME.fullmatch(name):
            raise InvalidInputError(f"{quoted(name)} cannot name a project; use letters, digits, dots, dashes and underscores")
        known = self._known()
        if name.isdecimal():
            return name
        number = next((number for number, product in known.items() if product == name), None)
        if number is None:
            number = str(max([int(FIRST), *(int(number) for number in known)]) + 1)
            create_home(self._path.parent)
            write_atomic(self._path, orjson.dumps({**known, number: name}, option=orjson.OPT_INDENT_2).decode() + "\n")
        return number

    def _known(self) -> Mapping[str, str]:
        """Names by number; reloaded if the file has changed, since ``crashgraph dsn`` may write it while the service runs."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._read_at:
                self._names = dict(orjson.loads(self._path.read_bytes()))
                self._read_at = changed
        except FileNotFoundError:
            self._names = {}
        return self._names


def dsn(address: str, key: str, project: str = FIRST) -> str:
    """The DSN for an SDK, such as ``http://KEY@127.0.0.1:8321/1``. ``address`` may have a path."""
    scheme, separator, rest = address.rstrip("/").partition("://")
    if not separator or not rest:
        raise InvalidInputError(f"address {quoted(address)} is invalid; use one such as http://127.0.0.1:8321")
    return f"{scheme}://{key}@{rest}/{project}"
