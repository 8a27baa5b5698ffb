"""What Prometheus sees of jobs."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from graph.model.nodes import JobRun

RUNS = Counter("crashgraph_job_runs", "Runs of jobs that ended here, by how they ended.", ["job", "state"])
RUNNING = Gauge("crashgraph_job_running", "Runs of jobs in progress here.", ["job"])
RETRIES = Counter("crashgraph_job_retries", "Attempts of runs that failed here and were put back to be tried again.", ["job"])
SECONDS = Histogram(
    "crashgraph_job_duration_seconds", "How long runs took.", ["job"], buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
)
LAG = Gauge("crashgraph_job_lag_seconds", "From when the last run was due or asked for to its start.", ["job"])
EDGES = Gauge("crashgraph_job_edges", "Derived relationships that the last run left in the graph.", ["job"])
WRITTEN = Counter(
    "crashgraph_job_edges_written", "Derived relationships that runs wrote, those that were there included.", ["job"]
)
REMOVED = Counter("crashgraph_job_edges_removed", "Stale derived relationships that runs removed.", ["job"])
LAST_SUCCESS = Gauge("crashgraph_job_last_success_timestamp_seconds", "When a run last succeeded, in Unix time.", ["job"])


def started(run: JobRun) -> None:
    """Note how late a run began."""
    if run.started_at and run.requested_at and run.attempt == 1:
        LAG.labels(run.job).set(max((run.started_at - run.requested_at).total_seconds(), 0.0))


def retried(run: JobRun) -> None:
    """Note that a run will be tried again."""
    RETRIES.labels(run.job).inc()


def finished(run: JobRun) -> None:
    """Note how a run ended."""
    RUNS.labels(run.job, run.state).inc()
    SECONDS.labels(run.job).observe(run.duration_seconds or 0.0)
    if run.state == "succeeded":
        EDGES.labels(run.job).set(run.edges_written or 0)
        WRITTEN.labels(run.job).inc(run.edges_written or 0)
        REMOVED.labels(run.job).inc(run.edges_removed or 0)
    if run.state == "succeeded" and run.finished_at:
        LAST_SUCCESS.labels(run.job).set(run.finished_at.timestamp())
