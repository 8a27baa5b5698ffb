"""The relationships of the crash graph, each with one writer. Derived ones carry their evidence."""

from __future__ import annotations

from datetime import datetime

from graph.model.choices import AttributeName, CauseState, CountedUnit, EvolutionKind, MatchStrategy, Trust
from graph.model.declare import prop, relationship
from graph.model.evidence import Evidence


@relationship("HAS_SIGNATURE", source="Crash", target="Signature", help="The crash has this signature.", written_by="ingest")
class HasSignature:
    """The crash has this signature."""


@relationship(
    "SEEN_IN",
    source="Signature",
    target="Environment",
    help="Crashes with this signature occurred in this environment.",
    written_by="ingest",
)
class SeenIn:
    """Counts crashes that are stored, so that where a pattern was seen is read without them."""

    crashes: int = prop("Number of these crashes.")


@relationship(
    "OF_PATTERN", source="Signature", target="Pattern", help="The signature belongs to this pattern.", written_by="ingest"
)
class OfPattern:
    """The signature belongs to this pattern. Merges, splits and verdicts move it; crashes are never rewritten."""

    strategy: str = prop("Stage of the cascade that matched it.", values=MatchStrategy)
    confidence: float = prop("Confidence of that stage, 0..1.")
    reason: str | None = prop("Reason in words.", default=None)
    placed_at: datetime | None = prop("When it was added (UTC).", default=None)
    verdict_id: str | None = prop("Verdict that placed it, if a person did.", default=None, own=True)


@relationship("HAS_FRAME", source="Signature", target="Frame", help="The stack passes through this frame.", written_by="ingest")
class HasFrame:
    """The stack passes through this frame."""

    position: int = prop("0 for the innermost frame.")


@relationship("IN_MODULE", source="Frame", target="Module", help="The module or class of the frame.", written_by="ingest")
class InModule:
    """The module or class of the frame."""


@relationship("OCCURRED_IN", source="Crash", target="Environment", help="The environment of the crash.", written_by="ingest")
class OccurredIn:
    """The environment of the crash."""


@relationship("AT_SITE", source="Environment", target="Site", help="The environment is at this site.", written_by="ingest")
class AtSite:
    """The environment is at this site."""


@relationship(
    "RUNS_VERSION", source="Environment", target="Version", help="The environment runs this version.", written_by="ingest"
)
class RunsVersion:
    """The environment runs this version."""


@relationship(
    "HAS_ATTRIBUTE",
    source="Environment",
    target="Attribute",
    help="The environment has this fact.",
    written_by="ingest",
)
class HasAttribute:
    """The environment has this fact."""


@relationship("NEXT", source="Version", target="Version", help="The next version of the same product.", written_by="ingest")
class NextVersion:
    """The next version of the same product."""


@relationship(
    "LINKED_TO",
    source="Site",
    target="Site",
    help="Failures of one site can reach the other; no direction.",
    written_by="people",
    directed=False,
)
class LinkedTo:
    """Failures of one site can reach the other."""


@relationship("RESOLVES", source="Solution", target="Pattern", help="The solution fixes the pattern.", written_by="people")
class Resolves:
    """The solution fixes the pattern."""

    worked: int = prop("Number of uses for this pattern that worked.", default=0)
    failed: int = prop("Number of uses that failed.", default=0)
    last_success_at: datetime | None = prop("When it last worked (UTC).", default=None)
    avg_confidence: float | None = prop("Mean confidence of the uses that worked here, 0..1.", default=None)
    confidence_count: int = prop("Number of uses behind that mean.", default=0)
    trust: str = prop("Trust by origin for this pattern.", default="suggested", values=Trust)
    scope: tuple[str, ...] | None = prop("Environments it applies to, as `name=value`; all if empty.", default=None)
    session_worked: int = prop("Times a program alone reported that it worked; counted apart.", default=0)
    session_failed: int = prop("Times a program alone reported that it failed.", default=0)


@relationship(
    "PROVEN_IN",
    source="Solution",
    target="Environment",
    help="The solution was applied there, with its record since.",
    written_by="people",
)
class ProvenIn:
    """The solution was applied there. One per pattern; a place is the environment's product and site, in any version."""

    pattern_id: str = prop("Pattern it was applied against.", own=True)
    applied_at: datetime = prop("When it was last applied (UTC).")
    version: str | None = prop("Version that introduced it; crashes of older versions do not count against it.", default=None)
    version_order: str | None = prop("Sort key of that version among the versions of its product.", default=None)
    worked: int = prop("Times people reported that it worked there.", default=0)
    failed: int = prop("Times they reported that it failed.", default=0)
    crash_days: int = prop("Days with a crash of the pattern there before the fix; a burst counts once.", default=0)
    window_days: float = prop("Length of that record, in days.", default=0.0)
    proven_at: datetime | None = prop("When it was first found to be proven there (UTC).", default=None)
    lost_at: datetime | None = prop("When a crash recurred there (UTC); empty while the solution holds.", default=None)
    lost_crash_id: str | None = prop("The recurred crash.", default=None, own=True)


