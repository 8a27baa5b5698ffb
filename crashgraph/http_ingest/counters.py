"""What Prometheus is told about the ways in."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

RECEIVED = Counter("crashgraph_reports_received", "Reports that came in, by way in.", ["way"])
ACCEPTED = Counter("crashgraph_reports_accepted", "Reports that were stored, or had been before.", ["way"])
REFUSED = Counter("crashgraph_reports_refused", "Reports that were not stored, by the code of the error.", ["way", "code"])
IGNORED = Counter(
    "crashgraph_items_ignored", "What was taken and thrown away because it is no crash, by kind.", ["way", "kind"]
)
REQUESTS_REFUSED = Counter(
    "crashgraph_requests_refused", "Requests that were refused before a report was seen.", ["way", "code"]
)
WAITING = Gauge("crashgraph_reports_waiting", "Reports that wait to be stored.")
