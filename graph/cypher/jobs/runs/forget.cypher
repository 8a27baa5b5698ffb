// Answers: Removes the oldest ended runs of a job beyond a number to keep.
// Params: job STRING, keep INTEGER
// Reads: JobRun(job, state, requested_at, run_id)
// Writes: JobRun
// Returns: forgotten
MATCH (run:JobRun {job: $job})
WHERE run.state IN ['succeeded', 'failed', 'cancelled', 'superseded']
WITH run ORDER BY run.requested_at DESC, run.run_id SKIP $keep
DETACH DELETE run
RETURN count(*) AS forgotten
