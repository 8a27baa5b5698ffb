// Answers: takes the write locks of all runs of a job in progress, so that one of them at a time writes edges. Adding a
//   label that is there changes nothing and locks all the same.
// Params: job STRING
// Reads: JobRun(state, job, run_id)
// Writes: JobRun
// Returns: locked
MATCH (run:JobRun)
WHERE run.state = 'running' AND run.job = $job
WITH run ORDER BY run.run_id
SET run:JobRun
RETURN count(*) AS locked
