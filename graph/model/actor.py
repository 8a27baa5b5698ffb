"""Actors and their permissions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from graph.model.choices import Choice
from graph.model.errors import ForbiddenError, InvalidInputError

LONGEST_NAME = 200
"""Maximum length of a name, of an actor or of the one it acts for, in characters."""


class ActorKind(StrEnum):
    """What an actor is. Only a person's decisions count as human decisions."""

    PERSON = "person"
    KEY = "key"
    """A program with an API key."""
    JOB = "job"
    """A scheduled job or another part of the service itself."""
    AGENT = "agent"
    """A session of a language model."""


class Scope(Choice):
    """A permission; `admin` includes every other one. `low` and `high` are the risk of an action."""

    READ = "read", "Read everything but users, sessions, API keys and the audit record."
    REPORT = "report", "Submit crash reports."
    TEACH = "teach", "Give validations, solutions, verdicts and the status of patterns."
    APPROVE_LOW = "approve:low", "Approve actions of low risk."
    RUN_LOW = "run:low", "Request and cancel job runs."
    APPROVE_HIGH = "approve:high", "Approve actions of high risk."
    RUN_HIGH = "run:high", "Carry out actions of high risk."
    ADMIN = "admin", "Everything: also users, API keys, the audit record and deletion."


class Role(Choice):
    """What a user may do at most."""

    VIEWER = "viewer", "Read."
    RESPONDER = "responder", "Read, report, teach, approve and run what has a low risk."
    ADMIN = "admin", "Everything."


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor. ``name`` is unique within the kind.

    ``on_behalf_of`` names whom the actor acts for. It is recorded beside the actor and grants nothing.
    """

    kind: ActorKind
    name: str
    scopes: frozenset[Scope] = frozenset()
    on_behalf_of: str | None = None

    def __str__(self) -> str:
        """``kind:name``, as it is stored: ``person:ann``, ``agent:healer``."""
        return f"{self.kind}:{self.name}"

    @property
    def is_person(self) -> bool:
        """True if this is a person, and not a program that acts for one."""
        return self.kind is ActorKind.PERSON

    def acting_for(self, name: str | None) -> Actor:
        """The same actor on behalf of ``name``; ``InvalidInputError`` if the name is blank or too long."""
        if name is None:
            return self
        if not name.strip() or len(name) > LONGEST_NAME:
            raise InvalidInputError(f"onBehalfOf: name the person in 1 to {LONGEST_NAME} characters, or leave it out")
        return replace(self, on_behalf_of=name.strip())

    def require(self, scope: Scope) -> None:
        """``ForbiddenError`` unless the actor has the scope or ``admin``."""
        if not self.scopes & {scope, Scope.ADMIN}:
            raise ForbiddenError(f"{self} lacks the scope {scope.value!r}; an administrator can grant it")

    def require_person(self, action: str) -> None:
        """``ForbiddenError`` unless the actor is a person; ``action`` completes "only a person may …"."""
        if not self.is_person:
            raise ForbiddenError(f"only a person may {action}; {self} is not a person")


def person(name: str, scopes: Iterable[Scope] = Scope) -> Actor:
    """A person, with every scope unless some are given."""
    return Actor(ActorKind.PERSON, name, frozenset(scopes))


def job_actor(name: str, scopes: Iterable[Scope] = ()) -> Actor:
    """A job or another part of the service."""
    return Actor(ActorKind.JOB, name, frozenset(scopes))


ANONYMOUS = person("anonymous")
"""A caller without credentials."""
INGEST = job_actor("ingest", [Scope.REPORT])
"""The ingest pipeline, if the caller is unknown."""
