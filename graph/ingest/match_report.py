"""Match a report without storing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from graph.diagnosis.diagnose import recalled
from graph.fingerprint.explain import explain
from graph.ingest.prepare import PreparedCrash
from graph.ingest.preparer import Preparer
from graph.ingest.receipt import MatchAnswer
from graph.knowledge.summary import PatternKnowledge, TrackRecord, known_at, known_patterns, track_record
from graph.matching.cascade import Decision
from graph.matching.signature_matcher import SignatureMatcher
from graph.ports import Graph
from graph.sources.submission import Submission


class ReportMatcher:
    """Matches reports against one graph, read only."""

    def __init__(self, graph: Graph, preparer: Preparer, signature_matcher: SignatureMatcher) -> None:
        """The same parts as :class:`graph.ingest.pipeline.IngestPipeline` has."""
        self._graph = graph
        self._preparer = preparer
        self.signature_matcher = signature_matcher

    def with_preparer(self, preparer: Preparer) -> ReportMatcher:
        """The same with another preparer."""
        return ReportMatcher(self._graph, preparer, self.signature_matcher)

    async def match(self, submission: Submission, candidates: int = 5) -> list[MatchAnswer]:
        """One answer per report in the submission, each matched independently; at most ``candidates`` patterns considered."""
        prepared = await self._preparer.prepare_whole(submission, datetime.now(UTC))
        decisions = [await self._decision(item) for item in prepared]
        patterns = await self._patterns(decisions)
        records = [await self._track_record(decision) for decision in decisions]
        return [
            _answer(item, decision, patterns, record, candidates)
            for item, decision, record in zip(prepared, decisions, records, strict=True)
        ]

    async def _decision(self, item: PreparedCrash) -> Decision | None:
        decisions = await self.signature_matcher.match([item.fingerprint], explained=True)
        return next(iter(decisions.values()), None)

    async def _patterns(self, decisions: Sequence[Decision | None]) -> dict[str, PatternKnowledge]:
        ids = {one.pattern_id for one in decisions if one is not None and one.pattern_id and one.strategy != "new"}
        return await known_patterns(self._graph, ids, datetime.now(UTC))

    async def _track_record(self, decision: Decision | None) -> TrackRecord | None:
        if decision is None:
            return None
        return await track_record(self._graph, decision.strategy, decision.confidence)


def _answer(
    item: PreparedCrash,
    decision: Decision | None,
    patterns: Mapping[str, PatternKnowledge],
    record: TrackRecord | None,
    candidates: int,
) -> MatchAnswer:
    crash = item.crash
    is_new = decision is not None and decision.strategy == "new"
    is_known = decision is not None and not is_new
    pattern = patterns.get(decision.pattern_id or "") if decision is not None and is_known else None
    pattern = known_at(pattern, item.environment) if pattern else None
    return MatchAnswer(
        pattern_id=decision.pattern_id if decision and is_known else None,
        pattern_name=decision.pattern_name if decision else None,
        strategy=decision.strategy if decision else None,
        confidence=round(decision.confidence, 6) if decision else None,
        is_new=is_new,
        status=crash.status,
        reason=crash.reason,
        format=crash.format,
        error_type=crash.error_type,
        top_frame=crash.top_frame,
        culprit=crash.culprit,
        frame_count=crash.frame_count,
        candidates=decision.candidates[:candidates] if decision else (),
        explanation=decision.explanation if decision else (),
        diagnosis=recalled(crash.error_code, crash.cluster_id, crash.diagnosis_confidence),
        components=explain(item.parsed) if item.parsed else (),
        solutions=pattern.solutions if pattern else (),
        first_seen=pattern.first_seen if pattern else None,
        last_seen=pattern.last_seen if pattern else None,
        occurrence_count=pattern.occurrence_count if pattern else 0,
        known=pattern,
        track_record=record,
    )
