"""The four severities of a crash or a pattern."""

from __future__ import annotations

from graph.model.choices import Severity

SEVERITIES = Severity.values()
"""All severities, worst first; the index is the rank that queries compare."""
