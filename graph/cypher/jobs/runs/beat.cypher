// Answers: Records a heartbeat and the progress of a run; no row if it is another worker's.
// Params: run_id STRING, worker STRING, done INTEGER, total INTEGER, what STRING
// Reads: JobRun(run_id, state, worker, cancel_requested_at)
// Writes: JobRun(heartbeat_at, progress_done, progress_total, progress_what)
// Returns: cancelled
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'running' AND run.worker = $worker
SET run.heartbeat_at = datetime(), run.progress_done = $done, run.progress_total = $total, run.progress_what = $what
RETURN run.cancel_requested_at IS NOT NULL AS cancelled
