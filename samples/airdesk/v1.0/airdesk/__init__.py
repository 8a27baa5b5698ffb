"""Airdesk: the planning desk of a small television station."""

__version__ = "1.0"
