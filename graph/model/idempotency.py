"""Ids that callers gave to mutations, so that one that is sent again acts once."""

from __future__ import annotations

from datetime import datetime

from graph.model.actor import Scope
from graph.model.declare import TextForm, node, prop


@node(
    "IdempotencyKey",
    key="key_id",
    help="An id that a caller gave to a mutation, and the answer. Old ones are pruned.",
    written_by="mutations",
    colour="#999999",
    caption="mutation",
    scope=Scope.ADMIN,
)
class IdempotencyKey:
    """An id that a caller gave to a mutation, and the answer."""

    key_id: str = prop("SHA-256 of the actor, the mutation and the caller's id, in hex; the id itself is not kept.", own=True)
    at: datetime = prop("When the mutation was carried out (UTC).", index=True)
    actor: str = prop("Who sent it, as `kind:name`.", own=True)
    mutation: str = prop("Name of the mutation.", own=True)
    digest: str | None = prop(
        "HMAC-SHA-256 of its input without passwords, in hex; the caller's id is the key.", default=None, secret=True
    )
    objects: tuple[str, ...] = prop(
        "The nodes of the answer, each as `Label:key`; empty texts stand for those that were deleted.", default=(), own=True
    )
    answer: str | None = prop(
        "The fields of the answer as JSON: numbers, and positions in `objects`.", default=None, own=True, form=TextForm.JSON
    )
