"""Advertising: bookings, invoices, ratings."""
