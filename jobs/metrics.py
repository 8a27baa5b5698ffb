"""Prometheus metrics of jobs and consumers."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from graph.model.nodes import JobRun

RUNS = Counter("crashgraph_job_runs", "Job runs that ended in this process, by final state.", ["job", "state"])
RUNNING = Gauge("crashgraph_job_running", "Job runs in progress in this process.", ["job"])
RETRIES = Counter("crashgraph_job_retries", "Failed attempts in this process that will be retried.", ["job"])
SECONDS = Histogram(
    "crashgraph_job_duration_seconds", "Duration of job runs.", ["job"], buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
)
LAG = Gauge("crashgraph_job_lag_seconds", "Time from the due time or request of the last run to its start.", ["job"])
EDGES = Gauge("crashgraph_job_edges", "Relationships written by the last run.", ["job"])
WRITTEN = Counter("crashgraph_job_edges_written", "Relationships written by runs, existing ones included.", ["job"])
REMOVED = Counter("crashgraph_job_edges_removed", "Stale relationships removed by runs.", ["job"])
NODES_WRITTEN = Counter("crashgraph_job_nodes_written", "Nodes written by runs, existing ones included.", ["job"])
NODES_REMOVED = Counter("crashgraph_job_nodes_removed", "Stale nodes removed by runs.", ["job"])
LAST_SUCCESS = Gauge("crashgraph_job_last_success_timestamp_seconds", "Unix time of the last successful run.", ["job"])
CONSUMER_RUNNING = Gauge("crashgraph_consumer_running", "1 while this process runs the consumer.", ["consumer"])
CONSUMER_FAILURES = Counter("crashgraph_consumer_failures", "Failures of the consumer in this process.", ["consumer"])
CONSUMER_ADVANCED = Gauge(
    "crashgraph_consumer_advanced_timestamp_seconds", "Unix time at which the consumer last stored its watermark.", ["consumer"]
)


def started(run: JobRun) -> None:
    """Record how late a run began."""
    if run.started_at and run.requested_at and run.attempt == 1:
        LAG.labels(run.job).set(max((run.started_at - run.requested_at).total_seconds(), 0.0))


def retried(run: JobRun) -> None:
    """Record that a run will be retried."""
    RETRIES.labels(run.job).inc()


def finished(run: JobRun) -> None:
    """Record how a run ended."""
    RUNS.labels(run.job, run.state).inc()
    SECONDS.labels(run.job).observe(run.duration_seconds or 0.0)
    if run.state == "succeeded":
        EDGES.labels(run.job).set(run.edges_written or 0)
        WRITTEN.labels(run.job).inc(run.edges_written or 0)
        REMOVED.labels(run.job).inc(run.edges_removed or 0)
        NODES_WRITTEN.labels(run.job).inc(run.nodes_written or 0)
        NODES_REMOVED.labels(run.job).inc(run.nodes_removed or 0)
    if run.state == "succeeded" and run.finished_at:
        LAST_SUCCESS.labels(run.job).set(run.finished_at.timestamp())


def advanced(consumer: str) -> None:
    """Record that a consumer stored its watermark."""
    CONSUMER_ADVANCED.labels(consumer).set_to_current_time()
