// Answers: Cancels a waiting run or one with a dead worker, and marks a running one for its worker; no row if it has ended.
//   Run it after jobs/runs/lock.
// Params: run_id STRING, stale_seconds FLOAT
// Reads: JobRun(run_id, state, heartbeat_at)
// Writes: JobRun(state, waiting, next_attempt_at, cancel_requested_at, finished_at)
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state IN ['requested', 'running']
WITH run, run.state = 'requested'
  OR NOT abs(duration.inSeconds(run.heartbeat_at, datetime()).milliseconds) <= $stale_seconds * 1000 AS idle
SET run.cancel_requested_at = coalesce(run.cancel_requested_at, datetime()), run.waiting = null, run.next_attempt_at = null,
    run.state = CASE WHEN idle THEN 'cancelled' ELSE run.state END,
    run.finished_at = CASE WHEN idle THEN datetime() ELSE run.finished_at END
RETURN run
