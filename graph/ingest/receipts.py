"""How a receipt is made out for each thing that can happen to a report."""

from __future__ import annotations

from dataclasses import asdict, replace

from graph.ingest.prepare import Prepared
from graph.ingest.receipt import Candidate, MatchAnswer, Receipt
from graph.matching.cascade import EXACT_CONFIDENCE, Decision
from graph.ports import Row

ALREADY_STORED = "already stored"


def receipt(item: Prepared, decision: Decision | None, *, repeated: bool, candidates: int) -> Receipt:
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


def duplicate_receipt(item: Prepared, row: Row, *, candidates: int) -> Receipt:
    """For a crash that was stored before: nothing was changed, and its own pattern is the one candidate."""
    pattern_id = row["pattern_id"]
    earlier = str(row["reason"] or "")
    reason = f"{ALREADY_STORED}: {earlier}" if earlier and not earlier.startswith(ALREADY_STORED) else ALREADY_STORED
    told = {**row, "reason": reason}
    if not pattern_id:
        return _made_out(item, told, None, None, is_new=False)
    own = (Candidate(pattern_id, EXACT_CONFIDENCE),)[:candidates]
    return _made_out(item, told, "exact", EXACT_CONFIDENCE, is_new=False, candidates=own)


def rejected_receipt(item: Prepared, reason: str) -> Receipt:
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
    item: Prepared,
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
