"""Where a crash happened: one record per distinct environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from graph.model.convert import properties
from graph.model.nodes import Attribute, Environment

NAMED = frozenset(
    {
        "os",
        "runtime",
        "build",
        "database",
        "database_name",
        "database_version",
        "database_client",
        "host",
        "memory_class",
        "disk_class",
    }
)
"""Facts that have a property of their own; all others are kept in ``extra``."""

VALUE_LIMIT = 300
EXTRA_LIMIT = 64


def environment_of(
    product: str | None, version: str | None, site: str | None, facts: Mapping[str, str], extra: Mapping[str, str]
) -> Environment | None:
    """The environment with an id made of all it says; ``None`` when nothing is known."""
    named = {key: value[:VALUE_LIMIT] for key, value in facts.items() if key in NAMED and value}
    others = {**extra, **{key: value for key, value in facts.items() if key not in NAMED and value}}
    listed = tuple(sorted(f"{key}={value}"[:VALUE_LIMIT] for key, value in others.items() if value))[:EXTRA_LIMIT]
    if not (product or version or site or named or listed):
        return None
    title = " ".join(part for part in (product, version, f"at {site}" if site else None) if part) or "unnamed environment"
    draft = Environment(
        environment_id="", title=title, product=product, version=version, site=site, extra=listed or None, **named
    )
    values = properties(draft)
    text = "\x1f".join(f"{key}={values[key]}" for key in sorted(values))
    return replace(draft, environment_id=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24])


def attributes_of(environment: Environment) -> list[Attribute]:
    """The facts of an environment that are nodes: all that have a property of their own, by name."""
    facts = ((name, getattr(environment, name)) for name in sorted(NAMED))
    return [Attribute(key=attribute_key(name, value), name=name, value=value) for name, value in facts if value]


def attribute_key(name: str, value: str) -> str:
    """The key of a fact."""
    return f"{name}={value}"


def version_id(product: str | None, version: str) -> str:
    """The key of a version: versions of different products never mix."""
    return f"{product or ''}@{version}"
