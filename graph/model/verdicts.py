"""Verdicts on signatures and patterns, and the history of patterns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from graph.model.choices import ChangeType, VerdictKind
from graph.model.declare import TextForm, node, prop, relationship

SAME_AS, DISTINCT_FROM, NOT_CAUSED_BY = "SAME_AS", "DISTINCT_FROM", "NOT_CAUSED_BY"
"""The relationships that verdicts write; :data:`VERDICT_TYPES` has their records."""


@node(
    "Verdict",
    key="verdict_id",
    help="One decision of a person about signatures and patterns, with its changes, so that it can be undone.",
    written_by="people",
    colour="#882255",
    caption="kind",
)
class Verdict:
    """One decision of a person."""

    verdict_id: str = prop("Stable id.", own=True)
    kind: str = prop("What was decided.", index=True, values=VerdictKind)
    by: str = prop("Actor who decided, as `kind:name`.", own=True)
    on_behalf_of: str | None = prop("Person that the actor acted for, as stated by the actor.", default=None, own=True)
    at: datetime = prop("When (UTC).", index=True)
    reason: str = prop("Reason, redacted.", default="")
    subjects: tuple[str, ...] = prop("Its subjects, each as `Pattern:id` or `Signature:hash`, as given.")
    ordinal: int = prop("Its position among all verdicts, from 1; unique among concurrent ones.", unique=True)
    touched: tuple[str, ...] = prop("Patterns and signatures that it changed, each as `Label:key`.", default=())
    journal: str = prop("Its changes as JSON, with the values before and after.", default="{}", form=TextForm.JSON)
    undone_at: datetime | None = prop("When it was undone (UTC).", default=None)
    undone_by: str | None = prop("The actor who undid it, as `kind:name`.", default=None, own=True)


@node(
    "Revision",
    key="revision_id",
    help="One step in the history of a pattern: the changed values, before and after.",
    written_by="people and jobs",
    colour="#44AA99",
    caption="change_type",
)
class Revision:
    """One step in the history of a pattern."""

    revision_id: str = prop("Stable id.", own=True)
    pattern_id: str = prop("The changed pattern; it may no longer exist.", index=True, own=True)
    version: int = prop("Number of the step within its pattern, from 1.")
    change_type: str = prop("What kind of change it is.", index=True, values=ChangeType)
    at: datetime = prop("When (UTC).", index=True)
    by: str = prop("Actor who changed it, as `kind:name`, or the name of a job or command.", own=True)
    on_behalf_of: str | None = prop("Person that the actor acted for, as stated by the actor.", default=None, own=True)
    reason: str | None = prop("Why, if stated.", default=None)
    before: str = prop(
        "Changed values before, as JSON; `signatures` maps hashes to the time they were placed.",
        default="{}",
        form=TextForm.JSON,
    )
    after: str = prop("The same values after.", default="{}", form=TextForm.JSON)
    verdict_id: str | None = prop("The verdict that made or undid it.", default=None, index=True, own=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Properties of every relationship written by a verdict."""

    by: str = prop("Actor who decided, as `kind:name`.", own=True)
    at: datetime = prop("When (UTC).")
    reason: str = prop("Reason, redacted.", default="")
    verdict_id: str = prop("The verdict; undoing it removes the relationship.", index=True, own=True)
    carried_by: str | None = prop(
        "The verdict or reprocessing that copied it here; empty on the original.",
        default=None,
        index=True,
        own=True,
    )


@relationship(
    SAME_AS,
    source="Pattern",
    target="Pattern",
    also=(("Signature", "Pattern"), ("Signature", "Signature")),
    help="A person decided that they are one bug. Between patterns: the first was merged into the second.",
    written_by="people",
    colour="#882255",
)
class SameAs(Decided):
    """A person decided that they are one bug."""


@relationship(
    DISTINCT_FROM,
    source="Pattern",
    target="Pattern",
    also=(("Signature", "Pattern"), ("Signature", "Signature")),
    help="A person decided that they are different bugs; no job or matching joins them.",
    written_by="people",
    directed=False,
    colour="#882255",
)
class DistinctFrom(Decided):
    """A person decided that they are different bugs."""


@relationship(
    NOT_CAUSED_BY,
    source="Pattern",
    target="Pattern",
    help="A person decided that the second does not cause the first; no job reports that cause.",
    written_by="people",
    colour="#882255",
)
class NotCausedBy(Decided):
    """A person decided that the second does not cause the first."""


VERDICT_TYPES: dict[str, type[Decided]] = {SAME_AS: SameAs, DISTINCT_FROM: DistinctFrom, NOT_CAUSED_BY: NotCausedBy}


@relationship(
    "REPLACED_BY",
    source="Signature",
    target="Signature",
    help="Reprocessing moved crashes of the first to the second.",
    written_by="reprocess",
)
class ReplacedBy:
    """Reprocessing moved crashes of the first to the second."""

    at: datetime = prop("When (UTC).")


@relationship("REVISES", source="Revision", target="Pattern", help="The changed pattern.", written_by="people and jobs")
class Revises:
    """The changed pattern."""


@relationship(
    "LEARNED_FROM", source="Revision", target="Crash", help="The crash it was learned from.", written_by="people and jobs"
)
class LearnedFrom:
    """The crash it was learned from."""
