// Answers: Puts a failed run back for another attempt; no row if it is another worker's or was cancelled.
// Params: run_id STRING, worker STRING, error STRING, wait_seconds FLOAT
// Reads: JobRun(run_id, state, worker, cancel_requested_at)
// Writes: JobRun(state, worker, heartbeat_at, error, next_attempt_at)
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'running' AND run.worker = $worker AND run.cancel_requested_at IS NULL
SET run.state = 'requested', run.worker = null, run.heartbeat_at = null, run.error = $error,
    run.next_attempt_at = datetime() + duration({milliseconds: toInteger($wait_seconds * 1000)})
RETURN run
