// Answers: asks for a run; a worker will claim it.
// Params: run_id STRING, job STRING, params STRING
// Reads: nothing
// Writes: JobRun
// Returns: run
CREATE (run:JobRun {run_id: $run_id, job: $job, state: 'requested', params: $params, requested_at: datetime(), attempt: 0})
RETURN run
