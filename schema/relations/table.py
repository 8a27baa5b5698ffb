"""The table of relations: source, field, target, use case, description.

A new relation is a row here and a use case that answers it for many ids at once. ``to_one`` leads to a single record
or null, ``to_pages`` to pages; connections with facts on their edges name what makes an edge.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from graph.model.actor import Scope
from graph.model.errors import NotFoundError
from graph.model.permissions import scope_of
from resolvers import access, communities, crashes, fixes, history, jobs, knowledge, places, relations, stacks
from resolvers.filters import CrashOrder
from schema.context import Info
from schema.loading import load_nodes
from schema.relations.attach import Argument, Relation, attach, to_one, to_pages
from schema.types.choices import DerivedType
from schema.types.communities import CommunityMembership, membership_type
from schema.types.declared import Node
from schema.types.edges import (
    AppliedConnection,
    CommunityMemberConnection,
    CommunityMemberEdge,
    CorrelatedPatternConnection,
    CorrelatedPlaceConnection,
    LatestPatternConnection,
    LatestPatternEdge,
    PatternSignatureConnection,
    PatternSignatureEdge,
    PatternSolutionConnection,
    PatternSolutionEdge,
    RelatedPatternConnection,
    SeenConnection,
    SeenEdge,
    SolvedPatternConnection,
    SolvedPatternEdge,
    StackConnection,
    StackEdge,
    applied_edge,
    correlated_edge,
    edge_of,
    place_edge,
    related_edge,
)
from schema.types.history import PatternAsOf, pattern_as_of_type
from schema.types.jobs import Job, job_type
from schema.types.knowledge import PatternKnowledge, knowledge_type
from schema.types.nodes import (
    ApiKey,
    Attribute,
    Community,
    Crash,
    Environment,
    Event,
    Frame,
    JobRun,
    Module,
    Pattern,
    Revision,
    Session,
    Signature,
    Site,
    Solution,
    User,
    Validation,
    Verdict,
    Version,
)

ORDER = Argument("order", CrashOrder, CrashOrder.RECEIVED, "Which time the crashes are sorted by.")
TYPES = Argument("types", list[DerivedType] | None, None, "Relationship types; all derived ones if omitted.")
INTRODUCED = Argument(
    "introduced", bool, False, "Only those that this version introduced, as the job `evolution` found; it leaves out none else."
)
LATEST = f"of its latest {places.LATEST:,} crashes, most of those first; the order moves. `patterns` with a filter lists all"
MIN_SCORE = Argument("min_score", float, 0.0, "Minimum score, 0..1.")

SUBJECTS = list[Node | None]
SUBJECTS_HELP = "Its subjects as nodes, in order; null for one that no longer exists, or that the caller may not read."


async def subject_nodes(parent: strawberry.Parent[Any], info: Info) -> Any:
    """The subjects of an event or verdict, as nodes."""
    return await load_nodes(info.context, parent.record.subjects)


def job_of_run(parent: strawberry.Parent[Any], info: Info) -> Any:
    """The job of a run."""
    return next((job_type(spec) for spec in info.context.jobs if spec.name == parent.record.job), None)


async def pattern_at(
    parent: strawberry.Parent[Any],
    info: Info,
    at: Annotated[datetime, strawberry.argument(description="The time, with a time zone.")],
) -> Any:
    """A pattern as it was at a time."""
    info.context.actor.require(scope_of(history.as_of))
    try:
        return pattern_as_of_type(await history.as_of(info.context.graph, parent.record.pattern_id, at))
    except NotFoundError:
        return None


CORE = (
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
    to_pages(Pattern, "validations", Validation, fixes.pattern_validations, "Reviews of its crashes, latest first."),
    to_one(
        Pattern,
        "merged_into",
        Pattern,
        fixes.survivors,
        "The pattern it was merged into, in the end; null if it was not merged.",
    ),
    to_pages(Pattern, "merged_from", Pattern, fixes.merged_patterns, "Patterns merged into it directly, by their ids."),
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
    to_pages(
        Pattern,
        "correlations",
        CorrelatedPlaceConnection,
        relations.correlations,
        "Versions, sites and other facts over-represented where it happens, most significant first.",
        edge=place_edge,
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

PLACES = (
    to_pages(Site, "crashes", Crash, places.site_crashes, "Crashes there, last received first."),
    to_pages(
        Site,
        "patterns",
        LatestPatternConnection,
        places.site_patterns,
        f"Patterns {LATEST}.",
        edge=edge_of(LatestPatternEdge),
    ),
    to_pages(
        Site,
        "correlated_patterns",
        CorrelatedPatternConnection,
        places.site_correlations,
        "Patterns over-represented there, strongest first.",
        edge=correlated_edge,
    ),
    to_pages(Site, "environments", Environment, places.site_environments, "Environments there, by their ids."),
    to_pages(Site, "versions", Version, places.site_versions, "Versions that run there, by their ids."),
    to_pages(Site, "linked_to", Site, places.linked_sites, "Sites that its failures can reach, or that can reach it, by name."),
    to_pages(Version, "crashes", Crash, places.version_crashes, "Its crashes, last received first."),
    to_pages(
        Version,
        "patterns",
        LatestPatternConnection,
        places.version_patterns,
        f"Patterns {LATEST}.",
        edge=edge_of(LatestPatternEdge),
        arguments=[INTRODUCED],
    ),
    to_pages(
        Version,
        "correlated_patterns",
        CorrelatedPatternConnection,
        places.version_correlations,
        "Patterns over-represented in it, strongest first.",
        edge=correlated_edge,
    ),
    to_pages(Version, "environments", Environment, places.version_environments, "Environments that run it, by their ids."),
    to_pages(Version, "sites", Site, places.version_sites, "Sites that run it, by name."),
    to_pages(Version, "solutions", Solution, fixes.version_solutions, "Solutions that it introduced, by their ids."),
    to_one(Version, "next", Version, places.next_versions, "The next version of the product; null for the last one."),
    to_one(
        Version, "previous", Version, places.previous_versions, "The previous version of the product; null for the first one."
    ),
    to_pages(Environment, "crashes", Crash, places.environment_crashes, "Crashes in it, latest first.", arguments=[ORDER]),
    to_pages(
        Environment,
        "patterns",
        LatestPatternConnection,
        places.environment_patterns,
        f"Patterns {LATEST}.",
        edge=edge_of(LatestPatternEdge),
    ),
    to_pages(Environment, "attributes", Attribute, places.environment_attributes, "Facts of it as nodes, by key."),
    to_pages(
        Environment,
        "solutions",
        AppliedConnection[Solution],
        fixes.environment_proofs,
        "Solutions applied in it, latest first.",
        edge=applied_edge,
    ),
    to_pages(Attribute, "environments", Environment, places.attribute_environments, "Environments that have it, by their ids."),
    to_pages(
        Attribute,
        "correlated_patterns",
        CorrelatedPatternConnection,
        places.attribute_correlations,
        "Patterns over-represented where it holds, strongest first.",
        edge=correlated_edge,
    ),
)

STACKS = (
    to_one(Frame, "module", Module, stacks.frame_modules, "Module or class that it lives in; null if unknown."),
    to_pages(Frame, "signatures", Signature, stacks.frame_signatures, "Signatures with it in their stacks, by their hashes."),
    to_pages(Frame, "patterns", Pattern, stacks.frame_patterns, "Patterns with it in a stack, by their ids."),
    to_pages(Module, "frames", Frame, stacks.module_frames, "Its frames, by key."),
    to_pages(
        Module, "signatures", Signature, stacks.module_signatures, "Signatures whose stacks pass through it, by their hashes."
    ),
    to_pages(Module, "patterns", Pattern, stacks.module_patterns, "Patterns with a stack through it, by their ids."),
    to_one(
        Signature,
        "replaced_by",
        Signature,
        stacks.signature_replacements,
        "The signature that reprocessing replaced it by, in the end; null while it is in use.",
    ),
)

FIXES = (
    to_pages(
        Solution,
        "patterns",
        SolvedPatternConnection,
        fixes.solution_patterns,
        "Patterns it was recorded for, those that it worked for most often first.",
        edge=edge_of(SolvedPatternEdge),
    ),
    to_pages(
        Solution,
        "environments",
        AppliedConnection[Environment],
        fixes.solution_proofs,
        "Environments it was applied in, latest first, and whether it is proven there.",
        edge=applied_edge,
    ),
    to_pages(Solution, "versions", Version, fixes.solution_versions, "Versions that introduced it, by their ids."),
    to_one(Validation, "crash", Crash, fixes.validated_crashes, "The crash."),
    to_one(
        Validation,
        "pattern",
        Pattern,
        fixes.patterns_named,
        "The pattern of the crash at that time; null if it no longer exists.",
        by="pattern_id",
    ),
    to_one(
        Validation,
        "right_pattern",
        Pattern,
        fixes.patterns_named,
        "The pattern that the crash belongs to instead; null for a correct match.",
        by="belongs_to",
    ),
    to_pages(Crash, "validations", Validation, fixes.crash_validations, "Reviews of it, latest first."),
    to_one(
        Revision,
        "pattern",
        Pattern,
        fixes.patterns_named,
        "The changed pattern; null if it no longer exists.",
        by="pattern_id",
    ),
    to_pages(Verdict, "revisions", Revision, fixes.verdict_revisions, "Changes that it made or that undid it, latest first."),
)

NODES = (
    Relation(
        Pattern,
        "as_of",
        PatternAsOf | None,
        "It as it was at a time: name, status, signatures and so on; null if it did not exist then.",
        scope_of(history.as_of),
        pattern_at,
    ),
    Relation(Event, "subject_nodes", SUBJECTS, SUBJECTS_HELP, Scope.READ, subject_nodes),
    Relation(Verdict, "subject_nodes", SUBJECTS, SUBJECTS_HELP, Scope.READ, subject_nodes),
    Relation(JobRun, "definition", Job | None, "The job; null if it no longer exists.", Scope.READ, job_of_run),
    to_one(Community, "run", JobRun, jobs.runs_by_id, "The run that found it last.", by="run_id"),
)

RELATIONS = (*CORE, *PLACES, *STACKS, *FIXES, *NODES)

attach(RELATIONS)
