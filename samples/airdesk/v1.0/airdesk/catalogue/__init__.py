"""Titles, series and the feeds they come from."""
