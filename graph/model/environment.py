"""The identity of an environment, and the nodes for its facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from graph.model.choices import AttributeName
from graph.model.nodes import Attribute, Environment

ATTRIBUTES = tuple(one.value for one in AttributeName if one not in {AttributeName.VERSION, AttributeName.SITE})
"""Facts that are a property of :class:`graph.model.nodes.Environment` and an ``Attribute`` node."""

IDENTITY = ("product", "version", "site", *ATTRIBUTES)
"""All that identifies an environment.

Any other fact is kept on the crash, so that a fact missing here splits no environment.
"""

VALUE_LIMIT = 300
OTHER_FACTS_LIMIT = 64


def environment_of(product: str | None, version: str | None, site: str | None, facts: Mapping[str, str]) -> Environment | None:
    """The environment of a crash; ``None`` if no fact that identifies one is known. Facts outside :data:`IDENTITY` are ignored.

    The id is the SHA-256 of the identifying facts and the title, shortened to 24 hex digits.
    """
    named = {name: facts[name][:VALUE_LIMIT] for name in ATTRIBUTES if facts.get(name)}
    stated = {"product": product, "version": version, "site": site, **named}
    identity = {name: value for name, value in stated.items() if value is not None}
    if not any(identity.values()):
        return None
    title = " ".join(part for part in (product, version, f"at {site}" if site else None) if part) or "unnamed environment"
    return Environment(
        environment_id=_environment_id({"environment_id": "", "title": title, **identity}), title=title, **identity
    )


def _environment_id(values: Mapping[str, str]) -> str:
    text = "\x1f".join(f"{name}={values[name]}" for name in sorted(values))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def other_facts(facts: Mapping[str, str]) -> tuple[str, ...] | None:
    """Facts that do not identify an environment, as sorted ``name=value``, at most :data:`OTHER_FACTS_LIMIT`.

    ``None`` for none.
    """
    others = sorted(f"{name}={value}"[:VALUE_LIMIT] for name, value in facts.items() if value and name not in ATTRIBUTES)
    return tuple(others[:OTHER_FACTS_LIMIT]) or None


def attributes_of(environment: Environment) -> list[Attribute]:
    """The ``Attribute`` nodes of an environment, sorted by name."""
    facts = ((name, getattr(environment, name)) for name in sorted(ATTRIBUTES))
    return [Attribute(key=attribute_key(name, value), name=name, value=value) for name, value in facts if value]


def attribute_key(name: str, value: str) -> str:
    """The key of an ``Attribute`` node."""
    return f"{name}={value}"


def version_id(product: str | None, version: str) -> str:
    """The key of a ``Version`` node; versions of different products are distinct."""
    return f"{product or ''}@{version}"
