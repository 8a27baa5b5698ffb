// Answers: Releases a run, so that another worker may claim it; no row if it is another worker's. The attempt is not
//   counted, because it did not fail.
// Params: run_id STRING, worker STRING
// Reads: JobRun(run_id, state, worker, attempt)
// Writes: JobRun(state, worker, heartbeat_at, attempt)
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'running' AND run.worker = $worker
SET run.state = 'requested', run.worker = null, run.heartbeat_at = null, run.attempt = run.attempt - 1
RETURN run
