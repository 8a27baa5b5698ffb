// Answers: Claims a waiting run for a worker; no row if another worker was first or the run is not due. Run it after
//   jobs/runs/lock.
// Params: run_id STRING, worker STRING, stale_seconds FLOAT
// Reads: JobRun(run_id, state, heartbeat_at, attempt, next_attempt_at)
// Writes: JobRun(state, worker, waiting, attempt, next_attempt_at, started_at, heartbeat_at, progress_done, progress_total,
//   progress_what)
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
WHERE (run.state = 'requested' AND coalesce(NOT datetime() < run.next_attempt_at < datetime() + duration({days: 1}), true))
   OR (run.state = 'running'
       AND NOT abs(duration.inSeconds(run.heartbeat_at, datetime()).milliseconds) <= $stale_seconds * 1000)
SET run.state = 'running', run.worker = $worker, run.waiting = null, run.attempt = coalesce(run.attempt, 0) + 1,
    run.next_attempt_at = null, run.started_at = datetime(), run.heartbeat_at = datetime(), run.progress_done = null,
    run.progress_total = null, run.progress_what = null
RETURN run
