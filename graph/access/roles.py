"""Roles of users, and the scopes they stand for."""

from __future__ import annotations

from collections.abc import Iterable

from graph.model.actor import Role, Scope
from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted

SCOPES = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.RESPONDER: frozenset({Scope.READ, Scope.REPORT, Scope.TEACH, Scope.APPROVE_LOW, Scope.RUN_LOW}),
    Role.ADMIN: frozenset(Scope),
}
"""The scopes of each role."""


def role_named(name: str) -> Role:
    """The role of that name; ``InvalidInputError`` if there is none."""
    try:
        return Role(name)
    except ValueError:
        raise InvalidInputError(f"role: {quoted(name)} is none of {', '.join(Role)}") from None


def scopes_named(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names; ``InvalidInputError`` if one is unknown or there are none."""
    known = {scope.value: scope for scope in Scope}
    names = [name.strip() for name in names]
    if unknown := [name for name in names if name not in known]:
        raise InvalidInputError(f"scopes: {quoted(unknown[0])} is none of {', '.join(known)}")
    if not names:
        raise InvalidInputError(f"scopes: give at least one of {', '.join(known)}")
    return frozenset(known[name] for name in names)


def granted(scopes: Iterable[Scope], role: Role) -> frozenset[Scope]:
    """What a credential with these scopes may do for a user of this role: ``admin`` includes every scope."""
    given = frozenset(scopes)
    return SCOPES[role] & (frozenset(Scope) if Scope.ADMIN in given else given)
