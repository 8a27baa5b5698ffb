"""Prometheus metrics of the endpoints; the label ``way`` is the endpoint."""

from __future__ import annotations

from prometheus_client import Counter

RECEIVED = Counter("crashgraph_reports_received", "Reports received, by endpoint.", ["way"])
ACCEPTED = Counter("crashgraph_reports_accepted", "Reports accepted: stored now or before, or safe in the spool.", ["way"])
REFUSED = Counter("crashgraph_reports_refused", "Reports not accepted, by error code.", ["way", "code"])
IGNORED = Counter(
    "crashgraph_items_ignored", "Items accepted and discarded because they are not crashes, by kind.", ["way", "kind"]
)
REQUESTS_REFUSED = Counter("crashgraph_requests_refused", "Requests refused before a report was read.", ["way", "code"])
