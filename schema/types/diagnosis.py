"""Diagnoses, and the taxonomy they come from."""

from __future__ import annotations

import strawberry

from graph.diagnosis import diagnose
from graph.diagnosis.taxonomy import taxonomy
from graph.model.choices import Severity
from schema.types.declared import from_record

CODE_HELP = "Category of the taxonomy, such as `RES.NAME_ERROR`."
TITLE_HELP = "Name of the kind of error."
SEVERITY_HELP = "Typical severity of such errors."
DIFFICULTY_HELP = "Typical effort to fix such an error, 0..1."
HINT_HELP = "First step of the investigation."


@strawberry.type(description="Kind of an error, and what to do about it.")
class Diagnosis:
    """Kind of an error."""

    error_code: str = strawberry.field(description=CODE_HELP)
    cluster_id: str = strawberry.field(description="Category and distinguishing detail: `RES.NAME_ERROR:requests`.")
    family: str = strawberry.field(description="Family of the category: the part of the code before the dot.")
    title: str = strawberry.field(description=TITLE_HELP)
    severity: Severity | None = strawberry.field(description=SEVERITY_HELP)
    difficulty: float = strawberry.field(description=DIFFICULTY_HELP)
    hint: str = strawberry.field(description=HINT_HELP)
    confidence: float = strawberry.field(description="Confidence of the diagnosis, 0..1: how much of the error supports it.")


@strawberry.type(description="A category of errors.")
class ErrorCategory:
    """A category of errors."""

    code: str = strawberry.field(description=CODE_HELP)
    title: str = strawberry.field(description=TITLE_HELP)
    severity: Severity | None = strawberry.field(description=SEVERITY_HELP)
    difficulty: float = strawberry.field(description=DIFFICULTY_HELP)
    hint: str = strawberry.field(description=HINT_HELP)


@strawberry.type(description="A family of error categories.")
class ErrorFamily:
    """A family of error categories."""

    code: str = strawberry.field(description="Prefix of the codes of its categories.")
    title: str = strawberry.field(description="Subject of the family.")
    categories: list[ErrorCategory] = strawberry.field(description="Its categories.")


def diagnosis_type(diagnosis: diagnose.Diagnosis | None) -> Diagnosis | None:
    """A diagnosis as its GraphQL type."""
    return None if diagnosis is None else from_record(Diagnosis, diagnosis)


def error_families() -> list[ErrorFamily]:
    """The whole taxonomy."""
    known = taxonomy()
    return [
        ErrorFamily(
            code=code,
            title=title,
            categories=[from_record(ErrorCategory, category) for category in known.of_family(code)],
        )
        for code, title in known.families.items()
    ]
