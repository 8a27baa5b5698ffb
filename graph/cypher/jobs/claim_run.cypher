// Answers: gives a waiting run to a worker, or no row when another was first. Run it after jobs/lock_run.
// Params: run_id STRING, worker STRING, stale_seconds FLOAT
// Reads: JobRun(run_id, state, heartbeat_at, attempt)
// Writes: JobRun(state, worker, attempt, started_at, heartbeat_at)
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'requested'
   OR (run.state = 'running' AND run.heartbeat_at < datetime() - duration({milliseconds: toInteger($stale_seconds * 1000)}))
SET run.state = 'running', run.worker = $worker, run.attempt = coalesce(run.attempt, 0) + 1,
    run.started_at = datetime(), run.heartbeat_at = datetime()
RETURN run
