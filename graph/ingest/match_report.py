"""Say what a report is, without storing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from graph.diagnosis.diagnose import recalled
from graph.fingerprint.explain import explain
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.receipt import MatchAnswer
from graph.knowledge.summary import Known, TrackRecord, known_at, known_patterns, track_record
from graph.matching.cascade import Decision
from graph.matching.signature_matcher import SignatureMatcher
from graph.ports import Graph
from graph.sources.submission import Submission


class ReportMatcher:
    """The cascade over one graph, read only."""

    def __init__(self, graph: Graph, preparer: CrashBuilder, recogniser: SignatureMatcher) -> None:
        """The parts are given by the composition root."""
        self._graph = graph
        self._preparer = preparer
        self.recogniser = recogniser

    async def match(self, submission: Submission, candidates: int = 5) -> list[MatchAnswer]:
        """An answer for each report in the submission, each as if it came alone; ``candidates`` patterns at most."""
        prepared = self._preparer.prepare(submission, datetime.now(UTC))
        decisions = await self._decided(prepared)
        known = await self._known(decisions)
        records = [await self._track_record(decision) for decision in decisions]
        return [
            _answer(item, decision, known, record, candidates)
            for item, decision, record in zip(prepared, decisions, records, strict=True)
        ]

    async def _decided(self, prepared: Sequence[PreparedCrash]) -> list[Decision | None]:
        decisions: list[Decision | None] = []
        for item in prepared:
            found = await self.recogniser.recognise([item.fingerprint], explained=True)
            decisions.append(next(iter(found.values()), None))
        return decisions

    async def _known(self, decisions: Sequence[Decision | None]) -> dict[str, Known]:
        ids = {one.pattern_id for one in decisions if one is not None and one.pattern_id and one.strategy != "new"}
        return await known_patterns(self._graph, ids, datetime.now(UTC))

    async def _track_record(self, decision: Decision | None) -> TrackRecord | None:
        if decision is None:
            return None
        return await track_record(self._graph, decision.strategy, decision.confidence)


def _answer(
    item: PreparedCrash, decision: Decision | None, patterns: Mapping[str, Known], record: TrackRecord | None, candidates: int
) -> MatchAnswer:
    crash = item.crash
    is_new = decision is not None and decision.strategy == "new"
    known = decision is not None and not is_new
    about = patterns.get(decision.pattern_id or "") if decision is not None and known else None
    about = known_at(about, item.environment) if about else None
    return MatchAnswer(
        pattern_id=decision.pattern_id if decision and known else None,
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
        solutions=about.solutions if about else (),
        first_seen=about.first_seen if about else None,
        last_seen=about.last_seen if about else None,
        occurrence_count=about.occurrence_count if about else 0,
        known=about,
        track_record=record,
    )
