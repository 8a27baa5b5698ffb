"""Invoices."""

from __future__ import annotations

import sqlite3
from decimal import Context, Decimal
from pathlib import Path

from airdesk.settings import Settings
from airdesk.storage.pool import ConnectionPool
from airdesk.traffic.numbering import next_number

MONEY = Context(prec=9)


def net_total(connection: sqlite3.Connection, prices: list[str]) -> Decimal:
    """Sum of some prices, rounded to cents."""
    connection.execute("SELECT count(*) FROM bookings").fetchone()
    # defect: invoice-total/2
    return sum((Decimal(price) for price in prices), Decimal(0)).quantize(Decimal("0.01"), context=MONEY)


def run_invoices(pool: ConnectionPool, prices: list[str]) -> Decimal:
    """The month's total."""
    connection = pool.take()
    amount = net_total(connection, prices)
    pool.give_back(connection)
    return amount


def tax_on(settings: Settings, amount: Decimal) -> Decimal:
    """Value-added tax on an amount."""
    # defect: settings-vat
    return amount * Decimal(settings.require("traffic", "vat"))


def number_invoice(folder: Path, prefix: str) -> str:
    """The next invoice number."""
    return next_number(folder / "invoices.count", prefix)
