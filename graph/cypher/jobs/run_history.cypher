// Answers: the latest runs of these jobs, newest first.
// Params: jobs LIST<STRING>, first INTEGER
// Reads: JobRun(job, requested_at, run_id)
// Writes: nothing
// Returns: run
MATCH (run:JobRun)
WHERE run.job IN $jobs
RETURN run
ORDER BY run.requested_at DESC, run.run_id
LIMIT $first