@relationship("VALIDATES", source="Validation", target="Crash", help="The validated crash.", written_by="people")
class Validates:
    """The validated crash."""


@relationship(
    "FIXED_IN", source="Solution", target="Version", help="The version that introduced the solution.", written_by="people"
)
class FixedIn:
    """The version that introduced the solution."""

    pattern_id: str = prop("The resolved pattern.", own=True)
    at: datetime = prop("When it was stated (UTC).")
    by: str = prop("Actor who stated it, as `kind:name`.", own=True)


@relationship(
    "CO_OCCURS_WITH",
    source="Pattern",
    target="Pattern",
    help="The two happen at the same sites at the same times more often than chance; no direction.",
    written_by="co_occurrence",
    derived=True,
    directed=False,
    colour="#0072B2",
)
class CoOccursWith(Evidence):
    """Two patterns that happen together more often than chance. Stored once, from the smaller id to the larger."""

    lift: float = prop("Observed joint occurrences over those expected by chance.")
    expected: float = prop("Joint occurrences expected by chance.")
    window_seconds: float = prop("Width of the time window in which they co-occur, in seconds.")
    sites: int = prop("Number of sites where they co-occur.")


@relationship(
    "CAUSES",
    source="Pattern",
    target="Pattern",
    help="The first triggers the second, at the same site or at a linked one.",
    written_by="causation",
    derived=True,
    colour="#D55E00",
)
class Causes(Evidence):
    """One pattern that triggers another. ``score`` is the share of the second's episodes triggered by the first, 0..1."""

    lag_seconds: float = prop("Median seconds from the first to the second.")
    branching_ratio: float = prop("Mean number of episodes of the second triggered by one of the first.")
    linked_share: float = prop("Share of those at a linked site, 0..1.")
    order_p_value: float = prop("P-value of the order of the two under time reversal: they merely share busy periods.")
    gain: float = prop("Log-likelihood lost without this cause, with all others refitted.")
    state: str = prop("Whether later data support it.", values=CauseState)
    since: datetime = prop("When that state began, in the time of the crashes (UTC).")
    early_gain: float = prop("Gain in log-likelihood over the first half of the cause's occurrences.")
    late_gain: float = prop("The same over the second half; below 0 it contradicts the cause.")
    why: str = prop("The evidence in words.")


@relationship(
    "CORRELATES_WITH",
    source="Pattern",
    target="Version",
    also=(("Pattern", "Site"), ("Pattern", "Attribute")),
    help="The pattern is over-represented there, compared with other failures of the product.",
    written_by="environment_correlation",
    derived=True,
    colour="#CC79A7",
)
class CorrelatesWith(Evidence):
    """A version, a site or another fact that is over-represented for the pattern."""

    attribute: str = prop("Property of the environment.", values=AttributeName)
    value: str = prop("Its value.")
    product: str = prop("Product of the compared crashes; empty when unknown.")
    counted: str = prop("Unit of counting, each once per pattern.", values=CountedUnit)
    lift: float = prop("Observed over expected number with both.")
    expected: float = prop("Number with both expected by chance.")
    odds_ratio: float = prop("Odds of the value with the pattern over those without it.")
    share: float = prop("Share with the value among those with the pattern, 0..1.")
    share_others: float = prop("Share with the value among all others, 0..1.")


@relationship(
    "EVOLVES_FROM",
    source="Pattern",
    target="Pattern",
    help="The first appears as the second, a similar pattern, fades at a version of the product.",
    written_by="evolution",
    derived=True,
    colour="#A08A00",
)
class EvolvesFrom(Evidence):
    """A newer pattern and the older one it came from. ``score`` is their similarity times the completeness of the change."""

    product: str = prop("Product of the compared versions; empty when unknown.")
    version: str = prop("Version in which the newer one appears.")
    kind: str = prop("How the one came from the other.", values=EvolutionKind)
    likeness: float = prop("Cosine of the embeddings of their signatures.")
    left: float = prop("Rate of the older one after the change over its rate before.")
    before: float = prop("Rate of the newer one before the change over its rate after.")
    why: str = prop("The evidence in words.")


@relationship(
    "SIMILAR_FIX",
    source="Pattern",
    target="Pattern",
    help="The same or a similar solution resolved both; no direction.",
    written_by="similar_fix",
    derived=True,
    directed=False,
    colour="#009E73",
)
class SimilarFix(Evidence):
    """Two patterns with similar fixes. Stored once, from the smaller id to the larger. ``score`` is 1 for a shared solution."""

    shared: int = prop("Number of solutions that resolved both.")
    solution_ids: tuple[str, ...] = prop("Those solutions and similar ones; a few.", own=True)


@relationship(
    "RELATED_TO",
    source="Pattern",
    target="Pattern",
    help="The two have similar texts and no other known relation; no direction.",
    written_by="similarity",
    derived=True,
    directed=False,
    colour="#999999",
)
class RelatedTo(Evidence):
    """Two patterns with nearly the same meaning. Stored once, from the smaller id to the larger."""

    mutual: bool = prop("Whether each is among the nearest neighbours of the other.")
    signatures: tuple[str, ...] = prop("The nearest pair of signatures, one of each.", own=True)
