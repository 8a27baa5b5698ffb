// Answers: Runs to claim, oldest first: requested ones that are due, and those with a silent worker.
// Params: jobs LIST<STRING>, stale_seconds FLOAT, first INTEGER
// Reads: JobRun(state, job, heartbeat_at, requested_at, next_attempt_at, run_id)
// Writes: nothing
// Returns: run_id
MATCH (run:JobRun)
WHERE run.state IN ['requested', 'running'] AND run.job IN $jobs
  AND ((run.state = 'requested' AND coalesce(NOT datetime() < run.next_attempt_at < datetime() + duration({days: 1}), true))
    OR NOT abs(duration.inSeconds(run.heartbeat_at, datetime()).milliseconds) <= $stale_seconds * 1000)
RETURN run.run_id AS run_id
ORDER BY run.requested_at, run_id
LIMIT $first
