"""Answers to a report: how it would be matched, and the receipt of how it was."""

from __future__ import annotations

import strawberry

from graph.ingest import receipt
from graph.model.choices import MatchStrategy, ReceiptStatus
from resolvers import crashes, knowledge, patterns
from schema.context import Context, Info
from schema.fields import resolved
from schema.types.declared import description_of, from_record, to_type
from schema.types.diagnosis import Diagnosis, diagnosis_type
from schema.types.knowledge import KnownSolution, PatternKnowledge, TrackRecord, knowledge_type, solution_type
from schema.types.nodes import Crash, Pattern


@strawberry.type(description="One part of the evidence for or against a pattern.")
class EvidencePart:
    """One part of the evidence for or against a pattern."""

    part: str = strawberry.field(description="Name of the part.")
    value: float = strawberry.field(description="Measured value, about 0..1.")
    contribution: float = strawberry.field(description="Contribution to the log odds that the pattern is right.")
    meaning: str = strawberry.field(description="Meaning of the part in words.")


@strawberry.type(description="A pattern that was considered for a report.")
class Candidate:
    """A pattern that was considered for a report."""

    pattern_id: str = strawberry.field(description="Id of the pattern.")
    score: float = strawberry.field(description="Probability that it is the right pattern, 0..1.")
    evidence: list[EvidencePart] = strawberry.field(
        description="Evidence for and against it, strongest first; only if nothing was stored.", default_factory=list
    )

    @resolved("The pattern.")
    async def pattern(self, info: Info) -> Pattern | None:
        """The pattern."""
        return await _pattern(info.context, self.pattern_id)


@strawberry.type(description="A part of a report, and its contribution to the fingerprint.")
class Component:
    """A part of a report."""

    part: str = strawberry.field(description="`type`, `message`, or `frame 0` and so on, innermost first.")
    reported: str = strawberry.field(description="Text in the report, shortened.")
    normalised: str = strawberry.field(description="Text after normalisation.")
    contributes: bool = strawberry.field(description="Whether it contributes to any hash.")
    levels: list[str] = strawberry.field(description="Hashes it contributes to: `exact`, `structural`, `text`.")
    hints: list[str] = strawberry.field(description="Why it contributes to no more, and what normalisation changed.")


@strawberry.interface(description="The match of a report to a pattern.")
class MatchResult:
    """The match of a report to a pattern."""

    record: strawberry.Private[receipt.Receipt | receipt.MatchAnswer]
    pattern_id: str | None = strawberry.field(description="Id of its pattern.")
    pattern_name: str | None = strawberry.field(description="Name of its pattern.")
    strategy: MatchStrategy | None = strawberry.field(description="Stage of the cascade that matched it.")
    confidence: float | None = strawberry.field(description="Confidence of that stage, 0..1.")
    is_new: bool = strawberry.field(description="Whether it is the first crash of its pattern.")
    status: ReceiptStatus | None = strawberry.field(description="What became of it.")
    reason: str | None = strawberry.field(description="Reason why a report is `unparsed` or `queued`.")
    format: str = strawberry.field(description=description_of("Crash", "format"))
    error_type: str | None = strawberry.field(description=description_of("Crash", "error_type"))
    top_frame: str | None = strawberry.field(description=description_of("Crash", "top_frame"))
    culprit: str | None = strawberry.field(description=description_of("Crash", "culprit"))
    frame_count: int = strawberry.field(description=description_of("Crash", "frame_count"))

    @resolved("Patterns that were considered, best first.")
    def candidates(self) -> list[Candidate]:
        """The candidates."""
        return [
            from_record(Candidate, c, evidence=[from_record(EvidencePart, part) for part in c.evidence])
            for c in self.record.candidates
        ]

    @resolved("Knowledge about its pattern: state, where, when and how often it was seen, what fixed it; null for none.")
    async def known(self, info: Info) -> PatternKnowledge | None:
        """The knowledge about its pattern."""
        if self.pattern_id is None:
            return None
        if isinstance(self.record, receipt.MatchAnswer) and self.record.known is not None:
            return knowledge_type(self.record.known)
        record = await info.context.load(knowledge.knowledge_of, self.pattern_id)
        return None if record is None else knowledge_type(record)

    @resolved("How often matches with a similar confidence were right; null if nothing was matched.")
    async def track_record(self, info: Info) -> TrackRecord | None:
        """The track record."""
        if self.confidence is None:
            return None
        record = await info.context.load(knowledge.track_records, f"{self.strategy}:{self.confidence!r}")
        return None if record is None else from_record(TrackRecord, record)

    @resolved("Its pattern.")
    async def pattern(self, info: Info) -> Pattern | None:
        """Its pattern."""
        return None if self.pattern_id is None else await _pattern(info.context, self.pattern_id)


@strawberry.type(description="The receipt of one accepted crash.")
class Receipt(MatchResult):
    """The receipt of one accepted crash."""

    crash_id: str = strawberry.field(description=description_of("Crash", "crash_id"))
    external_id: str | None = strawberry.field(description=description_of("Crash", "external_id"))

    @resolved("The crash; null while it is queued.")
    async def crash(self, info: Info) -> Crash | None:
        """The crash."""
        record = await info.context.load(crashes.crashes_by_id, self.crash_id)
        return None if record is None else to_type(record)


@strawberry.type(description="How a report would be matched, why, and what is known about its pattern. Nothing was stored.")
class MatchAnswer(MatchResult):
    """How a report would be matched."""

    explanation: list[str] = strawberry.field(description="One line per stage that was tried, in order.")
    diagnosis: Diagnosis | None = strawberry.field(description="Kind of error; null if none was recognised.")
    components: list[Component] = strawberry.field(
        description="Parts of the report, and how each contributes to the fingerprint."
    )
    solutions: list[KnownSolution] = strawberry.field(description="Solutions recorded for the pattern.")


def answer_type(answer: receipt.MatchAnswer) -> MatchAnswer:
    """A match as its GraphQL type."""
    return from_record(
        MatchAnswer,
        answer,
        record=answer,
        diagnosis=diagnosis_type(answer.diagnosis),
        components=[from_record(Component, component) for component in answer.components],
        solutions=[solution_type(solution) for solution in answer.solutions],
    )


def receipt_type(stored: receipt.Receipt) -> Receipt:
    """A receipt as its GraphQL type."""
    return from_record(Receipt, stored, record=stored, external_id=stored.id)


async def _pattern(context: Context, pattern_id: str) -> Pattern | None:
    record = await context.load(patterns.patterns_by_id, pattern_id)
    return to_type(record.pattern) if record else None
