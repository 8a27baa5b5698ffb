"""What changed in the schema since the last release, and which of it a reviewer accepted.

``schema/release/schema.graphql`` is the schema of the last release, ``schema/release/accepted.toml`` the changes since
then that break clients, each with its reason. Both are in the checkout and in the package.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    DangerousChangeType,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)

FOLDER = Path(__file__).parent / "release"
RELEASED = FOLDER / "schema.graphql"
ACCEPTED = FOLDER / "accepted.toml"
SILENT = {DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE, DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE}
"""Changes by which an unchanged document is answered otherwise, without an error: they are reviewed like breaking ones."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes since the last release, as sentences; ``removed`` has the coordinates of what was not deprecated before."""

    breaking: tuple[str, ...]
    other: tuple[str, ...]
    removed: tuple[str, ...]

    def faults(self, accepted: Mapping[str, str]) -> list[str]:
        """Why the schema may not be released; empty if it may."""
        return [
            *(f"{one} No reason for it in {ACCEPTED.name}." for one in self.breaking if one not in accepted),
            *(f"{one} was not deprecated in the last release, so it may not be removed." for one in self.removed),
            *(f"{ACCEPTED.name} lists a change that is none: {one}" for one in accepted if one not in self.breaking),
            *(f"{ACCEPTED.name} has no reason: {one}" for one, reason in accepted.items() if not reason.strip()),
        ]


def changes_since_release(sdl: str) -> Changes:
    """Changes from the schema of the last release to this one."""
    return changes(RELEASED.read_text(encoding="utf-8"), sdl)


def changes(old_sdl: str, new_sdl: str) -> Changes:
    """Changes from one schema to another."""
    old, new = build_schema(old_sdl), build_schema(new_sdl)
    dangerous = find_dangerous_changes(old, new)
    reviewed = [one.description for one in find_breaking_changes(old, new)]
    reviewed += [one.description for one in dangerous if one.type in SILENT]
    return Changes(
        breaking=tuple(sorted(reviewed)),
        other=tuple(sorted(one.description for one in dangerous if one.type not in SILENT)),
        removed=tuple(sorted(_removed(old, new))),
    )


def deprecated_members(sdl: str) -> dict[str, str]:
    """The reasons of what is deprecated, by coordinate: what may go once a release had it so."""
    schema = build_schema(sdl)
    members = {name: reason for type in schema.type_map for name, (_, reason) in _members(schema, type).items()}
    return {name: reason for name, reason in sorted(members.items()) if reason is not None}


def accepted_changes() -> dict[str, str]:
    """Reasons by change."""
    content = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))
    return {one["change"]: one["reason"] for one in content.get("accepted", [])}


def _removed(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[str]:
    """Members of types that are gone and were not deprecated, by coordinate such as ``Query.pattern(id:)``.

    What goes with its type, or with its field, is not named: the fields that led to a type are.
    """
    for name in old.type_map.keys() & new.type_map.keys():
        there = _members(new, name)
        for member, (parent, reason) in _members(old, name).items():
            if member not in there and reason is None and (parent is None or parent in there):
                yield member


def _members(schema: GraphQLSchema, name: str) -> dict[str, tuple[str | None, str | None]]:
    """Members of a type, each with the field that it is an argument of, and the reason of its deprecation."""
    type = schema.type_map[name]
    if isinstance(type, GraphQLEnumType):
        return {f"{name}.{key}": (None, value.deprecation_reason) for key, value in type.values.items()}
    if isinstance(type, GraphQLInputObjectType):
        return {f"{name}.{key}": (None, each.deprecation_reason) for key, each in type.fields.items()}
    if not isinstance(type, GraphQLObjectType | GraphQLInterfaceType):
        return {}
    members: dict[str, tuple[str | None, str | None]] = {}
    for key, field in type.fields.items():
        members[f"{name}.{key}"] = (None, field.deprecation_reason)
        members |= {f"{name}.{key}({arg}:)": (f"{name}.{key}", each.deprecation_reason) for arg, each in field.args.items()}
    return members
