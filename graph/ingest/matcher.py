"""Say what a report is, without storing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from graph.cypher import query
from graph.ingest.diagnose import recalled
from graph.ingest.explain import explain
from graph.ingest.match import Decision
from graph.ingest.prepare import Prepared, Preparer
from graph.ingest.receipt import KnownSolution, MatchAnswer
from graph.ingest.recognise import Recogniser
from graph.ingest.submission import Submission
from graph.ports import Graph, Row


class Matcher:
    """The cascade over one graph, read only."""

    def __init__(self, graph: Graph, preparer: Preparer, recogniser: Recogniser) -> None:
        """The parts are given by the composition root."""
        self._graph = graph
        self._preparer = preparer
        self.recogniser = recogniser

    async def match(self, submission: Submission, candidates: int = 5) -> list[MatchAnswer]:
        """An answer for each report in the submission, each as if it came alone; ``candidates`` patterns at most."""
        prepared = self._preparer.prepare(submission, datetime.now(UTC))
        decisions = await self._decided(prepared)
        summaries = await self._summaries(decisions)
        return [_answer(item, decision, summaries, candidates) for item, decision in zip(prepared, decisions, strict=True)]

    async def _decided(self, prepared: Sequence[Prepared]) -> list[Decision | None]:
        decisions: list[Decision | None] = []
        for item in prepared:
            found = await self.recogniser.recognise([item.fingerprint], explained=True)
            decisions.append(next(iter(found.values()), None))
        return decisions

    async def _summaries(self, decisions: Sequence[Decision | None]) -> dict[str, Row]:
        ids = sorted({one.pattern_id for one in decisions if one is not None and one.pattern_id})
        if not ids:
            return {}
        return {row["pattern_id"]: row for row in await self._graph.read(query("match/pattern_summaries", ids=ids))}


def _answer(item: Prepared, decision: Decision | None, summaries: Mapping[str, Row], candidates: int) -> MatchAnswer:
    crash = item.crash
    is_new = decision is not None and decision.strategy == "new"
    known = decision is not None and not is_new
    row = summaries.get(decision.pattern_id or "", {}) if decision is not None and known else {}
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
        solutions=tuple(KnownSolution(**one) for one in row.get("solutions", ())),
        first_seen=row.get("first_seen"),
        last_seen=row.get("last_seen"),
        occurrence_count=row.get("occurrence_count") or 0,
    )
