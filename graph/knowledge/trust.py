"""How far knowledge is trusted by where it comes from. What is trusted less never rewrites what is trusted more."""

from __future__ import annotations

from graph.model.errors import InvalidInputError

TIERS = ("learned", "suggested", "validated", "proven")
"""Least trusted first: learned from a session, suggested by a person, validated by a person, proven by what happened since."""


def rank(trust: str | None) -> int:
    """Place among the tiers, 0 for the least trusted; -1 for what says nothing."""
    return TIERS.index(trust) if trust in TIERS else -1


def may_rewrite(new: str, stored: str | None) -> bool:
    """Whether knowledge of a tier may take the place of stored knowledge of another."""
    return rank(new) >= rank(stored)


def check_trust(trust: str) -> str:
    """A tier that can be given; ``InvalidInputError`` for ``proven``, which only the facts can give, and for unknown ones."""
    if trust not in TIERS[:-1]:
        raise InvalidInputError(f"trust: {trust!r:.40} cannot be given; one of {', '.join(TIERS[:-1])} can")
    return trust
