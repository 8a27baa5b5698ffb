// Answers: takes the write lock of a run, so that what the same transaction reads next is the last word.
//   Adding a label that is there changes nothing and locks all the same.
// Params: run_id STRING
// Reads: JobRun(run_id)
// Writes: JobRun
// Returns: run_id
MATCH (run:JobRun {run_id: $run_id})
SET run:JobRun
RETURN run.run_id AS run_id
