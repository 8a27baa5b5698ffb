"""Communities of patterns, as a job found them."""

from __future__ import annotations

from datetime import datetime

from graph.model.choices import CommunityMethod
from graph.model.declare import node, prop, relationship
from graph.model.evidence import Computed


@node(
    "Community",
    key="community_id",
    help="A community of patterns that are more closely related to each other than to the rest.",
    written_by="communities",
    colour="#332288",
    caption="name",
    fulltext=("name",),
)
class Community(Computed):
    """A community of patterns."""

    community_id: str = prop("Stable id, kept from run to run while most members stay.", own=True)
    name: str = prop("Common error types of its members, and the module they fail in.")
    method: str = prop("How it was found.", values=CommunityMethod)
    size: int = prop("Number of its patterns.", index=True)
    cohesion: float = prop("Share of the weight of its members' ties that stays inside; for texts the confidence, 0..1.")
    error_types: tuple[str, ...] = prop(
        "Characteristic error types of its members, most characteristic first; a few.", default=()
    )
    modules: tuple[str, ...] = prop(
        "Characteristic modules that its members fail in, most characteristic first; a few.", default=()
    )
    founded_at: datetime | None = prop("When a run first found it (UTC).", default=None)


@relationship(
    "MEMBER_OF",
    source="Pattern",
    target="Community",
    help="The pattern belongs to this community.",
    written_by="communities",
    colour="#332288",
)
class MemberOf(Computed):
    """The pattern belongs to this community, and to no other."""

    strength: float = prop("Share of the weight of its ties that stays inside the community; for texts the confidence, 0..1.")
