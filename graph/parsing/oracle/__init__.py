"""Errors of Oracle databases."""
