"""Advertising breaks."""

from __future__ import annotations

from decimal import Decimal


def average_rating(ratings: list[float]) -> float:
    """Mean rating of the spots in a break."""
    # defect: break-rating
    return sum(ratings) / len(ratings)


def price_of(text: str) -> Decimal:
    """A price as the sales house writes it."""
    # defect: break-price
    return Decimal(text)


def price_break(prices: list[str]) -> Decimal:
    """What a break brings in."""
    return sum((price_of(price) for price in prices), Decimal(0))


def position_for(spots: list[int], length: int, limit: int = 360) -> int:
    """Seconds into the break at which a spot of that length fits."""
    used = 0
    for spot in spots:
        used += spot
        if used + length <= limit:
            position = used
    # defect: break-position
    return position
