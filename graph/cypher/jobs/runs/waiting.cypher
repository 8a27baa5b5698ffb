// Answers: which runs wait for a worker, oldest first; those that were asked for and those whose worker went silent. One
//   that failed and is to be tried again waits for its time.
// Params: jobs LIST<STRING>, stale_seconds FLOAT, first INTEGER
// Reads: JobRun(state, job, heartbeat_at, requested_at, next_attempt_at, run_id)
// Writes: nothing
// Returns: run_id
MATCH (run:JobRun)
WHERE run.state IN ['requested', 'running'] AND run.job IN $jobs
  AND ((run.state = 'requested' AND coalesce(run.next_attempt_at <= datetime(), true))
    OR run.heartbeat_at < datetime() - duration({milliseconds: toInteger($stale_seconds * 1000)}))
RETURN run.run_id AS run_id
ORDER BY run.requested_at, run_id
LIMIT $first
