"""Verdicts on what is one bug."""

from __future__ import annotations

import strawberry

from schema.inputs.learning import PATTERN_HELP, REASON_HELP, TeachingInput

SUBJECT_HELP = "A pattern, signature or crash, by its key or global id; a crash means its signature."


@strawberry.input
class VerdictInput(TeachingInput):
    """What all verdicts have."""

    reason: str = strawberry.field(default="", description=REASON_HELP)


@strawberry.input(description="Two subjects that are one bug.")
class MarkSameInput(VerdictInput):
    """Two subjects that are one bug."""

    a: strawberry.ID = strawberry.field(description=SUBJECT_HELP)
    b: strawberry.ID = strawberry.field(description=SUBJECT_HELP)


@strawberry.input(description="Two subjects that are different bugs.")
class MarkDifferentInput(VerdictInput):
    """Two subjects that are different bugs."""

    a: strawberry.ID = strawberry.field(description=SUBJECT_HELP)
    b: strawberry.ID = strawberry.field(description=SUBJECT_HELP)


@strawberry.input(description="Patterns to merge into the first of them.")
class MergePatternsInput(VerdictInput):
    """Patterns to merge."""

    patterns: list[strawberry.ID] = strawberry.field(description="At least two patterns.")


@strawberry.input(description="Signatures to split off a pattern.")
class SplitPatternInput(VerdictInput):
    """Signatures to split off a pattern."""

    pattern: strawberry.ID = strawberry.field(description=PATTERN_HELP)
    signatures: list[strawberry.ID] = strawberry.field(description="Some of its signatures, or crashes.")
    name: str | None = strawberry.field(default=None, description="Name of the new pattern.")


@strawberry.input(description="A signature, and the pattern that it belongs to.")
class MoveSignatureInput(VerdictInput):
    """A signature, and the pattern that it belongs to."""

    signature: strawberry.ID = strawberry.field(description=SUBJECT_HELP)
    pattern: strawberry.ID = strawberry.field(description=PATTERN_HELP)


@strawberry.input(description="Two patterns of which one does not cause the other.")
class MarkNotCausedByInput(VerdictInput):
    """Two patterns of which one does not cause the other."""

    effect: strawberry.ID = strawberry.field(description=PATTERN_HELP)
    cause: strawberry.ID = strawberry.field(description=PATTERN_HELP)


@strawberry.input(description="A verdict to undo.")
class UndoVerdictInput(VerdictInput):
    """A verdict to undo."""

    verdict: strawberry.ID = strawberry.field(description="The verdict, by its key or global id.")
