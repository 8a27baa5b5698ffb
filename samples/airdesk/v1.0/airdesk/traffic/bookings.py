"""Bookings: spots that customers have bought."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

from airdesk.errors import BookingRejected
from airdesk.storage.database import Database

BLOCKED = {"C-0007", "C-0019"}


def price_of(text: str) -> str:
    """A price, with two places."""
    # defect: booking-price
    return str(Decimal(text).quantize(Decimal("0.01")))


def take_booking(database: Database, row: dict[str, str]) -> None:
    """Store one booking."""
    # defect: booking-date
    air_date = date.fromisoformat(row["air_date"])
    price = price_of(row["price"])
    values = {"spot_id": row["spot_id"], "customer": row["customer"], "air_date": air_date.isoformat(), "price": price}
    database.insert("bookings", values)


def import_bookings(database: Database, path: Path) -> int:
    """Take in a customer's list of spots."""
    with path.open(encoding="utf-8", newline="") as file:
        count = 0
        for count, row in enumerate(csv.DictReader(file), 1):
            take_booking(database, row)
    return count


def confirm(database: Database, customer: str, address: str) -> str:
    """The text of a confirmation."""
    known = dict(database.rows("SELECT id, email FROM customers"))
    try:
        # defect: booking-customer
        email = known[customer]
    except LookupError as error:
        raise BookingRejected(f"customer {customer} <{address}> is not known here") from error
    return f"To {email}: booked."
