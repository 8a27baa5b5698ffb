"""The GraphQL types of decisions and of the history of patterns."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from graph.knowledge.history import SIGNATURES, PatternAsOf
from graph.model import NODES
from graph.model.nodes import Pattern as PatternRecord
from resolvers import history
from resolvers.cursors import check_first
from schema.context import Info
from schema.declared import Node, holder, node_type, typed
from schema.fields import resolved

if TYPE_CHECKING:
    from schema.nodes import Crash

LazyCrash = Annotated["Crash", strawberry.lazy("schema.nodes")]


@node_type(without=["journal"])
class Verdict(Node):
    """One decision of a person."""


@strawberry.type(description="A property, as it was and as it is since.")
class PropertyChange:
    """A property that changed."""

    name: str = strawberry.field(description="The property.")
    before: str | None = strawberry.field(description="What it was, as JSON; null where it was not there.")
    after: str | None = strawberry.field(description="What it is since, as JSON; null where it is not there.")


@node_type()
class Revision(Node):
    """One step in the history of a pattern."""

    @resolved("The properties that changed, signatures left out.")
    def changes(self) -> list[PropertyChange]:
        """What changed."""
        before, after = json.loads(self.record.before), json.loads(self.record.after)
        names = sorted((before.keys() | after.keys()) - {SIGNATURES})
        return [PropertyChange(name=name, before=_text(before, name), after=_text(after, name)) for name in names]

    @resolved("Hashes of the signatures that left the pattern.")
    def signatures_left(self) -> list[str]:
        """What left."""
        return _signatures(self.record.before, self.record.after)

    @resolved("Hashes of the signatures that came to the pattern.")
    def signatures_came(self) -> list[str]:
        """What came."""
        return _signatures(self.record.after, self.record.before)

    @resolved("The crash that it was learned from.")
    async def crash(self, info: Info) -> LazyCrash | None:
        """The crash."""
        crash = await info.context.load(history.learned_from, self.record.revision_id)
        return None if crash is None else typed(crash)

    @resolved("The verdict that made it or was taken back.")
    async def verdict(self, info: Info) -> Verdict | None:
        """The verdict."""
        if self.record.verdict_id is None:
            return None
        found = await info.context.load(history.verdicts_by_id, self.record.verdict_id)
        return None if found is None else Verdict(found)


def _text(values: dict[str, Any], name: str) -> str | None:
    return json.dumps(values[name], ensure_ascii=False) if name in values else None


def _signatures(here: str, there: str) -> list[str]:
    mine, others = json.loads(here).get(SIGNATURES, {}), json.loads(there).get(SIGNATURES, {})
    return sorted(mine.keys() - others.keys())


@strawberry.type(description="A signature that a pattern had.")
class SignatureThen:
    """A signature that a pattern had."""

    exact: str = strawberry.field(description="Its hash; `signature(exact)` of that time may have been replaced since.")
    title: str = strawberry.field(description="Error type and culprit on one line.")
    placed_at: datetime | None = strawberry.field(description="When it was placed there (UTC).")


class PatternThen:
    """A pattern as it stood at a time."""

    def __init__(self, then: PatternAsOf) -> None:
        """Hold what it was."""
        self.then = then
        self.record = then.pattern

    def __getattr__(self, name: str) -> Any:
        """A declared property, as it was."""
        if name in ("then", "record"):
            raise AttributeError(name)
        return getattr(self.record, name)

    @resolved("The time (UTC).")
    def at(self) -> datetime:
        """The time."""
        return self.then.at

    @resolved("Number of the last step in its history by then; 0 before the first.")
    def version(self) -> int:
        """The version."""
        return self.then.version

    @resolved("How many signatures it had.")
    def signature_count(self) -> int:
        """How many."""
        return len(self.then.signatures)

    @resolved("The signatures it had, by their hashes.")
    def signatures(
        self, first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20
    ) -> list[SignatureThen]:
        """The signatures."""
        shown = self.then.signatures[: check_first(first)]
        return [SignatureThen(exact=one.exact, title=one.title, placed_at=one.placed_at) for one in shown]


_init = PatternThen.__init__
PatternThen = holder(  # type: ignore[misc]  # the class with the declared properties takes the place of the plain one
    PatternThen, PatternRecord, NODES["Pattern"].properties, strawberry.type, "A pattern as it stood at a time."
)
setattr(PatternThen, "__init__", _init)  # noqa: B010
