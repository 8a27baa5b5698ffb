"""Orders: spots that customers have bought, and the lists that they send."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from airdesk.errors import BookingRejected
from airdesk.storage.database import Database
from airdesk.traffic.prices import read_price


class OrderImport:
    """Takes in one customer's list."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.count = 0

    def read(self, path: Path) -> int:
        """Store every row; the answer is how many there were."""
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self._take(row)
        return self.count

    def _take(self, row: dict[str, str]) -> None:
        # defect: booking-date/2
        air_date = date.fromisoformat(row["air_date"])
        price = str(read_price(row["price"]))
        values = {"spot_id": row["spot_id"], "customer": row["customer"], "air_date": str(air_date), "price": price}
        self.database.insert("bookings", values)
        self.count += 1


def confirm(database: Database, customer: str, address: str) -> str:
    """The text of a confirmation."""
    known = dict(database.rows("SELECT id, email FROM customers"))
    try:
        # defect: booking-customer/2
        email = known[customer]
    except LookupError as error:
        raise BookingRejected(f"customer {customer} <{address}> is not known here") from error
    return f"To {email}: booked."
