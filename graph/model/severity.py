"""The four severities of a crash or a pattern."""

from __future__ import annotations

SEVERITIES = ("critical", "high", "medium", "low")
"""All severities, worst first; the index is the rank that queries compare."""
