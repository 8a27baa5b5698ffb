"""The GraphQL types of diagnoses and of the taxonomy they come from."""

from __future__ import annotations

import strawberry

from graph.diagnosis import diagnose
from graph.diagnosis.taxonomy import Category, taxonomy

CODE_HELP = "Category of the taxonomy, such as `RES.NAME_ERROR`."
HINT_HELP = "What to look at or do first."
DIFFICULTY_HELP = "How hard such an error usually is to mend, 0..1."


@strawberry.type(description="What kind of error it is, and what to do about it.")
class Diagnosis:
    """What kind of error it is."""

    error_code: str = strawberry.field(description=CODE_HELP)
    cluster_id: str = strawberry.field(description="The category and what sets errors of it apart: `RES.NAME_ERROR:requests`.")
    family: str = strawberry.field(description="Family of the category: the part of the code before the dot.")
    title: str = strawberry.field(description="What it is, in one line.")
    severity: str = strawberry.field(description="Severity of such errors in general: `critical`, `high`, `medium` or `low`.")
    difficulty: float = strawberry.field(description=DIFFICULTY_HELP)
    hint: str = strawberry.field(description=HINT_HELP)
    confidence: float = strawberry.field(description="How sure the diagnosis is, by how much of the error it rests on, 0..1.")


@strawberry.type(description="A category of errors.")
class ErrorCategory:
    """A category of errors."""

    code: str = strawberry.field(description=CODE_HELP)
    title: str = strawberry.field(description="What it is, in one line.")
    severity: str = strawberry.field(description="Severity of such errors in general: `critical`, `high`, `medium` or `low`.")
    difficulty: float = strawberry.field(description=DIFFICULTY_HELP)
    hint: str = strawberry.field(description=HINT_HELP)


@strawberry.type(description="A family of categories.")
class ErrorFamily:
    """A family of categories."""

    code: str = strawberry.field(description="What the codes of its categories begin with.")
    title: str = strawberry.field(description="What it is about.")
    categories: list[ErrorCategory] = strawberry.field(description="Its categories.")


def diagnosis_type(found: diagnose.Diagnosis | None) -> Diagnosis | None:
    """A diagnosis as its GraphQL type."""
    if found is None:
        return None
    return Diagnosis(
        error_code=found.error_code,
        cluster_id=found.cluster_id,
        family=found.family,
        title=found.title,
        severity=found.severity,
        difficulty=found.difficulty,
        hint=found.hint,
        confidence=found.confidence,
    )


def families() -> list[ErrorFamily]:
    """The whole taxonomy."""
    known = taxonomy()
    return [
        ErrorFamily(code=code, title=title, categories=[_category(one) for one in known.of_family(code)])
        for code, title in known.families.items()
    ]


def _category(known: Category) -> ErrorCategory:
    return ErrorCategory(
        code=known.code, title=known.title, severity=known.severity, difficulty=known.difficulty, hint=known.hint
    )
