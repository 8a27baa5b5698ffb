"""Families of patterns, as a job found them."""

from __future__ import annotations

from datetime import datetime

from graph.model.declare import node, prop, relationship
from graph.model.evidence import Computed


@node(
    "Community",
    key="community_id",
    help="A family of patterns that hang together more than with the rest.",
    written_by="communities",
    colour="#332288",
    caption="name",
)
class Community(Computed):
    """A family of patterns."""

    community_id: str = prop("Stable id: a family that keeps most of its members from run to run keeps it.")
    name: str = prop("What its members have in common: their error types and the module they fail in.")
    method: str = prop("`ties`: joined by relationships that jobs found; `texts`: without those, but their texts are near.")
    size: int = prop("Number of its patterns.", index=True)
    cohesion: float = prop("Share of the weight of its members' ties that stays inside; for texts how sure, 0..1.")
    error_types: tuple[str, ...] = prop("Error types of its members, the most telling first; a few.", default=())
    modules: tuple[str, ...] = prop("Modules that its members fail in, the most telling first; a few.", default=())
    founded_at: datetime | None = prop("When a run found it first (UTC).", default=None)


@relationship(
    "MEMBER_OF",
    source="Pattern",
    target="Community",
    help="The pattern is of this family.",
    written_by="communities",
    colour="#332288",
)
class MemberOf(Computed):
    """The pattern is of this family, and of no other."""

    strength: float = prop("Share of the weight of its ties that stays inside the family; for texts how sure, 0..1.")
