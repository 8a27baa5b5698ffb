"""Where a report was stored (a receipt), or where it would be (an answer), and how a receipt is built per outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from graph.diagnosis.diagnose import Diagnosis
from graph.fingerprint.explain import Component
from graph.ingest.prepare import PreparedCrash
from graph.knowledge.summary import Known, KnownSolution, TrackRecord
from graph.matching.candidates import Candidate
from graph.matching.cascade import EXACT_CONFIDENCE, Decision
from graph.model.report import ALREADY_STORED
from graph.ports import Row


@dataclass(frozen=True, slots=True)
class Receipt:
    """One stored report.

    ``id`` is the sender's own id, ``crash_id`` ours. ``strategy`` is the stage of the cascade that placed it:
    ``verdict exact structural semantic fuzzy new``; ``None`` with no pattern. ``status`` is that of the crash, and
    ``reason`` says why it is ``unparsed`` or ``muted``. ``top_frame`` and ``culprit`` are ``module.function`` in the
    report's own spelling. ``candidates`` come best first, as seen before the report was placed.
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
    """What a report would be matched to; nothing was stored.

    Fields that a :class:`Receipt` has mean the same here; ``is_new`` says that it would found a pattern. ``explanation``
    is one line per stage that was tried, in order. ``diagnosis`` says what kind of error it is, and ``components`` which parts
    of the report the fingerprint was made of. ``first_seen`` and ``last_seen`` (UTC) and ``occurrence_count`` are
    the matched pattern's; ``None`` and 0 without one. ``known`` is all that is known of that pattern, ``track_record`` how
    often answers that were as sure as this one were right.
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
    known: Known | None = None
    track_record: TrackRecord | None = None


def receipt(item: PreparedCrash, decision: Decision | None, *, repeated: bool, candidates: int) -> Receipt:
    """For a crash that was stored now. ``repeated``: an earlier crash of the batch has told how its signature was placed."""
    if decision is None:
        return _made_out(item, Row(), None, None, is_new=False)
    row: Row = {"pattern_id": decision.pattern_id, "pattern_name": decision.pattern_name}
    if repeated:
        own = Candidate(decision.pattern_id or "", decision.by_hash)
        others = tuple(one for one in decision.candidates if one.pattern_id != own.pattern_id)
        return _made_out(item, row, "exact", decision.by_hash, is_new=False, candidates=(own, *others)[:candidates])
    return _made_out(
        item,
        row,
        decision.strategy,
        decision.confidence,
        is_new=decision.strategy == "new",
        candidates=decision.candidates[:candidates],
    )


def duplicate_receipt(item: PreparedCrash, row: Row, *, candidates: int) -> Receipt:
    """For a crash that was stored before: nothing was changed, and its own pattern is the one candidate."""
    pattern_id = row["pattern_id"]
    earlier = str(row["reason"] or "")
    reason = f"{ALREADY_STORED}: {earlier}" if earlier and not earlier.startswith(ALREADY_STORED) else ALREADY_STORED
    told = {**row, "reason": reason}
    if not pattern_id:
        return _made_out(item, told, None, None, is_new=False)
    own = (Candidate(pattern_id, EXACT_CONFIDENCE),)[:candidates]
    return _made_out(item, told, "exact", EXACT_CONFIDENCE, is_new=False, candidates=own)


def rejected_receipt(item: PreparedCrash, reason: str) -> Receipt:
    """For a report that the server refused; it is not stored."""
    return _made_out(item, {"status": "rejected", "reason": reason}, None, None, is_new=False)


def is_duplicate(made_out: Receipt) -> bool:
    """Whether the report was stored before."""
    return (made_out.reason or "").startswith(ALREADY_STORED)


def as_json(made_out: Receipt, *, with_candidates: bool) -> dict[str, object]:
    """The fields of the public contract, in their order; ``candidates`` only when asked for."""
    values = plain(made_out)
    if not with_candidates:
        del values["candidates"]
    return values


def plain(answer: Receipt | MatchAnswer) -> dict[str, object]:
    """All fields, nested ones as maps, in their order; evidence only where there is some."""
    values = asdict(answer)
    for one in values["candidates"]:
        if not one["evidence"]:
            del one["evidence"]
    return values


def _made_out(
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
