"""Advertising breaks."""

from __future__ import annotations

import statistics
from decimal import Decimal

from airdesk.traffic.prices import read_price


def average_rating(ratings: list[float]) -> float:
    """Mean rating of the spots in a break."""
    # defect: break-rating/2
    return statistics.fmean(ratings)


def price_break(prices: list[str]) -> Decimal:
    """What a break brings in."""
    return sum((read_price(price) for price in prices), Decimal(0))


def position_for(spots: list[int], length: int, limit: int = 360) -> int:
    """Seconds into the break at which a spot of that length fits."""
    used = 0
    for spot in spots:
        used += spot
        if used + length <= limit:
            position = used
    # defect: break-position
    return position
