"""Handing in a crash: what would become of it, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import strawberry

from graph.fingerprint import explain
from graph.ingest import receipt
from graph.model.errors import BusyError, InvalidInputError, LimitError, UsageError
from graph.sources.submission import Submission
from resolvers import crashes, known, patterns
from schema.context import Context, Info
from schema.declared import description_of
from schema.diagnosis import Diagnosis, diagnosis_type
from schema.fields import resolved
from schema.inputs import CrashInput
from schema.known import Known, KnownSolution, TrackRecord, copied, known_type, solution_type
from schema.nodes import Crash
from schema.pattern import Pattern

MAX_CANDIDATES = 50
MAX_SUBMITTED = 1_000

Candidates = Annotated[
    int, strawberry.argument(description=f"How many patterns that were considered to name, 0 to {MAX_CANDIDATES}.")
]


@strawberry.type(description="One part of what spoke for or against a pattern.")
class EvidencePart:
    """One part of what spoke for or against a pattern."""

    part: str = strawberry.field(description="Its name.")
    value: float = strawberry.field(description="What was found, about 0..1.")
    contribution: float = strawberry.field(description="What it added to the log odds of the pattern being right.")
    meaning: str = strawberry.field(description="What the part is, in words.")


@strawberry.type(description="A pattern that was considered.")
class Candidate:
    """A pattern that was considered."""

    pattern_id: str = strawberry.field(description="Id of the pattern.")
    score: float = strawberry.field(description="How likely it is the right one, 0..1.")
    evidence: list[EvidencePart] = strawberry.field(
        description="What speaks for and against it, strongest first; only where nothing was stored.", default_factory=list
    )

    @resolved("The pattern.")
    async def pattern(self, info: Info) -> Pattern | None:
        """The pattern."""
        return await _pattern(info.context, self.pattern_id)


@strawberry.type(description="A part of a report, and whether it counted for the fingerprint.")
class Component:
    """A part of a report."""

    part: str = strawberry.field(description="`type`, `message`, or `frame 0` and so on, innermost first.")
    reported: str = strawberry.field(description="As the report has it; long ones are cut.")
    normalised: str = strawberry.field(description="What it counts as.")
    contributes: bool = strawberry.field(description="Whether it counts at all.")
    levels: list[str] = strawberry.field(description="What it counts for: `exact`, `structural`, `text`.")
    hints: list[str] = strawberry.field(description="Why it counts for no more, and what normalising did to it.")


@strawberry.interface(description="Where a report was placed, or would be.")
class Placement:
    """Where a report was placed, or would be."""

    record: strawberry.Private[receipt.Receipt | receipt.MatchAnswer]
    pattern_id: str | None = strawberry.field(description="Id of its pattern.")
    pattern_name: str | None = strawberry.field(description="Name of its pattern.")
    strategy: str | None = strawberry.field(
        description="Stage of the cascade that placed it: `verdict exact structural semantic fuzzy new`."
    )
    confidence: float | None = strawberry.field(description="How sure that stage was, 0..1.")
    is_new: bool = strawberry.field(description="Whether it is the first of its pattern.")
    status: str = strawberry.field(description=description_of("Crash", "status"))
    reason: str | None = strawberry.field(description=description_of("Crash", "reason"))
    format: str = strawberry.field(description=description_of("Crash", "format"))
    error_type: str | None = strawberry.field(description=description_of("Crash", "error_type"))
    top_frame: str | None = strawberry.field(description=description_of("Crash", "top_frame"))
    culprit: str | None = strawberry.field(description=description_of("Crash", "culprit"))
    frame_count: int = strawberry.field(description=description_of("Crash", "frame_count"))

    @resolved("Patterns that were considered, best first.")
    def candidates(self) -> list[Candidate]:
        """The candidates."""
        return [
            Candidate(pattern_id=c.pattern_id, score=c.score, evidence=[EvidencePart(**asdict(part)) for part in c.evidence])
            for c in self.record.candidates
        ]

    @resolved("What is known of its pattern: state, where, when and how often, what fixed it; null where there is none yet.")
    async def known(self, info: Info) -> Known | None:
        """What is known."""
        if self.pattern_id is None:
            return None
        if isinstance(self.record, receipt.MatchAnswer) and self.record.known is not None:
            return known_type(self.record.known)
        found = await info.context.load(known.known_of, self.pattern_id)
        return None if found is None else known_type(found)

    @resolved("How often answers that were about as sure as this one were right; null where nothing was matched.")
    async def track_record(self, info: Info) -> TrackRecord | None:
        """The track record."""
        if self.confidence is None:
            return None
        found = await info.context.load(known.track_records, f"{self.strategy}:{self.confidence!r}")
        return None if found is None else copied(TrackRecord, found)

    @resolved("Its pattern.")
    async def pattern(self, info: Info) -> Pattern | None:
        """The pattern."""
        return None if self.pattern_id is None else await _pattern(info.context, self.pattern_id)


_PLACED = (
    "pattern_id",
    "pattern_name",
    "strategy",
    "confidence",
    "is_new",
    "status",
    "reason",
    "format",
    "error_type",
    "top_frame",
    "culprit",
    "frame_count",
)


@strawberry.type(description="One stored report.")
class Receipt(Placement):
    """One stored report."""

    crash_id: str = strawberry.field(description=description_of("Crash", "crash_id"))
    external_id: str | None = strawberry.field(description=description_of("Crash", "external_id"))

    @resolved("The crash.")
    async def crash(self, info: Info) -> Crash | None:
        """The crash."""
        found = await info.context.load(crashes.crashes_of, self.crash_id)
        return None if found is None else Crash(found)


@strawberry.type(description="Where a report would be placed, why, and what is known about it. Nothing was stored.")
class MatchAnswer(Placement):
    """Where a report would be placed."""

    explanation: list[str] = strawberry.field(description="One line per stage that was tried, in order.")
    diagnosis: Diagnosis | None = strawberry.field(description="What kind of error it is; null where nothing speaks about it.")
    components: list[Component] = strawberry.field(
        description="The parts of the report, which of them the fingerprint was made of, and why."
    )
    solutions: list[KnownSolution] = strawberry.field(description="Solutions recorded for the pattern.")


@strawberry.type(description="What was wrong with the input.")
class UserError:
    """What was wrong with the input."""

    code: str = strawberry.field(description="Stable code, such as `INVALID_INPUT`.")
    message: str = strawberry.field(description="What was wrong, with what, and what to do.")


@strawberry.type(description="What became of a submission: receipts, or what was wrong with it.")
class SubmitCrashPayload:
    """What became of a submission."""

    receipts: list[Receipt] = strawberry.field(description="One per failure that the report holds.")
    errors: list[UserError] = strawberry.field(description="Why nothing was stored; empty when it was.")


@strawberry.type(description="What became of many submissions.")
class SubmitCrashesPayload:
    """What became of many submissions."""

    results: list[SubmitCrashPayload] = strawberry.field(description="One for each input, in their order.")
    errors: list[UserError] = strawberry.field(description="Why nothing at all was looked at; empty when it was.")


async def match_crash(info: Info, handed_in: CrashInput, candidates: int) -> list[MatchAnswer]:
    """Where a report would be placed; one answer per failure in it."""
    _check(candidates)
    answers = await info.context.matcher.match(handed_in.plain(), candidates)
    return [
        MatchAnswer(
            record=answer,
            explanation=list(answer.explanation),
            diagnosis=diagnosis_type(answer.diagnosis),
            components=[_component(one) for one in answer.components],
            solutions=[solution_type(one) for one in answer.solutions],
            **{name: getattr(answer, name) for name in _PLACED},
        )
        for answer in answers
    ]


async def submit_crash(info: Info, handed_in: CrashInput, candidates: int) -> SubmitCrashPayload:
    """Store a report; what the sender can put right comes back as user errors."""
    (payload,) = await _submitted(info, [handed_in], candidates)
    return payload


async def submit_crashes(info: Info, handed_in: Sequence[CrashInput], candidates: int) -> SubmitCrashesPayload:
    """Store reports together; a result for each, in their order."""
    if len(handed_in) > MAX_SUBMITTED:
        message = f"inputs: {len(handed_in):,} are too many; hand in at most {MAX_SUBMITTED:,} at once"
        return SubmitCrashesPayload(results=[], errors=[UserError(code=LimitError.code, message=message)])
    return SubmitCrashesPayload(results=await _submitted(info, handed_in, candidates), errors=[])


async def _submitted(info: Info, handed_in: Sequence[CrashInput], candidates: int) -> list[SubmitCrashPayload]:
    read = [_read(one, candidates) for one in handed_in]
    wanted = [one for one in read if isinstance(one, Submission)]
    try:
        stored = iter(
            await info.context.receiver.receive_each(wanted, candidates=candidates, actor=info.context.actor) if wanted else []
        )
    except BusyError as error:
        info.context.refuse(error.retry_after)
        raise
    except UsageError as error:
        stored = iter(())
        read = [_wrong(error) if isinstance(one, Submission) else one for one in read]
    return [_stored(next(stored)) if isinstance(one, Submission) else one for one in read]


def _read(handed_in: CrashInput, candidates: int) -> Submission | SubmitCrashPayload:
    """What to store, or what is wrong with it."""
    try:
        _check(candidates)
        return handed_in.plain()
    except UsageError as error:
        return _wrong(error)


def _wrong(error: UsageError) -> SubmitCrashPayload:
    return SubmitCrashPayload(receipts=[], errors=[UserError(code=error.code, message=str(error))])


def _stored(receipts: Sequence[receipt.Receipt]) -> SubmitCrashPayload:
    return SubmitCrashPayload(receipts=[_receipt(one) for one in receipts], errors=[])


def _check(candidates: int) -> None:
    if candidates < 0:
        raise InvalidInputError(f"candidates: {candidates} is negative; ask for 0 to {MAX_CANDIDATES}")
    if candidates > MAX_CANDIDATES:
        raise LimitError(f"candidates: {candidates} is too many; ask for 0 to {MAX_CANDIDATES}")


def _receipt(stored: receipt.Receipt) -> Receipt:
    return Receipt(
        record=stored,
        crash_id=stored.crash_id,
        external_id=stored.id,
        **{name: getattr(stored, name) for name in _PLACED},
    )


def _component(told: explain.Component) -> Component:
    return Component(
        part=told.part,
        reported=told.reported,
        normalised=told.normalised,
        contributes=told.contributes,
        levels=list(told.levels),
        hints=list(told.hints),
    )


async def _pattern(context: Context, pattern_id: str) -> Pattern | None:
    found = await context.load(patterns.get_patterns, pattern_id)
    return Pattern(found.pattern) if found else None
