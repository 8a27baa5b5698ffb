"""Trust tiers, derived from who provides the knowledge. Lower tiers never overwrite higher ones."""

from __future__ import annotations

from graph.model.actor import Actor
from graph.model.choices import Trust

TIERS = Trust.values()
"""Lowest first: from a program, suggested by a person, validated by a person, proven by the crashes that stayed away."""


def tier_of(actor: Actor, *, verified: bool) -> str:
    """The tier of what an actor provides: at most ``learned`` unless a person does; ``verified`` if that person checked it.

    ``proven`` is never given: it follows from the crashes.
    """
    if not actor.is_person:
        return "learned"
    return "validated" if verified else "suggested"


def rank(trust: str | None) -> int:
    """Index in :data:`TIERS`; -1 for none."""
    return TIERS.index(trust) if trust in TIERS else -1


def may_rewrite(new: str, stored: str | None) -> bool:
    """True if knowledge of tier ``new`` may replace knowledge of tier ``stored``."""
    return rank(new) >= rank(stored)
