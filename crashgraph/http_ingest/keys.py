"""Who may write by Sentry's protocol, and for which product.

A key of that protocol is public by design: it is in every program that sends, in a browser for everybody to read. It
allows to write events and nothing else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from crashgraph.create_once import create_once
from graph.model.errors import AccessError, InvalidInputError
from graph.server.files import write_atomic

if TYPE_CHECKING:
    from crashgraph.settings import Settings

NAME = re.compile(r"[\w.-]{1,64}")
FIRST = "1"
"""The project that is there without being named."""


class Keys:
    """The keys of one installation."""

    def __init__(self, settings: Settings) -> None:
        """Those of the settings, else the one in the home, which is made the first time."""
        given = [key.strip() for key in (settings.sentry_keys or "").split(",") if key.strip()]
        self._keys = given or [_own_key(settings.home)]

    @property
    def first(self) -> str:
        """The key to give to a new program."""
        return self._keys[0]

    def check(self, key: str | None) -> None:
        """``AccessError`` unless it is one of ours."""
        if key is None:
            told = "there is no key: send X-Sentry-Auth, or sentry_key in the address; `crashgraph dsn` prints one"
            raise AccessError(told, missing=True)
        # All are compared, so that the time tells nothing of them.
        if not sum(secrets.compare_digest(key.encode(), own.encode()) for own in self._keys):
            raise AccessError("the key is none of this installation; `crashgraph dsn` prints a DSN with the right one")


def _own_key(home: Path) -> str:
    return create_once(home.expanduser() / "sentry.key", lambda: secrets.token_hex(16).encode()).decode().strip()


class Projects:
    """The numbers that stand in a DSN, where SDKs accept nothing else, and the products that they stand for."""

    def __init__(self, home: Path) -> None:
        """Kept in ``projects.json`` of the home."""
        self._path = home.expanduser() / "projects.json"
        self._read_at = -1
        self._names: Mapping[str, str] = {}

    def product(self, project: str) -> str:
        """The product of a project; ``project-7`` for a number without a name. ``InvalidInputError`` for what is no name."""
        if not NAME.fullmatch(project):
            raise InvalidInputError(f"project {project[:80]!r} is not one; use a number, as `crashgraph dsn NAME` gives it")
        if not project.isdecimal():
            return project
        return self._known().get(project, f"project-{project}")

    def number(self, name: str) -> str:
        """The number of a product, given the first time it is asked for; a number stands for itself."""
        if not NAME.fullmatch(name):
            raise InvalidInputError(f"{name[:80]!r} cannot name a project; use letters, digits, dots, dashes and underscores")
        known = self._known()
        if name.isdecimal():
            return name
        found = next((number for number, own in known.items() if own == name), None)
        if found is None:
            found = str(max([int(FIRST), *(int(number) for number in known)]) + 1)
            write_atomic(self._path, orjson.dumps({**known, found: name}, option=orjson.OPT_INDENT_2).decode() + "\n")
        return found

    def _known(self) -> Mapping[str, str]:
        """Names by number; read again when the file was changed, which ``crashgraph dsn`` may do while the service runs."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._read_at:
                self._names = dict(orjson.loads(self._path.read_bytes()))
                self._read_at = changed
        except FileNotFoundError:
            self._names = {}
        return self._names


def dsn(address: str, key: str, project: str = FIRST) -> str:
    """What an SDK is given: ``http://KEY@127.0.0.1:8321/1``. ``address`` may have a path."""
    scheme, separator, rest = address.rstrip("/").partition("://")
    if not separator or not rest:
        raise InvalidInputError(f"address {address[:80]!r} is not one such as http://127.0.0.1:8321")
    return f"{scheme}://{key}@{rest}/{project}"
