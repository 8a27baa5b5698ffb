"""The GraphQL type of every label: its declared properties, and what follows from one record alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from graph.algorithms.belief import HALF_LIFE_DAYS
from graph.diagnosis.diagnose import recalled
from graph.knowledge.history import SIGNATURES
from graph.knowledge.summary import current_confidence
from graph.model.convert import properties
from graph.model.errors import InvalidInputError
from resolvers import crashes, patterns
from schema.context import Info
from schema.fields import resolved
from schema.types.declared import Node, description_of, make_remaining_types, node_type
from schema.types.diagnosis import Diagnosis, diagnosis_type


@node_type()
class Frame(Node):
    """A normalised stack frame."""


@node_type()
class Module(Node):
    """The module or class of frames."""


@node_type()
class Attribute(Node):
    """One fact of environments."""


@node_type()
class Site(Node):
    """A site."""


@node_type()
class Version(Node):
    """A version of a product."""


@node_type()
class Environment(Node):
    """The environment of crashes."""


@node_type()
class Signature(Node):
    """One distinct cause and stack."""


@node_type()
class Solution(Node):
    """A fix."""


@node_type()
class Validation(Node):
    """One person's review of one crash."""


@node_type()
class Event(Node):
    """A domain event."""


@node_type(without=["journal"])
class Verdict(Node):
    """One decision of a person."""


@node_type()
class Community(Node):
    """A community of patterns."""


@node_type()
class JobRun(Node):
    """One run of one job."""


@node_type()
class User(Node):
    """A person who may log in."""


@node_type()
class Session(Node):
    """A login of a user."""


@node_type()
class ApiKey(Node):
    """An API key of a user."""


@node_type()
class AuditEvent(Node):
    """An entry of the record of who did what."""


@node_type(without=["report"])
class Crash(Node):
    """One occurrence of a failure."""

    @resolved(description_of("Crash", "report"), reads=())
    async def report(self, info: Info) -> str | None:
        """The report, loaded on demand because it is long; an error with code `INTEGRITY` if it was altered."""
        stored = await info.context.load(crashes.reports, self.record.crash_id)
        return stored.checked() if stored else ""

    @resolved(
        "Kind of error; null if none was recognised. Fails with code `INTEGRITY` if the report it was derived from was altered"
        " after it was stored.",
        reads=("error_code", "cluster_id", "diagnosis_confidence"),
    )
    async def diagnosis(self, info: Info) -> Diagnosis | None:
        """The diagnosis, after its report was checked."""
        if self.record.error_code is None:
            return None
        stored = await info.context.load(crashes.reports, self.record.crash_id)
        if stored:
            stored.checked()
        return diagnosis_type(recalled(self.record.error_code, self.record.cluster_id, self.record.diagnosis_confidence))


@node_type()
class Pattern(Node):
    """One bug: a set of signatures."""

    @resolved(
        "Kind of error, as diagnosed at its first crash; null if none was recognised.",
        reads=("taxonomy_code", "cluster_id", "diagnosis_confidence"),
    )
    def diagnosis(self) -> Diagnosis | None:
        """The diagnosis."""
        pattern = self.record
        return diagnosis_type(recalled(pattern.taxonomy_code, pattern.cluster_id, pattern.diagnosis_confidence))

    @resolved("Confidence that its crashes are one bug, decayed since it was last seen or confirmed, 0..1.")
    def current_confidence(
        self,
        half_life_days: Annotated[
            float, strawberry.argument(description="Days without a crash or confirmation after which the confidence halves.")
        ] = HALF_LIFE_DAYS,
    ) -> float:
        """The decayed confidence."""
        if half_life_days <= 0:
            raise InvalidInputError(f"halfLifeDays: {half_life_days} is not above 0")
        return current_confidence(properties(self.record), datetime.now(UTC), half_life_days)

    @resolved("Number of its signatures.", reads=())
    async def signature_count(self, info: Info) -> int | None:
        """The number of signatures."""
        return await info.context.load(patterns.signature_counts, self.record.pattern_id) or 0


@strawberry.type(description="A property that changed.")
class PropertyChange:
    """A property that changed."""

    name: str = strawberry.field(description="Name of the property.")
    before: JSON | None = strawberry.field(description="Value before; null if it had none.")
    after: JSON | None = strawberry.field(description="Value after; null if it has none.")


@node_type()
class Revision(Node):
    """One step in the history of a pattern."""

    @resolved("Properties that changed, signatures excluded.", reads=("before", "after"))
    def changes(self) -> list[PropertyChange]:
        """The changed properties, by name."""
        before, after = json.loads(self.record.before), json.loads(self.record.after)
        names = sorted((before.keys() | after.keys()) - {SIGNATURES})
        return [PropertyChange(name=name, before=before.get(name), after=after.get(name)) for name in names]

    @resolved("Hashes of the signatures that were removed from the pattern.", reads=("before", "after"))
    def signatures_removed(self) -> list[str]:
        """Signatures before and not after."""
        return _signatures(self.record.before, self.record.after)

    @resolved("Hashes of the signatures that were added to the pattern.", reads=("before", "after"))
    def signatures_added(self) -> list[str]:
        """Signatures after and not before."""
        return _signatures(self.record.after, self.record.before)


def _signatures(here: str, there: str) -> list[str]:
    return sorted(json.loads(here).get(SIGNATURES, {}).keys() - json.loads(there).get(SIGNATURES, {}).keys())


make_remaining_types()
