"""What airdesk raises on purpose."""

from __future__ import annotations


class AirdeskError(Exception):
    """Base of all."""


class SettingsError(AirdeskError):
    """A settings file cannot be used."""


class CatalogueError(AirdeskError):
    """A title, series or feed is not what it must be."""


class PoolExhausted(AirdeskError):
    """No database connection came free in time."""


class TransferRefused(AirdeskError):
    """The other end did not take a file."""


class BookingRejected(AirdeskError):
    """A customer's booking cannot be taken."""


class ExchangeError(AirdeskError):
    """A partner station's programme list cannot be used."""
