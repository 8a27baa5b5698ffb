"""Receipts of stored reports, per outcome (stored, duplicate, queued), and the answer to a match without storing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from graph.diagnosis.diagnose import Diagnosis
from graph.fingerprint.explain import Component
from graph.ingest.prepare import PreparedCrash
from graph.knowledge.summary import KnownSolution, PatternKnowledge, TrackRecord
from graph.matching.candidates import Candidate
from graph.matching.cascade import EXACT_CONFIDENCE, Decision
from graph.model.report import ALREADY_STORED, QUEUED
from graph.ports import Row

QUEUED_REASON = "safe on disk; it will be stored as soon as the graph takes it"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Receipt of one report.

    ``id`` is the sender's own id, ``crash_id`` ours. ``strategy`` is the stage of the cascade that placed it:
    ``verdict exact structural semantic fuzzy new``; ``None`` without a pattern. ``status`` is that of the crash, or
    ``queued`` if it is not in the graph yet; ``reason`` explains ``unparsed`` and ``queued``. ``top_frame`` and ``culprit``
    are ``module.function`` in the report's own spelling. ``candidates`` are the patterns considered before the report was
    placed, best first.
    """

    source: str
    id: str | None
    crash_id: str
    pattern_id: str | None
    pattern_name: str | None
    strategy: str | None
    confidence: float | None
    is_new: bool
    status: str
    reason: str | None
    format: str
    error_type: str | None
    top_frame: str | None
    culprit: str | None
    frame_count: int
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchAnswer:
    """The match of a report that is not stored.

    Fields of a :class:`Receipt` have the same meaning; ``is_new`` is true if the report would found a pattern. ``explanation``
    has one line per stage tried, in order. ``diagnosis`` is the kind of error, ``components`` are the parts of the
    report that the fingerprint is made of. ``first_seen`` and ``last_seen`` (UTC) and ``occurrence_count`` belong to
    the matched pattern; ``None`` and 0 without one. ``known`` summarises that pattern; ``track_record`` is the share of
    earlier answers of the same confidence that were right.
    """

    pattern_id: str | None
    pattern_name: str | None
    strategy: str | None
    confidence: float | None
    is_new: bool
    status: str
    reason: str | None
    format: str
    error_type: str | None
    top_frame: str | None
    culprit: str | None
    frame_count: int
    candidates: tuple[Candidate, ...] = ()
    explanation: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    components: tuple[Component, ...] = ()
    solutions: tuple[KnownSolution, ...] = ()
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    occurrence_count: int = 0
    known: PatternKnowledge | None = None
    track_record: TrackRecord | None = None


def receipt(item: PreparedCrash, decision: Decision | None, *, repeated: bool, candidates: int) -> Receipt:
    """Receipt of a newly stored crash. ``repeated``: an earlier crash of the batch placed its signature."""
    if decision is None:
        return _receipt(item, Row(), None, None, is_new=False)
    row: Row = {"pattern_id": decision.pattern_id, "pattern_name": decision.pattern_name}
    if repeated:
        own = Candidate(decision.pattern_id or "", decision.by_hash)
        others = tuple(one for one in decision.candidates if one.pattern_id != own.pattern_id)
        return _receipt(item, row, "exact", decision.by_hash, is_new=False, candidates=(own, *others)[:candidates])
    return _receipt(
        item,
        row,
        decision.strategy,
        decision.confidence,
        is_new=decision.strategy == "new",
        candidates=decision.candidates[:candidates],
    )


def duplicate_receipt(item: PreparedCrash, row: Row, *, candidates: int) -> Receipt:
    """Receipt of a crash that was stored before and is unchanged; its pattern is the only candidate."""
    pattern_id = row["pattern_id"]
    earlier = str(row["reason"] or "")
    reason = f"{ALREADY_STORED}: {earlier}" if earlier and not earlier.startswith(ALREADY_STORED) else ALREADY_STORED
    row = {**row, "reason": reason}
    if not pattern_id:
        return _receipt(item, row, None, None, is_new=False)
    own = (Candidate(pattern_id, EXACT_CONFIDENCE),)[:candidates]
    return _receipt(item, row, "exact", EXACT_CONFIDENCE, is_new=False, candidates=own)


def queued_receipt(item: PreparedCrash) -> Receipt:
    """Receipt of a crash that is accepted and safe on disk, and that the graph does not have yet."""
    return _receipt(item, {"status": QUEUED, "reason": QUEUED_REASON}, None, None, is_new=False)


def queued_text_receipt(first: Receipt, reports: int) -> Receipt:
    """One receipt for all reports of a long text, made of that of the first of them."""
    return replace(
        first, reason=f"the first of {reports:,} reports of a long text; all are safe on disk, and stored bit by bit"
    )


def is_duplicate(receipt: Receipt) -> bool:
    """Whether the report was stored before."""
    return (receipt.reason or "").startswith(ALREADY_STORED)


def as_json(receipt: Receipt, *, with_candidates: bool) -> dict[str, object]:
    """The fields of the public contract, in its order; ``candidates`` only on request."""
    values = plain(receipt)
    if not with_candidates:
        del values["candidates"]
    return values


def plain(answer: Receipt | MatchAnswer) -> dict[str, object]:
    """All fields in order, nested records as maps; empty evidence is left out."""
    values = asdict(answer)
    for candidate in values["candidates"]:
        if not candidate["evidence"]:
            del candidate["evidence"]
    return values


def _receipt(
    item: PreparedCrash,
    row: Row,
    strategy: str | None,
    confidence: float | None,
    *,
    is_new: bool,
    candidates: tuple[Candidate, ...] = (),
) -> Receipt:
    crash = item.crash
    return Receipt(
        source=item.source,
        id=crash.external_id,
        crash_id=crash.crash_id,
        pattern_id=row.get("pattern_id"),
        pattern_name=row.get("pattern_name"),
        strategy=strategy,
        confidence=None if confidence is None else round(confidence, 6),
        is_new=is_new,
        status=row.get("status") or crash.status,
        reason=row.get("reason") or crash.reason,
        format=crash.format,
        error_type=crash.error_type,
        top_frame=crash.top_frame,
        culprit=crash.culprit,
        frame_count=crash.frame_count,
        candidates=tuple(replace(one, evidence=()) for one in candidates),
    )
