"""Prices, as everybody writes them."""

from __future__ import annotations

from decimal import Decimal

CENT = Decimal("0.01")


def read_price(text: str) -> Decimal:
    """A price, with two places."""
    # defect: price-format
    return Decimal(text).quantize(CENT)
