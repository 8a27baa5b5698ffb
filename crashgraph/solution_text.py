"""Solutions as the commands print them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from graph.knowledge.summary import KnownSolution


def times(count: int) -> str:
    """A count with its unit."""
    return f"{count:,} time" if count == 1 else f"{count:,} times"


def validation_counts(count: int, wrong: int) -> str:
    """The number of validations, and of those that found the match wrong."""
    return f"{count:,} {'validation' if count == 1 else 'validations'}, {wrong:,} of which found the match wrong"


def moment(at: datetime | None) -> str:
    """A time to the minute, in UTC."""
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else "at an unknown time"


def solution_lines(solution: KnownSolution) -> Iterator[str]:
    """Lines for a solution, its counts, and the places where it was applied."""
    did = f"(worked {times(solution.worked)}, failed {solution.failed})"
    kind = f"{solution.trust} {solution.kind}" if solution.kind else solution.trust
    yield " ".join((f"  {kind} solution: {solution.description}", did, *solution.tags, f"[{solution.solution_id}]"))
    if solution.scope:
        yield f"    applies to {', '.join(solution.scope)}"
    for place in solution.applied:
        where = " at ".join(part for part in (place.product, place.site) if part) or "an unnamed place"
        held = f"came back {moment(place.lost_at)}" if place.lost_at else f"holds since {moment(place.since)}"
        yield f"    {where}: {held}" + (", proven" if place.proven else "")
