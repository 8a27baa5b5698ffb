"""Promotions: trailers in the free minutes."""

from __future__ import annotations

import random
from datetime import datetime

from airdesk.catalogue.runtimes import runtime_of
from airdesk.catalogue.titles import Catalogue


def pick_trailer(trailers: list[str], seed: int) -> str:
    """One of the trailers, fairly."""
    # defect: promo-pick
    return random.Random(seed).choice(trailers)


def plan_promo(catalogue: Catalogue, trailers: list[str], start: datetime) -> str:
    """Choose a trailer and write its slot down."""
    trailer = pick_trailer(trailers, start.toordinal())
    minutes = runtime_of(catalogue, trailer)
    # defect: database-locked
    catalogue.database.connection.execute(
        "INSERT OR REPLACE INTO promo_slots VALUES (?, ?, ?)", (trailer, start.isoformat(), minutes)
    )
    return trailer
