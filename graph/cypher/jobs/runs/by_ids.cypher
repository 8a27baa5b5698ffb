// Answers: Runs by their ids.
// Params: ids LIST<STRING>
// Reads: JobRun(run_id)
// Writes: nothing
// Returns: run
UNWIND $ids AS id
MATCH (run:JobRun {run_id: id})
RETURN run
