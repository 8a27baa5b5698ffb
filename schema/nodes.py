"""The GraphQL types of crashes, signatures, environments and what needs no relations of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.diagnosis.diagnose import recalled
from resolvers import crashes, relations
from resolvers.filters import CrashOrder
from resolvers.records import Page, PlacedFrame
from schema.communities import Community  # noqa: F401  # made before the remaining types are
from schema.context import Info
from schema.declared import Node, description_of, make_remaining_types, node_type, typed
from schema.diagnosis import Diagnosis, diagnosis_type
from schema.fields import resolved
from schema.history import Revision, Verdict  # noqa: F401  # made before the remaining types are
from schema.pages import CURSOR_HELP, After, Connection, First, PageInfo, connection, link_page

if TYPE_CHECKING:
    from schema.pattern import Pattern

strawberry.enum(CrashOrder, description="Orders of crashes, last first; `OCCURRED` leaves those without a time out.")

LazyPattern = Annotated["Pattern", strawberry.lazy("schema.pattern")]


@node_type()
class Frame(Node):
    """A normalised stack frame."""


@node_type()
class Site(Node):
    """A site."""


@node_type()
class Version(Node):
    """A version of a product."""


@node_type()
class Solution(Node):
    """A fix."""


@node_type()
class Validation(Node):
    """One person's look at one crash."""


@node_type()
class Environment(Node):
    """Where crashes happened. Its site and version are nodes of their own."""

    @resolved("The site as a node.")
    async def at_site(self, info: Info) -> Site | None:
        """The site."""
        site = await info.context.load(relations.environment_sites, self.record.environment_id)
        return None if site is None else Site(site)

    @resolved("The version as a node.")
    async def runs_version(self, info: Info) -> Version | None:
        """The version."""
        version = await info.context.load(relations.environment_versions, self.record.environment_id)
        return None if version is None else Version(version)


@strawberry.type(description="A frame at its place in a stack.")
class StackEdge:
    """A frame at its place in a stack."""

    node: Frame = strawberry.field(description="The frame.")
    position: int = strawberry.field(description="0 for the innermost frame.")
    module: str | None = strawberry.field(description="Key of the module or class that the function lives in.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of a normalised stack, innermost frame first.")
class StackConnection:
    """A page of a stack."""

    edges: list[StackEdge] = strawberry.field(description="The frames with their places.")
    nodes: list[Frame] = strawberry.field(description="The frames alone.")
    page_info: PageInfo = strawberry.field(description="How to go on.")


@node_type()
class Signature(Node):
    """One distinct cause and stack. Its stack is in ``frames`` as texts and in ``stack`` as nodes."""

    @resolved("The pattern it belongs to.")
    async def pattern(self, info: Info) -> LazyPattern | None:
        """The pattern."""
        pattern = await info.context.load(relations.signature_patterns, self.record.exact)
        return None if pattern is None else typed(pattern)

    @resolved("The crashes that have it, last first.")
    async def crashes(
        self, info: Info, first: First, after: After = None, order: CrashOrder = CrashOrder.RECEIVED
    ) -> Connection[Crash]:
        """The crashes."""
        return connection(
            await info.context.load_page(relations.signature_crashes, self.record.exact, first, after, order), Crash
        )

    @resolved("Its stack, innermost frame first.")
    async def stack(self, info: Info, first: First, after: After = None) -> StackConnection:
        """The stack."""
        return stack(await info.context.load_page(relations.signature_frames, self.record.exact, first, after))


@node_type(without=["report"])
class Crash(Node):
    """One occurrence of a failure."""

    @resolved(description_of("Crash", "report"))
    async def report(self, info: Info) -> str:
        """The report, read only when it is asked for since it is long; an error with code `INTEGRITY` if it was changed."""
        stored = await info.context.load(crashes.reports, self.record.crash_id)
        return stored.checked() if stored else ""

    @resolved(
        "What kind of error it is; null where nothing speaks about it. An error with code `INTEGRITY` when the report it was"
        " made from is no longer what was stored."
    )
    async def diagnosis(self, info: Info) -> Diagnosis | None:
        """The diagnosis, after a look at the report it rests on."""
        if self.record.error_code is None:
            return None
        stored = await info.context.load(crashes.reports, self.record.crash_id)
        if stored:
            stored.checked()
        return diagnosis_type(recalled(self.record.error_code, self.record.cluster_id, self.record.diagnosis_confidence))

    @resolved("The pattern it belongs to; null while it is unparsed.")
    async def pattern(self, info: Info) -> LazyPattern | None:
        """The pattern."""
        pattern = await info.context.load(crashes.patterns_of, self.record.crash_id)
        return None if pattern is None else typed(pattern)

    @resolved("Its normalised cause and stack; null while it is unparsed.")
    async def signature(self, info: Info) -> Signature | None:
        """The signature."""
        signature = await info.context.load(crashes.signatures_of, self.record.crash_id)
        return None if signature is None else Signature(signature)

    @resolved("Where it happened.")
    async def environment(self, info: Info) -> Environment | None:
        """The environment."""
        environment = await info.context.load(crashes.environments_of, self.record.crash_id)
        return None if environment is None else Environment(environment)

    @resolved("Its normalised stack, innermost frame first.")
    async def frames(self, info: Info, first: First, after: After = None) -> StackConnection:
        """The stack."""
        return stack(await info.context.load_page(crashes.frames_of, self.record.crash_id, first, after))


def stack(page: Page[PlacedFrame]) -> StackConnection:
    """A page of a stack."""

    def edge(item: PlacedFrame, cursor: str) -> StackEdge:
        return StackEdge(node=Frame(item.frame), position=item.position, module=item.module, cursor=cursor)

    return link_page(page, edge, StackConnection)


make_remaining_types()
