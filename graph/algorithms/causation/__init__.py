"""Causation between event streams: estimation, significance, roots."""
