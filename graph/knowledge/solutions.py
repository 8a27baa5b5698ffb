"""Solutions of patterns: one node per fix, with the outcome of its uses."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from graph.algorithms.belief import posterior_mean, running_mean
from graph.algorithms.quality import solution_quality
from graph.cypher import query
from graph.knowledge.audit import audit_statement
from graph.knowledge.deployments import ProductSite, exposure, record_before
from graph.knowledge.events import NewEvent, append_events
from graph.knowledge.pattern_change import PatternChange, PatternState, change_pattern
from graph.knowledge.trust import TIERS, may_rewrite, rank, tier_of
from graph.model.actor import Actor
from graph.model.choices import Feedback
from graph.model.convert import properties, record
from graph.model.errors import NotFoundError
from graph.model.events import EventKind
from graph.model.nodes import Solution
from graph.model.quoting import quoted
from graph.model.relationships import ProvenIn, Resolves
from graph.model.statement import Statement
from graph.ports import Graph, Row
from graph.retry import retry_conflicts

GOLD, HIGH = ("GOLD_STANDARD", 0.9), ("HIGH_CONFIDENCE", 0.8)
FEEDBACK = {Feedback.HELPFUL.value: 1.0, Feedback.PARTLY.value: 0.5, Feedback.NOT.value: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSolution:
    """A fix for a pattern, to be recorded.

    ``verified``: the actor has checked that it works. ``identity`` is the text that makes its id, by default the description.
    ``scope`` is where it applies (:mod:`graph.model.scope`), everywhere if empty.
    """

    pattern_id: str
    description: str
    kind: str | None = None
    steps: str | None = None
    verified: bool = False
    identity: str | None = None
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionUse:
    """One use of a solution for a pattern.

    ``version`` shipped the solution, and ``version_order`` sorts it among the versions of its product. ``confidence`` (0..1)
    was stated beforehand, ``minutes`` is the time it took, ``feedback`` one of :data:`FEEDBACK`.
    """

    solution_id: str
    pattern_id: str
    worked: bool
    at: datetime
    place: ProductSite | None = None
    version: str | None = None
    version_order: str | None = None
    confidence: float | None = None
    minutes: float | None = None
    feedback: str | None = None


@dataclass(frozen=True, slots=True)
class UseResult:
    """A solution after a use, with its counts for the pattern and at the place."""

    solution: Solution
    resolves: Resolves
    proven: ProvenIn | None


def solution_id(error_code: str | None, cluster_id: str | None, description: str) -> str:
    """The id of a fix; descriptions in a cluster of errors that differ in case, spaces or a final full stop share it."""
    plain = " ".join(unicodedata.normalize("NFKC", description).casefold().split()).rstrip(". ")
    text = "\x1f".join((error_code or "", cluster_id or "", plain))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def tags_of(avg_confidence: float | None) -> tuple[str, ...]:
    """The tag for a mean confidence, if it is high enough."""
    return tuple(name for name, least in (GOLD, HIGH) if avg_confidence is not None and avg_confidence >= least)[:1]


async def record_solution(graph: Graph, new: NewSolution, actor: Actor) -> Solution:
    """Record a fix for a pattern; concurrent writers of the same fix create one. ``NotFoundError`` for an unknown pattern.

    Knowledge of a higher trust tier is not overwritten.
    """
    statement: Statement | None = None

    async def decide(state: PatternState) -> PatternChange | None:
        nonlocal statement
        draft = _draft(new, state, actor)
        statement = query(
            "knowledge/record_solution",
            pattern_id=new.pattern_id,
            solution=properties(draft),
            scope=list(new.scope) or None,
            tiers=list(TIERS),
        )
        rows = await graph.read(_state(draft.solution_id, new.pattern_id, ()))
        if rows and rows[0]["resolves"] is not None:
            return None
        return PatternChange("new_solution", actor, {}, (statement,), f"solution {draft.solution_id}")

    await change_pattern(graph, new.pattern_id, decide)
    assert statement is not None
    # Idempotent if it was created just now; updates it if it existed.
    subjects = [f"Pattern:{new.pattern_id}"]
    [[row], _] = await graph.write(statement, audit_statement(actor, "record_solution", subjects))
    return record(Solution, row["solution"])


def _draft(new: NewSolution, state: PatternState, actor: Actor) -> Solution:
    code, cluster = state.pattern.taxonomy_code, state.pattern.cluster_id
    return Solution(
        solution_id=solution_id(code, cluster, new.identity or new.description),
        description=new.description,
        error_code=code,
        cluster_id=cluster,
        kind=new.kind,
        steps=new.steps,
        trust=tier_of(actor, verified=new.verified),
        created_by=str(actor),
        on_behalf_of=actor.on_behalf_of,
        created_at=datetime.now(UTC),
    )


def _state(solution: str, pattern: str, places: tuple[str, ...]) -> Statement:
    return query("knowledge/solution_state", solution_id=solution, pattern_id=pattern, places=list(places))


async def record_use(graph: Graph, use: SolutionUse, actor: Actor) -> UseResult:
    """Record one use of a solution. ``NotFoundError`` for an unknown solution or pattern.

    Concurrent uses are counted one after the other; ``ConflictError`` after too many attempts.
    """
    return await retry_conflicts(lambda: _record_use(graph, use, actor))


async def _record_use(graph: Graph, use: SolutionUse, actor: Actor) -> UseResult:
    rows = await graph.read(_state(use.solution_id, use.pattern_id, use.place.ids if use.place else ()))
    if not rows:
        raise NotFoundError(f"no solution {quoted(use.solution_id)}; `pattern {{ solutions }}` lists them")
    if not rows[0]["known"]:
        raise NotFoundError(f"no pattern {quoted(use.pattern_id)}; `patterns` lists the stored ones")
    solution, resolves = record(Solution, rows[0]["solution"]), _resolves(rows[0], actor)
    # A program's use must not change the counts of what people provided.
    counts = actor.is_person or (rank(solution.trust) <= 0 and rank(resolves.trust) <= 0)
    after = _solution_after(solution, use, actor) if counts else solution
    here = _resolves_after(resolves, use, actor) if counts else _counted_apart(resolves, use)
    ids = {"solution_id": use.solution_id, "pattern_id": use.pattern_id}
    statements = [
        query("knowledge/expect_solution", **ids, seen=_seen(solution, resolves)),
        query("knowledge/store_use", **ids, solution=properties(after), resolves=properties(here)),
    ]
    proven = await _proven_after(graph, rows[0], use) if use.place is not None and actor.is_person else None
    if proven is not None and proven.proven_at is None and exposure(proven, now := datetime.now(UTC)).proven:
        proven = replace(proven, proven_at=now)
    if proven is not None and use.place is not None:
        at = rows[0]["environment_id"] or use.place.environment_id
        statements.append(query("knowledge/store_proof", **ids, environment_id=at, proven=properties(proven)))
    statements.append(append_events(_use_events(rows[0], use, proven, actor)))
    await graph.write(*statements)
    return UseResult(after, here, proven)


def _use_events(row: Row, use: SolutionUse, proven: ProvenIn | None, actor: Actor) -> Iterator[NewEvent]:
    subjects = [f"Solution:{use.solution_id}", f"Pattern:{use.pattern_id}"]
    if use.place is not None:
        subjects.append(f"Environment:{row['environment_id'] or use.place.environment_id}")
    yield NewEvent(EventKind.SOLUTION_USED, actor, subjects, 1, {"worked": use.worked, "at": use.at})
    if proven is None:
        return
    known = record(ProvenIn, row["proven"]) if row["proven"] else None
    if proven.proven_at is not None and (known is None or known.proven_at is None):
        yield NewEvent(EventKind.SOLUTION_PROVEN, actor, subjects, 1)
    if proven.lost_at is not None and known is not None and known.lost_at is None:
        yield NewEvent(EventKind.PROOF_LOST, actor, subjects, 1)


def _resolves(row: Row, actor: Actor) -> Resolves:
    return record(Resolves, row["resolves"] or {"trust": tier_of(actor, verified=False)})


def _seen(solution: Solution, resolves: Resolves) -> list[int]:
    return [
        solution.success_count,
        solution.failure_count,
        solution.feedback_count,
        resolves.worked,
        resolves.failed,
        resolves.session_worked,
        resolves.session_failed,
    ]


def _solution_after(solution: Solution, use: SolutionUse, actor: Actor) -> Solution:
    worked, failed = solution.success_count + use.worked, solution.failure_count + (not use.worked)
    changes: dict[str, Any] = {
        "success_count": worked,
        "failure_count": failed,
        "confidence": posterior_mean(worked, failed),
        "last_used_at": max(use.at, solution.last_used_at or use.at),
    }
    if use.worked and use.confidence is not None:
        mean = running_mean(solution.avg_confidence, solution.confidence_count, use.confidence)
        changes |= {"avg_confidence": mean, "confidence_count": solution.confidence_count + 1, "tags": tags_of(mean)}
    if use.minutes is not None:
        minutes = running_mean(solution.resolution_minutes, solution.resolution_count, use.minutes)
        changes |= {"resolution_minutes": minutes, "resolution_count": solution.resolution_count + 1}
    if use.feedback is not None:
        total = solution.feedback_sum + FEEDBACK[use.feedback]
        changes |= {"feedback_sum": total, "feedback_count": solution.feedback_count + 1}
    if use.worked and actor.is_person and may_rewrite("validated", solution.trust):
        changes["trust"] = "validated"
    after = replace(solution, **changes)
    return replace(after, quality=quality_of(after))


def quality_of(solution: Solution) -> float:
    """The quality of a solution, 0..1. Its confidence is the mean of its uses, else the one that follows from its counts."""
    return solution_quality(
        feedback_sum=solution.feedback_sum,
        feedback_count=solution.feedback_count,
        minutes=solution.resolution_minutes,
        worked=solution.success_count,
        confidence=solution.confidence if solution.avg_confidence is None else solution.avg_confidence,
    )


def _resolves_after(resolves: Resolves, use: SolutionUse, actor: Actor) -> Resolves:
    changes: dict[str, Any] = {"worked": resolves.worked + use.worked, "failed": resolves.failed + (not use.worked)}
    if use.worked:
        changes["last_success_at"] = max(use.at, resolves.last_success_at or use.at)
        if use.confidence is not None:
            mean = running_mean(resolves.avg_confidence, resolves.confidence_count, use.confidence)
            changes |= {"avg_confidence": mean, "confidence_count": resolves.confidence_count + 1}
        if actor.is_person and may_rewrite("validated", resolves.trust):
            changes["trust"] = "validated"
    return replace(resolves, **changes)


def _counted_apart(resolves: Resolves, use: SolutionUse) -> Resolves:
    """Count a program's use of a solution that people provided, apart from theirs."""
    if use.worked:
        return replace(resolves, session_worked=resolves.session_worked + 1)
    return replace(resolves, session_failed=resolves.session_failed + 1)


async def _proven_after(graph: Graph, row: Row, use: SolutionUse) -> ProvenIn | None:
    """The proof at the place after the use: it continues, starts again, or is lost."""
    assert use.place is not None
    known = record(ProvenIn, row["proven"]) if row["proven"] else None
    if use.worked and known is not None and known.lost_at is None:
        return replace(known, worked=known.worked + 1)
    if not use.worked and known is not None:
        return replace(known, failed=known.failed + 1, lost_at=known.lost_at or use.at)
    days, window = await record_before(graph, use.pattern_id, use.place, use.at)
    return ProvenIn(
        pattern_id=use.pattern_id,
        applied_at=use.at,
        version=use.version,
        version_order=use.version_order,
        worked=(known.worked if known else 0) + use.worked,
        failed=(known.failed if known else 0) + (not use.worked),
        crash_days=days,
        window_days=window,
        lost_at=None if use.worked else use.at,
    )
