"""What ingest says about one report: where it was put (a receipt), or where it would be put (an answer)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from graph.diagnosis.diagnose import Diagnosis
from graph.fingerprint.explain import Component
from graph.knowledge.summary import Known, KnownSolution, TrackRecord


@dataclass(frozen=True, slots=True)
class Evidence:
    """One part of what spoke for or against a pattern.

    ``value`` is what was found, about 0..1; ``contribution`` what it added to the log odds of the pattern being right;
    ``meaning`` says in words what the part is.
    """

    part: str
    value: float
    contribution: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern that was considered. ``score`` is the probability that it is the right one, 0..1."""

    pattern_id: str
    score: float
    evidence: tuple[Evidence, ...] = ()


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
