"""Where a solution was applied, and when the crashes that stayed away prove it there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.algorithms.exposure import LOOK_BACK_DAYS, Exposure, exposure_of
from graph.cypher import query
from graph.model.relationships import ProvenIn
from graph.ports import Graph

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProductSite:
    """A product at a site, in any version: the environment that named it, and the ``ids`` of all of its environments."""

    environment_id: str
    product: str | None
    site: str | None
    version: str | None
    ids: tuple[str, ...]


async def find_product_site(
    graph: Graph,
    *,
    environment_id: str | None = None,
    site: str | None = None,
    product: str | None = None,
    version: str | None = None,
) -> ProductSite | None:
    """The product site of an environment, or of a site and product; ``None`` if no crash was ever reported from it."""
    asked = {"environment_id": environment_id, "site": site, "product": product, "version": version}
    rows = await graph.read(query("knowledge/product_site", **asked))
    if not rows:
        return None
    row = rows[0]
    return ProductSite(row["environment_id"], row["product"], row["site"], row["version"], tuple(sorted(row["ids"])))


async def record_before(graph: Graph, pattern_id: str, place: ProductSite, applied_at: datetime) -> tuple[int, float]:
    """Days with a crash of the pattern before a fix was applied, and the length of that window in days.

    The window is at most ``LOOK_BACK_DAYS``. For a younger pattern it starts at the first crash, and that day is not counted:
    it starts the window and is no evidence of the rate.
    """
    since = applied_at - timedelta(days=LOOK_BACK_DAYS)
    [row] = await graph.read(
        query("knowledge/crash_days", pattern_id=pattern_id, places=list(place.ids), since=since, until=applied_at)
    )
    first: datetime | None = row["first"]
    if first is None:
        return 0, 0.0
    if first < since:
        return row["days"], LOOK_BACK_DAYS
    return max(row["days"] - 1, 0), (applied_at - first) / DAY


def exposure(held: ProvenIn, now: datetime) -> Exposure:
    """The crash-free exposure since the solution was applied there; none after a crash came back."""
    return exposure_of(held.crash_days, held.window_days, held.applied_at, held.lost_at, now)
