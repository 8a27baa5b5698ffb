"""Errors of R programs."""
