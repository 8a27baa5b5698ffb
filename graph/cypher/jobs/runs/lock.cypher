// Answers: Takes the write lock of a run, so that the next read of the transaction is final. Setting an existing label
//   changes nothing but takes the lock.
// Params: run_id STRING
// Reads: JobRun(run_id)
// Writes: JobRun
// Returns: run_id
MATCH (run:JobRun {run_id: $run_id})
SET run:JobRun
RETURN run.run_id AS run_id
