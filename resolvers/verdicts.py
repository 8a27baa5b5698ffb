"""What people decided about signatures and patterns: deciding, taking back, and the list of decisions."""

from __future__ import annotations

from graph.cypher import query
from graph.knowledge.verdicts.decide import NAMED, Verdicts
from graph.model.verdicts import Verdict
from graph.ports import Graph
from graph.redaction.redactor import redact_passing
from resolvers.cursors import COUNT_START, Position, check_first, position_after
from resolvers.records import Page
from resolvers.rows import page_of, record_of

LISTING = "verdicts"


def verdicts_of(graph: Graph) -> Verdicts:
    """The verdicts of a graph; reasons lose their secrets."""
    return Verdicts(graph, redact_passing)


async def list_verdicts(
    graph: Graph, first: int = 50, after: str | None = None, *, about: str | None = None, standing: bool = False
) -> Page[Verdict]:
    """A page of verdicts, the last first, without what they changed.

    ``about`` is a pattern, signature or crash by its key or as ``Label:key``; ``standing`` leaves out what was taken back.
    """
    place = position_after(after, LISTING, COUNT_START)
    limit = check_first(first) + 1
    rows = await graph.read(
        query("verdicts/list", before=place.value, about=_names(about), standing=standing, limit=limit),
    )
    found = [record_of(Verdict, row["verdict"]) for row in rows]
    return page_of(found, first, LISTING, lambda one: Position(one.ordinal, one.verdict_id))


def _names(about: str | None) -> list[str]:
    """How verdicts may spell the name."""
    if about is None:
        return []
    label, colon, key = about.partition(":")
    if colon and label in NAMED:
        return [about, key]
    return [about, *(f"{label}:{about}" for label in NAMED)]
