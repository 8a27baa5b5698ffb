"""Organisations of an installation: each is a home of its own in the folder ``organisations`` of the home (ADR 0020)."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crashgraph.create_once import create_home
from crashgraph.local_service.announcement import find_announcement
from crashgraph.settings import ABOUT, for_organisation, organisation_home, organisations_in
from graph.access.tokens import DEFAULT_ORGANISATION, organisation_named
from graph.model.errors import AlreadyRunningError, ConflictError, InvalidInputError, NotFoundError
from graph.model.quoting import quoted
from graph.server import EmbeddedServer, HomeLock, ServerSettings
from graph.server.files import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from crashgraph.settings import Settings

REMOVED = ".removed-"
"""Prefix of the folder of an organisation that is being removed."""


@dataclass(frozen=True, slots=True)
class OwnNeo4j:
    """The Neo4j of an organisation without an embedded one; what is unset is that of the installation."""

    uri: str | None = None
    user: str | None = None
    password: str | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True)
class OrganisationInfo:
    """One organisation as the commands show it. ``neo4j`` is ``embedded``, or the address and database."""

    name: str
    home: str
    neo4j: str
    created_at: str | None


def add_organisation(installation: Settings, name: str, own: OwnNeo4j | None = None) -> OrganisationInfo:
    """Make the home of an organisation.

    ``InvalidInputError`` for a name that is taken or no name, ``ConflictError`` for a database that another organisation uses.
    """
    if organisation_named(name) == DEFAULT_ORGANISATION:
        raise InvalidInputError(f"organisation: {DEFAULT_ORGANISATION!r} is the one that every installation has")
    home = organisation_home(installation.home, name)
    if name in organisations_in(installation.home):
        raise InvalidInputError(f"organisation: there is one named {quoted(name)} already")
    if home.exists():
        raise InvalidInputError(f"organisation: {home} exists and is not the home of one; move it away")
    about = {field: value for field, value in asdict(own or OwnNeo4j()).items() if value is not None}
    _check_database(installation, about)
    create_home(installation.home.expanduser())
    for folder in (home.parent, home):
        create_home(folder)
        folder.chmod(0o700)
    content = {"created_at": datetime.now(UTC).isoformat(timespec="seconds"), "neo4j": about}
    write_atomic(home / ABOUT, json.dumps(content, indent=1) + "\n", mode=0o600)
    return _info(installation, name)


def list_organisations(installation: Settings) -> list[OrganisationInfo]:
    """All organisations, the default one first."""
    return [_info(installation, name) for name in (DEFAULT_ORGANISATION, *organisations_in(installation.home))]


def remove_organisation(installation: Settings, name: str) -> None:
    """Delete an organisation with its graph, keys, spool and backups.

    ``NotFoundError`` for an unknown one, ``AlreadyRunningError`` while a service or command uses it. A Neo4j that is not
    embedded keeps its data.
    """
    if name == DEFAULT_ORGANISATION:
        raise InvalidInputError(
            f"organisation: {DEFAULT_ORGANISATION!r} cannot be removed; `crashgraph db reset` empties its graph"
        )
    home = organisation_home(installation.home, name)
    if name not in organisations_in(installation.home):
        raise NotFoundError(f"no organisation {quoted(name)}; `crashgraph organisation list` shows all")
    with HomeLock(home, "up"):
        # Settings that cannot be read are no reason to keep it.
        with suppress(InvalidInputError):
            if find_announcement(for_organisation(installation, name), any_settings=True) is not None:
                raise AlreadyRunningError(f"a service uses organisation {name}; stop it first")
        _reset_graph(installation, home)
        gone = home.with_name(f"{REMOVED}{name}")
        shutil.rmtree(gone, ignore_errors=True)
        home.rename(gone)
    shutil.rmtree(gone)


def _reset_graph(installation: Settings, home: Path) -> None:
    """Stop its Neo4j and delete the graph; ``ServerError`` while another process uses it."""
    if (home / "neo4j").exists():
        server = EmbeddedServer(ServerSettings(home=home, cache_dir=installation.cache, java_home=installation.java_home))
        server.reset()
        server.stop()  # one that `crashgraph db start` left running was started again


def _check_database(installation: Settings, about: dict[str, str]) -> None:
    if not about:
        if installation.neo4j_uri is not None:
            raise InvalidInputError(
                "CRASHGRAPH_NEO4J_URI is set, so the organisation needs a database of its own there: give --neo4j-database, "
                "or --neo4j-uri of another server"
            )
        return
    if "uri" in about and "password" not in about:
        raise InvalidInputError("--neo4j-uri needs --neo4j-password-stdin, with the password in the first line")
    if "uri" not in about and installation.neo4j_uri is None:
        raise InvalidInputError("the embedded Neo4j has one database; leave --neo4j-database out, or give --neo4j-uri too")
    wanted = (about.get("uri", installation.neo4j_uri), about.get("database", installation.neo4j_database))
    for name in (DEFAULT_ORGANISATION, *organisations_in(installation.home)):
        with suppress(InvalidInputError):  # one without a database can use none
            other = for_organisation(installation, name)
            if (other.neo4j_uri, other.neo4j_database) == wanted:
                raise ConflictError(f"organisation {name} uses that database already")


def _info(installation: Settings, name: str) -> OrganisationInfo:
    if name == DEFAULT_ORGANISATION:
        return OrganisationInfo(name, str(installation.home.expanduser()), _neo4j(installation), None)
    home = organisation_home(installation.home, name)
    try:
        neo4j = _neo4j(for_organisation(installation, name))
        created = json.loads((home / ABOUT).read_text(encoding="utf-8"))["created_at"]
    except InvalidInputError as error:
        return OrganisationInfo(name, str(home), f"unusable: {error}", None)
    return OrganisationInfo(name, str(home), neo4j, created)


def _neo4j(settings: Settings) -> str:
    return "embedded" if settings.neo4j_uri is None else f"{settings.neo4j_uri}, database {settings.neo4j_database}"
