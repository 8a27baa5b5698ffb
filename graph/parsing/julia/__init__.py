"""Errors of Julia programs."""
