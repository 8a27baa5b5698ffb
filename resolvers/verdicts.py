"""Verdicts on signatures and patterns: giving, undoing and listing them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from graph.cypher import query
from graph.knowledge.verdicts.decide import NAMED, VerdictResult, Verdicts
from graph.model.actor import Actor, Scope
from graph.model.permissions import needs
from graph.model.verdicts import Verdict
from graph.ports import Graph
from graph.redaction.redactor import redact_passing
from resolvers.cursors import COUNT_START, Position, check_first, position_after
from resolvers.records import PageOf
from resolvers.rows import page_of, record_of

LISTING = "verdicts"


@needs(Scope.TEACH)
async def give_verdict(
    graph: Graph, decide: Callable[[Verdicts, Actor], Awaitable[VerdictResult]], actor: Actor
) -> VerdictResult:
    """Give or undo a verdict with one of the methods of ``Verdicts``; secrets in the reason are redacted."""
    return await decide(Verdicts(graph, redact_passing), actor)


@needs(Scope.READ)
async def list_verdicts(
    graph: Graph, first: int = 50, after: str | None = None, *, about: str | None = None, active: bool = False
) -> PageOf[Verdict]:
    """One page of verdicts, latest first, without their journals.

    ``about`` is a pattern, signature or crash, as its key or ``Label:key``; ``active`` omits verdicts that were undone.
    """
    start = position_after(after, LISTING, COUNT_START)
    limit = check_first(first) + 1
    rows = await graph.read(query("verdicts/list", before=start.value, about=_names(about), standing=active, limit=limit))
    verdicts = [record_of(Verdict, row["verdict"]) for row in rows]
    return page_of(verdicts, first, LISTING, lambda verdict: Position(verdict.ordinal, verdict.verdict_id), after=after)


def _names(about: str | None) -> list[str]:
    """The spellings of a name that verdicts may hold."""
    if about is None:
        return []
    label, colon, key = about.partition(":")
    if colon and label in NAMED:
        return [about, key]
    return [about, *(f"{label}:{about}" for label in NAMED)]
