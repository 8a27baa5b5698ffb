"""The relationships of the crash graph, each with one writer. Derived ones carry their evidence."""

from __future__ import annotations

from datetime import datetime

from graph.model.declare import prop, relationship
from graph.model.evidence import Evidence


@relationship("HAS_SIGNATURE", source="Crash", target="Signature", help="The crash has this signature.", written_by="ingest")
class HasSignature:
    """The crash has this signature."""


@relationship(
    "OF_PATTERN", source="Signature", target="Pattern", help="The signature belongs to this pattern.", written_by="ingest"
)
class OfPattern:
    """The signature belongs to this pattern. Merges, splits and verdicts move it; crashes are never rewritten."""

    strategy: str = prop("Stage of the cascade that placed it: `verdict exact structural semantic fuzzy new`.")
    confidence: float = prop("How sure that stage was, 0..1.")
    reason: str | None = prop("Why, in words.", default=None)
    placed_at: datetime | None = prop("When it was placed (UTC).", default=None)
    verdict_id: str | None = prop("The verdict that placed it, where a person did.", default=None)


@relationship("HAS_FRAME", source="Signature", target="Frame", help="The stack passes through this frame.", written_by="ingest")
class HasFrame:
    """The stack passes through this frame."""

    position: int = prop("0 for the innermost frame.")


@relationship("IN_MODULE", source="Frame", target="Module", help="The frame's function lives there.", written_by="ingest")
class InModule:
    """The frame's function lives there."""


@relationship("OCCURRED_IN", source="Crash", target="Environment", help="Where the crash happened.", written_by="ingest")
class OccurredIn:
    """Where the crash happened."""


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


@relationship(
    "NEXT", source="Version", target="Version", help="The version of the same product that follows.", written_by="ingest"
)
class NextVersion:
    """The version of the same product that follows."""


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

    worked: int = prop("How often it worked for this pattern.", default=0)
    failed: int = prop("How often it did not.", default=0)
    last_success_at: datetime | None = prop("When it last worked (UTC).", default=None)
    avg_confidence: float | None = prop("Mean confidence of the uses that worked here, 0..1.", default=None)
    confidence_count: int = prop("How many uses that mean is of.", default=0)
    trust: str = prop(
        "How far it is trusted here by who told of it: `learned`, `suggested` or `validated`.", default="suggested"
    )
    scope: tuple[str, ...] | None = prop(
        "Where it applies: facts of an environment as `name=value`; everywhere when empty.", default=None
    )
    session_worked: int = prop("How often a session alone said that it worked; counts for nothing but itself.", default=0)
    session_failed: int = prop("How often a session alone said that it did not.", default=0)


@relationship(
    "PROVEN_IN",
    source="Solution",
    target="Environment",
    help="The solution was applied there; how it has held since.",
    written_by="people",
)
class ProvenIn:
    """The solution was applied there. One for each pattern; a place is the environment's product and site, in any version."""

    pattern_id: str = prop("The pattern it was applied against.")
    applied_at: datetime = prop("Since when it has been in place (UTC); the last time it was applied.")
    version: str | None = prop("Version that it came with; crashes of older ones do not count against it.", default=None)
    version_order: str | None = prop("Text that orders that version among its product's.", default=None)
    worked: int = prop("How often people said that it worked there.", default=0)
    failed: int = prop("How often they said that it did not.", default=0)
    crash_days: int = prop("Days with a crash of the pattern there in the time before; a burst counts once.", default=0)
    window_days: float = prop("How long that time was, in days.", default=0.0)
    lost_at: datetime | None = prop("When a crash came back there (UTC); empty while it holds.", default=None)
    lost_crash_id: str | None = prop("The crash that came back.", default=None)


@relationship("VALIDATES", source="Validation", target="Crash", help="The crash that was looked at.", written_by="people")
class Validates:
    """The crash that was looked at."""


@relationship(
    "FIXED_IN", source="Solution", target="Version", help="The version that the solution came with.", written_by="people"
)
class FixedIn:
    """The version that the solution came with."""

    pattern_id: str = prop("The pattern that it resolved.")
    at: datetime = prop("When that was said (UTC).")
    by: str = prop("The actor who stated it, as `kind:name`.")


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
    window_seconds: float = prop("Width of the time window in which they were found together, in seconds.")
    sites: int = prop("Number of sites where it was seen.")


