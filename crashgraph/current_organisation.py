"""The organisation that is worked for, for logs and metrics; nothing else depends on it."""

from __future__ import annotations

from contextvars import ContextVar

from graph.access.tokens import DEFAULT_ORGANISATION

ORGANISATION = ContextVar("organisation", default=DEFAULT_ORGANISATION)
"""Set for each request, for the tasks of each organisation, and for its worker."""
