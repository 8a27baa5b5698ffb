// Answers: Takes the write locks of all running runs of a job, so that one at a time publishes. Setting an existing label
//   changes nothing but takes the lock.
// Params: job STRING
// Reads: JobRun(state, job, run_id)
// Writes: JobRun
// Returns: locked
MATCH (run:JobRun)
WHERE run.state = 'running' AND run.job = $job
WITH run ORDER BY run.run_id
SET run:JobRun
RETURN count(*) AS locked