@relationship(
    "CAUSES",
    source="Pattern",
    target="Pattern",
    help="The first sets off the second, at the same site or at a linked one.",
    written_by="causation",
    derived=True,
    colour="#D55E00",
)
class Causes(Evidence):
    """One pattern that sets off another. ``score`` is the share of the second's happenings that the first set off, 0..1."""

    lag_seconds: float = prop("Median seconds from the first to the second.")
    branching_ratio: float = prop("How many of the second one happening of the first sets off, on average.")
    linked_share: float = prop("Share of those that crossed to a linked site, 0..1.")
    order_p_value: float = prop("Probability of as much when the two only have their bad hours in common.")
    gain: float = prop("Log-likelihood of the record that is lost without this cause, all others fitted again.")
    state: str = prop(
        "`candidate`: found, and later data do not show it yet; `supported`: they do; `refuted`: they speak against it."
    )
    since: datetime = prop("When that began to hold, in the time of the crashes (UTC).")
    early_gain: float = prop("Log-likelihood that the first half of the cause's happenings gained by it.")
    late_gain: float = prop("The same of the second half; below 0 it speaks against the cause.")
    why: str = prop("The evidence in words.")


@relationship(
    "CORRELATES_WITH",
    source="Pattern",
    target="Version",
    also=(("Pattern", "Site"), ("Pattern", "Attribute")),
    help="The pattern is more frequent there than the other failures of the same product are.",
    written_by="environment_correlation",
    derived=True,
    colour="#CC79A7",
)
class CorrelatesWith(Evidence):
    """A version, a site or another fact that is over-represented among those who have the pattern."""

    attribute: str = prop("What of the environment: `version`, `site`, `os` and so on.")
    value: str = prop("Its value.")
    product: str = prop("Product whose crashes were compared; empty when unknown.")
    counted: str = prop("What was counted, each once for a pattern: `site`, `user`, or `episode` at the place.")
    lift: float = prop("How many have both over how many would by chance.")
    expected: float = prop("How many would have both by chance.")
    odds_ratio: float = prop("Odds of the value with the pattern over those without it.")
    share: float = prop("Share of those with the pattern that have the value, 0..1.")
    share_others: float = prop("Share of all others that have it, 0..1.")


@relationship(
    "EVOLVES_FROM",
    source="Pattern",
    target="Pattern",
    help="The first appears where the second, which reads alike, fades: at a version of the product.",
    written_by="evolution",
    derived=True,
    colour="#A08A00",
)
class EvolvesFrom(Evidence):
    """A newer pattern and the older one that it came from. ``score`` is their likeness times how complete the change is."""

    product: str = prop("Product whose versions were compared; empty when unknown.")
    version: str = prop("Version from which on there is the newer one.")
    kind: str = prop("`moved`, `renamed`, `split`, `merged`, `re-introduced` after versions without it, or else `changed`.")
    likeness: float = prop("Cosine of the embeddings of their signatures.")
    left: float = prop("What is left of the older one's rate once it faded, over its rate before.")
    before: float = prop("The newer one's rate before that, over its rate from then on.")
    why: str = prop("The evidence in words.")


@relationship(
    "SIMILAR_FIX",
    source="Pattern",
    target="Pattern",
    help="The same solution resolved both, or one that is told in like words; no direction.",
    written_by="similar_fix",
    derived=True,
    directed=False,
    colour="#009E73",
)
class SimilarFix(Evidence):
    """Two patterns with like fixes. Stored once, from the smaller id to the larger. ``score`` is 1 for a shared solution."""

    shared: int = prop("Solutions that resolved both.")
    solution_ids: tuple[str, ...] = prop("Those solutions, and those that are alike; a few.")


@relationship(
    "RELATED_TO",
    source="Pattern",
    target="Pattern",
    help="The two read alike, and nothing else is known to join or to part them; no direction.",
    written_by="similarity",
    derived=True,
    directed=False,
    colour="#999999",
)
class RelatedTo(Evidence):
    """Two patterns whose signatures mean nearly the same. Stored once, from the smaller id to the larger."""

    mutual: bool = prop("Whether each is among the nearest of the other.")
    signatures: tuple[str, ...] = prop("The two signatures that are nearest, of the first and of the second.")
