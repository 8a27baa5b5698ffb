// Answers: One run by its id.
// Params: run_id STRING
// Reads: JobRun
// Writes: nothing
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
RETURN run
