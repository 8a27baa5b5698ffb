"""Executing queries level by level."""
