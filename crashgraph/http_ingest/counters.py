"""Prometheus metrics of the endpoints; the label ``way`` is the endpoint."""

from __future__ import annotations

from crashgraph.metrics import OwnCounter

RECEIVED = OwnCounter("crashgraph_reports_received", "Reports received, by endpoint.", ["way"])
ACCEPTED = OwnCounter("crashgraph_reports_accepted", "Reports accepted: stored now or before, or safe in the spool.", ["way"])
REFUSED = OwnCounter("crashgraph_reports_refused", "Reports not accepted, by error code.", ["way", "code"])
IGNORED = OwnCounter(
    "crashgraph_items_ignored", "Items accepted and discarded because they are not crashes, by kind.", ["way", "kind"]
)
REQUESTS_REFUSED = OwnCounter("crashgraph_requests_refused", "Requests refused before a report was read.", ["way", "code"])
