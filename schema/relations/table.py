"""The table of relations: source, field, target, use case, description.

A new relation is a row here and a use case that answers it for many ids at once. ``to_one`` leads to a single record
or null, ``to_list`` to a short list, ``to_pages`` to pages; connections with facts on their edges name what makes an edge.
"""

from __future__ import annotations

from resolvers import access, communities, crashes, history, knowledge, relations
from resolvers.filters import CrashOrder
from schema.relations.attach import Argument, attach, to_list, to_one, to_pages
from schema.types.choices import DerivedType
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
    ApiKey,
    Community,
    Crash,
    Environment,
    Pattern,
    Revision,
    Session,
    Signature,
    Site,
    User,
    Validation,
    Verdict,
    Version,
)

ORDER = Argument("order", CrashOrder, CrashOrder.RECEIVED, "Which time the crashes are sorted by.")
TYPES = Argument("types", list[DerivedType] | None, None, "Relationship types; all derived ones if omitted.")
MIN_SCORE = Argument("min_score", float, 0.0, "Minimum score, 0..1.")

RELATIONS = (
    to_one(Session, "user", User, access.users_of_sessions, "Its user. Needs scope `admin`."),
    to_one(ApiKey, "user", User, access.users_of_keys, "Its user. Needs scope `admin`."),
    to_one(Crash, "pattern", Pattern, crashes.patterns_of, "Pattern it belongs to; null while it is unparsed."),
    to_one(Crash, "signature", Signature, crashes.signatures_of, "Normalised cause and stack; null while it is unparsed."),
    to_one(Crash, "environment", Environment, crashes.environments_of, "Environment it happened in."),
    to_pages(
        Crash,
        "frames",
        StackConnection,
        crashes.frames_of,
        "Normalised stack, innermost frame first.",
        edge=edge_of(StackEdge),
    ),
    to_one(Signature, "pattern", Pattern, relations.signature_patterns, "Pattern it belongs to."),
    to_pages(
        Signature, "crashes", Crash, relations.signature_crashes, "Crashes that have it, latest first.", arguments=[ORDER]
    ),
    to_pages(
        Signature,
        "stack",
        StackConnection,
        relations.signature_frames,
        "Normalised stack as nodes, innermost frame first.",
        edge=edge_of(StackEdge),
    ),
    to_one(Environment, "at_site", Site, relations.environment_sites, "The site as a node."),
    to_one(Environment, "runs_version", Version, relations.environment_versions, "The version as a node."),
    to_pages(
        Community,
        "patterns",
        CommunityMemberConnection,
        communities.members,
        "Patterns of the community, strongest members first.",
        edge=edge_of(CommunityMemberEdge),
    ),
    to_one(Revision, "crash", Crash, history.learned_from, "Crash that the change was learned from."),
    to_one(
        Revision,
        "verdict",
        Verdict,
        history.verdicts_by_id,
        "Verdict that made the change, or was undone by it.",
        by="verdict_id",
    ),
    to_list(
        Pattern,
        "validations",
        Validation,
        knowledge.validations_of,
        "Reviews of its crashes, latest first.",
        make=lambda review: to_type(review.validation),
    ),
    to_one(
        Pattern,
        "known",
        PatternKnowledge,
        knowledge.knowledge_of,
        "State, where, when and how often it was seen, and what fixed it.",
        make=knowledge_type,
    ),
    to_pages(
        Pattern,
        "signatures",
        PatternSignatureConnection,
        relations.signatures,
        "Its signatures, most crashes first.",
        edge=edge_of(PatternSignatureEdge),
    ),
    to_pages(Pattern, "crashes", Crash, relations.crashes, "Its crashes, latest first.", arguments=[ORDER]),
    to_pages(
        Pattern,
        "related",
        RelatedPatternConnection,
        relations.related,
        "Patterns that jobs found related, strongest first, with the evidence.",
        edge=related_edge,
        arguments=[TYPES, MIN_SCORE],
    ),
    to_one(
        Pattern,
        "community",
        CommunityMembership,
        communities.communities_of,
        "Community of patterns it belongs to, and how strongly; null for none.",
        make=membership_type,
    ),
    to_list(
        Pattern,
        "correlations",
        Evidence,
        relations.correlations,
        "Versions, sites and other facts over-represented where it happens, strongest first.",
        make=lambda properties: evidence_of("CORRELATES_WITH", properties),
    ),
    to_pages(
        Pattern,
        "environments",
        SeenConnection[Environment],
        relations.environments,
        "Environments it was seen in, most crashes first.",
        edge=edge_of(SeenEdge),
    ),
    to_pages(
        Pattern,
        "sites",
        SeenConnection[Site],
        relations.sites,
        "Sites it was seen at, most crashes first.",
        edge=edge_of(SeenEdge),
    ),
    to_pages(
        Pattern,
        "versions",
        SeenConnection[Version],
        relations.versions,
        "Versions it was seen in, most crashes first.",
        edge=edge_of(SeenEdge),
    ),
    to_pages(Pattern, "history", Revision, history.history_of, "Changes to it, latest first."),
    to_pages(
        Pattern,
        "solutions",
        PatternSolutionConnection,
        relations.solutions,
        "Solutions, those that worked most often first.",
        edge=edge_of(PatternSolutionEdge),
    ),
)

attach(RELATIONS)
