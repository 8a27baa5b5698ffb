"""Whom a caller acts for: what a person or program states about itself, and what is recorded."""

from __future__ import annotations

import re

from graph.model.actor import Actor
from graph.model.errors import InvalidInputError
from graph.redaction.redactor import EVERYWHERE, redact_passing

SECRET = re.compile(f"<(?:{'|'.join(sorted(EVERYWHERE))}):")
"""How placeholders of secrets begin."""


def acting_for(actor: Actor, name: str | None) -> Actor:
    """The actor on behalf of ``name``, as :meth:`Actor.acting_for`; ``InvalidInputError`` also if the name holds a secret.

    It is refused and not redacted, because a record of a placeholder names nobody. Addresses of people are names.
    """
    if name is not None and SECRET.search(redact_passing(name)):
        raise InvalidInputError("onBehalfOf: this looks like a password or key; name the person")
    return actor.acting_for(name)
