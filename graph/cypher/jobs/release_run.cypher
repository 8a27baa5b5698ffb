// Answers: gives a run back, so that another worker claims it; no row when the run is no longer this worker's.
// Params: run_id STRING, worker STRING
// Reads: JobRun(run_id, state, worker)
// Writes: JobRun(state, worker, heartbeat_at)
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'running' AND run.worker = $worker
SET run.state = 'requested', run.worker = null, run.heartbeat_at = null
RETURN run
