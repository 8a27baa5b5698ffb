"""Knowledge about a pattern for a match report: status, where and when it was seen, solutions, confidence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from graph.algorithms.belief import HALF_LIFE_DAYS, faded, share_interval
from graph.algorithms.exposure import exposure_of
from graph.cypher import query
from graph.knowledge.trust import TIERS
from graph.model.convert import properties
from graph.model.nodes import Environment
from graph.model.scope import fits
from graph.ports import Graph, Row

CRASHES_LOOKED_AT = 2_000
"""Maximum number of crashes scanned for sites and versions; bounds the time for a huge pattern."""
PLACES = 5
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
"""Bounds of the confidence bins of the track record."""
LEAST_CASES = 10
"""Least number of reviewed cases for a share."""
EXACT, NEW, JUDGED = ("exact",), ("new",), ("verdict", "structural", "semantic", "fuzzy")
"""Stages of the cascade that share a track record. Exact matches and new patterns are not binned by confidence."""


@dataclass(frozen=True, slots=True)
class SeenAt:
    """A site or a version, with its number of scanned crashes."""

    name: str
    crashes: int


@dataclass(frozen=True, slots=True)
class AppliedPlace:
    """A place where a solution was applied, and whether the crash recurred there.

    ``expected`` is the number of days with a crash expected since, ``chance`` the probability of none at an unchanged rate,
    ``proven`` true if that is low enough, ``lost_at`` when the crash recurred.
    """

    site: str | None
    product: str | None
    version: str | None
    since: datetime
    worked: int
    failed: int
    expected: float
    chance: float
    proven: bool
    lost_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownSolution:
    """A solution of a pattern, with its counts for that pattern.

    ``confidence`` (0..1) has decayed since the last use. ``trust`` is ``proven`` if it is proven at one place at least,
    else the stored tier. ``scope`` is where it applies, everywhere if empty; ``fits`` is true if that includes the
    environment of the report, ``None`` if unknown.
    """

    solution_id: str
    description: str
    worked: int
    failed: int
    confidence: float
    trust: str = "suggested"
    kind: str | None = None
    steps: str | None = None
    tags: tuple[str, ...] = ()
    avg_confidence: float | None = None
    quality: float = 0.4
    last_success_at: datetime | None = None
    applied: tuple[AppliedPlace, ...] = ()
    scope: tuple[str, ...] = ()
    fits: bool | None = None


@dataclass(frozen=True, slots=True)
class PatternKnowledge:
    """Knowledge about a pattern. Proven ``solutions`` come first; ``confidence`` has faded with time."""

    pattern_id: str
    name: str
    status: str
    severity: str
    confidence: float
    description: str | None
    root_cause: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    occurrence_count: int
    sites: tuple[SeenAt, ...]
    versions: tuple[SeenAt, ...]
    solutions: tuple[KnownSolution, ...]
    validation_count: int
    false_positive_count: int
    resolved_version: str | None
    regressed_version: str | None


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How often earlier matches of similar confidence were right: ``right`` of ``cases`` that people reviewed.

    ``low`` and ``high`` bound their confidence. ``share`` and its 95 % interval are ``None`` with too few cases.
    """

    low: float
    high: float
    cases: int
    right: int
    share: float | None
    share_low: float | None
    share_high: float | None


async def known_patterns(graph: Graph, ids: Iterable[str], now: datetime) -> dict[str, PatternKnowledge]:
    """Knowledge about patterns by id; unknown ids are omitted."""
    asked = sorted(set(ids))
    if not asked:
        return {}
    rows = await graph.read(query("matching/pattern_summaries", ids=asked, crashes=CRASHES_LOOKED_AT, places=PLACES))
    return {row["pattern_id"]: _known(row, now) for row in rows}


async def track_record(graph: Graph, strategy: str, confidence: float) -> TrackRecord:
    """The track record of a match; exact matches and new patterns each have their own."""
    group, sure = (EXACT, False) if strategy in EXACT else (NEW, True) if strategy in NEW else (JUDGED, True)
    at = min(max(bisect_right(BINS, confidence) - 1, 0), len(BINS) - 2)
    low, high = (BINS[at], BINS[at + 1]) if sure else (BINS[0], BINS[-1])
    beyond = 2.0 if high == BINS[-1] else high
    [row] = await graph.read(query("matching/track_record", strategies=list(group), low=low, high=beyond))
    cases, right = row["cases"], row["right"]
    if cases < LEAST_CASES:
        return TrackRecord(low, high, cases, right, None, None, None)
    least, most = share_interval(right, cases)
    return TrackRecord(low, high, cases, right, right / cases, least, most)


