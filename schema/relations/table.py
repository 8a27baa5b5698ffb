"""The table of relations: source, field, target, use case, description.

A new relation is a row here and a use case that answers it for many ids at once. ``one`` is a relation to a single record
or null, ``few`` to a short list, ``page`` to pages; connections with facts on their edges name what makes an edge.
"""

from __future__ import annotations

from resolvers import communities, crashes, history, knowledge, relations
from resolvers.filters import CrashOrder
from schema.relations.attach import Argument, attach, few, one, page
from schema.types.communities import CommunityMembership, membership_type
from schema.types.declared import to_type
from schema.types.edges import (
    CommunityMemberConnection,
    CommunityMemberEdge,
    PatternSignatureConnection,
    PatternSignatureEdge,
    PatternSolutionConnection,
    PatternSolutionEdge,
    RelatedPatternConnection,
    SeenConnection,
    SeenEdge,
    StackConnection,
    StackEdge,
    edge_of,
    related_edge,
)
from schema.types.evidence import Evidence, evidence_of
from schema.types.knowledge import PatternKnowledge, knowledge_type
from schema.types.nodes import (
    Community,
    Crash,
    Environment,
    Pattern,
    Revision,
    Signature,
    Site,
    Validation,
    Verdict,
    Version,
)

ORDER = Argument("order", CrashOrder, CrashOrder.RECEIVED, "Which time the crashes are sorted by.")
TYPES = Argument("types", list[str] | None, None, "Relationship types; all derived ones if omitted.")
MIN_SCORE = Argument("min_score", float, 0.0, "Minimum score, 0..1.")

RELATIONS = (
    one(Crash, "pattern", Pattern, crashes.patterns_of, "Pattern it belongs to; null while it is unparsed."),
    one(Crash, "signature", Signature, crashes.signatures_of, "Normalised cause and stack; null while it is unparsed."),
    one(Crash, "environment", Environment, crashes.environments_of, "Environment it happened in."),
    page(
        Crash,
        "frames",
        StackConnection,
        crashes.frames_of,
        "Normalised stack, innermost frame first.",
        edge=edge_of(StackEdge),
    ),
    one(Signature, "pattern", Pattern, relations.signature_patterns, "Pattern it belongs to."),
    page(Signature, "crashes", Crash, relations.signature_crashes, "Crashes that have it, latest first.", arguments=[ORDER]),
    page(
        Signature,
        "stack",
        StackConnection,
        relations.signature_frames,
        "Normalised stack as nodes, innermost frame first.",
        edge=edge_of(StackEdge),
    ),
    one(Environment, "at_site", Site, relations.environment_sites, "The site as a node."),
    one(Environment, "runs_version", Version, relations.environment_versions, "The version as a node."),
    page(
        Community,
        "patterns",
        CommunityMemberConnection,
        communities.members,
        "Patterns of the community, strongest members first.",
        edge=edge_of(CommunityMemberEdge),
    ),
    one(Revision, "crash", Crash, history.learned_from, "Crash that the change was learned from."),
    one(
        Revision,
        "verdict",
        Verdict,
        history.verdicts_by_id,
        "Verdict that made the change, or was undone by it.",
        by="verdict_id",
    ),
    few(
        Pattern,
        "validations",
        Validation,
        knowledge.validations_of,
        "Reviews of its crashes, latest first.",
        make=lambda review: to_type(review.validation),
    ),
    one(
        Pattern,
        "known",
        PatternKnowledge,
        knowledge.knowledge_of,
        "State, where, when and how often it was seen, and what fixed it.",
        make=knowledge_type,
    ),
    page(
        Pattern,
        "signatures",
        PatternSignatureConnection,
        relations.signatures,
        "Its signatures, most crashes first.",
        edge=edge_of(PatternSignatureEdge),
    ),
    page(Pattern, "crashes", Crash, relations.crashes, "Its crashes, latest first.", arguments=[ORDER]),
    page(
        Pattern,
        "related",
        RelatedPatternConnection,
        relations.related,
        "Patterns that jobs found related, strongest first, with the evidence.",
        edge=related_edge,
        arguments=[TYPES, MIN_SCORE],
    ),
    one(
        Pattern,
        "community",
        CommunityMembership,
        communities.communities_of,
        "Community of patterns it belongs to, and how strongly; null for none.",
        make=membership_type,
    ),
    few(
        Pattern,
        "correlations",
        Evidence,
        relations.correlations,
        "Versions, sites and other facts over-represented where it happens, strongest first.",
        make=lambda properties: evidence_of("CORRELATES_WITH", properties),
    ),
    page(
        Pattern,
        "environments",
        SeenConnection[Environment],
        relations.environments,
        "Environments it was seen in, most crashes first.",
        edge=edge_of(SeenEdge),
    ),
    page(
        Pattern,
        "sites",
        SeenConnection[Site],
        relations.sites,
        "Sites it was seen at, most crashes first.",
        edge=edge_of(SeenEdge),
    ),
    page(
        Pattern,
        "versions",
        SeenConnection[Version],
        relations.versions,
        "Versions it was seen in, most crashes first.",
        edge=edge_of(SeenEdge),
    ),
    page(Pattern, "history", Revision, history.history_of, "Changes to it, latest first."),
    page(
        Pattern,
        "solutions",
        PatternSolutionConnection,
        relations.solutions,
        "Solutions, those that worked most often first.",
        edge=edge_of(PatternSolutionEdge),
    ),
)

attach(RELATIONS)
