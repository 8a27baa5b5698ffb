// Answers: gives a run back, so that another worker claims it; no row when the run is no longer this worker's.
//   The attempt does not count, for nothing went wrong.
// Params: run_id STRING, worker STRING
// Reads: JobRun(run_id, state, worker, attempt)
// Writes: JobRun(state, worker, heartbeat_at, attempt)
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'running' AND run.worker = $worker
SET run.state = 'requested', run.worker = null, run.heartbeat_at = null, run.attempt = run.attempt - 1
RETURN run