def current_confidence(pattern: Row, now: datetime, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """A pattern's confidence, decayed since it was last seen or validated."""
    used = max((at for at in (pattern.get("last_seen"), pattern.get("validated_at")) if at is not None), default=now)
    return faded(pattern.get("confidence", 0.5), (now - used) / timedelta(days=1), half_life_days)


def known_at(known: PatternKnowledge, environment: Environment | None) -> PatternKnowledge:
    """Knowledge with ``fits`` set for an environment: solutions that work there come first, those that do not apply last."""
    if environment is None:
        return known
    facts = properties(environment)
    solutions = [replace(one, fits=fits(one.scope, facts)) for one in known.solutions]

    def holds(one: KnownSolution) -> bool:
        return any(
            place.lost_at is None
            and place.site is not None
            and (place.site, place.product) == (environment.site, environment.product)
            for place in one.applied
        )

    solutions.sort(key=lambda one: (one.fits is False, -TIERS.index(one.trust), not holds(one)))
    return replace(known, solutions=tuple(solutions))


def _known(row: Row, now: datetime) -> PatternKnowledge:
    pattern = row["pattern"]
    solutions = [solution_of(one, now) for one in row["solutions"]]
    solutions.sort(key=lambda one: (-TIERS.index(one.trust), -one.worked, -one.quality, one.solution_id))
    return PatternKnowledge(
        pattern_id=row["pattern_id"],
        name=pattern.get("name", ""),
        status=pattern.get("status", "open"),
        severity=pattern.get("severity", "medium"),
        confidence=current_confidence(pattern, now),
        description=pattern.get("description"),
        root_cause=pattern.get("root_cause"),
        first_seen=pattern.get("first_seen"),
        last_seen=pattern.get("last_seen"),
        occurrence_count=pattern.get("occurrence_count", 0),
        sites=tuple(SeenAt(**one) for one in row["sites"]),
        versions=tuple(SeenAt(**one) for one in row["versions"]),
        solutions=tuple(solutions),
        validation_count=pattern.get("validation_count", 0),
        false_positive_count=pattern.get("false_positive_count", 0),
        resolved_version=pattern.get("resolved_version"),
        regressed_version=pattern.get("regressed_version"),
    )


def solution_of(row: Row, now: datetime) -> KnownSolution:
    """A solution from a row ``{solution, resolves, proven}``."""
    solution, resolves = row["solution"], row["resolves"]
    applied = tuple(sorted((applied_place(one, now) for one in row["proven"]), key=lambda one: (not one.proven, one.since)))
    stored = resolves.get("trust", "suggested")
    return KnownSolution(
        solution_id=solution["solution_id"],
        description=solution["description"],
        worked=resolves.get("worked", 0),
        failed=resolves.get("failed", 0),
        confidence=_solution_confidence(solution, now),
        trust="proven" if any(one.proven for one in applied) else stored if stored in TIERS else "suggested",
        kind=solution.get("kind"),
        steps=solution.get("steps"),
        tags=tuple(solution.get("tags", ())),
        avg_confidence=resolves.get("avg_confidence"),
        quality=solution.get("quality", 0.4),
        last_success_at=resolves.get("last_success_at"),
        applied=applied,
        scope=tuple(resolves.get("scope", ())),
    )


def _solution_confidence(solution: Row, now: datetime) -> float:
    used = solution.get("last_used_at") or solution.get("created_at") or now
    return faded(solution.get("confidence", 0.5), (now - used) / timedelta(days=1))


def applied_place(row: Row, now: datetime) -> AppliedPlace:
    """A place from a row ``{held, site, product}``."""
    held = row["held"]
    exposure = exposure_of(held["crash_days"], held["window_days"], held["applied_at"], held.get("lost_at"), now)
    return AppliedPlace(
        site=row["site"],
        product=row["product"],
        version=held.get("version"),
        since=held["applied_at"],
        worked=held["worked"],
        failed=held["failed"],
        expected=exposure.expected,
        chance=exposure.chance,
        proven=exposure.proven,
        lost_at=held.get("lost_at"),
    )
