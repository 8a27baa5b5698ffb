// Answers: Waiting runs of a job, oldest first.
// Params: job STRING, first INTEGER
// Reads: JobRun(state, job, requested_at, run_id)
// Writes: nothing
// Returns: run
MATCH (run:JobRun)
WHERE run.state = 'requested' AND run.job = $job
RETURN run
ORDER BY run.requested_at, run.run_id
LIMIT $first
