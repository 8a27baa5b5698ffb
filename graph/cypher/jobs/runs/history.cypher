// Answers: Latest runs of these jobs, newest first, after a position.
// Params: jobs LIST<STRING>, at ZONED DATETIME, key STRING, first INTEGER
// Reads: JobRun(job, requested_at, run_id)
// Writes: nothing
// Returns: run
MATCH (run:JobRun)
WHERE run.job IN $jobs AND run.requested_at <= $at AND (run.requested_at < $at OR run.run_id > $key)
RETURN run
ORDER BY run.requested_at DESC, run.run_id
LIMIT $first
